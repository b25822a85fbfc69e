import type { LogLine } from "../../contract/logs.ts";

/** How far a log was read, so that a new connection neither repeats nor skips lines. */
export class LogPosition {
  #start: string | undefined;
  /** The latest time of a line, as {@link instantOf} gives it. */
  #latest = "";
  /** The lines of that time, and how often each occurred. */
  #atLatest = new Map<string, number>();
  /** After {@link rewind}, the lines that may come again; undefined when all of them have passed. */
  #repeated: Map<string, number> | undefined;

  /** @param start the time to read from, in the engine's format; undefined to start where the engine does. */
  constructor(start?: string) {
    this.#start = start;
  }

  /** The time to read from, in the engine's format; undefined to start where the engine does. */
  get start(): string | undefined {
    return this.#start;
  }

  /** Expects lines since {@link start} to be repeated. */
  rewind(): void {
    this.#repeated = new Map(this.#atLatest);
  }

  /** Whether a line is new. A line without a time counts as new. */
  take({ timestamp, line }: LogLine): boolean {
    const instant = timestamp === undefined ? undefined : instantOf(timestamp);
    if (instant === undefined) return true;
    if (this.#repeated) {
      if (instant < this.#latest) return false;
      const count = instant === this.#latest ? this.#repeated.get(line) ?? 0 : 0;
      if (count > 0) {
        this.#repeated.set(line, count - 1);
        return false;
      }
      if (instant > this.#latest) this.#repeated = undefined;
    }
    if (instant > this.#latest) {
      this.#latest = instant;
      this.#start = `${instant.slice(0, 26)}+00:00`;
      this.#atLatest.clear();
    }
    if (instant === this.#latest) this.#atLatest.set(line, (this.#atLatest.get(line) ?? 0) + 1);
    return true;
  }
}

const RFC_3339 = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?\d*(Z|[+-]\d\d:\d\d)$/i;

/** A time in UTC with nanoseconds, in a form that sorts as text; undefined when it is invalid. `Date` has milliseconds only. */
function instantOf(timestamp: string): string | undefined {
  const [, day = "", time = "", fraction = "", zone = ""] = RFC_3339.exec(timestamp) ?? [];
  if (day === "") return undefined;
  const seconds = `${day}T${time}`;
  const nanoseconds = fraction.padEnd(9, "0");
  if (/^Z$|^[+-]00:00$/i.test(zone)) return `${seconds}.${nanoseconds}`;
  const date = new Date(`${seconds}${zone}`);
  return Number.isNaN(date.getTime())
    ? undefined
    : `${date.toISOString().slice(0, 19)}.${nanoseconds}`;
}
