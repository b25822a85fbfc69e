/**
 * What can go wrong, as the user meets it. The kind decides the exit code (src/cli/exit_code.ts).
 *
 * - `usage`: the command line or the input file is wrong
 * - `login`: nobody is logged in, or the login is no longer accepted
 * - `forbidden`: logged in, but not allowed
 * - `network`: the other side cannot be reached, or went silent
 * - `server`: the other side answered, but not with what was asked for
 * - `not-found`: what was named does not exist
 * - `file`: a file or folder on this machine is in the way
 * - `interrupted`: the user pressed Ctrl-C
 * - `partial`: some of the work was done and some was not; the output names both
 * - `internal`: a mistake of this program
 */
export type FailureKind =
  | "usage"
  | "login"
  | "forbidden"
  | "network"
  | "server"
  | "not-found"
  | "file"
  | "interrupted"
  | "partial"
  | "internal";

/**
 * A failure with a sentence for the user and a next step. Both start with a capital letter and have no period at the
 * end. Neither may hold a token, a secret value or the content of a private file.
 */
export class Failure extends Error {
  override readonly name = "Failure";
  readonly kind: FailureKind;
  /** What the user can do now; undefined only where there is nothing to do. */
  readonly next: string | undefined;

  constructor(
    kind: FailureKind,
    message: string,
    options: { next?: string; cause?: unknown } = {},
  ) {
    super(message, "cause" in options ? { cause: options.cause } : undefined);
    this.kind = kind;
    this.next = options.next;
  }
}
