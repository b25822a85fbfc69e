/** The replacement for tokens and values in output. */
export const MASK = "[hidden]";

/** The minimum length of a token or value that is hidden anywhere in a text, not only where it is a word. */
export const LONG = 8;

/**
 * The kind of a sensitive text.
 *
 * - `token`: issued by a server. It is not a name, so it is hidden everywhere.
 * - `value`: a secret value, which a user chose. It may be a word that names contain, so it is hidden in texts, not in names.
 * - `field`: a field of a request that may be sensitive. It is hidden in messages, not in data.
 */
export type SensitiveKind = "token" | "value" | "field";

/** A word that may be part of names; a longer text is probably a password. */
export const ORDINARY_WORD = /^(?:[a-z]{1,16}|[A-Z][a-z]{1,15}|[A-Z]{1,16})$/;
/** What must be before and after a whole name. The words of a name are joined by underscores, dots and dashes. */
export const NAME_EDGES = [
  String.raw`(?<![\p{L}\p{N}_]|[\p{L}\p{N}_][.-])`,
  String.raw`(?![\p{L}\p{N}_]|[.-][\p{L}\p{N}_])`,
] as const;

/** The texts of all tokens and values of this process, for {@link Sensitive.all}. */
const known = new Set<string>();
/** Those that data is searched for, with {@link LONG} characters or more. */
const inData = { token: new Set<string>(), value: new Set<string>() };

/**
 * A token or a secret value. Printing, interpolating, inspecting or serializing it returns {@link MASK}. Only `reveal()`
 * returns the text, so that every use can be found by that name.
 *
 * @example
 * ```ts
 * const token = new Sensitive("at_123");
 * `${token}`; // "[hidden]"
 * token.reveal(); // "at_123"
 * ```
 */
export class Sensitive {
  readonly #text: string;

  constructor(text: string, kind: SensitiveKind = "token") {
    this.#text = text;
    noteSensitive(text, kind);
  }

  /** All tokens and values of this process, so that messages can be redacted. */
  static all(): ReadonlySet<string> {
    return known;
  }

  reveal(): string {
    return this.#text;
  }

  /** The number of Unicode characters, which may be shown. */
  get length(): number {
    return [...this.#text].length;
  }

  equals(other: Sensitive): boolean {
    return this.#text === other.#text;
  }

  toString(): string {
    return MASK;
  }

  toJSON(): string {
    return MASK;
  }

  [Symbol.for("Deno.customInspect")](): string {
    return MASK;
  }
}

/** Registers a text as sensitive, so that it is hidden in output. */
export function noteSensitive(text: string, kind: SensitiveKind): void {
  known.add(text);
  if (kind === "field") return;
  for (const one of withLines(text)) if (one.length >= LONG) inData[kind].add(one);
}

/** A text and, if it has several lines, each of them: a log contains such a text line by line. */
export function withLines(text: string): readonly string[] {
  return text.includes("\n") ? [text, ...text.split("\n").map((line) => line.trim())] : [text];
}

/**
 * Redacts a name, a key or an id from outside: hides long tokens. Values are not hidden, because names may contain them. For messages
 * see redaction.ts.
 */
export function redactName(name: string): string {
  return hide(name, inData.token);
}

/**
 * Redacts other data from outside, such as a line of a log: hides long tokens and values of this process. Searches only for
 * whole ones, because the rest of the data must be preserved and most of it is harmless, and does not hide an ordinary word in a name.
 */
export function redactData(text: string): string {
  return hide(hide(text, inData.token), inData.value);
}

/** Whether a field of JSON has a key, a name or an id, which values never hide. */
export function isNameField(field: string): boolean {
  return /^(?:key|name|id)$|_id$/.test(field);
}

/** Hides these texts, apart from short ones. */
export function hide(text: string, texts: Iterable<string>): string {
  let shown = text;
  for (const one of texts) {
    if (one.length < LONG || !shown.includes(one)) continue;
    const [before, after] = NAME_EDGES;
    shown = shown.replaceAll(
      ORDINARY_WORD.test(one) ? new RegExp(`${before}${one}${after}`, "gu") : one,
      MASK,
    );
  }
  return shown;
}

/** The keys, names and ids that the process works with, which messages always show. */
const names = new Set<string>();

/** Registers keys, names or ids, so that no value hides them in messages. */
export function keepNames(...kept: readonly string[]): void {
  for (const name of kept) names.add(name);
}

/** The names of {@link keepNames}, except names that a server made from a token. */
export function keptNames(): ReadonlySet<string> {
  return new Set([...names].filter((name) => redactName(name) === name));
}
