import type { Shell } from "./shell.ts";
import { unquote } from "../words.ts";

/** Passes the words as they were typed. */
const SCRIPT = `# Completion of arcade for Nushell.
def "nu-complete arcade" [spans: list<string>] {
  let lines = ^arcade __complete nushell ...($spans | skip 1) | complete | get stdout | lines
  if $lines == ["files"] { return null }
  $lines | skip 1 | each {|line|
    let parts = $line | split row --number 2 "\\t"
    { value: $parts.0, description: ($parts | get --optional 1) }
  }
}

@complete "nu-complete arcade"
export extern arcade [...args: string]
`;

/** Strings of Nushell: a backslash escapes in double quotes only. Those in backticks are read as they were typed. */
const QUOTING = { escape: "\\", isForQuotes: true } as const;

export const nushell: Shell = {
  script: SCRIPT,
  file: "arcade.nu",
  hasBriefs: true,
  read: (passed) => {
    const words = passed.map((word) => unquote(word, QUOTING));
    return { words: words.slice(0, -1), current: words.at(-1) ?? "", quote: "", kept: "" };
  },
  write: ({ word, brief }) => brief === "" ? quoted(word) : `${quoted(word)}\t${brief}`,
};

function quoted(word: string): string {
  if (/^[\w./:=@+-]+$/.test(word)) return word;
  return word.includes("'") ? `"${word.replace(/["\\]/g, "\\$&")}"` : `'${word}'`;
}
