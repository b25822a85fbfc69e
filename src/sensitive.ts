/** The replacement for tokens and values in output. */
export const MASK = "[hidden]";

/** The minimum length of a token or value that is hidden anywhere in a text, not only where it is a word. */
export const LONG = 8;

/** The texts of all tokens and values of this process, for {@link Sensitive.all}. */
const known = new Set<string>();

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

  constructor(text: string) {
    this.#text = text;
    known.add(text);
  }

  /** All tokens and values that this process knows, so that messages can be redacted. */
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

/**
 * Redacts data from outside, such as a name in a list: hides long tokens and values of this process. Searches only for whole
 * ones, because the rest of the data must be kept and most of it is harmless. For messages see redaction.ts.
 */
export function redactData(text: string): string {
  let shown = text;
  for (const secret of Sensitive.all()) {
    if (secret.length >= LONG && shown.includes(secret)) {
      shown = shown.replaceAll(secret, MASK);
    }
  }
  return shown;
}
