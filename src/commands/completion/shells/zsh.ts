import type { Shell } from "./shell.ts";

/** Passes the words without quotes. compadd quotes what it inserts. */
const SCRIPT = `#compdef arcade
# Completion of arcade for zsh.
_arcade() {
  local -a lines words_ shown
  local line width=0
  lines=("\${(@f)$(command arcade __complete zsh "\${(@Q)words[2,CURRENT-1]}" "\${(Q)PREFIX}" </dev/null 2>/dev/null)}")
  if [[ $lines[1] == files ]]; then
    compset -P '--*='
    _files
    return
  fi
  for line in "\${(@)lines[2,-1]}"; do
    words_+=("\${line%%$'\\t'*}")
    (( \${#words_[-1]} > width )) && width=\${#words_[-1]}
  done
  for line in "\${(@)lines[2,-1]}"; do
    if [[ $line == *$'\\t'* ]]; then
      shown+=("\${(r:width:)line%%$'\\t'*}  -- \${line#*$'\\t'}")
    else
      shown+=("$line")
    fi
  done
  compadd -l -d shown -a words_
}
if [[ $funcstack[1] == _arcade ]]; then _arcade "$@"; else compdef _arcade arcade; fi
`;

export const zsh: Shell = {
  script: SCRIPT,
  file: "_arcade",
  hasBriefs: true,
  read: (passed) => ({
    words: passed.slice(0, -1),
    current: passed.at(-1) ?? "",
    quote: "",
    kept: "",
  }),
  write: ({ word, brief }) => brief === "" ? word : `${word}\t${brief}`,
};
