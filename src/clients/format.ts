/** The interface of all formats of clients' files. */

import type { Mapping } from "../contract/fields.ts";
import type { Syntax } from "./clients.ts";

/** The text of a file of a client. All methods throw {@link BrokenText}, and change nothing but the entry of one server. */
export interface Format {
  /** The entries of all servers. */
  readonly entries: (text: string) => ReadonlyMap<string, unknown>;
  /** The text with an entry. */
  readonly set: (text: string, name: string, entry: Mapping) => string;
  /** The text without an entry. */
  readonly remove: (text: string, name: string) => string;
  /**
   * The text with everything masked that may be a secret, line for line.
   *
   * @param shown the entry of arcade, of which only variables and headers are masked.
   */
  readonly masked: (text: string, shown: string | undefined) => string;
}

/** Where the servers are in a text, and how it is written. */
export interface Notation {
  readonly syntax: Syntax;
  readonly key: readonly string[];
  readonly otherKey?: readonly string[] | undefined;
}

/** Thrown for a text that its client cannot read. Quotes nothing from it. */
export class BrokenText extends Error {
  override readonly name = "BrokenText";

  /** @param line counted from 1. */
  constructor(readonly line: number, readonly problem: string) {
    super(`line ${line}: ${problem}`);
  }
}

/** The number of the line of a position, counted from 1. */
export function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length;
}

/** The line ending of a text, from its first line. */
export function lineEndOf(text: string): "\n" | "\r\n" {
  return /^[^\n]*\r\n/.test(text) ? "\r\n" : "\n";
}

/** Keys of an entry whose values can be secrets. */
export const SECRET_KEYS: ReadonlySet<string> = new Set([
  "env",
  "environment",
  "headers",
  "http_headers",
]);

/** The replacement for a masked value. */
export const MASK = "***";
