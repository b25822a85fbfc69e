import type { Shell } from "./shell.ts";
import { POSIX, splitLine, unquote } from "../words.ts";

/** Passes the line up to the cursor, and the end of it that readline replaces. It works in bash 3.2, which macOS has. */
const SCRIPT = `# Completion of arcade for bash.
_arcade() {
  local kind word
  COMPREPLY=()
  {
    read -r kind
    while IFS= read -r word; do COMPREPLY+=("$word"); done
  } < <(command arcade __complete bash "\${COMP_LINE:0:COMP_POINT}" "$2" </dev/null 2>/dev/null)
  if [[ $kind == files ]]; then compopt -o default 2>/dev/null; fi
}
if type compopt >/dev/null 2>&1; then
  complete -F _arcade arcade
else
  complete -o default -F _arcade arcade
fi
`;

/** The start of a redirection (XCU 2.7): `>file`, `2>>file`, `&>file`. */
const REDIRECTION = /^(?:\d*|&)(?:>[>|&]?|<[>&]?)/;
/** A redirection whose file is the next word. */
const OPERATOR = new RegExp(`${REDIRECTION.source}$`);

/** The words that the command receives. */
function withoutRedirections(words: readonly string[]): string[] {
  return words.filter((word, i) => !REDIRECTION.test(word) && !OPERATOR.test(words[i - 1] ?? ""));
}

export const bash: Shell = {
  script: SCRIPT,
  file: "arcade.bash",
  hasBriefs: false,
  read([line = "", replaced = ""]) {
    const { words, start, quote } = splitLine(line, POSIX);
    const end = line.endsWith(replaced) ? line.length - replaced.length : start;
    const current = words.at(-1) ?? "";
    return {
      words: withoutRedirections(words.slice(1, -1)),
      current,
      ...(OPERATOR.test(words.at(-2) ?? "") || REDIRECTION.test(current)
        ? { isRedirection: true }
        : {}),
      quote,
      kept: unquote(line.slice(start, end), POSIX),
    };
  },
  // readline inserts a candidate as it is.
  write({ word }, { current, quote, kept }) {
    if (!word.startsWith(current)) return undefined;
    const added = word.slice(kept.length);
    if (quote === "'") return added.replaceAll("'", "'\\''");
    // History expansion takes no escape in double quotes.
    if (quote === '"') return added.replace(/[$`"\\]/g, "\\$&").replaceAll("!", `"'!'"`);
    return added.replace(/[^\w.,:=@%+/\u0080-\uffff-]/g, "\\$&");
  },
};
