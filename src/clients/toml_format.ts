/** Edits the table of one server in a TOML file, however it is written there, and keeps every byte of the rest. */

import { stringify, type TomlTable, type TomlValue } from "smol-toml";
import { isMapping, type Mapping } from "../contract/fields.ts";
import { NotToml, parseToml } from "../store/toml.ts";
import { join, type Section, sectionsOf, type Statement } from "../store/toml_tables.ts";
import { BrokenText, type Format, lineEndOf, MASK, SECRET_KEYS } from "./format.ts";

/** The format of a TOML file, with the servers in a table at the top. */
export function tomlFormat([key = ""]: readonly string[]): Format {
  return {
    entries(text) {
      const servers = parse(text)[key];
      if (servers === undefined) return new Map();
      if (!isTable(servers)) throw new BrokenText(lineOf(text, key), `\`${key}\` is not a table`);
      return new Map(Object.entries(servers));
    },
    set(text, name, entry) {
      const before = parse(text);
      return checked(set(text, before, [key, name], entry), { before, key, name, entry });
    },
    remove(text, name) {
      const before = parse(text);
      const { text: rest, at } = remove(text, [key, name]);
      const tidy = at === undefined ? rest : joined(rest.slice(0, at), rest.slice(at));
      return checked(tidy, { before, key, name, entry: undefined });
    },
    masked: (text, shown) => mask(text, shown === undefined ? undefined : [key, shown]),
  };
}

function parse(text: string): TomlTable {
  try {
    return parseToml(text);
  } catch (error) {
    throw error instanceof NotToml ? new BrokenText(error.line, "it is not valid TOML") : error;
  }
}

/** The line that mentions a key first. */
function lineOf(text: string, key: string): number {
  return text.split("\n").findIndex((line) => line.includes(key)) + 1;
}

type Path = readonly [key: string, name: string];

function set(text: string, before: TomlTable, path: Path, entry: Mapping): string {
  const [key, name] = path;
  const eol = lineEndOf(text);
  const table = stringify({ [key]: { [name]: toTable(entry) } }).trimEnd().replaceAll("\n", eol) +
    eol;
  const { text: others, at } = remove(text, path);
  const sections = sectionsOf(others);
  const inline = inlineTable(sections, key);
  if (inline !== undefined) {
    const edited = { ...inline, source: withInline(inline, name, entry) };
    const replaced = (one: Statement) => one === inline ? edited : one;
    return join(sections.map(({ path, statements }) => ({
      path,
      statements: statements.map(replaced),
    })));
  }
  if (at !== undefined && isOpenAt(others, at)) {
    return others.slice(0, at) + table + others.slice(at);
  }
  if (before[key] !== undefined && !isTable(before[key])) {
    throw new BrokenText(lineOf(text, key), `\`${key}\` is not a table`);
  }
  const ended = others === "" || others.endsWith("\n") ? others : others + eol;
  const gap = ended.trim() === "" || /\n\r?\n$/.test(ended) ? "" : eol;
  return ended + gap + table;
}

/** Whether a table can stand at a position: what follows must start with a header, or be the end. */
function isOpenAt(text: string, at: number): boolean {
  const [top] = sectionsOf(text.slice(at));
  return top?.statements.every(({ kind }) => kind !== "value") ?? true;
}

function isScalar(value: unknown): value is Exclude<TomlValue, TomlTable | TomlValue[]> {
  return ["string", "number", "bigint", "boolean"].includes(typeof value) || value instanceof Date;
}

function toTable(entry: Mapping): TomlTable {
  const values = Object.entries(entry).map(([key, value]) => [key, toToml(value)] as const);
  return Object.fromEntries(values);
}

/** A value for TOML: what came from JSON or from TOML. */
function toToml(value: unknown): TomlValue {
  if (Array.isArray(value)) return value.map(toToml);
  if (isMapping(value) && !(value instanceof Date)) return toTable(value);
  if (isScalar(value)) return value;
  throw new Error("A value that TOML cannot have");
}

/**
 * Removes everything that belongs to a table: its own headers, the headers of its tables, and dotted keys.
 *
 * @returns the rest, and where the table was.
 */
function remove(text: string, path: Path): { text: string; at: number | undefined } {
  let result = "";
  let at: number | undefined;
  const sections = sectionsOf(text);
  const inline = inlineTable(sections, path[0]);
  for (const section of sections) {
    if (startsWith(section.path, path)) {
      const values = section.statements.findLastIndex(({ kind }) => kind !== "other") + 1;
      const above = section.statements.findIndex(({ kind }) => kind === "header");
      // Comments above a header are kept: they may be about more than this table.
      result += sourceOf(section.statements.slice(0, above));
      at ??= result.length;
      result += sourceOf(section.statements.slice(values));
      continue;
    }
    for (const statement of section.statements) {
      const isBelow = section.path.length < path.length && startsWith(path, section.path);
      if (statement === inline) result += withoutInline(statement, path[1]);
      else if (!isBelow || !belongs(statement, path.slice(section.path.length))) {
        result += statement.source;
      }
    }
  }
  return { text: result, at };
}

/** What was around a table, with one blank line between and none at the end. */
function joined(before: string, after: string): string {
  if (!/(?:^|\n)\r?\n$/.test(before)) return before + after;
  return after === "" ? before.replace(/\r?\n$/, "") : before + after.replace(/^\r?\n/, "");
}

function sourceOf(statements: readonly Statement[]): string {
  return join([{ path: [], statements }]);
}

function startsWith(path: readonly string[], start: readonly string[]): boolean {
  return start.every((part, i) => path[i] === part);
}

/** Whether a statement of a section is about a path below it. */
function belongs({ kind, content }: Statement, path: readonly string[]): boolean {
  if (kind !== "value") return false;
  let table: TomlValue = content;
  for (const part of path) {
    if (!isTable(table) || !Object.hasOwn(table, part)) return false;
    table = table[part] ?? "";
  }
  return true;
}

/** The statement `key = { … }` at the top of a file, to which no header can add a table. */
function inlineTable([top]: readonly Section[], key: string): Statement | undefined {
  return top?.statements.find(({ kind, content, source }) =>
    kind === "value" && isTable(content[key] ?? "") &&
    parse(`${VALUE.exec(source)?.[1] ?? ""} 1`)[key] === 1n // else it has dots
  );
}

/** An inline table with another entry. */
function withInline({ source }: Statement, name: string, entry: Mapping): string {
  const { close, parts } = inlineParts(source);
  const value = `${keyOf(name)} = ${inlineValue(toToml(entry))}`;
  const content = source.slice(0, close).trimEnd();
  return `${content}${parts.length === 0 || content.endsWith(",") ? "" : ","} ${value} ${
    source.slice(close)
  }`;
}

/** An inline table without an entry. */
function withoutInline({ source }: Statement, name: string): string {
  const { open, close, parts } = inlineParts(source);
  const kept = parts.filter((part) => !Object.hasOwn(parse(part.trim()), name));
  if (kept.length === parts.length) return source;
  return source.slice(0, open + 1) + kept.join(",") + source.slice(close);
}

function keyOf(name: string): string {
  return stringify({ [name]: 1 }).replace(/ = 1\s*$/, "");
}

function inlineValue(value: TomlValue): string {
  if (Array.isArray(value)) return `[${value.map(inlineValue).join(", ")}]`;
  if (!isTable(value)) return stringify({ a: value }).slice("a = ".length).trimEnd();
  const parts = Object.entries(value).map(([key, inner]) =>
    `${keyOf(key)} = ${inlineValue(inner)}`
  );
  return `{ ${parts.join(", ")} }`;
}

/** The texts between the commas of an inline table, and where its braces are. */
function inlineParts(source: string): { open: number; close: number; parts: string[] } {
  const tokens = source.matchAll(
    /"""[^]*?"""|'''[^]*?'''|"(?:\\.|[^"\\\n])*"|'[^'\n]*'|#[^\n]*|[{}[\],]/g,
  );
  let depth = 0;
  let open = -1;
  let from = 0;
  const parts: string[] = [];
  for (const { 0: token, index } of tokens) {
    if (token === "{" || token === "[") {
      if (depth++ === 0) [open, from] = [index, index + 1];
    } else if (token === "}" || token === "]") {
      if (--depth > 0) continue;
      if (source.slice(from, index).trim() !== "") parts.push(source.slice(from, index));
      return { open, close: index, parts };
    } else if (token === "," && depth === 1) {
      parts.push(source.slice(from, index));
      from = index + 1;
    }
  }
  throw new Error("An inline table has no end");
}

/** Requires that a text has the wanted entry, and is otherwise unchanged. */
function checked(
  text: string,
  { before, key, name, entry }: {
    readonly before: TomlTable;
    readonly key: string;
    readonly name: string;
    readonly entry: Mapping | undefined;
  },
): string {
  const after = parse(text);
  const tables = (document: TomlTable) => {
    const { [key]: servers = {}, ...others } = document;
    const { [name]: own, ...rest } = isTable(servers) ? servers : {};
    return {
      own: own === undefined ? undefined : toText({ own }),
      rest: toText({ ...others, ...(Object.keys(rest).length > 0 && { [key]: rest }) }),
    };
  };
  const [old, now] = [tables(before), tables(after)];
  const wanted = entry && toText({ own: toTable(entry) });
  if (now.own === wanted && now.rest === old.rest) return text;
  throw new Error("An edited TOML file does not have the wanted content");
}

/** A table as text, the same for all orders of its keys. */
function toText(table: TomlTable): string {
  const sorted = (value: TomlValue): TomlValue =>
    Array.isArray(value) ? value.map(sorted) : isTable(value)
      ? Object.fromEntries(
        Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1)
          .map(([key, inner]) => [key, sorted(inner)]),
      )
      : value;
  return stringify(sorted(table) as TomlTable, { numbersAsFloat: true });
}

function isTable(value: TomlValue): value is TomlTable {
  return typeof value === "object" && !Array.isArray(value) && !(value instanceof Date);
}

/** Masks all values and comments, except in one table. */
function mask(text: string, shown: readonly string[] | undefined): string {
  return sectionsOf(text).flatMap(({ path, statements }) => {
    const isShown = shown !== undefined && startsWith(path, shown) &&
      !path.slice(shown.length).some((part) => SECRET_KEYS.has(part));
    return statements.map((statement) => isShown ? statement.source : maskStatement(statement));
  }).join("");
}

function maskStatement({ kind, source }: Statement): string {
  if (kind === "header") return source;
  const [, name = ""] = kind === "value" ? VALUE.exec(source) ?? [] : [];
  return source.split("\n").map((line, i) => {
    if (line.trim() === "") return line;
    if (kind === "other") return "# …";
    return i === 0 ? `${name} "${MASK}"` : `"${MASK}"`;
  }).join("\n");
}

/** The key of a statement, up to the equals sign. */
const VALUE = /^((?:"(?:\\.|[^"\\\n])*"|'[^'\n]*'|[^="'\n])*=)/;
