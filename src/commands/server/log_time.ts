/** Log times as users type them, in the common formats that the Python CLI also accepts. */

import { parseDuration, parseTimestamp } from "../shared/times.ts";

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const MONTH = "(?<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|" +
  "aug(?:ust)?|sep(?:t(?:ember)?)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\\.?";
const WEEKDAY = "(?:(?:mon|tue(?:s)?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?,? )?";
const DAY = "(?<day>\\d{1,2})";
const YEAR = "(?<year>\\d{4})";
const TIME = "(?:,? (?<time>.+))?";

/**
 * Dates with a name for the month, in the order of RFC 5322 or of American English, and dates of digits with the year first.
 * Others, such as 11/12/2026, have two meanings.
 */
const FORMS = [
  `${WEEKDAY}${DAY}[ -]${MONTH},?[ -]${YEAR}${TIME}`,
  `${WEEKDAY}${MONTH} ${DAY},? ${YEAR}${TIME}`,
  `${YEAR}(?<mark>[-/.]?)(?<month>\\d\\d)\\k<mark>(?<day>\\d\\d)(?:[T ](?<time>.+))?`,
];

const CLOCK =
  /^(?<hour>\d{1,2})(?<minute>:\d\d)(?<second>:\d\d(?:\.\d+)?)?(?: ?(?<half>[ap])m)?(?: ?(?:z|utc|gmt|(?<offset>[+-]\d\d:?\d\d)))?$/i;

/**
 * The time for a duration before now, a date (midnight UTC), or a date and a time (UTC unless it has a zone).
 * Undefined for anything else.
 *
 * @example
 * ```ts
 * parseLogTime("1d12h", now); // 36 hours before now
 * parseLogTime("21 Nov 2026 7:30 PM", now); // 2026-11-21T19:30Z
 * ```
 */
export function parseLogTime(written: string, now: Date): Date | undefined {
  const text = written.trim().replace(/\s+/g, " ").toLowerCase();
  const milliseconds = parseDuration(text);
  const time = milliseconds === undefined
    ? parseTimestamp(inIso(text) ?? "")
    : new Date(now.getTime() - milliseconds);
  return time && time.getUTCFullYear() >= 0 ? time : undefined;
}

/** A date, with a time if it has one, in ISO 8601; undefined for an unknown form. */
function inIso(text: string): string | undefined {
  for (const form of FORMS) {
    const found = new RegExp(`^${form}$`, "i").exec(text)?.groups;
    if (!found) continue;
    const { year, month = "", day = "", time } = found;
    const named = MONTHS.indexOf(month.slice(0, 3));
    const number = named < 0 ? month : String(named + 1);
    const date = `${year}-${number.padStart(2, "0")}-${day.padStart(2, "0")}`;
    if (time === undefined) return date;
    const clock = clockInIso(time);
    return clock && `${date}T${clock}`;
  }
}

function clockInIso(time: string): string | undefined {
  const found = CLOCK.exec(time)?.groups;
  if (!found) return undefined;
  const { hour = "", minute, second = "", half, offset = "Z" } = found;
  let hours = Number(hour);
  if (half !== undefined) {
    if (hours < 1 || hours > 12) return undefined;
    hours = hours % 12 + (half === "p" ? 12 : 0);
  }
  return `${String(hours).padStart(2, "0")}${minute}${second}${offset}`;
}
