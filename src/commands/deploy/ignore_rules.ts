/** Ignore files, as git reads them (gitignore(5)). */

/** A line of an ignore file. */
interface Rule {
  /** What each part of a path must be; {@linkcode ACROSS} for any number of parts. */
  readonly parts: readonly (RegExp | typeof ACROSS)[];
  readonly isNegated: boolean;
  readonly isForFolders: boolean;
  /** Whether it is matched against the whole path, not against the name only. */
  readonly isForPaths: boolean;
}

/** A part `**` of a line. */
const ACROSS = Symbol("**");

/** The lines of an ignore file. */
export class IgnoreRules {
  readonly #rules: readonly Rule[];

  constructor(text: string) {
    const lines = bytesOf(text.replace(/^\uFEFF/, "")).split("\n");
    this.#rules = lines.flatMap((line) => parseRule(line.replace(/\r$/, "")) ?? []);
  }

  /**
   * Whether a file or a folder is ignored; undefined if no line is about it. Not for what is in an ignored folder.
   *
   * @param path relative to the folder of the ignore file, with `/` between its parts.
   */
  ignores(path: string, { isFolder }: { readonly isFolder: boolean }): boolean | undefined {
    const whole = bytesOf(path).split("/");
    const name = whole.slice(-1);
    const rule = this.#rules.findLast(({ parts, isForFolders, isForPaths }) =>
      (isFolder || !isForFolders) && matches(parts, isForPaths ? whole : name)
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
  const glob = isForFolders ? whole.slice(0, -1) : whole;
  const parts = partsOf(glob.replace(/^\//, ""));
  if (glob === "" || parts === undefined) return undefined;
  return { parts, isNegated, isForFolders, isForPaths: glob.includes("/") };
}

/** Whether a path matches. Goes back to the last `**` only, so that no line takes long. */
function matches(parts: Rule["parts"], path: readonly string[]): boolean {
  let next = 0;
  /** The last `**`, and the first part of the path that it does not stand for. */
  let across: { readonly next: number; at: number } | undefined;
  for (let at = 0; at < path.length;) {
    const part = parts[next];
    if (part === ACROSS) {
      if (++next === parts.length) return true;
      across = { next, at };
    } else if (part?.test(path[at] ?? "")) {
      next++;
      at++;
    } else if (across) {
      next = across.next;
      at = ++across.at;
    } else {
      return false;
    }
  }
  return next === parts.length;
}

/** A space at the end counts only after a backslash. */
function withoutTrailingSpaces(line: string): string {
  return /^(?:\\.|[^\\ ]| +(?=[^ ]))*\\?/s.exec(line)?.[0] ?? "";
}

/** The parts of a glob; undefined if it matches nothing. */
function partsOf(glob: string): Rule["parts"] | undefined {
  const parts: (RegExp | typeof ACROSS)[] = [];
  /** The part that is read, split at its stars, each piece as the source of a regular expression. */
  let pieces = [""];
  let isAcross = false;
  const end = () => {
    parts.push(isAcross ? ACROSS : patternOf(pieces));
    pieces = [""];
    isAcross = false;
  };
  const add = (source: string) => pieces.push(`${pieces.pop()}${source}`);
  for (let i = 0; i < glob.length; i++) {
    const character = glob.charAt(i);
    if (character === "*") {
      const [stars] = /^\*+/.exec(glob.slice(i)) ?? [""];
      const isFirst = i === 0 || glob.charAt(i - 1) === "/";
      i += stars.length - 1;
      const rest = glob.slice(i + 1);
      isAcross = stars.length > 1 && isFirst && /^\\?(?:\/|$)/.test(rest);
      // Before an escaped slash, git requires a folder.
      if (isAcross && rest.startsWith("\\")) parts.push(patternOf(["", ""]));
      pieces.push("");
    } else if (character === "/") {
      end();
    } else if (character === "?") {
      add(".");
    } else if (character === "[") {
      const set = readSet(glob, i);
      if (!set) return undefined;
      add(set.source);
      i = set.end;
    } else {
      if (character === "\\" && ++i === glob.length) return undefined;
      if (glob.charAt(i) === "/") end();
      else add(literal(glob.charAt(i)));
    }
  }
  end();
  return parts;
}

/**
 * The pattern of a part of a path, of pieces with a star between each two of them. Every piece but the last is found where it comes
 * first, and never looked for again (an atomic group), so that many stars do not take long.
 */
function patternOf([first = "", ...pieces]: readonly string[]): RegExp {
  const last = pieces.pop();
  const middle = pieces.map((piece, i) => `(?=(.*?${piece}))\\${i + 1}`).join("");
  return new RegExp(`^${first}${middle}${last === undefined ? "" : `.*${last}`}$`, "su");
}

const CLASSES: Readonly<Record<string, string>> = {
  alnum: "0-9A-Za-z",
  alpha: "A-Za-z",
  blank: " \\t",
  cntrl: "\\x00-\\x1f\\x7f",
  digit: "0-9",
  graph: "!-~",
  lower: "a-z",
  print: " -~",
  punct: "!-\\/:-@\\[-`\\{-~",
  space: "\\t-\\r ",
  upper: "A-Z",
  xdigit: "0-9A-Fa-f",
};

/** Reads `[…]`, and where it ends; undefined if it does not end. */
function readSet(glob: string, start: number): { source: string; end: number } | undefined {
  let i = start + 1;
  const isNegated = /[!^]/.test(glob.charAt(i));
  if (isNegated) i++;
  let items = "";
  /** The character before, which may begin a range. */
  let before: string | undefined;
  for (const first = i; i === first || glob.charAt(i) !== "]"; i++) {
    const character = glob.charAt(i);
    const [named, name = ""] = /^\[:([^\]]*):\]/.exec(glob.slice(i)) ?? [];
    const isRange = character === "-" && before !== undefined && !/^\]?$/.test(glob.charAt(i + 1));
    if (isRange || character === "\\") i++;
    if (isRange && glob.charAt(i) === "\\") i++;
    if (i >= glob.length) return undefined;
    if (isRange && before !== undefined) {
      const last = glob.charAt(i);
      if (before <= last) items += `${literal(before)}-${literal(last)}`;
      before = undefined;
    } else if (named !== undefined) {
      const members = CLASSES[name];
      if (members === undefined) return undefined;
      items += members;
      i += named.length - 1;
      before = undefined;
    } else {
      before = glob.charAt(i);
      items += literal(before);
    }
  }
  return { source: `[${isNegated ? "^" : ""}${items}]`, end: i };
}

/** A character as it stands in a regular expression, within a set too. */
function literal(character: string): string {
  return character.replace(/[\\^$.*+?()[\]{}|/-]/, (one) => one === "-" ? "\\x2d" : `\\${one}`);
}
