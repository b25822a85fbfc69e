/** The server that a client gets: its command, or its address. */

import type { ClientServer } from "../../clients/entry.ts";
import { Failure } from "../../failure.ts";
import { absolute } from "../../system/guarded_program.ts";
import { isFile, pathIn } from "../../system/paths.ts";
import { findProgram, programPaths } from "../../system/programs.ts";
import { findPython } from "../../system/python.ts";
import { shellWord } from "../../text/shell_word.ts";
import type { Context } from "../context.ts";
import { decodeEnvFile, parseEnvFile, requireAllLines } from "../shared/env_file.ts";
import { readNamedFile } from "../shared/input.ts";

export interface ServerFlags {
  readonly entrypoint?: string;
  readonly envFile?: string;
  readonly transport: "stdio" | "http";
  readonly port: number;
  readonly url?: string;
  readonly inlineSecrets?: boolean;
}

/**
 * The server of the project in the working directory.
 *
 * @param options.command the command that was typed; by default, its entrypoint.
 * @param options.isAcross whether a client on Windows starts it in WSL.
 * @throws {Failure} of kind `usage` or `file` if the folder has no server.
 */
export async function findServer(
  context: Context,
  flags: ServerFlags,
  { command, isAcross }: { readonly command: readonly string[]; readonly isAcross: boolean },
): Promise<ClientServer> {
  if (flags.url !== undefined || flags.transport === "http") {
    return { kind: "http", url: addressOf(flags), headers: {} };
  }
  const folder = context.files.cwd();
  const own = command.length > 0
    ? await startable(context, command, folder)
    : await entrypointOf(context, flags, folder);
  const envFile = envFileOf(folder, flags);
  const isInline = flags.inlineSecrets === true && envFile !== undefined;
  const line = [
    ...await context.processes.ownCommand(),
    ...["mcp", "stdio", "--cwd", folder],
    ...(envFile === undefined || isInline ? [] : ["--env-file", envFile]),
    ...(own.length > 0 ? ["--", ...own] : []),
  ];
  const distribution = context.env.WSL_DISTRO_NAME ?? "";
  const words = isAcross ? ["wsl.exe", "-d", distribution, "--exec", ...line] : line;
  return { kind: "stdio", command: words, env: isInline ? await valuesIn(envFile) : {} };
}

function addressOf({ url, port }: ServerFlags): string {
  if (url === undefined) return `http://127.0.0.1:${port}/mcp`;
  const parsed = URL.parse(url);
  if (parsed === null || !/^https?:$/.test(parsed.protocol)) {
    throw new Failure("usage", "The value of `--url` is not an http or https address", {
      next: "Write it in full, such as https://example.com/mcp",
    });
  }
  if (parsed.username !== "" || parsed.password !== "") {
    throw new Failure("usage", "The address in `--url` contains a user name or a password", {
      next: "Leave them out; every program that you run can read the client's file",
    });
  }
  return url;
}

/** The file that the server gets its variables from; undefined without one. */
function envFileOf(folder: string, { envFile }: ServerFlags): string | undefined {
  if (envFile === undefined) {
    const path = pathIn(folder, ".env");
    return isFile(path) ? path : undefined;
  }
  const path = absolute(folder, envFile);
  if (isFile(path)) return path;
  throw new Failure("file", `There is no file ${path}`, {
    next: "Name the .env file of the server with `--env-file`",
  });
}

async function valuesIn(path: string): Promise<Record<string, string>> {
  const file = parseEnvFile(decodeEnvFile(await readNamedFile(path), path));
  requireAllLines(file, path);
  return Object.fromEntries(file.entries.map(({ key, value }) => [key, value.reveal()]));
}

/** The command line that starts the server for a client that connects over HTTP. */
export async function startLine(
  { env, files: { cwd }, machine: { os } }: Context,
  { port, entrypoint = "server.py" }: ServerFlags,
  command: readonly string[],
): Promise<string> {
  const start = `arcade mcp http --port ${port}`;
  if (command.length > 0) return `${start} -- ${command.map(shellWord).join(" ")}`;
  if (!isFile(absolute(cwd(), entrypoint))) return start;
  const { name } = await findPython(cwd(), { path: env.PATH, os });
  return `${start} -- ${name} ${shellWord(entrypoint)}`;
}

/** The command of the program of a Python project; empty for one whose tools arcade-mcp-server finds itself. */
async function entrypointOf(
  { env, machine: { os } }: Context,
  { entrypoint }: ServerFlags,
  folder: string,
): Promise<readonly string[]> {
  const program = entrypoint ?? "server.py";
  if (isFile(absolute(folder, program))) {
    const { command } = await findPython(folder, { path: env.PATH, os });
    return [...command, program];
  }
  if (entrypoint === undefined && isFile(pathIn(folder, "pyproject.toml"))) return [];
  throw new Failure("usage", `No ${program} in this folder`, {
    next: "Name the program with `--entrypoint`, or the command of the server after `--`",
  });
}

/** A command whose program a client finds too, because its PATH can differ from this terminal's. */
async function startable(
  { env, machine: { os } }: Context,
  [program = "", ...args]: readonly string[],
  folder: string,
): Promise<readonly string[]> {
  if (/[/\\]/.test(program)) return [absolute(folder, program), ...args];
  const found = await findProgram(program.replace(/\.exe$/i, ""), env.PATH, os);
  if (found !== undefined) return [found, ...args];
  const script = os === "windows" ? scriptOf(program, env.PATH, isFile) : undefined;
  if (script !== undefined) return ["cmd.exe", "/d", "/c", script, ...args];
  throw new Failure("program-missing", `There is no program ${program} on PATH`, {
    next: "Install it, or write its path after `--`",
  });
}

/** The script of a program on Windows, such as npx, which only the command processor can start. */
export function scriptOf(
  program: string,
  path: string | undefined,
  isThere: (path: string) => boolean,
): string | undefined {
  return programPaths(program.replace(/\.(?:cmd|bat)$/i, ""), path ?? "", "windows")
    .flatMap((one) => [".cmd", ".bat"].map((end) => one.replace(/\.exe$/, end)))
    .find(isThere);
}
