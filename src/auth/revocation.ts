import type { HttpContext } from "../api/exchange.ts";
import { fetchSettingsOf, revoke } from "./oauth.ts";
import { withDeadline } from "../deadline.ts";
import { Failure } from "../failure.ts";
import type { OAuthCredentials } from "../store/credentials.ts";

const REVOKE_MS = 2000;

interface RevocationContext extends HttpContext {
  /** Shows a warning to the user. */
  readonly warn: (line: string) => void;
}

/** Revokes a login at its issuer. Warns when that fails, because this machine has already removed the login. */
export async function revokeLogin(
  context: RevocationContext,
  login: OAuthCredentials,
): Promise<void> {
  const isRevoked = await withinRevocationTime(context, async (bounded) => {
    await revoke(bounded, await fetchSettingsOf(bounded, login), login);
  });
  if (!isRevoked) {
    context.warn("Could not revoke the login at the coordinator; it will expire by itself");
  }
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
