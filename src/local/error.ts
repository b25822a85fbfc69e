/** Why a local Arcade could not start, as the command line tells it to the user. */
export class LocalArcadeError extends Error {
  override readonly name = "LocalArcadeError";
  readonly reason: "port-taken" | "data-in-use" | "data-unreadable";

  constructor(reason: LocalArcadeError["reason"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}
