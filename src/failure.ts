/**
 * The kinds of failures. The kind determines the exit code (src/cli/exit_code.ts).
 *
 * - `usage`: the command line or the input file is invalid
 * - `login`: not logged in, or the login is no longer accepted
 * - `forbidden`: logged in, but not allowed
 * - `network`: no service answered: it is unreachable, timed out, or failed with a 5xx
 * - `server`: the server refused, or returned an unexpected response
 * - `not-found`: the named resource does not exist
 * - `tool-failed`: a tool was called and failed
 * - `denied`: a policy of the organization denied the call of a tool
 * - `grant-needed`: a tool needs something that the user must allow first
 * - `secret-missing`: a tool needs a secret that is not set
 * - `file`: a file or folder on this machine is unusable
 * - `port`: a port of this machine is unusable
 * - `program-missing`: the program that the command line names does not exist
 * - `program-unusable`: the program that the command line names is not executable
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
  | "tool-failed"
  | "denied"
  | "grant-needed"
  | "secret-missing"
  | "file"
  | "port"
  | "program-missing"
  | "program-unusable"
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
  /** The HTTP status of the response that failed, if there was one; by default the status of the cause. */
  readonly status: number | undefined;
  /** The name that the service gave the error, for programs. */
  readonly reason: string | undefined;
  /** The message for telemetry, if `message` has data of a tool or a project in it. */
  readonly report: string | undefined;
  readonly #canRetry: boolean | undefined;

  constructor(
    kind: FailureKind,
    message: string,
    options: {
      next?: string;
      cause?: unknown;
      status?: number;
      reason?: string | undefined;
      report?: string;
      /** Whether the same can succeed later, if the kind does not decide it. */
      canRetry?: boolean;
    } = {},
  ) {
    super(message, "cause" in options ? { cause: options.cause } : undefined);
    this.kind = kind;
    this.next = options.next;
    const { cause } = options;
    this.status = options.status ?? (cause instanceof Failure ? cause.status : undefined);
    this.reason = options.reason;
    this.report = options.report;
    this.#canRetry = options.canRetry;
  }

  /** Whether the service is to blame rather than the request. Another request may succeed. */
  get isOfService(): boolean {
    return this.kind === "network" || this.kind === "server";
  }

  /** Whether the same command can succeed later without any change. */
  get isRetryable(): boolean {
    const { kind, status } = this;
    if (this.#canRetry !== undefined) return this.#canRetry;
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
