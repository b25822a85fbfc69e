/** A mapping from outside, not yet validated. */
export type Mapping = Readonly<Record<string, unknown>>;

export function isMapping(value: unknown): value is Mapping {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Deeper JSON is refused: no service sends it, and writing it takes more stack than there is. */
const MAX_DEPTH = 1000;

/** Parses JSON from outside. Throws a {@linkcode SyntaxError}, whose message may quote the text. */
export function readJson(text: string): unknown {
  if (isDeep(text)) throw new SyntaxError("Nested too deeply");
  return JSON.parse(text);
}

function isDeep(text: string): boolean {
  // Most answers have fewer brackets than that; counting them is much faster than reading them.
  if (text.split("{").length + text.split("[").length <= MAX_DEPTH) return false;
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const character = text.charAt(i);
    if (character === '"') {
      // To the end of a string; a backslash takes the next character along.
      while (++i < text.length && text.charAt(i) !== '"') if (text.charAt(i) === "\\") i++;
    } else if (character === "[" || character === "{") {
      if (++depth > MAX_DEPTH) return true;
    } else if (character === "]" || character === "}") {
      depth--;
    }
  }
  return false;
}

/** JSON; undefined for another text. The message of the parser would quote the text, which may contain a value. */
export function parseJson(text: string): unknown {
  try {
    return readJson(text);
  } catch {
    return undefined;
  }
}

/** Thrown when a field is missing or has the wrong type; `path` is its path, such as `cloud.auth.expires_at`. */
export class InvalidField extends Error {
  override readonly name = "InvalidField";

  constructor(readonly path: string) {
    super(`${path} is missing or invalid`);
  }
}

/**
 * Typed access to a mapping from outside: a file or a response. A null field counts as missing. Every method throws
 * {@link InvalidField} when a field has the wrong type.
 *
 * A schema library would need fewer lines, but takes 2 to 5 % of a common command (docs/decisions/yaml.md).
 *
 * @example
 * ```ts
 * const fields = new Fields({ user: { email: "a@example.com" } });
 * fields.fields("user")?.requiredText("email"); // "a@example.com"
 * ```
 */
export class Fields {
  readonly mapping: Mapping;
  readonly #path: string;

  constructor(mapping: Mapping, path = "") {
    this.mapping = mapping;
    this.#path = path;
  }

  /** A text; undefined when it is missing. */
  text(key: string): string | undefined {
    const value = this.mapping[key] ?? undefined;
    if (value === undefined || typeof value === "string") return value;
    throw new InvalidField(this.pathOf(key));
  }

  /** A required text. */
  requiredText(key: string): string {
    return this.#required(key, this.text(key));
  }

  /** An id: a required text that is not empty. */
  id(key: string): string {
    return this.#required(key, this.text(key) || undefined);
  }

  /** An integer; undefined when it is missing. */
  integer(key: string): number | undefined {
    const value = this.mapping[key] ?? undefined;
    if (value === undefined) return undefined;
    if (typeof value === "number" && Number.isInteger(value)) return value;
    throw new InvalidField(this.pathOf(key));
  }

  /** A required integer. */
  requiredInteger(key: string): number {
    return this.#required(key, this.integer(key));
  }

  /** A boolean; false when it is missing. */
  flag(key: string): boolean {
    const value = this.mapping[key] ?? false;
    if (typeof value === "boolean") return value;
    throw new InvalidField(this.pathOf(key));
  }

  /** An address; undefined when it is missing or empty. */
  address(key: string): string | undefined {
    const value = this.text(key) || undefined;
    if (value === undefined || URL.canParse(value)) return value;
    throw new InvalidField(this.pathOf(key));
  }

  /** A required address. */
  requiredAddress(key: string): string {
    return this.#required(key, this.address(key));
  }

  /** A nested mapping; undefined when it is missing. */
  fields(key: string): Fields | undefined {
    const value = this.mapping[key] ?? undefined;
    if (value === undefined) return undefined;
    if (!isMapping(value)) throw new InvalidField(this.pathOf(key));
    return new Fields(value, this.pathOf(key));
  }

  /** A required nested mapping. */
  requiredFields(key: string): Fields {
    return this.#required(key, this.fields(key));
  }

  /** A list of mappings; undefined when it is missing. */
  list(key: string): Fields[] | undefined {
    const value = this.mapping[key] ?? undefined;
    if (value === undefined) return undefined;
    if (!Array.isArray(value)) throw new InvalidField(this.pathOf(key));
    const path = this.pathOf(key);
    return value.map((item: unknown, i) => {
      if (!isMapping(item)) throw new InvalidField(`${path}.${i}`);
      return new Fields(item, `${path}.${i}`);
    });
  }

  /** A required list of mappings. */
  requiredList(key: string): Fields[] {
    return this.#required(key, this.list(key));
  }

  /** A list of texts; undefined when it is missing. */
  texts(key: string): string[] | undefined {
    const value = this.mapping[key] ?? undefined;
    if (value === undefined) return undefined;
    if (!Array.isArray(value)) throw new InvalidField(this.pathOf(key));
    return value.map((item: unknown, i) => {
      if (typeof item !== "string") throw new InvalidField(`${this.pathOf(key)}.${i}`);
      return item;
    });
  }

  /** A required list of texts. */
  requiredTexts(key: string): string[] {
    return this.#required(key, this.texts(key));
  }

  /** The path of a field, for {@link InvalidField}. */
  pathOf(key: string): string {
    return this.#path === "" ? key : `${this.#path}.${key}`;
  }

  #required<T>(key: string, value: T | undefined): T {
    if (value === undefined) throw new InvalidField(this.pathOf(key));
    return value;
  }
}
