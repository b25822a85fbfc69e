import type { FailureKind } from "../failure.ts";

/** The exit codes that scripts can rely on. */
export type ExitCode = 0 | 1 | 2 | 4 | 5 | 6 | 7 | 125 | 126 | 127 | 130;

/** The exit code of each kind of failure. */
export const EXIT_CODES_OF_FAILURES: Readonly<Record<FailureKind, ExitCode>> = {
  usage: 2,
  login: 4,
  forbidden: 4,
  network: 7,
  server: 1,
  "not-found": 1,
  "tool-failed": 5,
  denied: 5,
  "grant-needed": 6,
  "secret-missing": 6,
  file: 1,
  port: 1,
  partial: 1,
  "program-missing": 127,
  "program-unusable": 126,
  interrupted: 130,
  internal: 1,
};

/** The kinds whose exit code is the same in every command. */
const ALWAYS = new Set<FailureKind>(["program-missing", "program-unusable", "interrupted"]);

/**
 * The exit code of a failure.
 *
 * @param own the exit code of other failures, for a command that exits with the exit code of a program.
 */
export function exitCodeOf(kind: FailureKind, own?: ExitCode): ExitCode {
  return own === undefined || ALWAYS.has(kind) ? EXIT_CODES_OF_FAILURES[kind] : own;
}
