/** Times as people read them. By hand, for the first use of `Intl.DateTimeFormat` costs more than a common command. */

import type { Cell } from "./table.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** A time in the user's time zone: `2026-11-20 15:04`. */
export function localTime(time: Date): string {
  const two = (n: number) => String(n).padStart(2, "0");
  return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())} ` +
    `${two(time.getHours())}:${two(time.getMinutes())}`;
}

/**
 * How long ago a time was, or how long it takes until then, in its largest unit.
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

/** A time of a service (ISO 8601) as a cell: local, or relative where there is little room. Other texts stay as they are. */
export function timeCell(written: string, now: Date): Cell {
  const time = new Date(written);
  if (Number.isNaN(time.getTime())) return written;
  return { long: localTime(time), short: relativeTime(time, now) };
}
