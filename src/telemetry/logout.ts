/** The end of a telemetry identity at a logout. */

import {
  changeTelemetryIdentity,
  newTelemetryIdentity,
  readTelemetryIdentity,
  type TelemetryIdentity,
} from "./identity.ts";
import { optOut, type TrackingContext } from "./tracking.ts";

/** The lock is held only during a write, so this is long enough. */
const LOGOUT_LOCK_MS = 1000;

/** A login that a command ended, which telemetry reports as a logout. */
export class EndedLogin {
  readonly kind = "ended-login";
  /** The identity before the logout; no longer in use. */
  readonly identity: TelemetryIdentity;
  /** The principal of the login, if known. */
  readonly principalId: string | undefined;

  constructor(identity: TelemetryIdentity, principalId: string | undefined) {
    this.identity = identity;
    this.principalId = principalId;
  }
}

/**
 * Replaces the identity of a login at logout, so that later events do not use it.
 *
 * @param login.isEnded whether a login ended. A linked identity is replaced without one too.
 * @param login.principalId the principal of the login, if known.
 * @returns the old identity, for the event of the logout.
 */
export async function endTelemetryIdentity(
  context: TrackingContext,
  login: { readonly isEnded: boolean; readonly principalId: string | undefined },
): Promise<EndedLogin | undefined> {
  try {
    if (optOut(context)) return undefined;
    const folder = context.files.folder();
    if (!readTelemetryIdentity(folder)) return undefined;
    const { before, after } = await changeTelemetryIdentity(
      folder,
      (current) => login.isEnded || current.linkedPrincipalId ? newTelemetryIdentity() : current,
      { timeoutMs: LOGOUT_LOCK_MS },
    );
    return before === after ? undefined : new EndedLogin(before, login.principalId);
  } catch {
    return undefined;
  }
}
