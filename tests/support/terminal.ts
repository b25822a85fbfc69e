/** Runs programs on pseudo-terminals, with `script`. */

import { shellWord } from "../../src/shell_word.ts";
import { BINARY, isAvailable, type Running, succeeds, type TestMachine } from "./test_machine.ts";

/** Whether no pseudo-terminal is available for tests. */
export const withoutTerminal = !isAvailable(
  "a pseudo-terminal: Linux with script and stty",
  () =>
    Deno.build.os === "linux" && succeeds("script", "--version") && succeeds("stty", "--version"),
);

export interface Terminal {
  readonly columns?: number;
  readonly env?: Record<string, string>;
}

/** Runs a shell command on its own terminal; `arcade` in it is the binary. */
export function onTerminal(machine: TestMachine, line: string, terminal: Terminal = {}): Running {
  const { columns = 100, env } = terminal;
  const script = `arcade() { ${shellWord(BINARY)} "$@"; }; stty rows 24 cols ${columns}; ${line}`;
  return machine.startProgram(["script", "-qefc", script, "/dev/null"], {
    isTyped: true,
    env: { SHELL: "/bin/sh", TERM: "xterm-256color", ...env },
  });
}
