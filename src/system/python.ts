/** The Python of a project: the same for `deploy`, for `mcp`, and for the servers of the local Arcade. */

import { Failure } from "../failure.ts";
import { findProgram, isProgram } from "./programs.ts";

export interface Python {
  /** The words that start it. */
  readonly command: readonly string[];
  /** Its name in messages. */
  readonly name: string;
  /** Whether it may install packages before it starts a program. */
  readonly mayInstall: boolean;
  /** Whether it is the system's Python, which does not have the project's packages. */
  readonly isOfSystem: boolean;
}

export const INSTALL_UV = "Install uv (https://docs.astral.sh/uv)";
/** How to get the packages of a project. */
export const GET_PACKAGES = `${INSTALL_UV} and run \`uv sync\``;

/**
 * Finds the Python of a project: in its `.venv`, or else `uv run python`, or else `python3`.
 *
 * @throws {Failure} of kind `file` when none is installed, or when the Python in `.venv` cannot be started.
 */
export async function findPython(
  folder: string,
  { path, os = Deno.build.os }: { readonly path: string | undefined; readonly os?: string },
): Promise<Python> {
  const name = os === "windows" ? ".venv\\Scripts\\python.exe" : ".venv/bin/python";
  const own = os === "windows" ? `${folder}\\${name}` : `${folder}/${name}`;
  if (await isProgram(own, os)) {
    return { command: [own], name, mayInstall: false, isOfSystem: false };
  }
  if (await exists(`${folder}/.venv`)) {
    throw new Failure("file", `This project's .venv is broken: ${name} cannot be started`, {
      next: "Remove .venv and create it again, with `uv sync` for example",
    });
  }
  const uv = await findProgram("uv", path, os);
  if (uv !== undefined) {
    const command = [uv, "run", "--project", folder, "python"];
    return { command, name: "uv run python", mayInstall: true, isOfSystem: false };
  }
  const other = os === "windows" ? "python" : "python3";
  const python = await findProgram(other, path, os);
  if (python !== undefined) {
    return { command: [python], name: other, mayInstall: false, isOfSystem: true };
  }
  throw new Failure("file", `No Python found: no .venv, and neither uv nor ${other} on PATH`, {
    next: GET_PACKAGES,
  });
}

/** The variable that makes a server import from its folder instead of the target of an editable install. */
export function pythonPath(folder: string): { readonly PYTHONPATH: string } {
  return { PYTHONPATH: `${folder}/src:${folder}` };
}

/** Whether anything exists at a path, including a broken link. */
async function exists(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return true;
  } catch (error) {
    return !(error instanceof Deno.errors.NotFound);
  }
}
