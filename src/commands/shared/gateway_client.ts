/** How MCP clients reach gateways, for the commands that add gateways to them. */

import type { Client, Scope } from "../../clients/clients.ts";
import { type ClientServer, entryOf } from "../../clients/entry.ts";
import { Failure } from "../../failure.ts";
import { isLoopback } from "../../hosts/address.ts";
import type { Context } from "../context.ts";
import { AUTH_TYPES } from "./gateways.ts";

/** How a client reaches a gateway: by its address, with an API key from its environment, or through `arcade mcp proxy`. */
export async function gatewayServer(
  context: Context,
  client: Client,
  { url, authType, name, isWrapped, contextName }: {
    readonly url: string;
    readonly authType: string;
    readonly name: string;
    readonly isWrapped: boolean;
    /** The context that `arcade mcp proxy` takes; undefined for the active one. */
    readonly contextName: string | undefined;
  },
): Promise<ClientServer> {
  const headers: Extract<ClientServer, { kind: "http" }>["headers"] = authType === AUTH_TYPES.header
    ? {
      Authorization: { prefix: "Bearer ", variable: "ARCADE_API_KEY" },
      "Arcade-User-ID": { prefix: "", variable: "ARCADE_USER_ID" },
    }
    : {};
  const server = { kind: "http", url, headers } as const;
  if (entryOf(client, name, server) !== undefined) return server;
  const ofContext = contextName === undefined ? [] : ["--context", contextName];
  const line = [...await context.processes.ownCommand(), "mcp", "proxy", url, ...ofContext];
  const distribution = context.env.WSL_DISTRO_NAME ?? "";
  const command = isWrapped ? ["wsl.exe", "-d", distribution, "--exec", ...line] : line;
  return { kind: "stdio", command, env: {} };
}

/** @throws {Failure} of kind `usage` when a client does not reach servers on this machine. */
export function requireReachable({ title, isRemote }: Client, engine: string): void {
  if (!isRemote || !isLoopback(new URL(engine).hostname)) return;
  throw new Failure("usage", `${title} can only reach servers with a public https address`, {
    next: "Log in to an Arcade server that has a public https address",
  });
}

/** What the user does after a change. */
export function nextSteps(
  { title, before, reload, approval, login }: Client,
  { name, server, scope }: {
    readonly name: string;
    readonly server: ClientServer;
    readonly scope: Scope;
  },
): string[] {
  const hasHeaders = server.kind === "http" && Object.keys(server.headers).length > 0;
  return [
    ...(before === undefined ? [] : [before]),
    ...(hasHeaders ? [`Set ARCADE_API_KEY and ARCADE_USER_ID in the environment of ${title}`] : []),
    reload.replace("NAME", name),
    ...(scope === "project" && approval !== undefined ? [approval] : []),
    ...(server.kind === "http" && !hasHeaders && login !== undefined
      ? [login.replace("NAME", name)]
      : []),
  ];
}
