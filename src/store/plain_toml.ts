/** Tables of texts and of lists of texts, by their names. */
export interface PlainDocument {
  [name: string]: PlainTable;
}

export interface PlainTable {
  [key: string]: string | string[];
}

/**
 * Reads the small part of TOML that identities are written in, by us and by Muse: tables that are named like hosts,
 * with texts and lists of texts that have no escapes, each on one line. The TOML library takes 2 ms to load, so it is loaded
 * only for files that go beyond this.
 *
 * @returns what a TOML parser reads, or undefined when the source has to be given to one.
 *
 * @example
 * ```ts
 * readPlainToml('["a.example"]\nname = "A"\n'); // { "a.example": { name: "A" } }
 * readPlainToml("n = 1\n"); // undefined
 * ```
 */
export function readPlainToml(source: string): PlainDocument | undefined {
  const document: PlainDocument = Object.create(null);
  let table: PlainTable | undefined;
  for (const line of source.split("\n")) {
    if (NOTHING.test(line)) continue;
    const header = HEADER.exec(line);
    const [, key, text, list = ""] = VALUE.exec(line) ?? [];
    if (header) {
      const name = header[1] ?? header[2] ?? "";
      if (Object.hasOwn(document, name)) return undefined;
      document[name] = table = Object.create(null);
    } else if (table && key !== undefined && !Object.hasOwn(table, key)) {
      // Between two quotes there is a text, and between two texts there is a comma.
      table[key] = text ?? list.split('"').filter((_, i) => i % 2 === 1);
    } else {
      return undefined;
    }
  }
  return document;
}

/** A blank line, or a comment. */
// deno-lint-ignore no-control-regex
const NOTHING = /^(?:#[^\x00-\x08\x0a-\x1f\x7f]*)?$/;
const HEADER = /^\[(?:"([\w.:[\]-]+)"|([\w-]+))\]$/;
/** A key with a text, or with a list of texts. */
const VALUE =
  // deno-lint-ignore no-control-regex
  /^(\w+) = (?:"([^"\\\x00-\x1f\x7f]*)"|\[ ?((?:"[^"\\\x00-\x1f\x7f]*"(?:, (?=")|(?= ?\]$)))*) ?\])$/;
