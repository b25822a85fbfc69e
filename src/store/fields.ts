/** A mapping from outside, of which nothing is known yet. */
export type Mapping = Readonly<Record<string, unknown>>;

export function isMapping(value: unknown): value is Mapping {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Thrown when a field is missing or of another kind; `place` is its path, such as `cloud.auth.expires_at`. */
export class WrongField extends Error {
  override readonly name = "WrongField";

  constructor(readonly place: string) {
    super(`${place} is missing or wrong`);
  }
}

/**
 * Typed access to a mapping from a file. A schema library would say the same in fewer lines, but takes longer to load than
 * a common command may.
 */
export class Fields {
  readonly mapping: Mapping;
  readonly #place: string;

  constructor(mapping: Mapping, place = "") {
    this.mapping = mapping;
    this.#place = place;
  }

  /** A text; undefined when there is none. Throws {@link WrongField} when it is something else. */
  text(key: string): string | undefined {
    const value = this.mapping[key] ?? undefined;
    if (value === undefined || typeof value === "string") return value;
    throw new WrongField(this.#placeOf(key));
  }

  /** A text that has to be there. Throws {@link WrongField} otherwise. */
  requiredText(key: string): string {
    const value = this.text(key);
    if (value === undefined) throw new WrongField(this.#placeOf(key));
    return value;
  }

  /** A mapping within; undefined when there is none. Throws {@link WrongField} when it is something else. */
  fields(key: string): Fields | undefined {
    const value = this.mapping[key] ?? undefined;
    if (value === undefined) return undefined;
    if (!isMapping(value)) throw new WrongField(this.#placeOf(key));
    return new Fields(value, this.#placeOf(key));
  }

  #placeOf(key: string): string {
    return this.#place === "" ? key : `${this.#place}.${key}`;
  }
}
