/** Programs that a user names, which are started with a guard (child_group.ts) and never outlive this process. */

import type { Environment } from "../contract/variables.ts";
import { Failure } from "../failure.ts";
import { type EarlyGuard, spawn, startEarlyGuard } from "./child_group.ts";
import type { Os } from "./os.ts";
import { isProgram } from "./programs.ts";

/** The part of a context that starting a program needs. */
export interface Machine {
  readonly env: Environment;
  readonly machine: { readonly os: Os };
}

/** A program, and the folder where it is started. */
export interface Program {
  readonly command: readonly string[];
  readonly folder: string;
}

/**
 * Starts a guard before its process group. On Windows, which has no process groups, it only removes the folder in the end.
 *
 * @param options.temporary the unused path of a folder that it removes at the end.
 * @param options.fifos none if there is only a folder to guard.
 */
export async function startGuard(
  { env, machine: { os } }: Machine,
  { temporary, fifos = fifoPaths(env) }: {
    readonly temporary?: string | undefined;
    readonly fifos?: readonly string[];
  } = {},
): Promise<EarlyGuard> {
  if (os === "windows") {
    return {
      gated: (command) => command,
      guard: () => Promise.resolve(),
      async end() {
        if (temporary !== undefined) await Deno.remove(temporary, { recursive: true });
      },
    };
  }
  return await startEarlyGuard({ path: env.PATH ?? "", fifos, temporary });
}

function fifoPaths({ TMPDIR = "" }: Machine["env"]): string[] {
  const name = `arcade-${crypto.randomUUID()}`;
  const folders = [TMPDIR, "/tmp"].filter((folder) => folder.startsWith("/"));
  return folders.map((folder) => `${folder}/${name}`);
}

/** A path in a folder, unless it is absolute. */
export function absolute(folder: string, path: string): string {
  return /^[/\\]|^[a-z]:/i.test(path) ? path : `${folder}/${path}`;
}

/**
 * Requires a program that the system can start. The error of the shell that waits for the guard would be less clear.
 *
 * @throws {Failure} of kind `program-missing` or `program-unusable`.
 */
export async function requireProgram(
  { env, machine: { os } }: Machine,
  { command: [program = ""], folder }: Program,
): Promise<void> {
  if (os === "windows") return;
  const folders = program.includes("/") ? [""] : (env.PATH ?? "").split(":");
  const paths = folders.map((one) => absolute(folder, one === "" ? program : `${one}/${program}`));
  let isThere = false;
  for (const path of program === "" ? [] : paths) {
    if (await isProgram(path, os)) return;
    isThere ||= await exists(path);
  }
  throw isThere ? unusable(program) : missing(program);
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch {
    return false;
  }
}

function missing(program: string, cause?: unknown): Failure {
  return new Failure("program-missing", `Cannot start ${program}: there is no such program`, {
    next: "Name a program on PATH, or its path, after `--`",
    cause,
  });
}

function unusable(program: string, cause?: unknown): Failure {
  return new Failure("program-unusable", `Cannot start ${program}: it is not executable`, {
    next: "Make it executable, or name the program that runs it after `--`",
    cause,
  });
}

/** How a program is started: the variables that it gets in addition to those of this process, its streams, and its guard. */
export interface ProgramOptions
  extends Required<Pick<Deno.CommandOptions, "stdin" | "stdout" | "stderr">> {
  readonly env: Readonly<Record<string, string>>;
  readonly guard: EarlyGuard;
}

/**
 * Starts a program in its own process group, so that a terminal sends it no signals. It waits until `guard.guard()` is
 * called with its process id.
 *
 * @throws {Failure} of kind `program-missing`, `program-unusable` or `file`.
 */
export function startProgram(
  { machine: { os } }: Machine,
  { command, folder }: Program,
  { guard, ...options }: ProgramOptions,
): Deno.ChildProcess {
  const [program = "", ...args] = guard.gated(command);
  try {
    return spawn(program, {
      args,
      cwd: folder,
      detached: os !== "windows",
      ...options,
    });
  } catch (error) {
    const cause = error instanceof Failure ? error.cause : undefined;
    if (program !== command[0]) throw error; // the shell of the guard
    if (cause instanceof Deno.errors.NotFound) throw missing(program, cause);
    if (cause instanceof Deno.errors.PermissionDenied) throw unusable(program, cause);
    throw error;
  }
}
