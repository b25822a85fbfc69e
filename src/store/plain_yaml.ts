/** A mapping of texts, nulls and mappings. */
export interface PlainMapping {
  [key: string]: string | null | PlainMapping;
}

/**
 * Reads the small part of YAML that credentials are written in, by us and by the Python CLI: mappings in block style whose
 * values are mappings, `null`, or texts of one line that cannot be anything else. The YAML library takes longer than all
 * else that a common command does, so it is loaded only for files that go beyond this.
 *
 * @returns what a YAML parser reads, or undefined when the source has to be given to one.
 *
 * @example
 * ```ts
 * readPlainYaml("cloud:\n  user:\n    email: a@example.com\n"); // { cloud: { user: { email: "a@example.com" } } }
 * readPlainYaml("cloud: [1]\n"); // undefined
 * ```
 */
export function readPlainYaml(source: string): PlainMapping | undefined {
  const lines = source.replace(/\n$/, "").split("\n");
  let at = 0;

  const readMapping = (indent: string): PlainMapping | undefined => {
    const mapping: PlainMapping = {};
    while (at < lines.length) {
      const [, spaces, key, written] = LINE.exec(lines[at] ?? "") ?? [];
      if (spaces !== indent) break;
      if (key === undefined || RESERVED.test(key) || Object.hasOwn(mapping, key)) return undefined;
      at++;
      const deeper = /^ */.exec(lines[at] ?? "")?.[0] ?? "";
      const value = written !== undefined
        ? readScalar(written)
        : deeper.length > indent.length
        ? readMapping(deeper)
        : undefined;
      if (value === undefined) return undefined;
      mapping[key] = value;
    }
    return mapping;
  };

  const root = readMapping("");
  // What is left is indented in a way that a parser has to judge.
  return at === lines.length ? root : undefined;
}

const LINE = /^( *)([A-Za-z][\w.-]*):(?: (\S.*))?$/;
/** Words that YAML 1.1 or 1.2 reads as something else than a text. */
const RESERVED = /^(?:y|n|yes|no|on|off|true|false|null)$/i;
/** In single quotes only a quote is special (YAML 1.2, 7.3.2). */
const QUOTED = /^'((?:[ -&(-~]|'')*)'$/;
/** Begins with a letter, so it is no number and no time; has nothing that YAML gives a meaning. */
const PLAIN = /^[A-Za-z](?:[\w@/+=.,()-]|[ :](?=[\w@/+=.,()-]))*$/;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function readScalar(written: string): string | null | undefined {
  if (written === "null") return null;
  const quoted = QUOTED.exec(written)?.[1];
  if (quoted !== undefined) return quoted.replaceAll("''", "'");
  const plain = UUID.test(written) || (PLAIN.test(written) && !RESERVED.test(written));
  return plain ? written : undefined;
}
