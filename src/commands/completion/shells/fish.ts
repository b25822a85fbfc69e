import type { Shell } from "./shell.ts";
import { POSIX, unquote } from "../words.ts";

/** Passes the words without quotes, and the one at the cursor as it is. fish quotes what it inserts. */
const SCRIPT = `# Completion of arcade for fish.
function __arcade_complete
    set -l words (commandline -opc)
    set -g __arcade_words (command arcade __complete fish $words[2..] (commandline -ct) </dev/null 2>/dev/null)
    set -l kind $__arcade_words[1]
    set -e __arcade_words[1]
    test "$kind" != files
end
complete -c arcade -e
complete -c arcade -n __arcade_complete -f -a '$__arcade_words'
`;

export const fish: Shell = {
  script: SCRIPT,
  file: "arcade.fish",
  hasBriefs: true,
  read: (passed) => ({
    words: passed.slice(0, -1),
    current: unquote(passed.at(-1) ?? "", POSIX),
    quote: "",
    kept: "",
  }),
  write: ({ word, brief }) => brief === "" ? word : `${word}\t${brief}`,
};
