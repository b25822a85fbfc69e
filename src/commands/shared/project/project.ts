/** The project in the working directory. */

import { Failure } from "../../../failure.ts";
import type { Os } from "../../../system/os.ts";
import type { Sensitive } from "../../../secrecy/sensitive.ts";
import type { Context } from "../../context.ts";
import { decodeEnvFile, type EnvFile, parseEnvFile } from "../env_file.ts";
import { readNamedFile } from "../input.ts";
import { slashed } from "./project_files.ts";
import { isFile } from "../../../system/paths.ts";

export interface Project {
  readonly folder: string;
  /** The path of the program in the folder. */
  readonly entrypoint: string;
  /** Its `.env` file; undefined without one. */
  readonly envFile: EnvFile | undefined;
  /** The keys of the `.env` file, and their values in the environment where they are set there. */
  readonly variables: ReadonlyMap<string, string>;
}

/** What a project is found with. */
interface ProjectContext {
  readonly files: Pick<Context["files"], "cwd">;
  readonly machine: Pick<Context["machine"], "os" | "variables">;
}

/**
 * Finds the project in the working directory.
 *
 * @throws {Failure} of kind `usage` when it cannot be deployed.
 */
export async function findProject(
  { files: { cwd }, machine: { os, variables } }: ProjectContext,
  { entrypoint, envFile }: {
    readonly entrypoint: string;
    readonly envFile: EnvFile | undefined;
  },
): Promise<Project> {
  const folder = cwd();
  if (!isFile(`${folder}/pyproject.toml`)) {
    throw new Failure("usage", "No pyproject.toml in this folder", {
      next: "Go to a server's project folder, or create one with `arcade new`",
    });
  }
  const path = pathOf(folder, entrypoint, os);
  return {
    folder,
    entrypoint: path,
    envFile,
    variables: await variables([...envFile?.keys ?? []]),
  };
}

/** The path of the program in the project, however it is written: links in its folders are followed, as the archive has none there. */
function pathOf(folder: string, entrypoint: string, os: Os): string {
  const wrong = (message: string, next: string) => new Failure("usage", message, { next });
  const written = slashed(entrypoint, os);
  const isAbsolute = written.startsWith("/") || (os === "windows" && /^[a-z]:\//i.test(written));
  const whole = isAbsolute ? written : `${slashed(folder, os)}/${written}`;
  const nameAt = whole.lastIndexOf("/") + 1;
  const parent = realPath(whole.slice(0, nameAt), os);
  const root = realPath(folder, os);
  if (parent === undefined || root === undefined) {
    throw wrong(`No ${entrypoint} in this folder`, "Name the program with `--entrypoint`");
  }
  if (!`${parent}/`.startsWith(`${root}/`)) {
    throw wrong(
      `The entrypoint ${entrypoint} is not in the project`,
      "Name a file below this folder",
    );
  }
  const path = `${parent}/${whole.slice(nameAt)}`.slice(root.length + 1);
  if (!isFile(`${root}/${path}`)) {
    throw wrong(`No ${path} in this folder`, "Name the program with `--entrypoint`");
  }
  if (!path.endsWith(".py")) {
    throw wrong(
      `Arcade runs only servers in Python, and ${path} is not a Python file`,
      "Name a Python file",
    );
  }
  return path;
}

function realPath(path: string, os: Os): string | undefined {
  try {
    return slashed(Deno.realPathSync(path), os).replace(/\/$/, "");
  } catch {
    return undefined;
  }
}

/**
 * The `.env` file of the working directory; undefined without one. It may be a pipe, whose opening waits for a writer and blocks
 * the whole process. So this must come before the process listens to Ctrl-C.
 */
export async function readEnvFile(
  { files: { cwd } }: Pick<ProjectContext, "files">,
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
