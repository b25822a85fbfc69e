/** The reason why a local Arcade could not start, for the command line. */
export class LocalArcadeError extends Error {
  override readonly name = "LocalArcadeError";
  readonly reason: "port-taken" | "data-in-use" | "data-unreadable";

  constructor(reason: LocalArcadeError["reason"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}
