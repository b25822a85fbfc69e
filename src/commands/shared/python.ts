/** The Python of a project. */

import { Failure } from "../../failure.ts";
import { findProgram } from "../../programs.ts";
import type { Context } from "../context.ts";

export interface Python {
  /** The words that start it. */
  readonly command: readonly string[];
  /** How messages call it. */
  readonly name: string;
  /** Whether it may install packages before it starts a program. */
  readonly mayInstall: boolean;
}

/**
 * Finds the Python of a project: that of its `.venv`, or else `uv run python`, or else `python3`.
 *
 * @throws {Failure} of kind `file` when none is installed.
 */
export async function findPython(
  { env, os }: Pick<Context, "env" | "os">,
  folder: string,
): Promise<Python> {
  const name = os === "windows" ? ".venv\\Scripts\\python.exe" : ".venv/bin/python";
  const own = os === "windows" ? `${folder}\\${name}` : `${folder}/${name}`;
  if (await isFile(own)) return { command: [own], name, mayInstall: false };
  const uv = await findProgram("uv", env.PATH, os);
  if (uv !== undefined) {
    return { command: [uv, "run", "python"], name: "uv run python", mayInstall: true };
  }
  const other = os === "windows" ? "python" : "python3";
  const python = await findProgram(other, env.PATH, os);
  if (python !== undefined) return { command: [python], name: other, mayInstall: false };
  throw new Failure("file", `No Python found: no .venv, and neither uv nor ${other} on PATH`, {
    next: "Install uv (https://docs.astral.sh/uv) and run `uv sync`",
  });
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch {
    return false; // missing, or a broken link
  }
}
