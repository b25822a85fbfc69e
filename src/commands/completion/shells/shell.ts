import type { Candidate } from "../../../cli/completion.ts";

/** The shells that completion works in. */
export const SHELLS = ["bash", "zsh", "fish", "powershell", "nushell"] as const;
export type ShellName = typeof SHELLS[number];

/** What completion needs to know about a shell. */
export interface Shell {
  /** Its script. */
  readonly script: string;
  /** The name of the file that its script is installed as. */
  readonly file: string;
  /** Whether it shows the briefs of candidates. */
  readonly hasBriefs: boolean;
  /** Reads what its script passes. */
  readonly read: (passed: readonly string[]) => CommandLineAtCursor;
  /** The line that its script gets for a candidate; undefined when the candidate does not fit the typed text. */
  readonly write: (candidate: Candidate, line: CommandLineAtCursor) => string | undefined;
}

/** A command line up to the cursor. */
export interface CommandLineAtCursor {
  /** The complete words, without `arcade`, without quotes. */
  readonly words: readonly string[];
  /** The start of the word at the cursor, without quotes. */
  readonly current: string;
  /** The quote that is open at the cursor, or "". */
  readonly quote: string;
  /** The start of `current` that the shell keeps, without quotes. It replaces the rest. */
  readonly kept: string;
  /** Whether the word at the cursor is the file of a redirection. */
  readonly isRedirection?: true;
}
