import { COLOR_SEQUENCE, withoutColors } from "../text/prose.ts";
import { redactData, redactName } from "../secrecy/sensitive.ts";

/**
 * Makes a text from outside safe to print on one line of a terminal. Replaces control and escape characters (C0, C1), line
 * and paragraph separators, characters that change the text direction, and invisible format characters with a visible mark.
 * Hides tokens; a text that is not a name must be redacted first (sensitive.ts, redaction.ts).
 *
 * @example
 * ```ts
 * printable("evil\x1b[2Jname"); // "evil�[2Jname"
 * ```
 */
export function printable(text: string): string {
  const shown = redactName(text);
  return HARMLESS.test(shown) ? shown : shown.replace(unsafe(), "\uFFFD");
}

/**
 * Makes an entry of a log, which may have several lines, safe to print like {@link printable}, and hides values too. Tabs are kept,
 * and lines after the first one are indented, so that none looks like another entry. Color sequences are kept if colors are
 * shown, and end with the entry. Otherwise they are dropped, and also where they could split a hidden text.
 *
 * @example
 * ```ts
 * printableLog("\x1b[33mWARN\x1b[0m\x1b[2J", { hasColor: false }); // "WARN�[2J"
 * ```
 */
export function printableLog(text: string, { hasColor }: { readonly hasColor: boolean }): string {
  if (HARMLESS.test(text)) return redactData(text); // as most entries are
  const entry = text.replace(/\r?\n$/, "");
  const plain = withoutColors(entry);
  const shown = redactData(plain);
  if (!hasColor || plain === entry || shown !== plain) return printableLines(shown);
  const colors = entry.match(COLOR_SEQUENCE) ?? [];
  return entry.split(COLOR_SEQUENCE).map(printableLines)
    .map((piece, i) => piece + (colors[i] ?? "\x1b[0m")).join("");
}

function printableLines(text: string): string {
  if (!/[\t\n]/.test(text)) return printable(text);
  return text.split(/\r?\n/).map((line) => line.split("\t").map(printable).join("\t"))
    .join("\n    ");
}

/**
 * A text for a terminal, between marks that keep its direction from reordering what follows, if it has letters that are
 * written from right to left (UAX 9).
 */
export function isolated(text: string): string {
  return !HARMLESS.test(text) && RIGHT_TO_LEFT.test(text) ? `\u2068${text}\u2069` : text;
}

/** The blocks of scripts that are written from right to left. */
const RIGHT_TO_LEFT =
  /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefe\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

/** Most text matches, which avoids compiling the large character sets below. */
const HARMLESS = /^[ -~]*$/;
const HARMLESS_LINES = /^[\n -~]*$/;

/**
 * Cc control, Zl Zp separators, Cs lone surrogates, and Cf format characters except for the joiners in emoji and scripts.
 * Not a literal, because a literal compiles these sets even when it is not used.
 */
const unsafe = () =>
  new RegExp(String.raw`[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]|(?![\u200C\u200D])\p{Cf}`, "gu");

/**
 * JSON that is safe to print: the same characters are escaped (RFC 8259, 7), so that programs read names unchanged. Newlines
 * between values stay; without an indent the JSON is one line.
 */
export function printableJson(data: unknown, indent = 2): string {
  const redacted = (_key: string, value: unknown) =>
    typeof value === "string" ? redactName(value) : value;
  return escapedJson(JSON.stringify(data, redacted, indent));
}

/** Escapes the same characters in existing JSON text. */
export function escapedJson(json: string): string {
  if (HARMLESS_LINES.test(json)) return json;
  return json.replace(
    unsafe(),
    (character) =>
      character === "\n"
        ? character
        : character.split("").map((unit) =>
          `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`
        ).join(""),
  );
}
