/** Shared by the commands that store secrets. */

import { MAX_SECRET_CHARACTERS } from "../../contract/secrets.ts";
import { Failure } from "../../failure.ts";
import type { Sensitive } from "../../secrecy/sensitive.ts";

/** The description of a new secret, as in the Python CLI. An existing secret keeps its own. */
export const DESCRIPTION = "Secret set via CLI";

/**
 * Requires a value that the engine can store.
 *
 * @param what the name of the value, for the error.
 * @throws {Failure} of kind `usage`.
 */
export function requireLength(value: Sensitive, what: string): void {
  if (value.length <= MAX_SECRET_CHARACTERS) return;
  throw new Failure("usage", `${what} has ${value.length} characters`, {
    next: `Arcade stores at most ${MAX_SECRET_CHARACTERS}; nothing was stored`,
  });
}
