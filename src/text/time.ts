/** Local times as text. Avoids `Intl.DateTimeFormat`, whose first use takes longer than a common command. */

/** To the minute: `2026-11-20 15:04`. */
export function localTime(time: Date): string {
  return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())} ` +
    `${two(time.getHours())}:${two(time.getMinutes())}`;
}

/** To the second: `2026-11-20 15:04:05`. */
export function localSecond(time: Date): string {
  return `${localTime(time)}:${two(time.getSeconds())}`;
}

/** The UTC offset of local time: `+01:00`. */
export function utcOffset(time: Date): string {
  const offset = -time.getTimezoneOffset();
  const distance = Math.abs(offset);
  return `${offset < 0 ? "-" : "+"}${two(Math.floor(distance / 60))}:${two(distance % 60)}`;
}

function two(number: number): string {
  return String(number).padStart(2, "0");
}
