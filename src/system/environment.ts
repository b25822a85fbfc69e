/** Parses environment variables that are on or off. */

const ON = /^(?:1|true|yes|on)$/i;
const OFF = /^(?:0|false|no|off)$/i;

/**
 * Parses a variable that is on (1, true, yes, on) or off (0, false, no, off), ignoring case and surrounding spaces.
 *
 * @returns `unclear` for any other value; undefined for an empty one, which counts as unset.
 *
 * @example
 * ```ts
 * readSwitch(" Yes "); // "on"
 * readSwitch("maybe"); // "unclear"
 * readSwitch(""); // undefined
 * ```
 */
export function readSwitch(value: string | undefined): "on" | "off" | "unclear" | undefined {
  const word = value?.trim();
  if (!word) return undefined;
  return ON.test(word) ? "on" : OFF.test(word) ? "off" : "unclear";
}

/** Whether a variable is set to anything but off. Not for consent: see {@link readSwitch}. */
export function isOn(value: string | undefined): boolean {
  const state = readSwitch(value);
  return state === "on" || state === "unclear";
}
