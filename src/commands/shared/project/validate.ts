/** Starts the server of a project, and reads from it what a deployment needs. */

import { exchange } from "../../../api/exchange.ts";
import type { HttpAnswer, HttpRequest } from "../../../api/http_message.ts";
import { isEventStream, messagesOf, textsOf } from "../../../api/stream.ts";
import { readTool } from "../../../contract/tools.ts";
import { LOGIN_VARIABLES } from "../../../contract/variables.ts";
import { readWorkerTools } from "../../../contract/worker.ts";
import { type ServerProcess, startProcess } from "../../../system/child_group.ts";
import { Failure } from "../../../failure.ts";
import { fileFailure } from "../../../system/system_failure.ts";
import { withDeadline } from "../../../system/waiting.ts";
import { Fields, InvalidField, isMapping, parseJson, readJson } from "../../../contract/fields.ts";
import { counted, withoutColors } from "../../../text/prose.ts";
import { workerEnvironment } from "../../../local/servers/launch.ts";
import { healthInTime } from "../../../local/servers/worker.ts";
import { workerToken } from "../../../local/servers/worker_token.ts";
import { type OwnPort, reservePort } from "../../../system/own_port.ts";
import { findPython, GET_PACKAGES, type Python, pythonPath } from "../../../system/python.ts";
import { redactData, Sensitive } from "../../../secrecy/sensitive.ts";
import type { TargetFlags } from "../../../target/decide.ts";
import { serverVariables, TARGET_VARIABLES } from "../../../target/server_variables.ts";
import { showLastLines, SHOWN_LINES } from "../last_lines.ts";
import type { Context } from "../../context.ts";
import { nameOf } from "./archive.ts";
import { addedVariables, type Project } from "./project.ts";
import type { Steps } from "./steps.ts";
import type { Interruptible } from "../interruptible.ts";

/** A server that starts and answers. */
export interface Validated {
  readonly name: string;
  readonly version: string;
  /** The keys of the secrets that its tools need, without duplicates, sorted. */
  readonly secrets: readonly string[];
  /** The providers that its tools need grants of, without duplicates, sorted. */
  readonly providers: readonly string[];
  readonly toolCount: number;
}

/** How long a server may take to become healthy. */
const HEALTH_LIMIT_MS = 30_000;
/** The same where packages may be installed first. */
const INSTALL_LIMIT_MS = 300_000;
/** How long one answer about the health may take. */
const HEALTH_MS = 2000;
const ANSWER_MS = 10_000;

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

/** What is validated. */
export interface Candidate {
  readonly project: Project;
  /** Unpacks the archive to an empty folder. */
  readonly unpackTo: (folder: string) => Promise<void>;
  /** Where it will be deployed. */
  readonly flags: TargetFlags;
}

/**
 * Validates the server of a project, started from a private copy of what is sent. Whatever happens, its processes have ended
 * afterwards, and the copy is removed.
 *
 * @param context its signal ends the validation.
 * @throws {Failure} when it does not start, or does not answer; the last lines that it printed are shown then.
 */
export async function validate(
  context: Interruptible,
  candidate: Candidate,
  steps: Steps,
): Promise<Validated> {
  const { env: { PATH: path }, machine: { os } } = context;
  if (os === "windows") {
    throw new Failure("usage", "Servers can be validated only on Linux and macOS", {
      next: "Add `--skip-validate`, `--server-name` and `--server-version`",
    });
  }
  const python = await steps.run(
    "Looking for Python",
    () => findPython(candidate.project.folder, { path, os }),
    ({ name }) => `Found Python: ${name}`,
  );
  const lines: string[] = [];
  const onLine = (line: string) => {
    context.io.trace?.(`server: ${redactData(withoutColors(line))}`);
    lines.push(line);
    if (lines.length > SHOWN_LINES) lines.shift();
  };
  const port = await reservePort();
  const secret = crypto.randomUUID();
  const process = await start(context, candidate, { python, port, secret, onLine });
  const ended = new AbortController();
  process.ended.then((end) => ended.abort(endedEarly(end, python)));
  let validated: Validated;
  try {
    const server: ValidatedServer = {
      context: {
        ...context,
        http: {
          ...context.http,
          commandMs: Infinity,
          signal: AbortSignal.any([context.http.signal, ended.signal]),
          fetch: port.fetch,
        },
      },
      port,
      secret,
    };
    validated = await ask(server, python, steps);
  } catch (error) {
    await process.stop(); // its last lines arrive when it ends
    if (!context.http.signal.aborted) showLastLines(context, lines);
    throw error;
  }
  await steps.run("Stopping the server", () => process.stop(), () => "Stopped the server");
  return validated;
}

async function start(
  context: Context,
  { project, unpackTo, flags }: Candidate,
  { python, port: { port }, secret, onLine }: {
    readonly python: Python;
    readonly port: OwnPort;
    readonly secret: string;
    readonly onLine: (line: string) => void;
  },
): Promise<ServerProcess> {
  const parent = context.env.TMPDIR;
  const added = [...addedVariables(project)].map(([key, value]) => [key, value.reveal()] as const);
  const own = new Map([...added, ...await context.machine.variables(TARGET_VARIABLES)]);
  const temporary = `${parent?.startsWith("/") ? parent : "/tmp"}/arcade-${crypto.randomUUID()}`;
  // Some programs derive their name from their folder.
  const copy = `${temporary}/${nameOf(project.folder)}`;
  const env = {
    ...Object.fromEntries(added),
    ...pythonPath(copy),
    // It has no login anyway, so do not warn about a missing one.
    ...await serverVariables({ ...context, io: { ...context.io, warn: () => {} } }, own, flags),
    ...workerEnvironment({ port, secret, workDir: `${temporary}/.arcade` }),
  };
  return await startProcess({
    command: [...python.command, project.entrypoint],
    cwd: copy,
    temporary: {
      path: temporary,
      async make() {
        await makeFolder(temporary);
        await makeFolder(copy);
        await unpackTo(copy);
      },
    },
    env,
    inheritsEnv: { without: LOGIN_VARIABLES },
    onLine,
  });
}

async function makeFolder(path: string): Promise<void> {
  try {
    await Deno.mkdir(path, { mode: 0o700 });
  } catch (error) {
    throw fileFailure("create", path, error);
  }
}

function endedEarly(
  { code, signal }: { readonly code: number; readonly signal: string | null },
  { isOfSystem, name }: Python,
): Failure {
  const how = signal === null ? `exited with code ${code}` : `was terminated by ${signal}`;
  return new Failure("server", `The server ${how} before it was validated`, {
    next: isOfSystem
      ? `If ${name} lacks packages that the server needs: ${GET_PACKAGES}`
      : "Start it yourself to see why, or add `--debug`",
  });
}

/** A server that was started. */
interface ValidatedServer {
  /** Its signal is aborted when the process ends, too. */
  readonly context: Interruptible;
  readonly port: OwnPort;
  readonly secret: string;
}

async function ask(server: ValidatedServer, python: Python, steps: Steps): Promise<Validated> {
  await steps.run(
    "Waiting until the server is healthy",
    () => untilHealthy(server, python.mayInstall ? INSTALL_LIMIT_MS : HEALTH_LIMIT_MS),
    () => "Server is healthy",
  );
  const { name, version } = await steps.run(
    "Initializing",
    () => initialize(server),
    ({ name, version }) => `Initialized ${name} ${version}`,
  );
  const { secrets, providers, toolCount } = await steps.run(
    "Listing tools",
    () => listTools(server),
    ({ toolCount, secrets }) =>
      `Found ${counted(toolCount, "tool")} and ${counted(secrets.length, "secret")}`,
  );
  return { name, version, secrets, providers, toolCount };
}

/** Waits until the server is healthy. */
async function untilHealthy({ context, port }: ValidatedServer, limitMs: number): Promise<void> {
  const { http, clock: { elapsedMs, sleep } } = context;
  const { signal } = http;
  const limited = { ...http, timeoutMs: () => HEALTH_MS, requestMs: HEALTH_MS };
  const request = { method: "GET", url: `${port.url}/worker/health` } as const;
  const ask = async () => {
    try {
      return (await exchange(limited, request)).status;
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof Failure && error.kind === "network")) throw error;
    }
  };
  const status = await healthInTime({ ask, limitMs, elapsedMs, sleep, signal });
  if (status === 200) return;
  if (status !== undefined) throw wrongAnswer(request, `${status}, so it has no worker routes`);
  throw new Failure("server", `The server was not healthy within ${limitMs / 1000} s`, {
    next: "Check that it serves GET /worker/health at ARCADE_SERVER_HOST and ARCADE_SERVER_PORT",
  });
}

async function initialize(
  server: ValidatedServer,
): Promise<{ readonly name: string; readonly version: string }> {
  const request = {
    method: "POST",
    url: `${server.port.url}/mcp`,
    json: INITIALIZE,
    accept: "application/json, text/event-stream",
    isStreamed: true,
  } as const;
  return await answerOf(server, request, (answer) => {
    const info = new Fields({ answer }).requiredFields("answer").requiredFields("result")
      .requiredFields("serverInfo");
    return { name: info.id("name"), version: info.id("version") };
  });
}

async function listTools(
  server: ValidatedServer,
): Promise<Pick<Validated, "secrets" | "providers" | "toolCount">> {
  const request = {
    method: "GET",
    url: `${server.port.url}/worker/tools`,
    bearer: new Sensitive(await workerToken(server.secret)),
  } as const;
  return await answerOf(server, request, (answer) => {
    const tools = readWorkerTools(answer, readTool);
    const names = (all: readonly string[]) =>
      [...new Set(all.filter((name) => name !== ""))].sort();
    return {
      secrets: names(tools.flatMap(({ secrets }) => secrets)),
      providers: names(tools.map(({ authorization }) => authorization?.provider ?? "")),
      toolCount: tools.length,
    };
  });
}

/** Asks the server. Throws a {@link Failure} unless it answers as expected. */
async function answerOf<T>(
  { context }: ValidatedServer,
  request: HttpRequest,
  read: (answer: unknown) => T,
): Promise<T> {
  const late = () => wrongAnswer(request, `no more data within ${ANSWER_MS / 1000} s`);
  const limit = { milliseconds: ANSWER_MS, late, signal: context.http.signal };
  const { status, text } = await withDeadline(limit, async (signal) => {
    const limited = {
      ...context.http,
      timeoutMs: () => ANSWER_MS,
      requestMs: ANSWER_MS,
      signal,
    };
    const answer = await exchange(limited, request);
    return answer.body ? { ...answer, text: await responseIn(request, answer, signal) } : answer;
  });
  if (status !== 200) throw wrongAnswer(request, String(status));
  try {
    return read(readJson(text));
  } catch (error) {
    if (error instanceof SyntaxError) throw wrongAnswer(request, "invalid JSON");
    if (error instanceof InvalidField) {
      throw wrongAnswer(request, `an unknown format (${error.message})`);
    }
    throw error;
  }
}

/**
 * The response to a JSON-RPC request, in an answer whose body was left open: its text, or else the message of an event stream
 * with that id, after which the stream may go on (MCP, Streamable HTTP).
 */
async function responseIn(
  request: HttpRequest,
  answer: HttpAnswer,
  signal: AbortSignal,
): Promise<string> {
  const texts = textsOf(request, answer, { quietMs: ANSWER_MS, signal });
  if (!isEventStream(answer)) return (await Array.fromAsync(texts)).join("");
  for await (const messages of messagesOf(texts)) {
    for (const message of messages) {
      const content = parseJson(message);
      if (isMapping(content) && content.id === request.json?.id) return message;
    }
  }
  throw wrongAnswer(request, "an event stream that has no response");
}

function wrongAnswer({ method, url }: HttpRequest, how: string): Failure {
  return new Failure(
    "server",
    `The server answered ${method} ${new URL(url).pathname} with ${how}`,
    {
      next: "Check that it is an MCP server made with arcade-mcp-server",
    },
  );
}
