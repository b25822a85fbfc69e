/**
 * Starts a server in a developer's folder, and detects its protocol: the worker routes, or MCP over HTTP or
 * stdio.
 */

import { LOGIN_VARIABLES } from "../contract/variables.ts";
import type { HttpSettings, McpSettings, ServerSettings } from "../contract/servers.ts";
import { McpWorker } from "../local/servers/mcp_worker.ts";
import { StartFailure } from "../local/servers/instance.ts";
import { workerEnvironment } from "../local/servers/launch.ts";
import { healthInTime, Worker, WorkerError } from "../local/servers/worker.ts";
import { randomOpaque } from "../local/model/random_opaque.ts";
import { startProcess } from "../system/child_group.ts";
import { reservePort } from "../system/own_port.ts";
import { cutLine } from "../text/lines.ts";
import { StdioBridge } from "./stdio_bridge.ts";

/** A program that is a server. */
export interface Program {
  readonly command: readonly string[];
  readonly folder: string;
  /** The variables that it gets in addition to those of this process, of which it gets no login. */
  readonly env: Readonly<Record<string, string>>;
  /** How long it may take to become healthy. */
  readonly limitMs: number;
}

/** The clocks of a start. */
export interface Clocks {
  /** A monotonic clock, in milliseconds. */
  readonly elapsedMs: () => number;
  readonly sleep: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
}

/** A server that is healthy. */
export interface RunningServer {
  /** The settings for requests to it. */
  readonly settings: ServerSettings;
  /** Settles when it has ended, with a description of its end. */
  readonly ended: Promise<string>;
  stop(): Promise<void>;
}

/** A folder without a login, where nothing can be written. */
const NO_WORK_DIR = "/dev/null";
/** How long a call may take, in seconds. */
const CALL_SECONDS = 300;
/** Saving a file must take effect quickly. */
const POLL_MS = 40;
/** The longest message of a server, in UTF-16 units. */
const MAX_MESSAGE = 32 * 1024 * 1024;

/**
 * Starts a server on a new port, and waits until it is healthy and has listed its tools.
 *
 * @param options.onLine receives its output, except messages.
 * @throws a {@linkcode StartFailure} or a `Failure` when that fails, and the reason of the signal; in both cases no process is
 * left.
 */
export async function startServer(
  { command, folder, env, limitMs }: Program,
  { onLine, signal, clocks: { elapsedMs, sleep } }: {
    readonly onLine: (line: string) => void;
    readonly signal: AbortSignal;
    readonly clocks: Clocks;
  },
): Promise<RunningServer> {
  const secret = randomOpaque("");
  const port = await reservePort();
  signal.throwIfAborted();
  let bridge: StdioBridge | undefined;
  const process = await startProcess({
    command,
    cwd: folder,
    env: {
      ...workerEnvironment({ port: port.port, secret, workDir: NO_WORK_DIR }),
      PORT: String(port.port),
      ...env,
    },
    inheritsEnv: { without: LOGIN_VARIABLES },
    hasInput: true,
    maxLine: MAX_MESSAGE,
    onLine(line, source) {
      if (source !== "stdout" || !bridge?.receive(line)) onLine(cutLine(line));
    },
  });
  const over = new AbortController();
  const ended = process.ended.then(({ code, signal }) => {
    const end = signal === null ? `exited with code ${code}` : `was terminated by ${signal}`;
    over.abort(new StartFailure(`The server ${end}`));
    return end;
  });
  const stop = async () => {
    await process.stop();
    await bridge?.[Symbol.asyncDispose]();
  };
  try {
    const streams = bridge = new StdioBridge((line) => process.send(line));
    await streams.begin();
    const worker = new Worker({ port, secret });
    const limits = { timeout: CALL_SECONDS, retry: 0 };
    const status = await healthInTime({
      ask: async () => streams.isReady ? 200 : await worker.health(),
      limitMs,
      pollMs: POLL_MS,
      elapsedMs,
      sleep,
      signal: AbortSignal.any([signal, over.signal]),
    });
    if (status === undefined) {
      throw new StartFailure(`The server was not healthy within ${limitMs / 1000} s`);
    }
    const ways = streams.isReady ? [overMcp({ ...streams.listen(), ...limits }, fetch)] : [
      ...(status === 200 ? [withRoutes(worker, { uri: port.url, secret, ...limits })] : []),
      overMcp({ uri: `${port.url}/mcp`, headers: {}, ...limits }, port.fetch),
    ];
    const settings = await firstThatAnswers(ways);
    signal.throwIfAborted();
    over.signal.throwIfAborted();
    return { settings, ended, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A protocol for requests to a server. */
interface Way {
  readonly asked: { tools(): Promise<unknown> };
  readonly settings: ServerSettings;
}

function withRoutes(asked: Worker, http: HttpSettings): Way {
  return { asked, settings: { type: "http", http } };
}

function overMcp(mcp: Omit<McpSettings, "secrets">, send: typeof fetch): Way {
  const { uri: url, headers, timeout } = mcp;
  return {
    asked: new McpWorker({
      url,
      headers: () => Promise.resolve(headers),
      callMs: timeout * 1000,
      fetch: send,
    }),
    settings: { type: "mcp", mcp: { ...mcp, secrets: {} } },
  };
}

/** The settings of the first protocol in which a server lists its tools. */
async function firstThatAnswers(ways: readonly Way[]): Promise<ServerSettings> {
  let last: WorkerError | undefined;
  for (const { asked, settings } of ways) {
    try {
      await asked.tools();
      return settings;
    } catch (error) {
      if (!(error instanceof WorkerError)) throw error;
      last = error;
    }
  }
  throw new StartFailure(`The server lists no tools: ${last?.message}`, { cause: last });
}
