/** Times as users type them. */

import { parseExpiry } from "../../store/expiry.ts";

const UNITS_MS: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};
/** ISO 8601: a date, optionally with a time and a zone, also as logs are shown. A date alone is midnight UTC. */
const ISO = /^(\d{4}-\d\d-\d\d)(?:([T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(Z| ?[+-]\d\d:?\d\d))?$/i;

/**
 * Parses a duration of days, hours, minutes and seconds; undefined when it is not one.
 *
 * @returns milliseconds.
 *
 * @example
 * ```ts
 * parseDuration("1d12h"); // 129_600_000
 * ```
 */
export function parseDuration(written: string): number | undefined {
  if (!/^(?:\d+[dhms])+$/.test(written)) return undefined;
  const parts = written.match(/\d+[dhms]/g) ?? [];
  return parts.reduce(
    (sum, part) => sum + Number(part.slice(0, -1)) * (UNITS_MS[part.slice(-1)] ?? NaN),
    0,
  );
}

/** Parses a date, or a time with its zone; undefined when it is neither. */
export function parseTimestamp(written: string): Date | undefined {
  const [, day = "", time = "T00:00", zone = "Z"] = ISO.exec(written.toUpperCase()) ?? [];
  const midnight = new Date(`${day}T00:00Z`);
  // `Date` would accept February 30 as a day in March.
  const isDay = !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(day);
  return isDay ? parseExpiry(`${day}${time}${zone.trim()}`) : undefined;
}
