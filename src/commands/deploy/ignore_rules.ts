/** Ignore files, as git reads them (gitignore(5)). */

/** A line of an ignore file. */
interface Rule {
  readonly pattern: RegExp;
  readonly isNegated: boolean;
  readonly isForFolders: boolean;
  /** Whether it is matched against the whole path, not against the name only. */
  readonly isForPaths: boolean;
}

/** The lines of an ignore file. */
export class IgnoreRules {
  readonly #rules: readonly Rule[];

  constructor(text: string) {
    const lines = text.replace(/^\uFEFF/, "").split("\n");
    this.#rules = lines.flatMap((line) => parseRule(line.replace(/\r$/, "")) ?? []);
  }

  /**
   * Whether a file or a folder is ignored; undefined if no line is about it. Not for what is in an ignored folder.
   *
   * @param path relative to the folder of the ignore file, with `/` between its parts.
   */
  ignores(path: string, { isFolder }: { readonly isFolder: boolean }): boolean | undefined {
    const name = path.slice(path.lastIndexOf("/") + 1);
    const rule = this.#rules.findLast(({ pattern, isForFolders, isForPaths }) =>
      (isFolder || !isForFolders) && pattern.test(isForPaths ? path : name)
    );
    return rule && !rule.isNegated;
  }
}

function parseRule(line: string): Rule | undefined {
  if (line.startsWith("#")) return undefined;
  const written = withoutTrailingSpaces(line);
  const isNegated = written.startsWith("!");
  const whole = isNegated ? written.slice(1) : written;
  const isForFolders = whole.endsWith("/");
  const glob = isForFolders ? whole.slice(0, -1) : whole;
  const source = sourceOf(glob.replace(/^\//, ""));
  if (glob === "" || source === undefined) return undefined;
  const pattern = new RegExp(`^${source}$`, "su");
  return { pattern, isNegated, isForFolders, isForPaths: glob.includes("/") };
}

/** A space at the end counts only after a backslash. */
function withoutTrailingSpaces(line: string): string {
  return /^(?:\\.|[^\\ ]| +(?=[^ ]))*\\?/s.exec(line)?.[0] ?? "";
}

/** A glob as the source of a regular expression; undefined if it matches nothing. */
function sourceOf(glob: string): string | undefined {
  let source = "";
  for (let i = 0; i < glob.length; i++) {
    const character = glob.charAt(i);
    if (character === "*") {
      const [stars] = /^\*+/.exec(glob.slice(i)) ?? [""];
      const next = glob.charAt(i + stars.length);
      const isAcrossFolders = stars.length > 1 && (i === 0 || glob.charAt(i - 1) === "/") &&
        (next === "" || next === "/");
      i += stars.length - 1;
      if (isAcrossFolders && next === "/") i++;
      source += !isAcrossFolders ? "[^/]*" : next === "/" ? "(?:.*/)?" : ".*";
    } else if (character === "?") {
      source += "[^/]";
    } else if (character === "[") {
      const set = readSet(glob, i);
      if (!set) return undefined;
      source += `(?!/)${set.source}`;
      i = set.end;
    } else {
      if (character === "\\" && ++i === glob.length) return undefined;
      source += literal(glob.charAt(i));
    }
  }
  return source;
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
