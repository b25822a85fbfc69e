/**
 * The log of a server, in memory only: what a server prints can contain values of secrets, and no file of the local Arcade
 * does.
 */

export interface StoredLine {
  /** Microseconds since 1970. No two lines of a log have the same time. */
  readonly time: number;
  readonly text: string;
}

const MAX_LINES = 10_000;
/** In UTF-16 units. */
const MAX_LENGTH = 8 * 1024 * 1024;

export class ServerLog {
  readonly #now: () => Date;
  #lines: StoredLine[] = [];
  #length = 0;
  #isClosed = false;
  #change = Promise.withResolvers<void>();

  constructor(now: () => Date) {
    this.#now = now;
  }

  /** Adds a line, and drops the oldest ones when there are too many. */
  append(text: string): void {
    // Later than the line before, even if the clock was set back.
    const time = Math.max(this.#now().getTime() * 1000, (this.#lines.at(-1)?.time ?? 0) + 1);
    this.#lines.push({ time, text });
    this.#length += text.length;
    // In larger steps, because each one copies the list.
    if (this.#lines.length > 2 * MAX_LINES || this.#length > 2 * MAX_LENGTH) this.#shorten();
    this.#tell();
  }

  /** Adds a message of the local Arcade itself. */
  note(text: string): void {
    this.append(`arcade: ${text}`);
  }

  /** The kept lines from a time (inclusive) to another (exclusive), the oldest first. */
  between(start: number, end = Infinity): StoredLine[] {
    return this.#lines.slice(this.#firstFrom(start), this.#firstFrom(end));
  }

  /** The last lines, the oldest first. */
  last(count: number): StoredLine[] {
    return this.#lines.slice(-count);
  }

  /**
   * The lines since a time, in batches: first the stored lines, then each new one, until the log is closed. A reader that
   * is slower than the server misses lines that are no longer kept.
   */
  follow(start: number): ReadableStream<StoredLine[]> {
    let next = start;
    return new ReadableStream({
      pull: async (controller) => {
        while (true) {
          const lines = this.between(next);
          const last = lines.at(-1);
          if (last !== undefined) {
            next = last.time + 1;
            return controller.enqueue(lines);
          }
          if (this.#isClosed) return controller.close();
          await this.#change.promise;
        }
      },
    }, { highWaterMark: 0 });
  }

  /** Ends all streams of {@linkcode follow}. */
  close(): void {
    this.#isClosed = true;
    this.#tell();
  }

  #tell(): void {
    this.#change.resolve();
    this.#change = Promise.withResolvers();
  }

  #shorten(): void {
    let length = 0;
    const kept = this.#lines.slice(-MAX_LINES);
    const start = kept.findLastIndex(({ text }) => (length += text.length) > MAX_LENGTH) + 1;
    this.#lines = kept.slice(start);
    this.#length = this.#lines.reduce((sum, { text }) => sum + text.length, 0);
  }

  /** The index of the first line that is not before a time. */
  #firstFrom(time: number): number {
    let [low, high] = [0, this.#lines.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#lines[middle]?.time ?? Infinity) < time) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/**
 * A time of a log as ISO 8601 with microseconds.
 *
 * @example
 * ```ts
 * formatTime(1_795_417_200_000_001); // "2026-11-23T07:00:00.000001Z"
 * ```
 */
export function formatTime(time: number): string {
  const milliseconds = new Date(Math.floor(time / 1000)).toISOString().slice(0, -1);
  return `${milliseconds}${String(time % 1000).padStart(3, "0")}Z`;
}

/** The time of a text such as `2026-11-21T07:08:33.182456+00:00`; undefined for another one. */
export function parseTime(text: string): number | undefined {
  const [, seconds = "", fraction = "", zone = ""] =
    /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/.exec(text) ?? [];
  const milliseconds = Date.parse(`${seconds}${zone}`);
  if (Number.isNaN(milliseconds)) return undefined;
  return milliseconds * 1000 + Number(fraction.padEnd(6, "0").slice(0, 6));
}
