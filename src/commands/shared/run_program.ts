/**
 * Runs a program with the streams of this process, and exits with its exit code. A signal reaches it once, and no process that it
 * started remains: see src/system/child_group.ts. Windows has no process groups: there the console sends Ctrl-C to both.
 */

import { Failure } from "../../failure.ts";
import { type EarlyGuard, type GuardWord, signalGroup } from "../../system/child_group.ts";
import {
  type Program,
  requireProgram,
  startGuard,
  startProgram,
} from "../../system/guarded_program.ts";
import type { Context } from "../context.ts";

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
    const child = startProgram(this.#context, this.#program, {
      env,
      guard,
      stdin: "inherit",
      stdout: "inherit",
      stderr: "inherit",
    });
    this.#signals.passTo(child);
    await guard.guard(child.pid);
    onStart();
    return (await child.status).code;
  }

  /** Ends the processes that the program left behind. */
  async [Symbol.asyncDispose](): Promise<void> {
    const guard = await this.#guard.catch(() => undefined);
    await guard?.end(await this.#signals.last());
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

  /** The message to the guard when the program has ended. */
  last(): Promise<GuardWord> {
    return this.#passing;
  }
}
