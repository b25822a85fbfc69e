import type { FailureKind } from "../failure.ts";

/** The exit codes that scripts can rely on. */
export type ExitCode = 0 | 1 | 2 | 4 | 5 | 6 | 7 | 130;

/** The exit code of a failure. */
export function exitCodeOf(kind: FailureKind): ExitCode {
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
    case "interrupted":
      return 130;
    default:
      return 1;
  }
}
