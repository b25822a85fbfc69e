import type { HttpContext } from "../api/exchange.ts";
import type { PeerContext } from "../api/local_peer.ts";
import { httpOfLogin } from "../api/reach.ts";
import { fetchSettingsOf, revoke } from "./oauth.ts";
import { withDeadline } from "../system/waiting.ts";
import { Failure } from "../failure.ts";
import type { OAuthCredentials } from "../store/credentials.ts";

const REVOKE_MS = 2000;

interface RevocationContext extends PeerContext {
  /** Shows a warning to the user. */
  readonly io: { readonly warn: (line: string) => void };
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
    context.io.warn(
      "Could not revoke the login at the coordinator; it stays valid until it expires",
    );
  let http: HttpContext;
  try {
    http = await httpOfLogin(context, login);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return () => Promise.resolve(fail());
  }
  return async () => {
    const isRevoked = await withinRevocationTime(http, async (bounded) => {
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
  http: HttpContext,
  work: (http: HttpContext) => Promise<void>,
): Promise<boolean> {
  const message = `The coordinator did not answer within ${REVOKE_MS / 1000} s`;
  const late = () => new Failure("network", message);
  try {
    await withDeadline(
      { milliseconds: REVOKE_MS, late },
      (signal) => work({ ...http, signal }),
    );
    return true;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    http.trace?.(error.message);
    return false;
  }
}
