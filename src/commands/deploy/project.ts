/** The project in the working directory. */

import { Failure } from "../../failure.ts";
import type { Sensitive } from "../../sensitive.ts";
import type { Context } from "../context.ts";
import { decodeEnvFile, type EnvFile, parseEnvFile } from "../secret/env_file.ts";
import { readNamedFile } from "../shared/input.ts";

export interface Project {
  readonly folder: string;
  /** The path of the program in the folder. */
  readonly entrypoint: string;
  /** Its `.env` file; undefined without one. */
  readonly envFile: EnvFile | undefined;
  /** The keys of the `.env` file, and their values in the environment where they are set there. */
  readonly variables: ReadonlyMap<string, string>;
}

/**
 * Finds the project in the working directory.
 *
 * @throws {Failure} of kind `usage` when it cannot be deployed.
 */
export async function findProject(
  { cwd, variables }: Pick<Context, "cwd" | "variables">,
  { entrypoint, envFile }: {
    readonly entrypoint: string;
    readonly envFile: EnvFile | undefined;
  },
): Promise<Project> {
  const folder = cwd();
  if (!isFile(`${folder}/pyproject.toml`)) {
    throw new Failure("usage", "No pyproject.toml in this folder", {
      next: "Run `arcade deploy` in the folder of a server's project",
    });
  }
  const path = pathOf(folder, entrypoint);
  return {
    folder,
    entrypoint: path,
    envFile,
    variables: await variables([...envFile?.keys ?? []]),
  };
}

function pathOf(folder: string, entrypoint: string): string {
  const parts = entrypoint.split("/").filter((part) => part !== "" && part !== ".");
  const wrong = (message: string, next: string) => new Failure("usage", message, { next });
  if (entrypoint.startsWith("/") || parts.includes("..")) {
    throw wrong(
      `The entrypoint ${entrypoint} is not in the project`,
      "Name a file below this folder",
    );
  }
  const path = parts.join("/");
  if (!isFile(`${folder}/${path}`)) {
    throw wrong(`No ${path} in this folder`, "Name the program with `--entrypoint`");
  }
  if (!path.endsWith(".py")) {
    throw wrong(`Arcade runs servers in Python only, so not ${path}`, "Name a Python file");
  }
  return path;
}

/**
 * The `.env` file of the working directory; undefined without one. It may be a pipe, whose opening waits for a writer and blocks
 * the whole process. So this must come before the process listens to Ctrl-C.
 */
export async function readEnvFile(
  { cwd }: Pick<Context, "cwd">,
): Promise<EnvFile | undefined> {
  try {
    return parseEnvFile(decodeEnvFile(await readNamedFile(`${cwd()}/.env`), ".env"));
  } catch (error) {
    if (error instanceof Failure && error.cause instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** The variables that `.env` adds to the environment: those that are not set there. */
export function addedVariables({ envFile, variables }: Project): Map<string, Sensitive> {
  const entries = envFile?.entries ?? [];
  return new Map(
    entries.flatMap(({ key, value }) => variables.has(key) ? [] : [[key, value] as const]),
  );
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false; // missing, or a broken link
  }
}
