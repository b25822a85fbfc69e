/**
 * Edits single tables of a TOML file and keeps every byte of the others: their order, their comments, and the notation of
 * their values, which JavaScript parsers do not preserve.
 */

import { stringify, type TomlTable, type TomlValue } from "smol-toml";
import { NotToml, parseToml } from "./toml.ts";

/**
 * Sets keys of a top-level table, or removes them if undefined. A missing table is added at the end. Other keys of the table
 * are kept; only a table without its own header (`name = { … }`) is rewritten. Throws {@link NotToml}.
 *
 * @example
 * ```ts
 * editTable('[a]\nx = 1 # one\n', "a", { y: "z" }); // '[a]\nx = 1 # one\ny = "z"\n'
 * ```
 */
export function editTable(
  source: string,
  name: string,
  changes: Readonly<Record<string, TomlValue | undefined>>,
): string {
  const document = parseToml(source);
  const sections = sectionsOf(source);
  const own = sections.find(({ path }) => path.length === 1 && path[0] === name);
  const wanted = defined({ ...tableOf(document, name), ...changes });
  if (own) own.statements = editStatements(own.statements, changes);
  const edited = own
    ? join(sections)
    : appended(without(sections, new Set([name])), toToml({ [name]: wanted }));
  return checked(edited, { ...document, [name]: wanted });
}

/** Removes top-level tables, with the comments directly above their headers. Throws {@link NotToml}. */
export function removeTables(source: string, names: ReadonlySet<string>): string {
  const kept = Object.entries(parseToml(source)).filter(([name]) => !names.has(name));
  return checked(without(sectionsOf(source), names), Object.fromEntries(kept));
}

/** The fewest lines that are valid TOML: a header, a value, a comment, or a blank line. */
export interface Statement {
  readonly source: string;
  readonly kind: "header" | "value" | "other";
  readonly content: TomlTable;
}

/** A header and its content. The first section precedes all headers and has an empty path. */
export interface Section {
  readonly path: readonly string[];
  statements: readonly Statement[];
}

export function sectionsOf(source: string): Section[] {
  const sections: { path: readonly string[]; statements: Statement[] }[] = [
    { path: [], statements: [] },
  ];
  for (const statement of statementsOf(source)) {
    const current = sections.at(-1)?.statements ?? [];
    if (statement.kind !== "header") {
      current.push(statement);
      continue;
    }
    // Comments directly above a header belong to it, except at the top of the file.
    const lastOther = current.findLastIndex(({ source }) => !source.trimStart().startsWith("#"));
    const above = sections.length > 1 ? current.splice(lastOther + 1) : [];
    sections.push({ path: pathOf(statement.content), statements: [...above, statement] });
  }
  return sections;
}

/** Lines that may end a multi-line value, because they close a string, an array or a table. */
const CLOSING = /"""|'''|[\]}]/;
/** The maximum number of characters to parse while splitting a source; more means that a value has too many lines. */
const MAX_PARSED = 32 * 1024 * 1024;

/** Splits a source into statements. Lines that parse as a document stay one, whatever follows them. */
function statementsOf(source: string): Statement[] {
  const statements: Statement[] = [];
  let open = "";
  let parsed = 0;
  for (const [i, line] of (source.match(/[^\n]*\n|[^\n]+$/g) ?? []).entries()) {
    const mayEnd = open === "" || CLOSING.test(line);
    open += line;
    if (!mayEnd) continue;
    parsed += open.length;
    if (parsed > MAX_PARSED) throw new NotToml(i + 1, "is part of a value with too many lines");
    const content = parseIfComplete(open);
    if (!content) continue;
    const kind = open.trimStart().startsWith("[")
      ? "header"
      : Object.keys(content).length > 0
      ? "value"
      : "other";
    statements.push({ source: open, kind, content });
    open = "";
  }
  return statements;
}

function parseIfComplete(source: string): TomlTable | undefined {
  try {
    return parseToml(source);
  } catch (error) {
    if (error instanceof NotToml) return undefined;
    throw error;
  }
}

/** The names in a header, which parses to nested tables, or to an array for `[[…]]`. */
function pathOf(header: TomlTable): string[] {
  return Object.entries(header).flatMap(([name, within]) =>
    isTable(within) ? [name, ...pathOf(within)] : [name]
  );
}

function editStatements(
  statements: readonly Statement[],
  changes: Readonly<Record<string, TomlValue | undefined>>,
): Statement[] {
  const missing = new Set(Object.keys(changes));
  const edited: Statement[] = [];
  for (const statement of statements) {
    const [key = ""] = statement.kind === "value" ? Object.keys(statement.content) : [];
    if (!Object.hasOwn(changes, key)) {
      edited.push(statement);
      continue;
    }
    const value = changes[key];
    if (missing.delete(key) && value !== undefined) edited.push(withValue(statement, key, value));
  }
  const end = edited.findLastIndex(({ kind }) => kind !== "other") + 1;
  const added = [...missing].flatMap((key) => {
    const value = changes[key];
    return value === undefined ? [] : [statementOf(key, value)];
  });
  const before = edited.slice(0, end).map(endingInNewline);
  return [...before, ...added, ...edited.slice(end)];
}

/** Sets a value. An equal value keeps the statement with its notation and comment. */
function withValue(statement: Statement, key: string, value: TomlValue): Statement {
  const isSame = toToml({ [key]: value }) === toToml(statement.content);
  return isSame ? statement : statementOf(key, value);
}

function statementOf(key: string, value: TomlValue): Statement {
  const content = { [key]: value };
  return { source: toToml(content), kind: "value", content };
}

function endingInNewline(statement: Statement): Statement {
  return statement.source.endsWith("\n")
    ? statement
    : { ...statement, source: `${statement.source}\n` };
}

function without(sections: readonly Section[], names: ReadonlySet<string>): string {
  const kept = sections.filter(({ path: [first] }) => first === undefined || !names.has(first));
  return join(kept.map(({ path, statements }) => ({
    path,
    statements: path.length > 0
      ? statements
      : statements.filter(({ content }) => !Object.keys(content).some((key) => names.has(key))),
  })));
}

export function join(sections: readonly Section[]): string {
  return sections.flatMap(({ statements }) => statements.map(({ source }) => source)).join("");
}

function appended(source: string, text: string): string {
  return source.trim() === "" ? source + text : `${source.replace(/(?<!\n)\n*$/, "\n\n")}${text}`;
}

/** Verifies that the edited source parses to the wanted content. */
function checked(source: string, wanted: TomlTable): string {
  const got = parseToml(source);
  const names = Object.keys(wanted);
  const isAsWanted = names.length === Object.keys(got).length && names.every((name) => {
    const [value, other] = [wanted[name], got[name]];
    return value !== undefined && other !== undefined &&
      toToml({ [name]: value }) === toToml({ [name]: other });
  });
  if (!isAsWanted) throw new Error("An edited TOML file does not have the wanted content");
  return source;
}

function toToml(table: TomlTable): string {
  return stringify(table, { numbersAsFloat: true });
}

function tableOf(document: TomlTable, name: string): TomlTable {
  const table = Object.hasOwn(document, name) ? document[name] : undefined;
  return table !== undefined && isTable(table) ? table : {};
}

function isTable(value: TomlValue): value is TomlTable {
  return typeof value === "object" && !Array.isArray(value) && !(value instanceof Date);
}

function defined(table: Readonly<Record<string, TomlValue | undefined>>): TomlTable {
  const entries = Object.entries(table).flatMap(([key, value]) =>
    value === undefined ? [] : [[key, value] as const]
  );
  return Object.fromEntries(entries);
}
