/** Parses environment variables: switches, and numbers of seconds. */

import { Failure } from "../failure.ts";

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

/**
 * A positive number of seconds from the environment.
 *
 * @throws {Failure} of kind `usage`.
 */
export function seconds<N extends string>(
  env: { readonly [name in N]?: string | undefined },
  name: N,
  otherwise: number,
): number {
  const written = env[name];
  if (written === undefined || written === "") return otherwise;
  const number = Number(written);
  if (Number.isFinite(number) && number > 0 && number <= 86_400) return number;
  throw new Failure("usage", `${name}: expected a number of seconds from 1 to 86400`, {
    next: `Set it to ${otherwise}, for example, or unset it`,
  });
}
