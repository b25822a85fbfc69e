import { revokeLogin } from "../../auth/revocation.ts";
import { type ContextFlag, namedContext } from "../../auth/stored_login.ts";
import { findContext, readContexts, type StoredContext } from "../../store/credentials.ts";
import {
  removeContext,
  removeCredentials,
  withCredentialsLock,
} from "../../store/credentials_changes.ts";
import { mcpLoginServers } from "../../store/mcp_logins.ts";
import { type EndedLogin, endTelemetryIdentity } from "../../telemetry/logout.ts";
import type { Context } from "../context.ts";
import { forgetPending } from "./forget_pending.ts";

export interface LogoutFlags extends ContextFlag {
  readonly all?: boolean;
}

/** Removes a context, or all of them. Then revokes the logins at the coordinators that issued them. */
export async function logout(
  context: Context,
  flags: LogoutFlags,
): Promise<EndedLogin | undefined> {
  const folder = context.files.folder();
  const name = flags.all ? undefined : namedContext(context, flags);
  const removed = await withCredentialsLock(context.files, async () => {
    if (flags.all) {
      const contexts = await readContexts(folder);
      await removeCredentials(folder);
      forgetPending(context, () => true);
      return contexts;
    }
    const found = await findContext(folder, name);
    if (found) {
      await removeContext(folder, found.contextName);
      forgetPending(context, ({ contextName }) => contextName === found.contextName);
    }
    return found ? [found] : [];
  }, { isRemoval: true });
  const active = removed.find(({ isActive }) => isActive);
  const ended = removed.length === 0 || active
    ? await endTelemetryIdentity(context, {
      isEnded: active !== undefined,
      principalId: active?.login?.accountId,
    })
    : undefined;
  const servers = flags.all ? mcpLoginServers(folder) : [];
  if (servers.length > 0) {
    const { endMcpLogins } = await import("../shared/mcp_logout.ts");
    await endMcpLogins(context, servers);
  }
  if (removed.length === 0) {
    if (servers.length === 0) context.io.stderr.write("Already logged out\n");
    return ended;
  }
  for (const one of removed) report(context, one);
  const remaining = await findContext(folder, undefined);
  if (active && remaining) {
    const who = remaining.login ? `logged in as ${remaining.login.email}` : "not logged in";
    context.io.info(`The active context is now "${remaining.contextName}", where you are ${who}`);
  }
  await Promise.all(removed.map(({ login }) => login && revokeLogin(context, login)));
  return ended;
}

function report(context: Context, { contextName, login, isLegacy }: StoredContext): void {
  if (login) context.io.info(`Logged out ${login.email}`);
  else if (isLegacy) context.io.info("Logged out; the stored API key was deleted");
  else context.io.info(`Removed the context "${contextName}"`);
}
