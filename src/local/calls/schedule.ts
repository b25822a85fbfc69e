/** Calls tools at their times, by the clock of the local Arcade. */

import type { ToolCallResponse } from "../../contract/tools.ts";
import { ASSUMED } from "../assumptions.ts";
import type { CallEnd, DueCall, ScheduledCalls } from "../model/scheduled.ts";
import type { Call, Calls } from "./calls.ts";
import { CallRefusal } from "./refusal.ts";

/** The clock can be set and the machine can sleep, so it is checked from time to time. */
const LOOK_MS = 1000;
/** How many calls run at once. */
const MAX_RUNNING = 20;
/** How long a due call waits for its tool's server, which may be starting. */
const PATIENCE_MS = 60_000;

/** What the schedule needs. */
export interface ScheduleSurroundings {
  readonly stored: ScheduledCalls;
  readonly calls: Calls;
  readonly now: () => Date;
  /** A monotonic clock, in milliseconds. */
  readonly elapsedMs: () => number;
  readonly sleep: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
}

export class Schedule {
  readonly #surroundings: ScheduleSurroundings;
  readonly #stop = new AbortController();
  readonly #running = new Map<string, Promise<void>>();
  /** When calls with a missing tool were first tried. */
  readonly #firstTried = new Map<string, number>();
  #loop: Promise<void> | undefined;

  constructor(surroundings: ScheduleSurroundings) {
    this.#surroundings = surroundings;
  }

  get stored(): ScheduledCalls {
    return this.#surroundings.stored;
  }

  /** Continues with the calls that were stored. */
  async start(): Promise<void> {
    await this.stored.endInterrupted();
    this.#wake();
  }

  /** Stops calling. Does not wait for a running call; the next start marks it as interrupted. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#loop;
  }

  /**
   * Schedules a call of a tool. Throws a {@linkcode CallRefusal} if the tool does not exist; undefined if too many calls of the
   * project wait.
   */
  async add(call: Call, runAt: Date): Promise<ToolCallResponse | undefined> {
    const { tool } = await this.#surroundings.calls.find(call);
    const { projectId, userId, input } = call;
    const added = await this.stored.create({ projectId, userId, tool, input, runAt });
    if (added === undefined) return undefined;
    this.#wake();
    return {
      id: added.id,
      ...ASSUMED.scheduled,
      execution_type: "scheduled",
      success: true,
      run_at: added.run_at,
    };
  }

  #wake(): void {
    this.#loop ??= this.#run().finally(() => {
      this.#loop = undefined;
      // A call may have come while the loop was ending.
      if (!this.#stop.signal.aborted && this.stored.next()) this.#wake();
    });
  }

  /** Until no call waits. */
  async #run(): Promise<void> {
    const { sleep } = this.#surroundings;
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        const next = this.stored.next();
        if (next === undefined) return;
        await this.#callDue();
        const pause = this.stored.next()?.getTime() ?? 0;
        await Promise.race([sleep(this.#pauseUntil(pause), signal), ...this.#running.values()]);
      } catch {
        if (signal.aborted) return;
        await sleep(LOOK_MS, signal).catch(() => {}); // the disk is full, for example
      }
    }
  }

  /** How long to wait for a time. Calls that wait for their server are tried again. */
  #pauseUntil(time: number): number {
    const remaining = time - this.#surroundings.now().getTime();
    return remaining > 0 ? Math.min(remaining, LOOK_MS) : LOOK_MS;
  }

  async #callDue(): Promise<void> {
    for (const call of await this.stored.due(MAX_RUNNING)) {
      const isFree = this.#running.size < MAX_RUNNING && !this.#running.has(call.id);
      if (isFree && !this.#stop.signal.aborted) this.#begin(call);
    }
  }

  #begin(call: DueCall): void {
    const done = this.#call(call).catch(() => {}).finally(() => this.#running.delete(call.id));
    this.#running.set(call.id, done);
  }

  async #call(due: DueCall): Promise<void> {
    const { calls } = this.#surroundings;
    try {
      await calls.find(due);
    } catch (error) {
      if (error instanceof CallRefusal && this.#isPatient(due.id)) return;
    }
    this.#firstTried.delete(due.id);
    if (this.#stop.signal.aborted || !this.stored.begin(due.id)) return;
    let end: CallEnd;
    try {
      end = await calls.call(due);
    } catch (error) {
      const systemError = error instanceof CallRefusal ? error.message : "Internal error";
      end = { success: false, systemError };
    }
    if (!this.#stop.signal.aborted) await this.stored.end(due, end);
  }

  #isPatient(id: string): boolean {
    const now = this.#surroundings.elapsedMs();
    const first = this.#firstTried.get(id) ?? now;
    this.#firstTried.set(id, first);
    return now - first < PATIENCE_MS;
  }
}
