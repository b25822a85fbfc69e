/**
 * Parses `.env` files. Every value is either read completely or reported, never truncated silently, and no message contains
 * the content of a line.
 */

import { Failure } from "../../failure.ts";
import { decodeText } from "../shared/input.ts";
import { Sensitive } from "../../sensitive.ts";

export interface EnvEntry {
  readonly key: string;
  readonly value: Sensitive;
  /** The line on which the entry starts, counted from 1. */
  readonly line: number;
}

/** A line that defined no secret or replaced one, and the reason. */
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
 * - Unquoted: trimmed; `#` starts a comment only after white space.
 * - `'…'` is literal; `"…"` knows `\n`, `\r`, `\t`, `\"` and `\\`. Both may span lines and be followed by a comment.
 * - A byte order mark and CRLF are fine; line ends inside quotes become `\n`. Nothing is expanded.
 *
 * @throws {Failure} of kind `usage`, naming the line, when a quote is not closed or text follows a closing quote.
 *
 * @example
 * ```ts
 * parseEnvFile("A=b#c\n").entries[0]?.value.reveal(); // "b#c"
 * ```
 */
export function parseEnvFile(source: string): EnvFile {
  const lines = source.replace(/^\uFEFF/, "").split(/\r?\n/);
  const entries = new Map<string, EnvEntry>();
  const notices: EnvNotice[] = [];
  const keys = new Set<string>();

  for (let i = 0; i < lines.length; i++) {
    const line = i + 1;
    const text = (lines[i] ?? "").trimStart();
    if (text === "" || text.startsWith("#")) continue;
    const equals = text.indexOf("=");
    if (equals === -1) {
      notices.push({ line, reason: "no-equals-sign" });
      continue;
    }
    const key = text.slice(0, equals).replace(/^export\s+/, "").trim();
    const written = text.slice(equals + 1);
    let value: string;
    if (/^\s*['"]/.test(written)) {
      const quoted = readQuoted(written.trimStart(), lines, i);
      value = quoted.value;
      i = quoted.lastLine;
    } else {
      value = withoutComment(written).trim();
    }
    if (key === "" || /\s/.test(key)) {
      notices.push({ line, reason: key === "" ? "empty-key" : "space-in-key" });
      continue;
    }
    keys.add(key);
    if (value === "") {
      notices.push({ line, reason: "empty-value", key });
      continue;
    }
    if (entries.delete(key)) notices.push({ line, reason: "duplicate-key", key });
    entries.set(key, { key, value: new Sensitive(value), line });
  }
  return { entries: [...entries.values()], notices, keys };
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

/** Reads a quoted value. `start` begins with the opening quote; the value may continue on the lines after `first`. */
function readQuoted(
  start: string,
  lines: readonly string[],
  first: number,
): { value: string; lastLine: number } {
  const quote = start.slice(0, 1);
  let value = "";
  let rest = start.slice(1);
  for (let lastLine = first;;) {
    const closed = scanQuoted(rest, quote);
    value += closed.text;
    if (closed.after !== undefined) {
      if (!/^\s*(?:#|$)/.test(closed.after)) {
        throw new Failure("usage", `Line ${lastLine + 1}: text after the closing quote`, {
          next:
            'Put the whole value in quotes, and write a quote inside it as \\"; nothing was stored',
        });
      }
      return { value, lastLine };
    }
    lastLine++;
    const next = lines[lastLine];
    if (next === undefined) {
      throw new Failure("usage", `Line ${first + 1}: unclosed quote`, {
        next: "Close it, or put the value in the other kind of quotes; nothing was stored",
      });
    }
    value += "\n";
    rest = next;
  }
}

/** One line of a quoted value, and the text after the closing quote if this line has it. */
function scanQuoted(line: string, quote: string): { text: string; after?: string } {
  let text = "";
  for (let i = 0; i < line.length; i++) {
    const character = line.charAt(i);
    if (character === quote) return { text, after: line.slice(i + 1) };
    const escaped = quote === '"' && character === "\\"
      ? ESCAPES.get(line.charAt(i + 1))
      : undefined;
    if (escaped === undefined) text += character;
    else {
      text += escaped;
      i++;
    }
  }
  return { text };
}

const ESCAPES = new Map([["n", "\n"], ["r", "\r"], ["t", "\t"], ['"', '"'], ["\\", "\\"]]);

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
