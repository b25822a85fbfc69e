/** Requests that wait until an authorization is completed. */

import type { sleep } from "../../system/waiting.ts";

/** The maximum number of waiting requests. */
const MAX_WAITERS = 1000;

export class Waiters {
  readonly #sleep: typeof sleep;
  readonly #waiting = new Map<string, Set<AbortController>>();
  #count = 0;

  constructor(options: { sleep: typeof sleep }) {
    this.#sleep = options.sleep;
  }

  /** Whether no more requests can wait. */
  get isFull(): boolean {
    return this.#count >= MAX_WAITERS;
  }

  /** Waits for {@linkcode wake} with an id, or until the timeout, or until one of the signals is aborted. */
  async wait(
    id: string,
    { milliseconds, signals }: { milliseconds: number; signals: readonly AbortSignal[] },
  ): Promise<void> {
    const waiter = new AbortController();
    const ofId = this.#waiting.get(id) ?? new Set();
    this.#waiting.set(id, ofId.add(waiter));
    this.#count++;
    const signal = AbortSignal.any([waiter.signal, ...signals]);
    try {
      await this.#sleep(milliseconds, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      this.#count--;
      ofId.delete(waiter);
      if (ofId.size === 0) this.#waiting.delete(id);
    }
  }

  wake(id: string): void {
    for (const waiter of this.#waiting.get(id) ?? []) waiter.abort();
  }
}
