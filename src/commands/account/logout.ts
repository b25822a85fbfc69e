import { issuerOf } from "../../api/urls.ts";
import {
  readCredentials,
  removeCredentials,
  withCredentialsLock,
} from "../../store/credentials.ts";
import { endTelemetryIdentity } from "../../telemetry/report.ts";
import type { Context } from "../context.ts";
import { info } from "../../cli/report.ts";
import { revokeLogin } from "../../auth/revocation.ts";

/** Removes the credentials, then revokes the login at the coordinator that issued it. */
export async function logout(context: Context): Promise<void> {
  if (!await readCredentials(context.folder())) {
    context.telemetry.endedLogin = await endTelemetryIdentity(context, {
      isEnded: false,
      principalId: undefined,
    });
    context.stderr.write("Already logged out\n");
    return;
  }
  const removed = await withCredentialsLock(context.folder(), async () => {
    const credentials = await readCredentials(context.folder());
    await removeCredentials(context.folder());
    return credentials;
  });
  context.telemetry.endedLogin = await endTelemetryIdentity(context, {
    isEnded: true,
    principalId: removed?.kind === "oauth" ? removed.accountId : undefined,
  });
  if (removed?.kind !== "oauth") {
    context.stderr.write("Logged out; the stored API key was deleted\n");
    return;
  }
  info(context, `Logged out ${removed.email}`);
  const remaining = await readCredentials(context.folder());
  if (remaining?.kind === "oauth") {
    info(context, `Now logged in as ${remaining.email} at ${issuerOf(remaining)}`);
  }
  await revokeLogin(context, removed);
}
