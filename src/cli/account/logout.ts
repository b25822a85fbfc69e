import { fetchOAuthSettings, revoke } from "../../arcade/oauth.ts";
import { type AddressFlags, coordinatorUrl } from "../../arcade/urls.ts";
import { Failure } from "../../failure.ts";
import {
  type OAuthCredentials,
  readCredentials,
  removeCredentials,
  withCredentialsLock,
} from "../../store/credentials.ts";
import { endUsageIdentity } from "../../usage/report.ts";
import type { Context } from "../context.ts";
import { sentences, tell } from "../report.ts";

const REVOKE_MS = 2000;

/** Removes the credentials, then revokes the refresh token as well as the coordinator lets us within two seconds. */
export async function logout(context: Context, flags: AddressFlags): Promise<void> {
  if (!await readCredentials(context.folder())) {
    context.outcome.endedLogin = await endUsageIdentity(context, {
      isEnded: false,
      principalId: undefined,
    });
    context.stderr.write("Not logged in, so there is nothing to do\n");
    return;
  }
  const removed = await withCredentialsLock(context.folder(), async () => {
    const credentials = await readCredentials(context.folder());
    await removeCredentials(context.folder());
    return credentials;
  });
  context.outcome.endedLogin = await endUsageIdentity(context, {
    isEnded: true,
    principalId: removed?.kind === "oauth" ? removed.accountId : undefined,
  });
  if (removed?.kind !== "oauth") {
    context.stderr.write("Logged out; the stored API key was deleted\n");
    return;
  }
  tell(context, `Logged out ${removed.email}`);
  const remaining = await readCredentials(context.folder());
  if (remaining?.kind === "oauth") {
    tell(context, `The login of ${remaining.email} at ${remaining.coordinatorUrl} is active now`);
  }
  if (removed.refreshToken) await revokeWithin(context, flags, removed);
}

async function revokeWithin(
  context: Context,
  flags: AddressFlags,
  { refreshToken, coordinatorUrl: stored }: OAuthCredentials,
): Promise<void> {
  if (!refreshToken) return;
  const deadline = new AbortController();
  const late = new Failure(
    "network",
    `The coordinator did not answer within ${REVOKE_MS / 1000} s`,
  );
  const timer = setTimeout(() => deadline.abort(late), REVOKE_MS);
  const bounded = { ...context, signal: deadline.signal };
  try {
    const coordinator = coordinatorUrl(flags, context.env, stored);
    await revoke(bounded, await fetchOAuthSettings(bounded, coordinator), refreshToken);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    context.trace?.(sentences(error));
    context.stderr.write("The coordinator could not be told; the login ends there by itself\n");
  } finally {
    clearTimeout(timer);
  }
}
