import { Failure } from "../../failure.ts";
import { shownAddress } from "../../hosts/urls.ts";
import { closest } from "../../text/closest.ts";
import { mcpLoginServers } from "../../store/mcp_logins.ts";
import type { ContextFlag } from "../../auth/stored_login.ts";
import type { Context } from "../context.ts";
import type { JsonFlag } from "../shared/flags.ts";
import { writeJson } from "../shared/json.ts";
import { endMcpLogins } from "../shared/mcp_logout.ts";
import { mcpAddress } from "../shared/mcp_server.ts";

/** Removes the login that is stored for one MCP server. */
export async function logOutAtServer(
  context: Context,
  flags: ContextFlag & JsonFlag,
  address: string,
): Promise<void> {
  const { href } = await mcpAddress(context, flags, address);
  const servers = mcpLoginServers(context.files.folder());
  if (!servers.includes(href)) {
    const near = closest(href, servers);
    throw new Failure("not-found", `No login is stored for ${shownAddress(href)}`, {
      next: near !== undefined
        ? `Did you mean ${shownAddress(near)}?`
        : servers.length === 0
        ? "`arcade gateway test` and `arcade mcp proxy` log in to servers that require a login"
        : `Logins are stored for ${servers.map(shownAddress).join(", ")}`,
    });
  }
  await endMcpLogins(context, [href]);
  if (flags.json) writeJson(context, { removed: shownAddress(href) });
}
