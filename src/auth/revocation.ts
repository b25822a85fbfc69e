import type { HttpContext } from "../api/exchange.ts";
import type { PeerPlace } from "../api/local_peer.ts";
import { contextOfLogin } from "../api/reach.ts";
import { fetchSettingsOf, revoke } from "./oauth.ts";
import { withDeadline } from "../system/deadline.ts";
import { Failure } from "../failure.ts";
import type { OAuthCredentials } from "../store/credentials.ts";

const REVOKE_MS = 2000;

interface RevocationContext extends HttpContext, PeerPlace {
  /** Shows a warning to the user. */
  readonly warn: (line: string) => void;
}

/** Revokes a login at its issuer. Warns when that fails, because this machine has already removed the login. */
export async function revokeLogin(
  context: RevocationContext,
  login: OAuthCredentials,
): Promise<void> {
  await (await prepareRevocation(context, login))();
}

/**
 * Prepares the revocation of a login before another one replaces it, and with it the note of where its tokens may go.
 *
 * @returns a function that revokes it, as {@link revokeLogin} does.
 */
export async function prepareRevocation(
  context: RevocationContext,
  login: OAuthCredentials,
): Promise<() => Promise<void>> {
  const fail = () =>
    context.warn("Could not revoke the login at the coordinator; it will expire by itself");
  let reaching: RevocationContext;
  try {
    reaching = await contextOfLogin(context, login);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return () => Promise.resolve(fail());
  }
  return async () => {
    const isRevoked = await withinRevocationTime(reaching, async (bounded) => {
      await revoke(bounded, await fetchSettingsOf(bounded, login), login);
    });
    if (!isRevoked) fail();
  };
}

/**
 * Revokes tokens within two seconds. An interruption does not stop it.
 *
 * @returns whether it succeeded.
 */
export async function withinRevocationTime(
  context: HttpContext,
  work: (context: HttpContext) => Promise<void>,
): Promise<boolean> {
  const message = `The coordinator did not answer within ${REVOKE_MS / 1000} s`;
  const late = () => new Failure("network", message);
  try {
    await withDeadline(
      { milliseconds: REVOKE_MS, late },
      (signal) => work({ ...context, signal }),
    );
    return true;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    context.trace?.(error.message);
    return false;
  }
}
