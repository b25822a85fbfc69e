/**
 * The kinds of failures. The kind determines the exit code (src/cli/exit_code.ts).
 *
 * - `usage`: the command line or the input file is invalid
 * - `login`: not logged in, or the login is no longer accepted
 * - `forbidden`: logged in, but not allowed
 * - `network`: no service answered: it is unreachable, timed out, or failed with a 5xx
 * - `server`: the server refused, or returned an unexpected response
 * - `not-found`: the named resource does not exist
 * - `file`: a file or folder on this machine is unusable
 * - `port`: a port of this machine is unusable
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
  | "port"
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
  /** The HTTP status of the response that failed, if there was one; by default that of the cause. */
  readonly status: number | undefined;

  constructor(
    kind: FailureKind,
    message: string,
    options: { next?: string; cause?: unknown; status?: number } = {},
  ) {
    super(message, "cause" in options ? { cause: options.cause } : undefined);
    this.kind = kind;
    this.next = options.next;
    const { cause } = options;
    this.status = options.status ?? (cause instanceof Failure ? cause.status : undefined);
  }

  /** Whether a service is to blame, and not what was asked for. It may answer another time. */
  get isOfService(): boolean {
    return this.kind === "network" || this.kind === "server";
  }

  /** Whether the same command can succeed later without any change. */
  get isRetryable(): boolean {
    const { kind, status } = this;
    if (!this.isOfService) return false;
    if (status === undefined) return kind === "network";
    return status === 408 || status === 429 || isOutage(status);
  }
}

/** The kind of failure for an HTTP status of which nothing else is known. */
export function kindOfStatus(status: number): "network" | "server" {
  return isOutage(status) ? "network" : "server";
}

/** Whether a status means that no service answered. 501 is an answer: the service does not support the request. */
function isOutage(status: number): boolean {
  return status >= 500 && status !== 501;
}
