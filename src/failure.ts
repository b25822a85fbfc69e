/**
 * The kinds of failures. The kind determines the exit code (src/cli/exit_code.ts).
 *
 * - `usage`: the command line or the input file is invalid
 * - `login`: not logged in, or the login is no longer accepted
 * - `forbidden`: logged in, but not allowed
 * - `network`: the server is unreachable, or timed out
 * - `server`: the server returned an error or an unexpected response
 * - `not-found`: the named resource does not exist
 * - `file`: a file or folder on this machine is unusable
 * - `interrupted`: the user pressed Ctrl-C
 * - `partial`: some of the work failed; the output lists both parts
 * - `internal`: a bug in this program
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
 * A failure with a message for the user and a next step. Both start with a capital letter and have no period at the end.
 * Neither may contain a token, a secret value or the content of a private file.
 */
export class Failure extends Error {
  override readonly name = "Failure";
  readonly kind: FailureKind;
  /** What the user can do; undefined only if there is nothing to do. */
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
