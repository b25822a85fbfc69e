import { Failure } from "../../failure.ts";
import { parseDuration, parseTimestamp } from "../shared/times.ts";

/**
 * Parses the expiry of a token: a timestamp, a date, or a duration from now (`30d`, `12h`, `90m`).
 *
 * @throws {Failure} of kind `usage` when it is invalid or not in the future.
 */
export function parseExpires(written: string, now: Date): Date {
  const milliseconds = parseDuration(written);
  const time = milliseconds === undefined
    ? parseTimestamp(written)
    : new Date(now.getTime() + milliseconds);
  if (!time || !(time.getUTCFullYear() <= 9999)) {
    throw new Failure("usage", "`--expires`: expected a duration, a date or a timestamp", {
      next: "Write it like 30d, 12h, 90m, 2027-01-31 or 2027-01-31T12:00:00Z",
    });
  }
  if (time <= now) {
    throw new Failure("usage", "`--expires` is not in the future", {
      next: "Give the time at which the token expires",
    });
  }
  return time;
}
