/** Starts the server of a project, and asks it what a deployment needs to know. */

import { exchange } from "../../api/exchange.ts";
import { type HttpRequest } from "../../api/http_message.ts";
import { readTool } from "../../api/tools.ts";
import { type ServerProcess, startProcess } from "../../child_group.ts";
import { Failure } from "../../failure.ts";
import { Fields, InvalidField, readJson } from "../../fields.ts";
import { freePort } from "../../listen.ts";
import { redactData } from "../../sensitive.ts";
import { printable } from "../../terminal/safe_text.ts";
import type { Context } from "../context.ts";
import { findPython, type Python } from "../shared/python.ts";
import { addedVariables, type Project } from "./project.ts";
import { counted, type Steps } from "./steps.ts";

/** A server that starts and answers. */
export interface Validated {
  readonly name: string;
  readonly version: string;
  /** The keys of the secrets that its tools need, without duplicates, sorted. */
  readonly secrets: readonly string[];
  readonly toolCount: number;
}

/** How long a server may take to become healthy. */
const HEALTH_LIMIT_MS = 30_000;
/** The same where packages may be installed first. */
const INSTALL_LIMIT_MS = 300_000;
const POLL_MS = 500;
/** How long one answer about the health may take. */
const HEALTH_MS = 2000;
const ANSWER_MS = 10_000;
/** How many of the last lines are shown when it fails. */
const SHOWN_LINES = 20;
/** How much of a line is shown. */
const SHOWN_LENGTH = 500;

const INITIALIZE = {
  id: 1,
  jsonrpc: "2.0",
  method: "initialize",
  params: {
    capabilities: {},
    clientInfo: { name: "arcade-deploy-client", version: "1.0.0" },
    protocolVersion: "2025-06-18",
  },
};

/**
 * Validates the server of a project. Whatever happens, its processes have ended afterwards.
 *
 * @param context its signal ends the validation.
 * @throws {Failure} when it does not start, or does not answer; the last lines that it printed are shown then.
 */
export async function validate(
  context: Context & { readonly signal: AbortSignal },
  project: Project,
  steps: Steps,
): Promise<Validated> {
  if (context.os === "windows") {
    throw new Failure("usage", "Servers are validated on Linux and macOS only", {
      next: "Add `--skip-validate`, `--server-name` and `--server-version`",
    });
  }
  const python = await steps.run(
    "Looking for Python",
    () => findPython(context, project.folder),
    ({ name }) => `Found Python: ${name}`,
  );
  const lines: string[] = [];
  const onLine = (line: string) => {
    context.trace?.(`server: ${redactData(line)}`);
    lines.push(line);
    if (lines.length > SHOWN_LINES) lines.shift();
  };
  const port = freePort();
  const process = await start(project, { python, port, onLine });
  const ended = new AbortController();
  process.ended.then(({ code, signal }) => ended.abort(endedEarly(code, signal)));
  let validated: Validated;
  try {
    const server: Server = {
      context: {
        ...context,
        commandMs: Infinity,
        signal: AbortSignal.any([context.signal, ended.signal]),
      },
      port,
    };
    validated = await ask(server, python, steps);
  } catch (error) {
    await process.stop(); // its last lines come with its end
    if (!context.signal.aborted) showLines(context, lines);
    throw error;
  }
  await steps.run("Stopping the server", () => process.stop(), () => "Stopped the server");
  return validated;
}

/** Tokens of this program, which are not for the server. */
const OWN_TOKENS = ["ARCADE_API_KEY", "ARCADE_TOKEN"];

async function start(
  project: Project,
  { python, port, onLine }: {
    readonly python: Python;
    readonly port: number;
    readonly onLine: (line: string) => void;
  },
): Promise<ServerProcess> {
  const env = {
    ...Object.fromEntries(
      [...addedVariables(project)].map(([key, value]) => [key, value.reveal()]),
    ),
    ARCADE_SERVER_HOST: "localhost",
    ARCADE_SERVER_PORT: String(port),
    ARCADE_SERVER_TRANSPORT: "http",
    ARCADE_AUTH_DISABLED: "true",
    ARCADE_WORKER_SECRET: "temp-validation-secret",
    ARCADE_USAGE_TRACKING: "0",
    // Python keeps what it prints to a pipe until it has 8 KiB.
    PYTHONUNBUFFERED: "1",
  };
  const unset = OWN_TOKENS.filter((name) => !Object.hasOwn(env, name));
  const without = unset.flatMap((name) => ["-u", name]);
  try {
    return await startProcess({
      command: ["/usr/bin/env", ...without, ...python.command, project.entrypoint],
      cwd: project.folder,
      env,
      inheritsEnv: true,
      onLine,
    });
  } catch (error) {
    throw new Failure("file", "The system refused to start the server", {
      next: "Run again with `--debug` to see why",
      cause: error,
    });
  }
}

function endedEarly(code: number, signal: string | null): Failure {
  const how = signal === null ? `exited with code ${code}` : `was ended by ${signal}`;
  return new Failure("server", `The server ${how} before it was validated`, {
    next: "Start it yourself to see why, or add `--debug`",
  });
}

/** A server that was started. */
interface Server {
  /** Its signal is aborted when the process ends, too. */
  readonly context: Context & { readonly signal: AbortSignal };
  readonly port: number;
}

async function ask(server: Server, python: Python, steps: Steps): Promise<Validated> {
  const url = await steps.run(
    "Waiting until the server is healthy",
    () => untilHealthy(server, python.mayInstall ? INSTALL_LIMIT_MS : HEALTH_LIMIT_MS),
    () => "Server is healthy",
  );
  const { name, version } = await steps.run(
    "Initializing",
    () => initialize(server, url),
    ({ name, version }) => `Initialized ${name} ${version}`,
  );
  const { secrets, toolCount } = await steps.run(
    "Listing tools",
    () => listTools(server, url),
    ({ toolCount, secrets }) =>
      `Found ${counted(toolCount, "tool")} and ${counted(secrets.length, "secret")}`,
  );
  return { name, version, secrets, toolCount };
}

/** Waits until the server is healthy, and gives its address: `localhost` may be either one. */
async function untilHealthy({ context, port }: Server, limitMs: number): Promise<string> {
  const { signal, elapsedMs } = context;
  const limited = { ...context, timeoutMs: HEALTH_MS, requestMs: HEALTH_MS };
  const start = elapsedMs();
  while (true) {
    for (const host of ["127.0.0.1", "[::1]"]) {
      const url = `http://${host}:${port}`;
      try {
        const request = { method: "GET", url: `${url}/worker/health` } as const;
        const { status } = await exchange(limited, request);
        if (status === 200) return url;
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof Failure)) throw error; // it does not listen there yet
      }
    }
    if (elapsedMs() - start >= limitMs) {
      throw new Failure("server", `The server was not healthy within ${limitMs / 1000} s`, {
        next:
          "Check that it serves GET /worker/health at ARCADE_SERVER_HOST and ARCADE_SERVER_PORT",
      });
    }
    await context.sleep(POLL_MS, signal);
  }
}

async function initialize(
  server: Server,
  url: string,
): Promise<{ readonly name: string; readonly version: string }> {
  const request = {
    method: "POST",
    url: `${url}/mcp`,
    json: INITIALIZE,
    accept: "application/json, text/event-stream",
  } as const;
  return await answerOf(server, request, (answer) => {
    const info = new Fields({ answer }).requiredFields("answer").requiredFields("result")
      .requiredFields("serverInfo");
    return { name: info.id("name"), version: info.id("version") };
  });
}

async function listTools(
  server: Server,
  url: string,
): Promise<Pick<Validated, "secrets" | "toolCount">> {
  const request = { method: "GET", url: `${url}/worker/tools` } as const;
  return await answerOf(server, request, (answer) => {
    const tools = new Fields({ tools: answer }).requiredList("tools").map(readTool);
    const keys = tools.flatMap(({ secrets }) => secrets).filter((key) => key !== "");
    return { secrets: [...new Set(keys)].sort(), toolCount: tools.length };
  });
}

/** Asks the server. Throws a {@link Failure} unless it answers as expected. */
async function answerOf<T>(
  { context }: Server,
  request: HttpRequest,
  read: (answer: unknown) => T,
): Promise<T> {
  const limited = { ...context, timeoutMs: ANSWER_MS, requestMs: ANSWER_MS };
  const { status, text } = await exchange(limited, request);
  const what = `${request.method} ${new URL(request.url).pathname}`;
  const wrong = (how: string) =>
    new Failure("server", `The server answered ${what} with ${how}`, {
      next: "Check that it is an MCP server made with arcade-mcp-server",
    });
  if (status !== 200) throw wrong(String(status));
  try {
    return read(readJson(text));
  } catch (error) {
    if (error instanceof SyntaxError) throw wrong("invalid JSON");
    if (error instanceof InvalidField) throw wrong(`an unknown format (${error.message})`);
    throw error;
  }
}

function showLines({ stderr }: Context, lines: readonly string[]): void {
  if (lines.length === 0) return stderr.write("The server printed nothing\n");
  const shown = lines.map((line) => `  ${printable(redactData(line).slice(0, SHOWN_LENGTH))}\n`)
    .join("");
  stderr.write(`The last lines of the server:\n${shown}`);
}
