/** The times in `credentials.yaml` (docs/contracts.md, Files). */

/** Parses the naive local time of the Python CLI, and times with an offset or `Z`; undefined when it is invalid. */
export function parseExpiry(written: string): Date | undefined {
  const match = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)(\.\d+)?\s*(Z|[+-]\d\d:?\d\d)?$/.exec(
    written.trim(),
  );
  if (!match) return undefined;
  const [, day, time, fraction = "", zone = ""] = match;
  const offset = /^[+-]\d{4}$/.test(zone) ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone;
  const date = new Date(`${day}T${time}${fraction.slice(0, 4)}${offset}`);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

/** A time in UTC: `2026-11-20 15:04 UTC`. */
export function utcTime(time: Date): string {
  return `${time.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
