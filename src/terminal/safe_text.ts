import { redactData } from "../redaction.ts";

/**
 * Text from outside, safe to print on one line of a terminal: control and escape characters (C0, C1), line and paragraph
 * separators, characters that change the direction of text, and invisible format characters become a visible
 * replacement, and the letters stay. Tokens and values of this process are hidden.
 *
 * @example
 * ```ts
 * printable("evil\x1b[2Jname"); // "evil�[2Jname"
 * ```
 */
export function printable(text: string): string {
  const shown = redactData(text);
  return HARMLESS.test(shown) ? shown : shown.replace(unsafe(), "\uFFFD");
}

/** Most text is, and then the large sets of the expression below need not be made. */
const HARMLESS = /^[ -~]*$/;

/**
 * Cc control, Zl Zp separators, Cs lone surrogates, and Cf format characters but for the joiners inside emoji and scripts.
 * No literal, for the sets behind these names are made when a literal is parsed, whether it is used or not.
 */
const unsafe = () =>
  new RegExp(String.raw`[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]|(?![\u200C\u200D])\p{Cf}`, "gu");

/**
 * JSON that is safe to print: the same characters are written as escapes (RFC 8259, 7), so that a program reads the names
 * whole. Line ends between the values stay; without an indent there are none.
 */
export function printableJson(data: unknown, indent = 2): string {
  const redacted = (_key: string, value: unknown) =>
    typeof value === "string" ? redactData(value) : value;
  return JSON.stringify(data, redacted, indent).replace(
    unsafe(),
    (character) =>
      character === "\n"
        ? character
        : character.split("").map((unit) =>
          `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`
        ).join(""),
  );
}
