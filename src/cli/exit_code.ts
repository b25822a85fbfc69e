import type { FailureKind } from "../failure.ts";

/** The exit codes that scripts can rely on. `arcade help exit-codes` and docs/commands.md list them. */
export const EXIT_CODES = [
  [0, "done"],
  [1, "failed, or only partly done"],
  [2, "wrong usage"],
  [4, "not logged in, or not allowed"],
  [7, "no service answered"],
  [130, "interrupted"],
] as const;

export type ExitCode = typeof EXIT_CODES[number][0];

/** The exit code of a failure. */
export function exitCodeOf(kind: FailureKind): ExitCode {
  switch (kind) {
    case "usage":
      return 2;
    case "login":
    case "forbidden":
      return 4;
    case "network":
      return 7;
    case "interrupted":
      return 130;
    default:
      return 1;
  }
}
