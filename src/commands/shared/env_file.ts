/**
 * Parses `.env` files. Every value is either read completely or reported, never truncated silently, and no message contains
 * the content of a line.
 */

import { counted } from "../../text/prose.ts";
import { Failure } from "../../failure.ts";
import { parseJson } from "../../contract/fields.ts";
import { SECRET_KEY } from "../../contract/secrets.ts";
import { decodeText } from "./input.ts";
import { Sensitive } from "../../secrecy/sensitive.ts";

export interface EnvEntry {
  readonly key: string;
  readonly value: Sensitive;
  /** The line on which the entry starts, counted from 1. */
  readonly line: number;
}

/** A line that defined no secret or replaced one, and the reason. See {@link skippedLines}. */
export interface EnvNotice {
  readonly line: number;
  readonly reason:
    | "empty-value"
    | "no-equals-sign"
    | "empty-key"
    | "space-in-key"
    | "duplicate-key";
  /** The key, if it can be shown. */
  readonly key?: string;
}

export interface EnvFile {
  /** Each key once, in the order of its last occurrence. */
  readonly entries: readonly EnvEntry[];
  readonly notices: readonly EnvNotice[];
  /** All keys of the file, including those without a value. */
  readonly keys: ReadonlySet<string>;
}

/**
 * Parses the text of a `.env` file.
 *
 * - `KEY=VALUE`, split at the first `=`; `export ` before it is allowed; blank lines and lines that start with `#` are
 *   skipped.
 * - Unquoted: trimmed; `#` starts a comment only after whitespace.
 * - `'…'` and `` `…` `` are literal; `"…"` supports `\n`, `\r`, `\t`, `\"` and `\\`. All may span lines and be followed by a
 *   comment.
 * - A line ends with `\n`, `\r\n` or `\r`, which become `\n` inside quotes. A byte order mark is fine. Nothing is expanded.
 *
 * @throws {Failure} of kind `usage`, naming the line, when a quote is not closed, text follows a closing quote, a value
 * spans lines without quotes, or a key is invalid.
 *
 * @example
 * ```ts
 * parseEnvFile("A=b#c\n").entries[0]?.value.reveal(); // "b#c"
 * ```
 */
export function parseEnvFile(source: string): EnvFile {
  const lines = source.replace(/^\uFEFF/, "").split(/\r\n|\n|\r/);
  const entries = new Map<string, EnvEntry>();
  const notices: EnvNotice[] = [];
  const keys = new Set<string>();

  for (let i = 0; i < lines.length; i++) {
    const line = i + 1;
    const text = (lines[i] ?? "").trimStart();
    if (text === "" || text.startsWith("#")) continue;
    if (isBase64(text.trimEnd())) throw unquoted(line, "base64 instead of `KEY=VALUE`");
    const equals = text.indexOf("=");
    if (equals === -1) {
      if (opensPem(text)) throw unquoted(line, "a PEM block without quotes");
      notices.push({ line, reason: "no-equals-sign" });
      continue;
    }
    const key = text.slice(0, equals).replace(/^export\s+/, "").trim();
    const written = text.slice(equals + 1);
    let value: string;
    if (/^\s*['"`]/.test(written)) {
      const quoted = readQuoted(written.trimStart(), lines, i);
      value = quoted.value;
      i = quoted.lastLine;
    } else {
      value = withoutComment(written).trim();
      requireWhole({ value, written }, lines, i);
    }
    if (key === "" || /\s/.test(key)) {
      notices.push({ line, reason: key === "" ? "empty-key" : "space-in-key" });
      continue;
    }
    if (!SECRET_KEY.test(key)) {
      throw new Failure("usage", `Line ${line}: the key is invalid`, {
        next: "A key has 1 to 256 letters, digits, underscores, dots or dashes; nothing was stored",
      });
    }
    keys.add(key);
    if (value === "") {
      notices.push({ line, reason: "empty-value", key });
      continue;
    }
    if (entries.delete(key)) notices.push({ line, reason: "duplicate-key", key });
    entries.set(key, { key, value: new Sensitive(value, "value"), line });
  }
  return { entries: [...entries.values()], notices, keys };
}

/** How many lines were skipped because their meaning is unclear, unlike keys without a value or set again. */
export function skippedLines({ notices }: Pick<EnvFile, "notices">): number {
  const isClear = ({ reason }: EnvNotice) => reason === "empty-value" || reason === "duplicate-key";
  return notices.filter((notice) => !isClear(notice)).length;
}

/**
 * Fails after the other lines were used.
 *
 * @param path the path of the file; `-` is standard input.
 * @throws {Failure} of kind `partial` if lines were skipped.
 */
export function requireAllLines(file: Pick<EnvFile, "notices">, path: string): void {
  const count = skippedLines(file);
  if (count === 0) return;
  const name = path === "-" ? "standard input" : path;
  throw new Failure("partial", `Skipped ${counted(count, "line")} of ${name}`, {
    next: "Write each line as `KEY=VALUE`, or start it with `#`",
  });
}

/**
 * Whether a line is the end of a text in base64 rather than `KEY=` or `KEY==`: two `=` after nothing but its alphabet, or one
 * after a long mix of cases and digits. The "key" would be part of a value, perhaps of a private key.
 */
export function isBase64(line: string): boolean {
  if (/^[A-Za-z0-9+/_-]+==$/.test(line)) return true;
  return /^[A-Za-z0-9+/]{15,}=$/.test(line) && line.length % 4 === 0 &&
    [/[a-z]/, /[A-Z]/, /\d/].every((one) => one.test(line));
}

/** Whether a text starts a PEM block that does not end on the same line. */
function opensPem(text: string): boolean {
  const start = text.search(/----[- ]BEGIN /);
  return start !== -1 && !/----[- ]END /.test(text.slice(start));
}

/**
 * Requires that an unquoted value ends on its line.
 *
 * @throws {Failure} of kind `usage` when it starts a PEM block, or JSON that a comment cuts off or that other lines continue.
 */
function requireWhole(
  { value, written }: { readonly value: string; readonly written: string },
  lines: readonly string[],
  at: number,
): void {
  if (opensPem(value)) throw unquoted(at + 1, "a PEM block without quotes");
  if (!/^[[{]/.test(value) || parseJson(value) !== undefined) return;
  let next = at + 1;
  while (/^\s*(?:#|$)/.test(lines[next] ?? "A=1")) next++;
  const continues = !/^\s*(?:export\s+)?[\w.-]+\s*=/.test(lines[next] ?? "A=1");
  if (continues || value !== written.trim()) {
    throw unquoted(at + 1, "JSON that continues on the next line");
  }
}

function unquoted(line: number, what: string): Failure {
  return new Failure("usage", `Line ${line}: ${what}`, {
    next: "Put a multi-line value in quotes, like `KEY='…'`; nothing was stored",
  });
}

/**
 * The text of a `.env` file from its bytes.
 *
 * @throws {Failure} of kind `usage` when it is not UTF-8; replacement characters would corrupt a value.
 */
export function decodeEnvFile(bytes: Uint8Array, name: string): string {
  return decodeText(bytes, {
    what: name,
    next: "Save it as UTF-8 and try again; nothing was stored",
  });
}

/** A quoted value, and the line on which it ends. */
interface Quoted {
  readonly value: string;
  readonly lastLine: number;
}

/** Reads a quoted value. `start` is the text from the opening quote; the value can continue on the lines after `first`. */
function readQuoted(start: string, lines: readonly string[], first: number): Quoted {
  const quote = start.slice(0, 1);
  let value = "";
  let rest = start.slice(1);
  /** Where the value ends if it does not end later: at a backtick after a backslash. */
  let early: Quoted | undefined;
  for (let lastLine = first;;) {
    const scanned = scanQuoted(rest, quote);
    if (scanned.early !== undefined) early = { value: value + scanned.early, lastLine };
    value += scanned.text;
    if (scanned.after !== undefined) {
      if (/^\s*(?:#|$)/.test(scanned.after)) return { value, lastLine };
      if (early) return early;
      throw new Failure("usage", `Line ${lastLine + 1}: text after the closing quote`, {
        next:
          'Put the whole value in quotes, and write a quote inside it as \\"; nothing was stored',
      });
    }
    lastLine++;
    const next = lines[lastLine];
    if (next === undefined) {
      if (early) return early;
      throw new Failure("usage", `Line ${first + 1}: unclosed quote`, {
        next: "Close it, or put the value in another kind of quotes; nothing was stored",
      });
    }
    value += "\n";
    rest = next;
  }
}

/**
 * One line of a quoted value, and the text after the closing quote if this line has it. As dotenv reads it, a backtick after
 * a backslash closes the value only if no other does; `early` is the value up to the last such backtick.
 */
function scanQuoted(
  line: string,
  quote: string,
): { text: string; after: string | undefined; early: string | undefined } {
  let text = "";
  let early: string | undefined;
  for (let i = 0; i < line.length; i++) {
    const character = line.charAt(i);
    const pair = line.slice(i, i + 2);
    if (character === quote) return { text, after: line.slice(i + 1), early };
    const escaped = quote === '"'
      ? ESCAPES.get(pair)
      : quote === "`" && pair === "\\`"
      ? pair
      : undefined;
    if (quote === "`" && escaped !== undefined) {
      END.lastIndex = i + 2;
      if (END.test(line)) early = `${text}\\`;
    }
    text += escaped ?? character;
    if (escaped !== undefined) i++;
  }
  return { text, after: undefined, early };
}

/** The end of a line after a closing quote, perhaps with a comment. */
const END = /\s*(?:#|$)/y;
const ESCAPES = new Map([
  ["\\n", "\n"],
  ["\\r", "\r"],
  ["\\t", "\t"],
  ['\\"', '"'],
  ["\\\\", "\\"],
]);

function withoutComment(written: string): string {
  const comment = written.search(/\s#/);
  return comment === -1 ? written : written.slice(0, comment);
}

/** A notice with its place, such as `.env:6`, which terminals and editors open at that line. */
export function describeNotice({ line, reason, key = "" }: EnvNotice, path: string): string {
  const what = {
    "empty-value": `"${key}" has no value; skipped`,
    "no-equals-sign": "no `=`; line skipped",
    "empty-key": "no key before the `=`; line skipped",
    "space-in-key": "space in the key; line skipped",
    "duplicate-key": `"${key}" is set again; this value replaces the earlier one`,
  }[reason];
  return path === "-" ? `line ${line}: ${what}` : `${path}:${line}: ${what}`;
}
