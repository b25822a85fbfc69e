/** A mapping of texts, whole numbers, nulls and mappings. */
export interface PlainMapping {
  [key: string]: string | number | null | PlainMapping;
}

/**
 * Parses the subset of YAML that this program and the Python CLI write: block mappings whose values are mappings, `null`,
 * whole numbers, or unambiguous strings on one line. The YAML library would make a common command 30 % slower, so it is
 * loaded only for other files (docs/decisions/yaml.md).
 *
 * @returns what a YAML parser would return, or undefined when the source needs one.
 *
 * @example
 * ```ts
 * readPlainYaml("cloud:\n  user:\n    email: a@example.com\n"); // { cloud: { user: { email: "a@example.com" } } }
 * readPlainYaml("cloud: [1]\n"); // undefined
 * ```
 */
export function readPlainYaml(source: string): PlainMapping | undefined {
  const lines = source.replace(/\n$/, "").split("\n").map((line) => LINE.exec(line));
  let at = 0;

  const readMapping = (indent: string): PlainMapping | undefined => {
    const mapping: PlainMapping = {};
    while (at < lines.length) {
      const [, spaces, key, written] = lines[at] ?? [];
      if (spaces !== indent) break;
      if (key === undefined || isReserved(key) || Object.hasOwn(mapping, key)) return undefined;
      at++;
      const deeper = lines[at]?.[1] ?? "";
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
  // Lines are left over only if the indentation needs a real parser.
  return at === lines.length ? root : undefined;
}

const LINE = /^( *)([A-Za-z][\w.-]*):(?: (\S.*))?$/;
/** Words that YAML 1.1 or 1.2 does not read as a string. */
const RESERVED = new Set(["y", "n", "yes", "no", "on", "off", "true", "false", "null"]);
const isReserved = (word: string) => RESERVED.has(word.toLowerCase());
/** In single quotes only a quote is special (YAML 1.2, 7.3.2). */
const QUOTED = /^'((?:[ -&(-~]|'')*)'$/;
/** Starts with a letter, so it is neither a number nor a time; contains no YAML syntax. */
const PLAIN = /^[A-Za-z](?:[\w@/+=.,()-]|[ :](?=[\w@/+=.,()-]))*$/;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Other notations of numbers differ between YAML 1.1 and 1.2. */
const NUMBER = /^(?:0|[1-9]\d{0,14})$/;

function readScalar(written: string): string | number | null | undefined {
  if (written === "null") return null;
  if (NUMBER.test(written)) return Number(written);
  const quoted = QUOTED.exec(written)?.[1];
  if (quoted !== undefined) return quoted.replaceAll("''", "'");
  const isPlain = PLAIN.test(written) ? !isReserved(written) : UUID.test(written);
  return isPlain ? written : undefined;
}
