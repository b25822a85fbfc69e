/** Why a server does not start, and the place in its source that its output names. */

/** A place in a source file. */
export interface SourcePlace {
  /** As the server wrote it, or relative to its folder. */
  readonly file: string;
  readonly line: number;
  /** The line of the source, and the mark below it if there is one. */
  readonly excerpt: readonly string[];
}

/** A problem of a server. */
export interface Problem {
  readonly message: string;
  /** Undefined if the output does not name a place. */
  readonly place: SourcePlace | undefined;
}

const FRAME = /^\s*File "([^"]{1,4096})", line (\d{1,9})/;
/** The characters that Python underlines errors with. */
const MARK = /^\s*[\^~]+\s*$/;
/** The last line of a traceback: `SyntaxError: invalid syntax`. */
const ERROR = /^(?:[A-Za-z_][\w.]{0,200})(?:Error|Exception|Exit|Interrupt|Warning)?(?:: .*)?$/;
/** The maximum length of a mark; longer lines are not hand-written source. */
const EXCERPT = 500;

/**
 * Finds the error in the last lines of a Python program: the last traceback, with the last of its places that is in the folder of
 * the server. For a syntax error, it is the last place.
 *
 * @param folder the folder of the server.
 * @returns undefined without a traceback.
 */
export function pythonProblem(lines: readonly string[], folder: string): Problem | undefined {
  const frames = lines.flatMap((line, i) => {
    const [, file, number] = FRAME.exec(line) ?? [];
    return file === undefined ? [] : [{ file, line: Number(number), at: i }];
  });
  const last = frames.at(-1);
  if (last === undefined) return undefined;
  const message = lines.slice(last.at + 1).find((line) => /^\S/.test(line) && ERROR.test(line));
  if (message === undefined) return undefined;
  const isOwn = ({ file }: { readonly file: string }) =>
    !/\/(?:site-packages|dist-packages|\.venv|venv|\.uv)\//.test(file) &&
    (file.startsWith(`${folder}/`) || !file.startsWith("/") && !file.startsWith("<"));
  const chosen = /^(?:Syntax|Indentation|Tab)Error\b/.test(message)
    ? last
    : frames.findLast(isOwn) ?? last;
  const [code = "", mark = ""] = lines.slice(chosen.at + 1, chosen.at + 3);
  const excerpt = FRAME.test(code) || code === "" || /^\S/.test(code)
    ? []
    : [code, ...(MARK.test(mark) ? [mark] : [])];
  return {
    message: message.slice(0, EXCERPT),
    place: {
      file: chosen.file.startsWith(`${folder}/`)
        ? chosen.file.slice(folder.length + 1)
        : chosen.file,
      line: chosen.line,
      excerpt: withoutIndent(excerpt.map((line) => line.slice(0, EXCERPT).trimEnd())),
    },
  };
}

/** Lines without their common indentation. */
function withoutIndent(lines: readonly string[]): string[] {
  const indents = lines.map((line) => line.length - line.trimStart().length);
  const common = Math.min(...indents, EXCERPT);
  return lines.map((line) => line.slice(common));
}
