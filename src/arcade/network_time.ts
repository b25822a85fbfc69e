/**
 * The time that a command has waited for servers: the time during which at least one of its requests was under way.
 * Questions to the user do not count.
 */
export class NetworkTime {
  readonly #elapsedMs: () => number;
  #pastMs = 0;
  #underWay = 0;
  #since = 0;

  /** @param elapsedMs a clock that is never set, in milliseconds. */
  constructor(elapsedMs: () => number) {
    this.#elapsedMs = elapsedMs;
  }

  /** Milliseconds so far. */
  get spentMs(): number {
    return this.#pastMs + (this.#underWay > 0 ? this.#elapsedMs() - this.#since : 0);
  }

  /** Counts the time that `work` takes. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    if (this.#underWay++ === 0) this.#since = this.#elapsedMs();
    try {
      return await work();
    } finally {
      if (--this.#underWay === 0) this.#pastMs += this.#elapsedMs() - this.#since;
    }
  }
}
