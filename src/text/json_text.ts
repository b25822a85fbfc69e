/**
 * Edits JSON as text. Parsing and serializing it would round large integers, rewrite exponents and escapes, and move numeric
 * keys to the front. All functions take JSON that a parser accepts.
 */

interface Token {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** The tokens of a JSON text (RFC 8259, 2), without whitespace. */
function* tokensOf(json: string): Generator<Token> {
  for (let start = 0; start < json.length;) {
    const first = json.charAt(start);
    let end = start + 1;
    if (first === '"') end = endOfText(json, start);
    else if (!isStructural(first)) {
      while (end < json.length && !isStructural(json.charAt(end))) end++;
    }
    if (!/\s/.test(first)) yield { text: json.slice(start, end), start, end };
    start = end;
  }
}

function isStructural(character: string): boolean {
  return '{}[],: \t\r\n"'.includes(character);
}

/** The end of the text that starts at a quote. */
function endOfText(json: string, start: number): number {
  let at = start + 1;
  while (at < json.length && json.charAt(at) !== '"') at += json.charAt(at) === "\\" ? 2 : 1;
  return at + 1;
}

/**
 * Replaces texts. Everything else stays as it was written.
 *
 * @param change gets a text, and the key of the field that it or its list belongs to; undefined for the keys themselves.
 *
 * @example
 * ```ts
 * replaceTexts('{"a": "b", "n": 1e2}', (text) => text.toUpperCase()); // '{"A": "B", "n": 1e2}'
 * ```
 */
export function replaceTexts(
  json: string,
  change: (text: string, field: string | undefined) => string,
): string {
  /** The fields of the open objects and lists. */
  const open: (string | undefined)[] = [];
  let field: string | undefined;
  let changed = "";
  let copied = 0;
  let isKey = false;
  const objects: boolean[] = [];
  for (const { text, start, end } of tokensOf(json)) {
    if (text === "{" || text === "[") {
      open.push(field);
      objects.push(text === "{");
      isKey = text === "{";
    } else if (text === "}" || text === "]") {
      field = open.pop();
      objects.pop();
    } else if (text === ",") {
      isKey = objects.at(-1) === true;
    } else if (text === ":") {
      isKey = false;
    } else if (text.startsWith('"')) {
      const plain: string = JSON.parse(text);
      const replaced = change(plain, isKey ? undefined : field ?? "");
      if (isKey) field = plain;
      if (replaced === plain) continue;
      changed += json.slice(copied, start) + JSON.stringify(replaced);
      copied = end;
    }
  }
  return changed + json.slice(copied);
}

/** Indents JSON by two blanks, as `JSON.stringify` does. */
export function indented(json: string): string {
  let result = "";
  let depth = 0;
  let before = "";
  for (const { text } of tokensOf(json)) {
    const isEnd = text === "}" || text === "]";
    const isAfterStart = before === "{" || before === "[";
    if (isEnd) depth--;
    if (isEnd ? !isAfterStart : isAfterStart || before === ",") {
      result += `\n${"  ".repeat(depth)}`;
    }
    if (text === "{" || text === "[") depth++;
    result += text === ":" ? ": " : text;
    before = text;
  }
  return result;
}

/**
 * The fields of the outermost object as they are written, by their keys. Empty for JSON that is not an object.
 *
 * @example
 * ```ts
 * fieldsAsWritten('{"id": 12345678901234567890}').get("id"); // "12345678901234567890"
 * ```
 */
export function fieldsAsWritten(json: string): Map<string, string> {
  const fields = new Map<string, string>();
  let depth = 0;
  let key: string | undefined;
  let start: number | undefined;
  let end = 0;
  for (const token of tokensOf(json)) {
    const { text } = token;
    if (depth === 0 && text !== "{") break;
    if (depth === 1 && (text === "," || text === "}")) {
      // A parser takes the last of several fields with the same key.
      if (key !== undefined && start !== undefined) fields.set(key, json.slice(start, end));
      key = start = undefined;
    } else if (depth === 1 && key === undefined) key = JSON.parse(text);
    else if (depth > 0 && (start !== undefined || text !== ":")) {
      start ??= token.start;
      end = token.end;
    }
    if (text === "{" || text === "[") depth++;
    else if (text === "}" || text === "]") depth--;
  }
  return fields;
}

/**
 * The elements of a list as they are written.
 *
 * @param field the field of the outermost object that has the list.
 */
export function elementsAsWritten(json: string, field: string): string[] {
  let elements: string[] = [];
  let depth = 0;
  /** The last text of the outermost object, which is a key before a list. */
  let last = "";
  let isInList = false;
  let start: number | undefined;
  let end = 0;
  for (const token of tokensOf(json)) {
    const { text } = token;
    const isStart = text === "{" || text === "[";
    if (isInList && depth === 2 && (text === "," || text === "]")) {
      if (start !== undefined) elements.push(json.slice(start, end));
      start = undefined;
    } else if (isInList) {
      start ??= token.start;
      end = token.end;
    }
    if (depth === 1 && text === "[" && JSON.parse(last) === field) {
      isInList = true;
      elements = []; // a parser takes the last of several fields with the same key
    }
    if (isStart) depth++;
    else if (text === "}" || text === "]") {
      depth--;
      if (depth === 1) isInList = false;
    } else if (depth === 1 && text.startsWith('"')) last = text;
  }
  return elements;
}
