/** The parameters of a tool as flags. */

import type { Input } from "../../contract/tools.ts";

/** The parameter with this name, in any case, and with `-` for `_`. */
export function findParameter(inputs: readonly Input[], name: string): Input | undefined {
  const plain = (text: string) => text.toLowerCase().replaceAll("-", "_");
  return inputs.find((input) => input.name === name) ??
    inputs.find((input) => plain(input.name) === plain(name));
}

/** Whether a parameter can be typed as a flag without quotes. `--a=b` would be the flag `--a`, which may be one of arcade. */
export function canBeFlag(name: string): boolean {
  return /^[\p{L}\p{N}_][\p{L}\p{N}_.-]*$/u.test(name);
}

/**
 * What completion offers: the values of a parameter, or the flags of all of them.
 *
 * @param pending a flag that may need a value.
 */
export function flagsOf(
  inputs: readonly Input[],
  pending: string | undefined,
): { readonly name: string; readonly brief?: string | undefined }[] {
  const waiting = pending === undefined ? undefined : findParameter(inputs, pending.slice(2));
  if (waiting && waiting.type !== "boolean") return waiting.values.map((name) => ({ name }));
  return inputs.filter(({ name }) => canBeFlag(name)).flatMap((
    { name, type, description: brief },
  ) => [
    { name: `--${name}`, brief },
    ...type === "boolean" ? [{ name: `--no-${name}`, brief }] : [],
  ]);
}
