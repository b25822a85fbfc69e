/** What stands in the place of a token or a value wherever one would be printed. */
export const MASK = "[hidden]";

/** The texts of all tokens and values of this process, for {@link Sensitive.all}. */
const known = new Set<string>();

/**
 * A token or a secret value. Printing, interpolating, inspecting or serializing it gives {@link MASK}; only
 * `reveal()` gives the text, so that every place where it leaves the program can be found by that name.
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

  /** Every token and value that this process came to know, so that none of them leaves it in a message. */
  static all(): ReadonlySet<string> {
    return known;
  }

  reveal(): string {
    return this.#text;
  }

  /** The number of Unicode characters, which may be told. */
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
