/** The server of a developer: its program, its name and its variables. */

import { SERVER_NAME } from "../../contract/servers.ts";
import { Failure } from "../../failure.ts";
import { absolute, requireProgram } from "../../system/guarded_program.ts";
import { isFile } from "../../system/paths.ts";
import { findPython, pythonPath } from "../../system/python.ts";
import { isProgram } from "../../system/programs.ts";
import { Sensitive } from "../../secrecy/sensitive.ts";
import type { Context } from "../context.ts";
import type { EnvFile } from "../shared/env_file.ts";
import { ENTRYPOINT } from "../shared/flags.ts";
import { nameOf } from "../shared/project/archive.ts";
import { readEnvFile } from "../shared/project/project.ts";

/** How a server is started. */
export interface Server {
  readonly name: string;
  readonly folder: string;
  readonly command: readonly string[];
  /** How it is called in messages: `server.py`. */
  readonly shown: string;
  readonly isPython: boolean;
  readonly limitMs: number;
}

const LIMIT_MS = 60_000;
/** uv may need to install packages first. */
const INSTALL_LIMIT_MS = 300_000;

/**
 * Finds the server that the command line names.
 *
 * @param command the words after `--`, if they are the server.
 * @throws {Failure} of kind `usage`, `file`, `program-missing` or `program-unusable`.
 */
export async function findServer(
  context: Context,
  { entry, command, name }: {
    readonly entry: string | undefined;
    readonly command: readonly string[] | undefined;
    readonly name: string | undefined;
  },
): Promise<Server> {
  const { files: { cwd }, machine: { os }, env: { PATH: path } } = context;
  const folder = cwd();
  const common = { name: requireName(name ?? wordOf(nameOf(folder)), name !== undefined), folder };
  if (command !== undefined && command.length > 0) {
    if (entry !== undefined) {
      throw new Failure("usage", "The server is given twice: as a program and after `--`", {
        next: "Leave out one of them; with `--until-ready`, the command after `--` is the test",
      });
    }
    await requireProgram(context, { command, folder });
    const isPython = command.some((word) => word.endsWith(".py") || /^python/.test(word));
    return { ...common, command, shown: command.join(" "), isPython, limitMs: LIMIT_MS };
  }
  const shown = entry ?? ENTRYPOINT;
  const program = absolute(folder, shown);
  if (!isFile(program)) {
    throw new Failure("usage", `No ${shown} in this folder`, {
      next: "Name the program, put a command after `--`, or create a server with `arcade new`",
    });
  }
  if (shown.endsWith(".py")) {
    const python = await findPython(folder, { path, os });
    const limitMs = python.mayInstall ? INSTALL_LIMIT_MS : LIMIT_MS;
    return { ...common, command: [...python.command, program], shown, isPython: true, limitMs };
  }
  if (!await isProgram(program)) {
    throw new Failure("program-unusable", `${shown} is not executable`, {
      next: `Put the command that runs it after \`--\`, such as \`arcade dev -- node ${shown}\``,
    });
  }
  return { ...common, command: [program], shown, isPython: false, limitMs: LIMIT_MS };
}

function requireName(name: string, isTyped: boolean): string {
  if (SERVER_NAME.test(name)) return name;
  throw new Failure(
    "usage",
    isTyped ? "This is not a valid server name" : "The folder's name is not a valid server name",
    {
      next: "Give one with `--name`: letters, digits, underscores, dots and dashes",
    },
  );
}

/** The name of a folder with only the characters of a name. */
function wordOf(folder: string): string {
  return folder.replaceAll(/[^\w.-]+/g, "-").replace(/^[^A-Za-z0-9]+/, "").slice(0, 100) ||
    "server";
}

/** The values for a server: those of `.env`, unless the environment has them. */
export interface Values {
  readonly file: EnvFile | undefined;
  /** Those of the keys of `.env` that are set in the environment. */
  readonly inEnvironment: ReadonlyMap<string, string>;
}

/** Reads `.env`. If it is not a regular file, which could block, it counts as missing. */
export async function readValues(context: Context): Promise<Values> {
  const file = isFile(`${context.files.cwd()}/.env`) ? await readEnvFile(context) : undefined;
  return { file, inEnvironment: await context.machine.variables([...file?.keys ?? []]) };
}

/** The value of a secret: from the environment, or else from `.env`. */
export async function valueOf(
  context: Context,
  { file }: Values,
  key: string,
): Promise<Sensitive | undefined> {
  const own = (await context.machine.variables([key])).get(key);
  if (own) return new Sensitive(own, "value");
  return file?.entries.find((entry) => entry.key === key)?.value;
}

/** The variables of a server in addition to those of this process. */
export function variablesFor(
  { folder, isPython }: Server,
  { file, inEnvironment }: Values,
  { apiUrl, userId }: { readonly apiUrl: string; readonly userId: string },
): Readonly<Record<string, string>> {
  const given = (file?.entries ?? []).flatMap(({ key, value }) =>
    inEnvironment.has(key) ? [] : [[key, value.reveal()] as const]
  );
  return {
    ...Object.fromEntries(given),
    ...(isPython ? pythonPath(folder) : {}),
    ARCADE_API_URL: apiUrl,
    ARCADE_USER_ID: userId,
  };
}
