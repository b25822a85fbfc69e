import { Failure } from "../failure.ts";

/** The reason why a local Arcade could not start, for the command line. */
export class LocalArcadeError extends Error {
  override readonly name = "LocalArcadeError";
  readonly reason: "port-taken" | "cannot-listen" | "data-in-use" | "data-unreadable";
  /** The address of the local Arcade that uses the data, if it is known. */
  readonly address: string | undefined;

  constructor(
    reason: LocalArcadeError["reason"],
    message: string,
    options: ErrorOptions & { address?: string } = {},
  ) {
    super(message, options);
    this.reason = reason;
    this.address = options.address;
  }
}

/** The failure of a server that a seed starts. */
export class SeedServerFailure extends Failure {
  /** @param lines what the server printed last, which can contain values. */
  constructor(readonly server: string, readonly lines: readonly string[], cause: Failure) {
    super(cause.kind, cause.message, { ...(cause.next && { next: cause.next }), cause });
  }
}
