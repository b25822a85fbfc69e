/** Shorter waits are not shown. */
export const SHOWN_AFTER_MS = 120;

/**
 * The time that a command has waited for servers: the time with at least one request in flight. Prompts do not count.
 */
export class NetworkTime {
  readonly #elapsedMs: () => number;
  readonly #show: (line: string | undefined) => void;
  #pastMs = 0;
  #underWay = 0;
  #since = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * @param elapsedMs a monotonic clock, in milliseconds.
   * @param show shows what the command waits for; undefined hides it.
   */
  constructor(elapsedMs: () => number, show: (line: string | undefined) => void = () => {}) {
    this.#elapsedMs = elapsedMs;
    this.#show = show;
  }

  /** Milliseconds so far. */
  get spentMs(): number {
    return this.#pastMs + (this.#underWay > 0 ? this.#elapsedMs() - this.#since : 0);
  }

  /** Counts the duration of `work`. If it takes long, shows `what` the command waits for, if given. */
  async during<T>(what: (() => string) | undefined, work: () => Promise<T>): Promise<T> {
    if (this.#underWay++ === 0) {
      this.#since = this.#elapsedMs();
      if (what) this.#timer = setTimeout(() => this.#show(`${what()}…`), SHOWN_AFTER_MS);
    }
    try {
      return await work();
    } finally {
      if (--this.#underWay === 0) {
        this.#pastMs += this.#elapsedMs() - this.#since;
        clearTimeout(this.#timer);
        this.#show(undefined);
      }
    }
  }
}
