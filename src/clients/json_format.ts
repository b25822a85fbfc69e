/**
 * Edits one entry of a JSON file, with or without comments, and keeps every byte of the rest. `modify` of jsonc-parser would
 * reformat the neighbors and silently repair broken files, so the library only reads.
 */

import {
  createScanner,
  type Node,
  type ParseError,
  parseTree,
  printParseErrorCode,
} from "jsonc-parser";
import type { Mapping } from "../contract/fields.ts";
import type { Syntax } from "./clients.ts";
import {
  BrokenText,
  type Format,
  lineAt,
  lineEndOf,
  MASK,
  type Notation,
  SECRET_KEYS,
} from "./format.ts";

/** The format of a JSON file. */
export function jsonFormat({ syntax, key, otherKey }: Notation): Format {
  const open = (text: string) => {
    const root = parse(text, syntax);
    const other = otherKey && root && follow(text, root, otherKey).rest.length === 0;
    return { root, path: other ? otherKey : key };
  };
  return {
    entries(text) {
      const { root, path } = open(text);
      if (root === undefined) return new Map();
      const { node, rest } = follow(text, root, path);
      if (rest.length > 0) return new Map();
      return new Map(propertiesOf(node).map(({ name, value }) => [name, plain(value)]));
    },
    set(text, name, entry) {
      const { root, path } = open(text);
      const edited = set(text, root, { path, name, entry });
      return checked(edited, { syntax, root, path, name, entry });
    },
    remove(text, name) {
      const { root, path } = open(text);
      const edited = root ? remove(text, root, { path, name }) : text;
      return checked(edited, { syntax, root, path, name, entry: undefined });
    },
    masked(text, shown) {
      const { root, path } = open(text);
      return mask(text, root, shown === undefined ? undefined : [...path, shown]);
    },
  };
}

interface Property {
  readonly node: Node;
  readonly name: string;
  readonly value: Node;
}

/** Parses a text; undefined for one without any value. */
function parse(text: string, syntax: Syntax): Node | undefined {
  const errors: ParseError[] = [];
  let root: Node | undefined;
  try {
    root = parseTree(text, errors, {
      disallowComments: syntax === "json",
      allowTrailingComma: syntax === "jsonc",
      allowEmptyContent: true,
    });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error; // the stack
    throw new BrokenText(1, "it is nested too deeply");
  }
  const [first] = errors;
  if (first !== undefined) {
    throw new BrokenText(
      lineAt(text, first.offset),
      PROBLEMS[printParseErrorCode(first.error)] ?? BROKEN,
    );
  }
  if (root !== undefined && root.type !== "object") {
    throw new BrokenText(lineAt(text, root.offset), "it is not a JSON object");
  }
  return root;
}

const BROKEN = "it is not valid JSON";
const PROBLEMS: Readonly<Record<string, string>> = {
  InvalidCommentToken: "the client reads no comments in this file",
  PropertyNameExpected: "a name is missing, or a comma is too much",
  ValueExpected: "a value is missing, or a comma is too much",
  CommaExpected: "a comma is missing",
  ColonExpected: "a colon is missing",
  CloseBraceExpected: "a closing brace is missing",
  CloseBracketExpected: "a closing bracket is missing",
  EndOfFileExpected: "there is more after the end",
};

function propertiesOf(node: Node): Property[] {
  return (node.children ?? []).flatMap((property) => {
    const [key, value] = property.children ?? [];
    return key && value ? [{ node: property, name: String(key.value), value }] : [];
  });
}

/** The property with a name. Refuses a second one, of which clients would read only the last. */
function findProperty(text: string, object: Node, name: string): Property | undefined {
  const [found, again] = propertiesOf(object).filter((property) => property.name === name);
  if (again === undefined) return found;
  throw new BrokenText(lineAt(text, again.node.offset), `\`${name}\` is listed twice`);
}

/** Follows a path while there are objects. */
function follow(text: string, root: Node, path: readonly string[]) {
  let node = root;
  for (const [i, name] of path.entries()) {
    const property = findProperty(text, node, name);
    if (property === undefined) return { node, rest: path.slice(i) };
    if (property.value.type !== "object") {
      throw new BrokenText(lineAt(text, property.value.offset), `\`${name}\` is not an object`);
    }
    node = property.value;
  }
  return { node, rest: [] };
}

/** The value of a node. If a name is listed twice, the last value counts. */
function plain(node: Node): unknown {
  if (node.type === "array") return (node.children ?? []).map(plain);
  if (node.type !== "object") return node.value;
  return Object.fromEntries(propertiesOf(node).map(({ name, value }) => [name, plain(value)]));
}

interface Change {
  readonly path: readonly string[];
  readonly name: string;
  readonly entry: Mapping;
}

/** How new lines are written. */
interface Style {
  readonly eol: string;
  /** What one level is indented with. */
  readonly unit: string;
  /** Whether the whole text is on one line. */
  readonly isCompact: boolean;
}

function set(text: string, root: Node | undefined, { path, name, entry }: Change): string {
  const style = styleOf(text, root);
  if (root === undefined) {
    const before = text.trim() === "" ? "" : text.replace(/(?<!\n)$/, style.eol);
    return `${before}${written(nested([...path, name], entry), "", style)}${style.eol}`;
  }
  const { node, rest: [missing, ...deeper] } = follow(text, root, path);
  if (missing !== undefined) {
    return insert(text, node, { name: missing, value: nested([...deeper, name], entry) }, style);
  }
  const property = findProperty(text, node, name);
  if (property === undefined) return insert(text, node, { name, value: entry }, style);
  const { offset, length } = property.value;
  const start = lineStart(text, property.node.offset);
  const indent = text.slice(start, property.node.offset);
  const value = indent.trim() === "" && !style.isCompact
    ? written(entry, indent, style)
    : JSON.stringify(entry);
  return text.slice(0, offset) + value + text.slice(offset + length);
}

function nested(path: readonly string[], entry: Mapping): Mapping {
  return path.reduceRight((inner, key) => ({ [key]: inner }), entry);
}

function styleOf(text: string, root: Node | undefined): Style {
  const first = root?.children?.[0];
  const outer = root ? indentAt(text, root.offset) : "";
  const inner = first ? indentAt(text, first.offset) : "";
  return {
    eol: lineEndOf(text),
    unit: inner.startsWith(outer) && inner !== outer ? inner.slice(outer.length) : "  ",
    isCompact: first !== undefined && !text.trim().includes("\n"),
  };
}

/** The whitespace at the start of the line of a position. */
function indentAt(text: string, offset: number): string {
  return /^[ \t]*/.exec(text.slice(lineStart(text, offset)))?.[0] ?? "";
}

function lineStart(text: string, offset: number): number {
  return text.lastIndexOf("\n", offset - 1) + 1;
}

/** A value as JSON, whose first line follows something that is indented. */
function written(value: unknown, indent: string, { eol, unit, isCompact }: Style): string {
  if (isCompact) return JSON.stringify(value);
  return JSON.stringify(value, null, unit).replaceAll("\n", `${eol}${indent}`);
}

/** Adds a property behind all others of an object, and behind their comments. */
function insert(
  text: string,
  object: Node,
  { name, value }: { readonly name: string; readonly value: unknown },
  style: Style,
): string {
  const close = object.offset + object.length - 1;
  const contentEnd = text.slice(0, close).trimEnd().length;
  const last = object.children?.at(-1);
  const [first] = object.children ?? [];
  const body = (indent: string) =>
    `${JSON.stringify(name)}:${style.isCompact ? "" : " "}${written(value, indent, style)}`;
  const outer = indentAt(text, object.offset);
  if (last === undefined || first === undefined) {
    if (style.isCompact) return text.slice(0, contentEnd) + body("") + text.slice(contentEnd);
    const space = text.slice(contentEnd, close);
    const end = space.includes("\n") ? space : style.eol + outer;
    const inner = outer + style.unit;
    return `${text.slice(0, contentEnd)}${style.eol}${inner}${body(inner)}${end}` +
      text.slice(close);
  }
  const end = last.offset + last.length;
  const hasComma = commaAt(text, end) !== undefined;
  const before = text.slice(lineStart(text, first.offset), first.offset);
  const isFirstOnLine = before.trim() === "";
  // Behind a comment to the end of its line, only a new line is outside of it.
  const isOnLines = !style.isCompact &&
    (isFirstOnLine || text.slice(end, contentEnd).includes("//"));
  const indent = isFirstOnLine ? before : outer + style.unit;
  const gap = isOnLines ? style.eol + indent : /\s/.test(text.charAt(object.offset + 1)) ? " " : "";
  return text.slice(0, end) + (hasComma ? "" : ",") + text.slice(end, contentEnd) +
    gap + (isOnLines ? body(indent) : compact(name, value)) + (hasComma ? "," : "") +
    text.slice(contentEnd);
}

function compact(name: string, value: unknown): string {
  return `${JSON.stringify(name)}:${JSON.stringify(value)}`;
}

/** Where the comma is that follows a position, behind whitespace and comments. */
function commaAt(text: string, from: number): number | undefined {
  const scanner = createScanner(text, true);
  scanner.setPosition(from);
  scanner.scan();
  const at = scanner.getTokenOffset();
  return text.charAt(at) === "," ? at : undefined;
}

/** Removes a property with its comma, and its lines if nothing else is on them. */
function remove(
  text: string,
  root: Node,
  { path, name }: Pick<Change, "path" | "name">,
): string {
  const { node, rest } = follow(text, root, path);
  const property = rest.length > 0 ? undefined : findProperty(text, node, name);
  if (property === undefined) return text;
  const { offset } = property.node;
  const siblings = node.children ?? [];
  if (siblings.length === 1 && isBlankBut(text, node, property.node)) {
    return cut(text, [[node.offset + 1, node.offset + node.length - 1]]);
  }
  const previous = siblings[siblings.indexOf(property.node) - 1];
  const end = offset + property.node.length;
  const own = commaAt(text, end);
  const isOwnNext = own !== undefined && text.slice(end, own).trim() === "";
  const last = isOwnNext ? own + 1 : end;
  const start = lineStart(text, offset);
  const isAlone = start > 0 && text.slice(start, offset).trim() === "" &&
    /^[ \t]*(?:\r?\n|$)/.test(text.slice(last));
  const whole: Cut = isAlone
    ? [start - (/\r?\n$/.exec(text.slice(Math.max(0, start - 2), start))?.[0].length ?? 0), last]
    : [offset, last + (isOwnNext ? /^[ \t]*/.exec(text.slice(last))?.[0].length ?? 0 : 0)];
  if (own !== undefined) return cut(text, isOwnNext ? [whole] : [whole, [own, own + 1]]);
  // If no comma follows it, remove the comma before it.
  const before = previous && commaAt(text, previous.offset + previous.length);
  if (before === undefined) return cut(text, [whole]);
  const isJoined = !isAlone && text.slice(before + 1, offset).trim() === "";
  return cut(text, isJoined ? [[before, end]] : [[before, before + 1], whole]);
}

/** Whether an object contains only one property, and no comments. */
function isBlankBut(text: string, object: Node, property: Node): boolean {
  const end = property.offset + property.length;
  return text.slice(object.offset + 1, property.offset).trim() === "" &&
    /^[\s,]*$/.test(text.slice(end, object.offset + object.length - 1));
}

type Cut = readonly [from: number, to: number];

function cut(text: string, cuts: readonly Cut[]): string {
  let result = text;
  for (const [from, to] of [...cuts].sort(([a], [b]) => b - a)) {
    result = result.slice(0, from) + result.slice(to);
  }
  return result;
}

/** Requires that a text has the wanted entry, and is otherwise unchanged. */
function checked(
  edited: string,
  { syntax, root, path, name, entry }: {
    readonly syntax: Syntax;
    readonly root: Node | undefined;
    readonly path: readonly string[];
    readonly name: string;
    readonly entry: Mapping | undefined;
  },
): string {
  const after = parse(edited, syntax);
  const rest = (node: Node | undefined) => JSON.stringify(outside(node, [...path, name]));
  const container = after && follow(edited, after, path);
  const found = container?.rest.length === 0
    ? findProperty(edited, container.node, name)
    : undefined;
  const isWanted = entry === undefined
    ? found === undefined
    : found !== undefined && JSON.stringify(plain(found.value)) === JSON.stringify(entry);
  if (isWanted && rest(root) === rest(after)) return edited;
  throw new Error("An edited JSON file does not have the wanted content");
}

/** Everything in a tree but the entry at a path, and the objects around it if they hold nothing else. */
function outside(node: Node | undefined, [first, ...deeper]: readonly string[]): unknown {
  if (node === undefined) return [];
  if (node.type === "array") return { array: (node.children ?? []).map((one) => outside(one, [])) };
  if (node.type !== "object") return { value: node.value };
  return propertiesOf(node).flatMap(({ name, value }) => {
    if (name !== first) return [[name, outside(value, [])]];
    if (deeper.length === 0) return [];
    const inner = outside(value, deeper);
    return Array.isArray(inner) && inner.length === 0 ? [] : [[name, inner]];
  });
}

/** Masks all texts and comments, but not the entry at a path. */
function mask(
  text: string,
  root: Node | undefined,
  shown: readonly string[] | undefined,
): string {
  const ranges: [from: number, to: number, mask: string][] = [];
  const visit = (node: Node, path: readonly string[] | undefined, isShown: boolean) => {
    if (node.type === "string") {
      if (!isShown) ranges.push([node.offset, node.offset + node.length, JSON.stringify(MASK)]);
    } else if (node.type === "object") {
      for (const { name, value } of propertiesOf(node)) {
        const deeper = path?.[0] === name ? path.slice(1) : undefined;
        const isEntry = deeper?.length === 0;
        visit(value, deeper, isEntry || (isShown && !SECRET_KEYS.has(name)));
      }
    } else for (const child of node.children ?? []) visit(child, undefined, isShown);
  };
  if (root) visit(root, shown, false);
  const scanner = createScanner(text, false);
  for (let kind = scanner.scan(); kind !== END_OF_FILE; kind = scanner.scan()) {
    const at = scanner.getTokenOffset();
    const token = text.slice(at, at + scanner.getTokenLength());
    if (!token.startsWith("/")) continue;
    const masked = token.replace(/^(\/[/*])[^\n]*|\n[^\n]*/g, (_line, mark) => `${mark ?? "\n"} …`);
    ranges.push([at, at + token.length, token.endsWith("*/") ? `${masked} */` : masked]);
  }
  let result = "";
  let end = 0;
  for (const [from, to, masked] of ranges.sort(([a], [b]) => a - b)) {
    result += text.slice(end, from) + masked;
    end = to;
  }
  return result + text.slice(end);
}

/** The kind of the last token, `SyntaxKind.EOF`, which is a constant for the compiler only. */
const END_OF_FILE = 17;
