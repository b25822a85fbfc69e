/** What completion needs to know about a shell. */

import type { Candidate } from "../../cli/completion.ts";
import type { ShellName } from "./commands.ts";

export interface Shell {
  /** Its script. */
  readonly script: string;
  /** The name of the file that its script is installed as. */
  readonly file: string;
  /** Whether it shows the briefs of candidates. */
  readonly hasBriefs: boolean;
  /** Reads what its script passes. */
  readonly read: (passed: readonly string[]) => CommandLineAtCursor;
  /** What its script gets for a candidate, on one line; undefined when it does not fit what was typed. */
  readonly write: (candidate: Candidate, line: CommandLineAtCursor) => string | undefined;
}

/** A command line up to the cursor. */
export interface CommandLineAtCursor {
  /** The complete words, without `arcade`, without quotes. */
  readonly words: readonly string[];
  /** The beginning of the word at the cursor, without quotes. */
  readonly current: string;
  /** The quote that is open at the cursor, or "". */
  readonly quote: string;
  /** The beginning of `current` that the shell keeps, without quotes. It replaces the rest. */
  readonly kept: string;
}

const LOADERS: Readonly<Record<ShellName, () => Promise<Shell>>> = {
  bash: async () => (await import("./shells/bash.ts")).bash,
  zsh: async () => (await import("./shells/zsh.ts")).zsh,
  fish: async () => (await import("./shells/fish.ts")).fish,
  powershell: async () => (await import("./shells/powershell.ts")).powershell,
  nushell: async () => (await import("./shells/nushell.ts")).nushell,
};

/** Loads a shell. */
export function loadShell(name: ShellName): Promise<Shell> {
  return LOADERS[name]();
}
