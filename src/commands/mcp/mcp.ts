import { spawn } from "../../system/child_group.ts";
import { typed } from "../../cli/declaration.ts";
import { closest } from "../../text/closest.ts";
import { Failure } from "../../failure.ts";
import { findPython, INSTALL_UV, type Python } from "../../system/python.ts";
import type { StartedServer } from "../../telemetry/server_report.ts";
import { mayReport, trackingOf } from "../../telemetry/tracking.ts";
import { serverVariables, TARGET_VARIABLES } from "../../target/server_variables.ts";
import type { Context } from "../context.ts";
import { decodeEnvFile, describeNotice, type EnvEntry, parseEnvFile } from "../shared/env_file.ts";
import { readNamedFile } from "../shared/input.ts";
import { absolute, startGuard } from "../../system/guarded_program.ts";
import { ProgramRunner } from "../shared/run_program.ts";
import { waitUntilUp } from "./up.ts";

export interface McpFlags {
  readonly host: string;
  readonly port: number;
  readonly toolPackage?: string;
  readonly discoverInstalled?: boolean;
  readonly showPackages?: boolean;
  readonly reload?: boolean;
  readonly otelEnable?: boolean;
  readonly envFile?: string;
  readonly name?: string;
  readonly version?: string;
  readonly cwd?: string;
}

/** A server to start. */
interface Server {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly runtime: string;
}

/** The module of a Python server, and the flags that only it supports, in the order of its own help. */
const MODULE = "arcade_mcp_server";
const MODULE_FLAGS = [
  "otelEnable",
  "toolPackage",
  "discoverInstalled",
  "showPackages",
  "reload",
  "envFile",
  "name",
  "version",
] as const;
/** The transports, with their names in telemetry. */
const TRANSPORTS = new Map<string, StartedServer["transport"]>([
  ["stdio", "stdio"],
  ["http", "http"],
  ["streamable-http", "http"],
]);

/** Runs an MCP server with the streams of this process, and exits with its exit code. */
export async function runMcpServer(
  context: Context,
  flags: McpFlags,
  ...args: string[]
): Promise<number> {
  const { transport, command } = readArguments(args);
  const folder = flags.cwd === undefined
    ? context.files.cwd()
    : absolute(context.files.cwd(), flags.cwd);
  const envFile = flags.envFile === undefined ? undefined : absolute(folder, flags.envFile);
  // A Python server reads the file itself, and so may a command without the flag.
  const isGiven = command.length > 0 && envFile !== undefined;
  const entries = isGiven
    ? await readEntries(context, envFile)
    : await entriesIn(envFile ?? absolute(folder, ".env"));
  const server = command.length > 0
    ? commandServer(command, transport, flags)
    : await pythonServer(context, flags, { transport, folder });
  const ended = new AbortController();
  let reporting: Promise<void> | undefined;
  await using runner = await ProgramRunner.start(context, { command: server.command, folder })
    .catch((error) => {
      throw withMeant(error, command);
    });
  const inEnvironment = await context.machine.variables([...entries.keys(), ...TARGET_VARIABLES]);
  const target = await serverVariables(context, new Map([...entries, ...inEnvironment]));
  const code = await runner.run(
    { ...(isGiven && added(entries, inEnvironment)), ...target, ...server.env },
    () => {
      reporting = report(context, {
        transport: TRANSPORTS.get(transport) ?? "http",
        address: flags,
        runtime: server.runtime,
        signal: ended.signal,
      }).catch(() => {}); // telemetry must not stop the server
    },
  );
  ended.abort();
  await reporting;
  return code;
}

/** The failure for a missing program. Suggests a word of `arcade mcp` if the name looks like a typo of it. */
function withMeant(error: unknown, [program = ""]: readonly string[]): unknown {
  const meant = closest(program, [...TRANSPORTS.keys(), "proxy", "logout"]);
  if (!(error instanceof Failure && error.kind === "program-missing") || meant === undefined) {
    return error;
  }
  return new Failure("program-missing", error.message, {
    next: `Did you mean \`arcade mcp ${meant}\`? ${error.next}`,
    cause: error,
  });
}

/** The transport, and the command if one was typed. */
function readArguments(args: readonly string[]): { transport: string; command: readonly string[] } {
  const [first = "", ...rest] = args;
  return TRANSPORTS.has(first)
    ? { transport: first, command: rest }
    : { transport: "http", command: args };
}

/**
 * The variables in a .env file for a command, which does not read that file itself.
 *
 * @throws {Failure} when the file cannot be used.
 */
async function readEntries(context: Context, path: string): Promise<ReadonlyMap<string, string>> {
  const { entries, notices } = parseEnvFile(decodeEnvFile(await readNamedFile(path), path));
  for (const notice of notices) context.io.warn(describeNotice(notice, path));
  return revealed(entries);
}

/** The variables in the .env file of a Python server; none if the file is unusable, which the server explains better. */
async function entriesIn(path: string): Promise<ReadonlyMap<string, string>> {
  try {
    if (!Deno.statSync(path).isFile) return new Map(); // a pipe can be read only once
    return revealed(parseEnvFile(decodeEnvFile(await readNamedFile(path), ".env")).entries);
  } catch {
    return new Map();
  }
}

function revealed(entries: readonly EnvEntry[]): ReadonlyMap<string, string> {
  return new Map(entries.map(({ key, value }) => [key, value.reveal()]));
}

/** The variables that a .env file adds to the environment. */
function added(entries: ReadonlyMap<string, string>, set: ReadonlyMap<string, string>) {
  return Object.fromEntries([...entries].filter(([name]) => !set.has(name)));
}

/** The server does not report an event, because this command does. */
const ENVIRONMENT = { ARCADE_USAGE_TRACKING: "0" };

function commandServer(
  command: readonly string[],
  transport: string,
  flags: McpFlags,
): Server {
  const unusable = MODULE_FLAGS.find((name) => name !== "envFile" && flags[name] !== undefined);
  if (unusable !== undefined) {
    throw new Failure("usage", `\`${typed(unusable)}\` cannot be used with a command`, {
      next: "Give the command its own flags, after `--`",
    });
  }
  const name = command[0]?.replace(/^.*[/\\]/, "") ?? "";
  return {
    command,
    env: {
      ...ENVIRONMENT,
      ARCADE_SERVER_TRANSPORT: transport,
      ARCADE_SERVER_HOST: flags.host,
      ARCADE_SERVER_PORT: String(flags.port),
    },
    runtime: /^(?:python|uv)/.test(name)
      ? "python"
      : /^(?:deno|node|npm|npx|bun|tsx)/.test(name)
      ? "typescript"
      : "other",
  };
}

async function pythonServer(
  context: Context,
  flags: McpFlags,
  { transport, folder }: { readonly transport: string; readonly folder: string },
): Promise<Server> {
  const python = await findPython(folder, { path: context.env.PATH, os: context.machine.os });
  await requireModule(context, python, folder);
  const words = MODULE_FLAGS.flatMap((name) => {
    const value = flags[name];
    return value === undefined || value === false
      ? []
      : value === true
      ? [typed(name)]
      : [typed(name), value];
  });
  const address = ["--host", flags.host, "--port", String(flags.port)];
  const debug = context.io.debug ? ["--debug"] : [];
  const at = flags.cwd === undefined ? [] : ["--cwd", folder];
  return {
    command: [...python.command, "-m", MODULE, transport, ...address, ...debug, ...words, ...at],
    env: ENVIRONMENT,
    runtime: "python",
  };
}

/** The exit code of a Python without the module. */
const MISSING = 42;

/** @throws {Failure} of kind `file` when a Python does not have the module. */
async function requireModule(
  context: Context,
  { command: python, isOfSystem }: Python,
  folder: string,
): Promise<void> {
  const find =
    `import importlib.util, sys; sys.exit(importlib.util.find_spec("${MODULE}") is None and ${MISSING})`;
  // uv may install packages first, which must not continue without this process.
  const guard = await startGuard(context);
  let code: number;
  let isEnded = false;
  try {
    const command = [...python, "-c", find];
    const [program = "", ...args] = guard.gated(command);
    const child = spawn(program, {
      args,
      cwd: folder,
      detached: context.machine.os !== "windows",
      stdin: "null",
      stdout: "null",
      stderr: "inherit",
    });
    await guard.guard(child.pid);
    ({ code } = await child.status);
    isEnded = true;
  } finally {
    await guard.end(isEnded ? "ended" : undefined);
  }
  if (code !== MISSING) return; // the server itself explains other problems better
  throw new Failure("file", `${python.join(" ")} has no module ${MODULE}`, {
    next: isOfSystem
      ? `${INSTALL_UV} and run \`uv add arcade-mcp-server\`, or name a program after \`--\``
      : "Install it in the project with `uv add arcade-mcp-server`, or name a program after `--`",
  });
}

/** Reports the server once it is up, unless telemetry is off. Ends when the server does. */
async function report(
  context: Context,
  { transport, address, runtime, signal }: Pick<StartedServer, "transport" | "runtime"> & {
    readonly address: { readonly host: string; readonly port: number };
    readonly signal: AbortSignal;
  },
): Promise<void> {
  if (!mayReport(context, trackingOf(context))) return;
  const { host, port } = address;
  const { toolCount } = await waitUntilUp(context, { transport, host, port, signal });
  const { reportMcpServerStarted } = await import("../../telemetry/server_report.ts");
  await reportMcpServerStarted(context, {
    transport,
    address: transport === "http" ? { host, port } : undefined,
    toolCount,
    runtime,
  });
}
