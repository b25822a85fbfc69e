/** The streams of a command, and its messages on stderr to its user or to a program. */

import type { Keyboard } from "./keyboard.ts";
import { printable, printableJson } from "./safe_text.ts";
import type { Input, Output } from "./streams.ts";
import { styleFor } from "./style.ts";

interface Streams {
  readonly stdin: Input;
  readonly stdout: Output;
  readonly stderr: Output;
  /** The keys that the user presses at prompts. */
  readonly keyboard: Keyboard;
  /** Whether causes of failures are shown. */
  readonly debug: boolean;
  /** Whether a program reads the output: warnings and failures are JSON on stderr, and notices are omitted. */
  readonly json: boolean;
}

export interface Io extends Streams {
  /** A message to the user, always on one line. */
  readonly info: (line: string) => void;
  /** A warning to the user, always on one line; for a program, as JSON. */
  readonly warn: (line: string) => void;
  /** Shows a line to a user at a terminal, and nothing to a program. */
  readonly notice: (line: string) => void;
  /** Shows a line of `--debug`; undefined without it. */
  readonly trace: ((line: string) => void) | undefined;
}

/** The messages of a command on these streams. */
export function ioOf(streams: Streams): Io {
  const { stderr, debug, json } = streams;
  const info = (line: string) => stderr.write(`${printable(line)}\n`);
  return {
    ...streams,
    info,
    warn(line) {
      const { yellow } = styleFor(stderr);
      const shown = json
        ? printableJson({ warning: { message: line } }, 0)
        : `${yellow("Warning:")} ${printable(line)}`;
      stderr.write(`${shown}\n`);
    },
    notice(line) {
      if (stderr.isTerminal && !json) info(line);
    },
    trace: debug ? info : undefined,
  };
}
