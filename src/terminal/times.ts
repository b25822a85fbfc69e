/** Formats times for humans. */

import { localSecond, localTime, utcOffset } from "../text/time.ts";
import type { Cell } from "./table.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** A time in the user's time zone, with its UTC offset: `2026-11-20 15:04:05 +01:00`. */
export function zonedTime(time: Date): string {
  return `${localSecond(time)} ${utcOffset(time)}`;
}

/**
 * The distance of a time from now, in its largest unit.
 *
 * @example
 * ```ts
 * relativeTime(new Date(0), new Date(3 * 3_600_000)); // "3h ago"
 * ```
 */
export function relativeTime(time: Date, now: Date): string {
  const distance = Math.abs(now.getTime() - time.getTime());
  if (distance < MINUTE_MS) return "now";
  const [unit, letter] = distance < HOUR_MS
    ? [MINUTE_MS, "m"]
    : distance < DAY_MS
    ? [HOUR_MS, "h"]
    : [DAY_MS, "d"];
  const count = `${Math.floor(distance / unit)}${letter}`;
  return time > now ? `in ${count}` : `${count} ago`;
}

/** A time from a service (ISO 8601) as a cell: local, or relative on a narrow terminal. Other texts are unchanged. */
export function timeCell(written: string, now: Date): Cell {
  const time = new Date(written);
  if (Number.isNaN(time.getTime())) return written;
  return { long: localTime(time), short: relativeTime(time, now) };
}
