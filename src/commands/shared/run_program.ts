/**
 * Runs a program with the streams of this process, and ends with its exit code. A signal reaches it once, and nothing that it
 * started is left: see src/system/child_group.ts. Windows has no process groups: there the console sends Ctrl-C to both.
 */

import { Failure } from "../../failure.ts";
import {
  type EarlyGuard,
  type GuardWord,
  signalGroup,
  spawn,
  startEarlyGuard,
} from "../../system/child_group.ts";
import { isProgram } from "../../system/programs.ts";
import type { Context } from "../context.ts";

/** A program, and the folder where it is started. */
export interface Program {
  readonly command: readonly string[];
  readonly folder: string;
}

/** Runs one program. */
export class ProgramRunner implements AsyncDisposable {
  readonly #context: Context;
  readonly #program: Program;
  readonly #signals: Signals;
  readonly #guard: Promise<EarlyGuard>;
  readonly #listening: Promise<void>;

  private constructor(
    context: Context,
    program: Program,
    { signals, temporary }: { readonly signals: Signals; readonly temporary: string | undefined },
  ) {
    this.#context = context;
    this.#program = program;
    this.#signals = signals;
    this.#guard = startGuard(context, { temporary });
    this.#listening = context.signals.onSignal((signal) => signals.arrived(signal));
    for (const one of [this.#guard, this.#listening]) one.catch(() => {}); // run() throws it
  }

  /**
   * Starts the guard of the program, which from now on also removes a folder when this process ends, however it ends.
   *
   * @param options.temporary the folder, where nothing is yet.
   * @throws {Failure} of kind `program-missing` or `program-unusable`.
   */
  static async start(
    context: Context,
    program: Program,
    { temporary }: { readonly temporary?: string } = {},
  ): Promise<ProgramRunner> {
    await requireProgram(context, program);
    const signals = new Signals(context);
    return new ProgramRunner(context, program, { signals, temporary });
  }

  /** Aborted by a signal that comes before the program runs. */
  get interruption(): AbortSignal {
    return this.#signals.interruption;
  }

  /**
   * Starts the program, and settles with its exit code when it has ended.
   *
   * @param env variables that it gets in addition to those of this process.
   * @param onStart called when it runs.
   * @throws {Failure} of kind `interrupted`, `file`, or one that `start` throws.
   */
  async run(env: Readonly<Record<string, string>>, onStart: () => void): Promise<number> {
    await this.#listening;
    const guard = await this.#guard;
    this.interruption.throwIfAborted();
    const child = start(this.#context, this.#program, { env, guard });
    this.#signals.passTo(child);
    await guard.guard(child.pid);
    onStart();
    return (await child.status).code;
  }

  /** Ends what the program left behind. */
  async [Symbol.asyncDispose](): Promise<void> {
    const guard = await this.#guard.catch(() => undefined);
    await guard?.end(await this.#signals.last());
  }
}

/**
 * Starts a guard before its process group. On Windows, which has no process groups, it only removes the folder in the end.
 *
 * @param options.temporary a folder that it removes at the end, where nothing is yet.
 * @param options.fifos none if there is only a folder to guard.
 */
export async function startGuard(
  { env, machine: { os } }: Context,
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

function fifoPaths({ TMPDIR = "" }: Context["env"]): string[] {
  const name = `arcade-${crypto.randomUUID()}`;
  const folders = [TMPDIR, "/tmp"].filter((folder) => folder.startsWith("/"));
  return folders.map((folder) => `${folder}/${name}`);
}

/** A path in a folder, unless it is absolute. */
export function absolute(folder: string, path: string): string {
  return /^[/\\]|^[a-z]:/i.test(path) ? path : `${folder}/${path}`;
}

/** Requires a program that the system would start. The shell that waits for the guard would say it less clearly. */
async function requireProgram(
  { env, machine: { os } }: Context,
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

/** Starts a program in a process group of its own, so that only {@linkcode Signals} passes signals to it. */
function start(
  { machine: { os } }: Context,
  { command, folder }: Program,
  { env, guard }: { readonly env: Readonly<Record<string, string>>; readonly guard: EarlyGuard },
): Deno.ChildProcess {
  const [program = "", ...args] = guard.gated(command);
  try {
    return spawn(program, {
      args,
      env,
      cwd: folder,
      detached: os !== "windows",
      stdin: "inherit",
      stdout: "inherit",
      stderr: "inherit",
    });
  } catch (error) {
    const cause = error instanceof Failure ? error.cause : undefined;
    if (program !== command[0]) throw error; // the shell of the guard
    if (cause instanceof Deno.errors.NotFound) throw missing(program, cause);
    if (cause instanceof Deno.errors.PermissionDenied) throw unusable(program, cause);
    throw error;
  }
}

/** Passes the signals that this process gets to the program, one after the other. */
class Signals {
  readonly #context: Context;
  readonly #early = new AbortController();
  readonly interruption = this.#early.signal;
  #child: Deno.ChildProcess | undefined;
  #isEnded = false;
  #passing: Promise<GuardWord> = Promise.resolve("ended");

  constructor(context: Context) {
    this.#context = context;
  }

  passTo(child: Deno.ChildProcess): void {
    this.#child = child;
    child.status.then(() => this.#isEnded = true);
  }

  arrived(signal: Deno.Signal): void {
    const { machine: { os }, env } = this.#context;
    if (this.#child === undefined) {
      this.#early.abort(new Failure("interrupted", "Cancelled"));
      return;
    }
    if (os === "windows") return;
    const { pid } = this.#child;
    this.#passing = this.#passing.then(async (before) => {
      if (this.#isEnded) return before;
      return await signalGroup(pid, signal, env.PATH ?? "") ? "signaled" : before;
    });
  }

  /** What the guard must know when the program has ended. */
  last(): Promise<GuardWord> {
    return this.#passing;
  }
}
