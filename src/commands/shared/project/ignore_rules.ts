/** Ignore files, as git reads them (gitignore(5)). */

/** A line of an ignore file. */
interface Rule {
  readonly glob: Glob;
  readonly isNegated: boolean;
  readonly isForFolders: boolean;
  /** Whether it is matched against the whole path, not against the name only. */
  readonly isForPaths: boolean;
}

interface Glob {
  /** The required start of a path. */
  readonly prefix: string;
  /** What must follow. */
  readonly tokens: readonly Token[];
  /** The characters at the end of the tokens, which decide most paths at once. */
  readonly suffix: string;
}

/** A character, one of several characters, or any number of characters. */
type Token = string | CharacterSet | typeof STAR | typeof ANYTHING | typeof FOLDERS;

/** For each of the 256 characters whether it is meant. A slash never is. */
type CharacterSet = Uint8Array;

/** `*`: anything but slashes. */
const STAR = Symbol("*");
/** `**` at the end, or before an escaped slash. */
const ANYTHING = Symbol("**");
/** `**` with the slash after it: nothing, or anything that ends in a slash. */
const FOLDERS = Symbol("**/");
/** `?`. */
const ANY_CHARACTER = setOf([], { isNegated: true });

/** The lines of an ignore file. */
export class IgnoreRules {
  readonly #rules: readonly Rule[];

  constructor(text: string) {
    const lines = bytesOf(text.replace(/^\uFEFF/, "")).split("\n");
    this.#rules = lines.flatMap((line) => parseRule(line.replace(/\r$|\0.*/s, "")) ?? []);
  }

  /**
   * Whether a file or a folder is ignored; undefined if no line is about it. Not for what is in an ignored folder.
   *
   * @param path relative to the folder of the ignore file, with `/` between its parts.
   */
  ignores(path: string, { isFolder }: { readonly isFolder: boolean }): boolean | undefined {
    const whole = bytesOf(path);
    const name = whole.slice(whole.lastIndexOf("/") + 1);
    const rule = this.#rules.findLast(({ glob, isForFolders, isForPaths }) =>
      (isFolder || !isForFolders) && matches(glob, isForPaths ? whole : name)
    );
    return rule && !rule.isNegated;
  }
}

/** A text with a character for each of its bytes in UTF-8, because git compares bytes. */
function bytesOf(text: string): string {
  return /^[\0-\x7f]*$/.test(text)
    ? text
    : Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join("");
}

function parseRule(line: string): Rule | undefined {
  if (line.startsWith("#")) return undefined;
  const written = withoutTrailingSpaces(line);
  const isNegated = written.startsWith("!");
  const whole = isNegated ? written.slice(1) : written;
  const isForFolders = whole.endsWith("/");
  const text = isForFolders ? whole.slice(0, -1) : whole;
  const glob = parseGlob(text.replace(/^\//, ""));
  if (text === "" || glob === undefined) return undefined;
  return { glob, isNegated, isForFolders, isForPaths: text.includes("/") };
}

/** A space at the end counts only after a backslash. */
function withoutTrailingSpaces(line: string): string {
  let end = 0;
  for (let i = 0; i < line.length; i++) {
    const isSpace = line.charAt(i) === " ";
    if (line.charAt(i) === "\\") i++;
    if (!isSpace) end = i + 1;
  }
  return line.slice(0, end);
}

/**
 * Whether a text matches. Goes back to the last star and the last `**` only: whatever matches after an earlier one also matches
 * after these. So the time is bounded by the square of the length of the text, whatever the glob.
 */
function matches({ prefix, tokens, suffix }: Glob, text: string): boolean {
  if (!text.startsWith(prefix) || !text.endsWith(suffix)) return false;
  let next = 0;
  let at = prefix.length;
  /** The token after the last star, and what the star has reached. */
  let star: { readonly next: number; at: number } | undefined;
  /** The same for the last `**`. */
  let across: { readonly next: number; at: number; readonly isForFolders: boolean } | undefined;
  while (true) {
    const token = tokens[next];
    if (token === STAR) {
      star = { next: ++next, at };
    } else if (token === ANYTHING || token === FOLDERS) {
      across = { next: ++next, at, isForFolders: token === FOLDERS };
      star = undefined;
    } else if (token !== undefined && at < text.length && isOneOf(token, text.charAt(at))) {
      next++;
      at++;
    } else if (token === undefined && at === text.length) {
      return true;
    } else if (star && star.at < text.length && text.charAt(star.at) !== "/") {
      next = star.next;
      at = ++star.at;
    } else if (across) {
      const slash = across.isForFolders ? text.indexOf("/", across.at) : across.at;
      if (slash < 0 || slash >= text.length) return false;
      next = across.next;
      at = across.at = slash + 1;
      star = undefined;
    } else {
      return false;
    }
  }
}

function isOneOf(token: string | CharacterSet, character: string): boolean {
  return typeof token === "string" ? token === character : token[character.charCodeAt(0)] === 1;
}

/** Undefined for a glob that matches nothing. */
function parseGlob(glob: string): Glob | undefined {
  const special = glob.search(/[*?[\\]/);
  const start = special < 0 ? glob.length : special;
  const tokens: Token[] = [];
  for (let i = start; i < glob.length; i++) {
    const character = glob.charAt(i);
    if (character === "*") {
      const first = i;
      while (glob.charAt(i + 1) === "*") i++;
      // Git compares the text before the first star separately, so a `**` there starts the rest.
      const isFirst = first === start || glob.charAt(first - 1) === "/";
      const isAcross = i > first && isFirst && /^\\?\/|^$/.test(glob.slice(i + 1, i + 3));
      if (isAcross && glob.charAt(i + 1) === "/") {
        tokens.push(FOLDERS);
        i++;
      } else {
        tokens.push(isAcross ? ANYTHING : STAR);
      }
    } else if (character === "?") {
      tokens.push(ANY_CHARACTER);
    } else if (character === "[") {
      const found = readSet(glob, i);
      if (!found) return undefined;
      tokens.push(found.set);
      i = found.end;
    } else {
      if (character === "\\" && ++i === glob.length) return undefined;
      tokens.push(glob.charAt(i));
    }
  }
  const last = tokens.findLastIndex((token) => typeof token !== "string");
  return { prefix: glob.slice(0, start), tokens, suffix: tokens.slice(last + 1).join("") };
}

type Range = readonly [first: string, last: string];

function setOf(
  ranges: readonly Range[],
  { isNegated }: { readonly isNegated: boolean },
): CharacterSet {
  const set = new Uint8Array(256).fill(isNegated ? 1 : 0);
  for (const [first, last] of ranges) {
    set.fill(isNegated ? 0 : 1, first.charCodeAt(0), last.charCodeAt(0) + 1);
  }
  set["/".charCodeAt(0)] = 0;
  return set;
}

const CLASSES: ReadonlyMap<string, readonly Range[]> = new Map<string, readonly Range[]>([
  ["alnum", [["0", "9"], ["A", "Z"], ["a", "z"]]],
  ["alpha", [["A", "Z"], ["a", "z"]]],
  ["blank", [[" ", " "], ["\t", "\t"]]],
  ["cntrl", [["\0", "\x1f"], ["\x7f", "\x7f"]]],
  ["digit", [["0", "9"]]],
  ["graph", [["!", "~"]]],
  ["lower", [["a", "z"]]],
  ["print", [[" ", "~"]]],
  ["punct", [["!", "/"], [":", "@"], ["[", "`"], ["{", "~"]]],
  ["space", [["\t", "\r"], [" ", " "]]],
  ["upper", [["A", "Z"]]],
  ["xdigit", [["0", "9"], ["A", "F"], ["a", "f"]]],
]);

/** Reads `[…]`, and where it ends; undefined if it does not end. */
function readSet(glob: string, start: number): { set: CharacterSet; end: number } | undefined {
  let i = start + 1;
  const isNegated = /[!^]/.test(glob.charAt(i));
  if (isNegated) i++;
  const ranges: Range[] = [];
  /** The character before, which may begin a range. */
  let before: string | undefined;
  /** The first `]` from here on. */
  let bracket = 0;
  for (const first = i; i === first || glob.charAt(i) !== "]"; i++) {
    if (glob.startsWith("[:", i)) {
      if (bracket < i + 2) bracket = glob.indexOf("]", i + 2);
      if (bracket < 0) return undefined;
      if (bracket > i + 2 && glob.charAt(bracket - 1) === ":") {
        const members = CLASSES.get(glob.slice(i + 2, bracket - 1));
        if (members === undefined) return undefined;
        ranges.push(...members);
        i = bracket;
        before = undefined;
        continue;
      }
    }
    const character = glob.charAt(i);
    const isRange = character === "-" && before !== undefined && !/^\]?$/.test(glob.charAt(i + 1));
    if (isRange || character === "\\") i++;
    if (isRange && glob.charAt(i) === "\\") i++;
    if (i >= glob.length) return undefined;
    const last = glob.charAt(i);
    ranges.push([isRange && before !== undefined ? before : last, last]);
    before = isRange ? undefined : last;
  }
  return { set: setOf(ranges, { isNegated }), end: i };
}
