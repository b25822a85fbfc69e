import type { FailureKind } from "../failure.ts";

/** The exit codes that scripts can rely on. */
export type ExitCode = 0 | 1 | 2 | 4 | 5 | 6 | 7 | 125 | 126 | 127 | 130;

/**
 * The exit code of a failure.
 *
 * @param own that of all failures of a command which ends with the exit code of a program.
 */
export function exitCodeOf(kind: FailureKind, own?: ExitCode): ExitCode {
  switch (kind) {
    case "program-unusable":
      return 126;
    case "program-missing":
      return 127;
    case "interrupted":
      return 130;
  }
  if (own !== undefined) return own;
  switch (kind) {
    case "usage":
      return 2;
    case "login":
    case "forbidden":
      return 4;
    case "tool-failed":
    case "denied":
      return 5;
    case "grant-needed":
    case "secret-missing":
      return 6;
    case "network":
      return 7;
    default:
      return 1;
  }
}
