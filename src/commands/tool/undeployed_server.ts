/** An MCP server that is not deployed, and its settings: the secrets in `.env`, and the address of the active Arcade. */

import { Failure } from "../../failure.ts";
import type { McpConnection } from "../../mcp/connection.ts";
import { Sensitive } from "../../secrecy/sensitive.ts";
import { absolute } from "../../system/guarded_program.ts";
import { serverVariables, TARGET_VARIABLES } from "../../target/server_variables.ts";
import { decodeEnvFile, parseEnvFile } from "../shared/env_file.ts";
import { readNamedFile } from "../shared/input.ts";
import { showLastLines, SHOWN_LINES } from "../shared/last_lines.ts";
import type { Interruptible } from "../shared/interruptible.ts";
import type { CallFlags } from "./ready.ts";

export interface UndeployedServer extends AsyncDisposable {
  /** Where it is; undefined for one that a command starts. */
  readonly url: URL | undefined;
  /** Whether its environment has an API key, which can be for another Arcade than the active one. */
  readonly hasOwnKey: boolean;
  /** The user that it acts for, if it is named. */
  readonly user?: string;
  readonly connect: () => Promise<McpConnection>;
  /** Those of these secrets that are set, in the environment or in `.env`. */
  readonly secrets: (keys: readonly string[]) => Promise<ReadonlyMap<string, Sensitive>>;
  /** Shows the last lines that it has written to stderr. */
  readonly tellOutput: () => void;
}

/** How long a command may take to start a server: it may install packages first. */
const START_MS = 300_000;

/**
 * Prepares a server. Nothing is started or sent yet.
 *
 * @throws {Failure} of kind `usage` for a wrong address, and for a `.env` file that cannot be used.
 */
export async function openServer(
  context: Interruptible,
  flags: CallFlags,
): Promise<UndeployedServer> {
  const { io, machine } = context;
  const url = flags.server === undefined ? undefined : readUrl(flags.server);
  const file = await readEnvFile(context, flags);
  const { command } = flags;
  const lines: string[] = [];
  let connection: McpConnection | undefined;
  const own = await machine.variables([...TARGET_VARIABLES, "ARCADE_API_KEY", ...file.keys()]);
  // A server that a command starts prefers this variable to the login.
  const user = flags.user ??
    (command && (own.get("ARCADE_USER_ID") || file.get("ARCADE_USER_ID")?.reveal()));
  return {
    url,
    ...(user && { user }),
    hasOwnKey: command !== undefined && file.has("ARCADE_API_KEY") && !own.has("ARCADE_API_KEY"),
    async connect() {
      const connecting = () =>
        url === undefined ? start(context, flags, { file, own, lines }) : connectTo(context, url);
      connection = await context.http.networkTime.during(
        () => "Waiting for the MCP server",
        connecting,
      );
      return connection;
    },
    async secrets(keys) {
      const set = await machine.variables(keys);
      return new Map(keys.flatMap((key) => {
        const variable = set.get(key);
        const value = variable ? new Sensitive(variable, "value") : file.get(key);
        return value === undefined ? [] : [[key, value] as const];
      }));
    },
    tellOutput() {
      if (lines.length === 0 || io.debug) return;
      showLastLines(context, lines);
    },
    async [Symbol.asyncDispose]() {
      await connection?.[Symbol.asyncDispose]();
    },
  };
}

/** The address of a server. Without a path, it gets the path that most servers use. */
function readUrl(written: string): URL {
  const url = URL.parse(written);
  const isWeb = url?.protocol === "http:" || url?.protocol === "https:";
  if (!url || !isWeb || url.username !== "" || url.password !== "") {
    throw new Failure("usage", "`--server` is not the address of an MCP server", {
      next: "Write it like http://127.0.0.1:8000/mcp",
    });
  }
  if (url.pathname === "/") url.pathname = "/mcp";
  url.hash = "";
  return url;
}

/** The entries of `.env`; none without such a file, unless it is named. */
async function readEnvFile(
  { files }: Interruptible,
  { envFile }: CallFlags,
): Promise<ReadonlyMap<string, Sensitive>> {
  const name = envFile ?? ".env";
  const path = absolute(files.cwd(), name);
  if (envFile === undefined && !await isFile(path)) return new Map();
  const { entries } = parseEnvFile(decodeEnvFile(await readNamedFile(path), name));
  return new Map(entries.map(({ key, value }) => [key, value]));
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch {
    return false;
  }
}

/** Events of an open connection. */
function telling({ io, http: { signal } }: Interruptible) {
  return {
    signal,
    onLog(level: string, text: string) {
      if (level === "debug" || io.json) return io.trace?.(`${level}: ${text}`);
      io.info(`${level}: ${text}`);
    },
    onDeclined(what: string) {
      const asked = ASKED[what];
      if (asked !== undefined) io.info(`The server asked ${asked}, which arcade declined`);
    },
  };
}

const ASKED: Readonly<Record<string, string>> = {
  elicitation: "a question (elicitation)",
  sampling: "for a model (sampling)",
};

async function connectTo(context: Interruptible, { href }: URL): Promise<McpConnection> {
  const { connectToUrl } = await import("../../mcp/http.ts");
  const { io: { trace }, http: { fetch, timeoutMs } } = context;
  return await connectToUrl(href, {
    ...telling(context),
    answerMs: timeoutMs(),
    async fetch(input, init) {
      trace?.(`> ${init?.method ?? "GET"} ${href.replace(/\?.*/s, "?***")}`);
      const response = await fetch(input, init);
      trace?.(`< ${response.status}`);
      return response;
    },
  });
}

async function start(
  context: Interruptible,
  flags: CallFlags,
  { file, own, lines }: {
    readonly file: ReadonlyMap<string, Sensitive>;
    readonly own: ReadonlyMap<string, string>;
    readonly lines: string[];
  },
): Promise<McpConnection> {
  const { command = [], user } = flags;
  const { connectToCommand } = await import("../../mcp/command.ts");
  const { io, files, env } = context;
  const values = new Map([...file].map(([key, value]) => [key, value.reveal()]));
  const target = await serverVariables(context, new Map([...values, ...own]), flags);
  return await connectToCommand(context, { command, folder: files.cwd() }, {
    ...telling(context),
    answerMs: env.ARCADE_TIMEOUT_SECONDS ? context.http.timeoutMs() : START_MS,
    env: {
      // Variables that are already set are kept.
      ...Object.fromEntries([...values].filter(([key]) => !own.has(key))),
      ...target,
      ...(user !== undefined && { ARCADE_USER_ID: user }),
      ARCADE_SERVER_TRANSPORT: "stdio",
      ARCADE_USAGE_TRACKING: "0",
    },
    onLine(line) {
      lines.push(line);
      if (lines.length > SHOWN_LINES) lines.shift();
      io.trace?.(`server: ${line}`);
    },
    onNoise: () =>
      io.warn(
        "The server writes text to stdout, which is reserved for MCP; print it to stderr instead",
      ),
  });
}
