/**
 * A time from the engine (ISO 8601) in the user's time zone: `2026-11-20 15:04`. What is not a time stays as it is.
 * Written by hand, for the first use of `Intl.DateTimeFormat` costs more than the rest of the command.
 */
export function localTime(written: string): string {
  const date = new Date(written);
  if (Number.isNaN(date.getTime())) return written;
  const two = (n: number) => String(n).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ` +
    `${two(date.getHours())}:${two(date.getMinutes())}`;
}
