import type { DevCallEvent } from "../../contract/dev_sessions.ts";
import type { Input, Tool } from "../../contract/tools.ts";
import { type Problem, pythonProblem } from "../../dev/problem.ts";
import { type RunningServer, startServer } from "../../dev/start_server.ts";
import { Supervisor } from "../../dev/supervisor.ts";
import { toolChanges } from "../../dev/tool_changes.ts";
import { watch } from "../../dev/watcher.ts";
import { StartFailure } from "../../local/servers/instance.ts";
import { formatFailure } from "../../cli/messages.ts";
import { Failure } from "../../failure.ts";
import { endpointOf } from "../../hosts/address.ts";
import { shellWord } from "../../text/shell_word.ts";
import { printable } from "../../terminal/safe_text.ts";
import { withoutColors } from "../../text/prose.ts";
import { spawn } from "../../system/child_group.ts";
import type { Context } from "../context.ts";
import { openBrowser } from "../shared/browser.ts";
import { askForText, chooseName } from "../shared/input.ts";
import { NO_OTHER_TARGET } from "../shared/local_arcade.ts";
import { ProgramRunner } from "../shared/run_program.ts";
import { ConnectedClient } from "./client.ts";
import { hasKeys, listenToKeys } from "./keys.ts";
import type { JsonFlag } from "../shared/flags.ts";
import type { Interruptible } from "../shared/interruptible.ts";
import { DESCRIPTION, requireLength } from "../shared/secrets.ts";
import { IgnoreRules } from "../shared/project/ignore_rules.ts";
import { type Link, openLink } from "./link.ts";
import { LogPump } from "./log_pump.ts";
import { type DevOutput, type Missing, outputOf, QuietOutput } from "./output.ts";
import { findServer, launchOf, readValues, type Server, valueOf, type Values } from "./program.ts";

export interface DevFlags extends JsonFlag {
  readonly name?: string;
  readonly port: number;
  readonly ephemeral?: boolean;
  readonly gateway: string;
  readonly auth: "oauth" | "header";
  readonly client?: string;
  readonly untilReady?: boolean;
  readonly command?: readonly string[];
}

/** How many of the last lines are searched for the error of a server that does not start. */
const KEPT_LINES = 200;
/** The pause before a stopped local Arcade is replaced. */
const PAUSE_MS = 500;

/** Runs a server, and restarts it when its files change, until Ctrl-C. */
export async function dev(context: Context, flags: DevFlags, entry?: string): Promise<number> {
  if (context.machine.os === "windows") {
    throw new Failure("usage", "Servers run only on Linux and macOS", {
      next: "On Windows, use WSL",
    });
  }
  const { untilReady, command, name } = flags;
  const test = untilReady ? command ?? [] : undefined;
  if (test?.length === 0) {
    throw new Failure("usage", "`--until-ready` needs a command", { next: "Add it after `--`" });
  }
  const server = await findServer(context, { entry, command: test ? undefined : command, name });
  if (test) return await runWhenReady(context, flags, { server, test });
  const client = flags.client === undefined
    ? undefined
    : await ConnectedClient.find(context, flags.client);
  const over = new AbortController();
  const end = () => over.abort(cancelled());
  let isCalling = false;
  await context.signals.onSignal((signal) => {
    if (!(isCalling && signal === "SIGINT")) end(); // the terminal sends that to the call too
  });
  const output = outputOf(context, flags);
  const development = new Development(context, {
    flags,
    server,
    output,
    signal: over.signal,
    isWatching: true,
    end,
    async onReady(link) {
      try {
        for (const step of await client?.connect(link, flags.auth) ?? []) output.note(step);
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        context.io.warn(formatFailure(error)); // the server runs, too
      }
      if (hasKeys(context)) output.note("Keys: r restart, o open the page, c call a tool, q quit");
    },
  });
  const keys = hasKeys(context)
    ? listenToKeys(context, {
      q: end,
      r: () => development.restart(),
      o: () => development.openPage(),
      async c() {
        isCalling = true;
        output.hold();
        try {
          await development.callTool();
        } finally {
          output.release();
          isCalling = false;
        }
      },
    }, over.signal)
    : undefined;
  try {
    await development.run();
  } finally {
    end();
    await keys;
    await client?.disconnect();
  }
  return 0;
}

/** Runs a command when the server is ready, and exits with its exit code. */
async function runWhenReady(
  context: Context,
  flags: DevFlags,
  { server, test }: { readonly server: Server; readonly test: readonly string[] },
): Promise<number> {
  const { folder } = server;
  await using runner = await ProgramRunner.start(context, { command: test, folder });
  const over = new AbortController();
  const ready = Promise.withResolvers<Link>();
  const output = new QuietOutput(context);
  const development = new Development(context, {
    flags,
    server,
    output,
    signal: AbortSignal.any([runner.interruption, over.signal]),
    isWatching: false,
    end: () => over.abort(cancelled()),
    onReady: (link) => Promise.resolve(ready.resolve(link)),
  });
  const running = development.run();
  try {
    const link = await Promise.race([ready.promise, running]);
    if (link === undefined) {
      runner.interruption.throwIfAborted();
      output.tellLog();
      throw output.failure ?? new Failure("server", "The server did not start");
    }
    const { environment, gatewayUrl } = link;
    const variables = { ...environment, ...NO_OTHER_TARGET, ARCADE_GATEWAY_URL: gatewayUrl };
    return await runner.run(variables, () => {});
  } finally {
    over.abort(cancelled());
    await running;
  }
}

interface DevelopmentOptions {
  readonly flags: DevFlags;
  readonly server: Server;
  readonly output: DevOutput;
  /** Ends it when it is aborted. */
  readonly signal: AbortSignal;
  /** Whether file changes restart the server. */
  readonly isWatching: boolean;
  /** Aborts the signal. */
  readonly end: () => void;
  /** Called when the server can be called for the first time. */
  readonly onReady: (link: Link) => Promise<void>;
}

/** A server that is being written. */
class Development {
  readonly #context: Interruptible;
  readonly #options: DevelopmentOptions;
  readonly #pump = new LogPump();
  readonly #supervisor: Supervisor;
  /** The secrets that were set, so that each is set once. */
  readonly #set = new Map<string, string>();
  /** The last lines of the current start. */
  #lines: string[] = [];
  #values: Values = { file: undefined, inEnvironment: new Map() };
  #link: Link | undefined;
  #tools: readonly Tool[] | undefined;
  #startedAt = 0;
  #lastProblem: string | undefined;

  constructor(context: Context, options: DevelopmentOptions) {
    const { signal } = options;
    this.#context = {
      ...context,
      http: { ...context.http, commandMs: Infinity, signal },
      signals: { ...context.signals, interruption: () => signal },
    };
    this.#options = options;
    this.#supervisor = new Supervisor({
      start: (signal) => this.#start(signal),
      onHealthy: (server) => this.#onHealthy(server),
      onFailure: (error) => this.#onFailure(error),
      onDeath: (end, pauseMs) => this.#onDeath(end, pauseMs),
      clocks: context.clock,
    });
  }

  get #signal(): AbortSignal {
    return this.#context.http.signal;
  }

  /** Runs until the signal is aborted. Then nothing is left. */
  async run(): Promise<void> {
    this.#link = await this.#open();
    const work = [
      () => this.#supervisor.run(this.#signal),
      () => this.#options.isWatching ? this.#watch() : Promise.resolve(),
      () => this.#stayLinked(),
    ];
    const results = await Promise.allSettled(work.map(async (part) => {
      try {
        await part();
      } catch (error) {
        if (this.#signal.aborted) return;
        this.#options.end(); // the other parts
        throw error;
      }
    }));
    await this.#link[Symbol.asyncDispose]();
    for (const result of results) if (result.status === "rejected") throw result.reason;
  }

  /** Reports calls, and opens another session if the local Arcade stops. */
  async #stayLinked(): Promise<void> {
    while (true) {
      await this.#follow(this.#requireLink().session.calls);
      if (this.#signal.aborted) return;
      this.#options.output.note("The local Arcade has stopped; starting another one");
      await this.#requireLink()[Symbol.asyncDispose]();
      await this.#context.clock.sleep(PAUSE_MS, this.#signal).catch(() => {});
      if (this.#signal.aborted) return;
      this.#link = await this.#open();
      this.restart(); // the server has the address of the last one
    }
  }

  /** Restarts the server. */
  restart(): void {
    this.#lastProblem = undefined;
    this.#supervisor.restart();
  }

  /** Opens the page of the server in the browser. */
  async openPage(): Promise<void> {
    const page = this.#link?.session.page ?? "";
    if (await openBrowser(this.#context, page)) return;
    this.#options.output.note(`Could not open a browser; open ${page} yourself`);
  }

  /** Lets the user choose a tool, and calls it as `arcade tool call` does. */
  async callTool(): Promise<void> {
    const { output, server: { folder } } = this.#options;
    const [context, link, tools = []] = [this.#context, this.#link, this.#tools];
    if (link === undefined || tools.length === 0) return output.note("There are no tools to call");
    try {
      const name = await chooseName(context, {
        what: "tool",
        next: "Choose one",
        items: () =>
          Promise.resolve(
            tools.map(({ name, description }) => ({ name, note: description ?? "" })),
          ),
      });
      const inputs = await askForInputs(context, tools.find((tool) => tool.name === name)?.inputs);
      context.io.stdin.setRaw(false);
      const own = await context.processes.ownCommand();
      const [program = "", ...args] = [...own, "tool", "call", name, ...inputs];
      await spawn(program, {
        args,
        cwd: folder,
        env: { ...link.environment, ...NO_OTHER_TARGET },
        stdin: "inherit",
        stdout: "inherit",
        stderr: "inherit",
      }).status;
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      if (error.kind !== "interrupted") output.note(error.message);
    }
  }

  async #open(): Promise<Link> {
    const { flags, server } = this.#options;
    const link = await openLink(this.#context, {
      name: server.name,
      gateway: flags.gateway,
      auth: flags.auth,
      port: flags.port,
      ephemeral: flags.ephemeral === true,
    });
    this.#set.clear();
    this.#pump.sendTo(link.client);
    return link;
  }

  /** Reports calls until the session ends. */
  async #follow(calls: AsyncIterable<DevCallEvent>): Promise<void> {
    try {
      for await (const call of calls) {
        this.#options.output.call(call);
        this.#endIfClosed();
      }
    } catch (error) {
      if (!(error instanceof Failure)) throw error; // the connection broke
    }
  }

  async #watch(): Promise<void> {
    const { folder } = this.#options.server;
    const ignores = () => {
      const rules = new IgnoreRules(textOf(`${folder}/.gitignore`));
      return (path: string, kind: { readonly isFolder: boolean }) =>
        rules.ignores(path, kind) === true;
    };
    const options = { ignores, signal: this.#signal, sleep: this.#context.clock.sleep };
    for await (const _ of watch(folder, options)) this.restart();
  }

  async #start(signal: AbortSignal): Promise<RunningServer> {
    const { clock, io } = this.#context;
    const { server, output } = this.#options;
    const link = this.#requireLink();
    this.#startedAt = clock.elapsedMs();
    this.#values = await readValues(this.#context);
    const { command, env } = launchOf(server, this.#values, {
      apiUrl: link.address,
      userId: link.environment.ARCADE_USER_ID ?? "",
    });
    io.trace?.(`Starting ${server.shown}`);
    const lines: string[] = this.#lines = [];
    return await startServer({ command, folder: server.folder, env, limitMs: server.limitMs }, {
      onLine: (line) => {
        lines.push(withoutColors(line));
        if (lines.length > KEPT_LINES) lines.shift();
        output.log(line);
        this.#endIfClosed();
        this.#pump.add(line);
      },
      signal,
      clocks: clock,
    });
  }

  async #onHealthy({ settings }: RunningServer): Promise<void> {
    const { server, output } = this.#options;
    const link = this.#requireLink();
    await link.client.moveTo(settings);
    const user = link.environment.ARCADE_USER_ID ?? "";
    let tools = await link.client.tools(user);
    if (await this.#setSecrets(link, tools)) tools = await link.client.tools(user);
    const missing = this.#missing(link, tools);
    const before = this.#tools;
    this.#tools = tools;
    this.#lastProblem = undefined;
    if (before === undefined) {
      output.ready({ server: server.name, link, tools, missing });
      this.#endIfClosed();
      return await this.#options.onReady(link);
    }
    const milliseconds = Math.round(this.#context.clock.elapsedMs() - this.#startedAt);
    output.restarted({ milliseconds, changes: toolChanges(before, tools), tools, missing });
    this.#endIfClosed();
  }

  /** Sets the secrets that tools need and that have a value here. Returns whether one was set. */
  async #setSecrets({ secrets }: Link, tools: readonly Tool[]): Promise<boolean> {
    let isSet = false;
    for (const key of new Set(tools.flatMap((tool) => tool.secrets))) {
      const value = await valueOf(this.#context, this.#values, key);
      if (value === undefined || this.#set.get(key) === value.reveal()) continue;
      try {
        requireLength(value, `The value of "${key}"`);
        await secrets.set(key, value, { description: DESCRIPTION });
      } catch (error) {
        if (!(error instanceof Failure) || this.#signal.aborted) throw error;
        this.#options.output.problem({ message: error.message, place: undefined }, false);
        continue; // other tools can be called without it
      }
      this.#set.set(key, value.reveal());
      isSet = true;
    }
    return isSet;
  }

  #missing({ environment, address }: Link, tools: readonly Tool[]): Missing {
    const user = environment.ARCADE_USER_ID ?? "";
    const ofOther = this.#options.flags.ephemeral ? ` --port ${endpointOf(address).port}` : "";
    const providers = tools.flatMap(({ authorization }) =>
      authorization?.isMissing === true ? [authorization.provider ?? "unknown"] : []
    );
    return {
      secrets: [...new Set(tools.flatMap(({ missingSecrets }) => missingSecrets))].sort(),
      grants: [...new Set(providers)].sort().map((provider) => ({
        provider,
        command: `arcade local grant ${shellWord(user)} ${shellWord(provider)}${ofOther}`,
      })),
    };
  }

  #onFailure(error: unknown): void {
    const problem = problemOf(error, this.#lines, this.#options.server.folder);
    if (problem.message === this.#lastProblem) return;
    this.#lastProblem = problem.message;
    this.#options.output.problem(problem, this.#supervisor.isServing);
    if (!this.#options.isWatching) this.#options.end();
  }

  #onDeath(end: string, pauseMs: number): void {
    const message = `The server ${end}; restarting it in ${pauseMs / 1000} s`;
    this.#options.output.problem({ message, place: undefined }, false);
  }

  /** Ends with the reader of the output. */
  #endIfClosed(): void {
    if (this.#context.io.stdout.isClosed()) this.#options.end();
  }

  #requireLink(): Link {
    if (this.#link === undefined) throw new Error("No local Arcade");
    return this.#link;
  }
}

/** The reason why a server does not start. Throws errors that are bugs. */
function problemOf(error: unknown, lines: readonly string[], folder: string): Problem {
  if (!(error instanceof StartFailure || error instanceof Failure)) throw error;
  return pythonProblem(lines, folder) ?? { message: error.message, place: undefined };
}

/** Asks for the inputs of a tool. Returns the words of `arcade tool call`; an empty answer leaves an optional input out. */
async function askForInputs(
  context: Context,
  inputs: readonly Input[] = [],
): Promise<readonly string[]> {
  const words: string[] = [];
  for (const { name, type = "any", isRequired, values } of inputs) {
    const kind = isRequired ? type : `${type}, optional`;
    const value = values.length > 0 && isRequired
      ? await chooseName(context, {
        what: name,
        next: "Choose one",
        items: () => Promise.resolve(values.map((value) => ({ name: value }))),
      })
      : await askForText(context, {
        text: `${printable(name)} (${printable(kind)}): `,
        otherwise: "type it again",
      });
    if (value !== "" || isRequired) words.push("--arg", `${name}=${value}`);
  }
  return words;
}

function cancelled(): Failure {
  return new Failure("interrupted", "Cancelled");
}

function textOf(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return ""; // a missing file counts as empty
  }
}
