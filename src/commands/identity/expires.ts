import { Failure } from "../../failure.ts";
import { parseExpiry } from "../../store/expiry.ts";

const UNITS_MS = new Map([["m", 60_000], ["h", 3_600_000], ["d", 86_400_000]]);
/** ISO 8601: a date, optionally with a time and a zone. A date alone is midnight UTC. */
const ISO = /^(\d{4}-\d\d-\d\d)(?:([T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(Z|[+-]\d\d:?\d\d))?$/i;

/**
 * Parses the expiry of a token: a timestamp, a date, or a duration from now (`30d`, `12h`, `90m`).
 *
 * @throws {Failure} of kind `usage` when it is invalid or not in the future.
 */
export function parseExpires(written: string, now: Date): Date {
  const time = parseDuration(written, now) ?? parseTimestamp(written);
  if (!time || !(time.getUTCFullYear() <= 9999)) {
    throw new Failure("usage", "`--expires`: expected a duration, a date or a timestamp", {
      next: "Write it like 30d, 12h, 90m, 2027-01-31 or 2027-01-31T12:00:00Z",
    });
  }
  if (time <= now) {
    throw new Failure("usage", "`--expires` is not in the future", {
      next: "Give the time when the token expires",
    });
  }
  return time;
}

function parseDuration(written: string, now: Date): Date | undefined {
  const [, count, letter = ""] = /^(\d+)([dhm])$/.exec(written) ?? [];
  const unit = UNITS_MS.get(letter);
  return unit === undefined ? undefined : new Date(now.getTime() + Number(count) * unit);
}

function parseTimestamp(written: string): Date | undefined {
  const [, day = "", time = "T00:00", zone = "Z"] = ISO.exec(written.toUpperCase()) ?? [];
  const midnight = new Date(`${day}T00:00Z`);
  // `Date` would accept February 30 as a day in March.
  const isDay = !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(day);
  return isDay ? parseExpiry(`${day}${time}${zone}`) : undefined;
}
