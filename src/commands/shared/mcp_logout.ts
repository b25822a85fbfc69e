import { throughPeer } from "../../api/local_peer.ts";
import { settingsOf } from "../../auth/mcp_authorization.ts";
import { revoke } from "../../auth/oauth.ts";
import { withinRevocationTime } from "../../auth/revocation.ts";
import { shownAddress } from "../../hosts/urls.ts";
import {
  type McpLogin,
  readMcpLogin,
  removeMcpLogin,
  withMcpLoginsLock,
} from "../../store/mcp_logins.ts";
import type { Context } from "../context.ts";

/** Removes the logins at MCP servers, and then revokes them there. Warns when that fails. */
export async function endMcpLogins(context: Context, servers: readonly string[]): Promise<void> {
  const { files } = context;
  const logins = await withMcpLoginsLock(files, async () => {
    const folder = files.folder();
    const found = servers.flatMap((server) => readMcpLogin(folder, server) ?? []);
    for (const { server } of found) await removeMcpLogin(folder, server);
    return found;
  }, { isRemoval: true });
  for (const { server } of logins) context.io.info(`Logged out of ${shownAddress(server)}`);
  await Promise.all(logins.map((login) => revokeAt(context, login)));
}

async function revokeAt(context: Context, login: McpLogin): Promise<void> {
  const { server, clientId, revocationEndpoint, isProven } = login;
  const { origin } = new URL(server);
  const http = isProven ? throughPeer(context, origin) : context.http;
  const isRevoked = revocationEndpoint !== undefined &&
    await withinRevocationTime(
      http,
      (bounded) => revoke(bounded, settingsOf(login, clientId), login),
    );
  if (!isRevoked) {
    context.io.warn(`could not revoke the login at ${origin}; it stays valid until it expires`);
  }
}
