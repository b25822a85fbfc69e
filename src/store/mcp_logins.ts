/**
 * `mcp-logins.json`: the logins to MCP servers with their own authorization server (docs/contracts.md, Files). Each
 * belongs to one address, and its tokens are sent to no other server.
 */

import { Fields, InvalidField, isMapping, type Mapping, parseJson } from "../contract/fields.ts";
import { Failure } from "../failure.ts";
import { type LockOptions, withLock } from "../files/lock.ts";
import type { WindowsSystem } from "../files/owner_only.ts";
import { mayExist, readPrivateFile } from "../files/private_file.ts";
import { Sensitive } from "../secrecy/sensitive.ts";
import { pathIn } from "../system/paths.ts";

/** A login at one MCP server. */
export interface McpLogin {
  /** The address of the server, which the tokens are for. */
  readonly server: string;
  /** The server's own identifier. Tokens are renewed for it. */
  readonly resource: string;
  readonly issuer: string;
  readonly clientId: string;
  readonly authorizationEndpoint: string;
  readonly tokenEndpoint: string;
  readonly revocationEndpoint: string | undefined;
  readonly accessToken: Sensitive;
  readonly refreshToken: Sensitive | undefined;
  readonly expiresAt: Date;
  /** Whether a local Arcade that proved its identity issued it. Requests then go only to that local Arcade. */
  readonly isProven: boolean;
}

/** Where the logins are stored. */
export interface McpLoginsPlace {
  /** The Arcade folder. */
  readonly folder: () => string;
  readonly windows?: WindowsSystem | undefined;
}

/** Runs `work` while holding the lock of the logins. */
export function withMcpLoginsLock<T>(
  { folder, windows }: McpLoginsPlace,
  work: () => Promise<T> | T,
  options: Omit<LockOptions, "windows"> = {},
): Promise<T> {
  return withLock(folder(), ".mcp-logins.lock", work, { ...options, windows });
}

/**
 * The login at a server; undefined without one.
 *
 * @throws {Failure} of kind `file`; the message does not quote the file.
 */
export function readMcpLogin(folder: string, server: string): McpLogin | undefined {
  const all = readAll(folder);
  if (!Object.hasOwn(all, server)) return undefined;
  const content = all[server];
  try {
    if (!isMapping(content)) throw new InvalidField("a login");
    const fields = new Fields(content);
    const expiresAt = new Date(fields.requiredText("expires_at"));
    if (Number.isNaN(expiresAt.getTime())) throw new InvalidField("expires_at");
    const refreshToken = fields.text("refresh_token");
    return {
      server,
      resource: fields.id("resource"),
      issuer: fields.id("issuer"),
      clientId: fields.id("client_id"),
      authorizationEndpoint: fields.requiredAddress("authorization_endpoint"),
      tokenEndpoint: fields.requiredAddress("token_endpoint"),
      revocationEndpoint: fields.address("revocation_endpoint"),
      accessToken: new Sensitive(fields.id("access_token")),
      refreshToken: refreshToken ? new Sensitive(refreshToken) : undefined,
      expiresAt,
      isProven: fields.flag("proven"),
    };
  } catch (error) {
    if (error instanceof InvalidField) throw corrupt(mcpLoginsPath(folder), error.message);
    throw error;
  }
}

/** Stores a login. The caller holds the lock. Throws a {@link Failure} of kind `file`. */
export async function storeMcpLogin(folder: string, login: McpLogin): Promise<void> {
  await write(folder, {
    ...readAll(folder),
    [login.server]: {
      resource: login.resource,
      issuer: login.issuer,
      client_id: login.clientId,
      authorization_endpoint: login.authorizationEndpoint,
      token_endpoint: login.tokenEndpoint,
      ...(login.revocationEndpoint !== undefined && {
        revocation_endpoint: login.revocationEndpoint,
      }),
      access_token: login.accessToken.reveal(),
      ...(login.refreshToken && { refresh_token: login.refreshToken.reveal() }),
      expires_at: login.expiresAt.toISOString(),
      ...(login.isProven && { proven: true }),
    },
  });
}

/** Removes a login. The caller holds the lock. Throws a {@link Failure} of kind `file`. */
export async function removeMcpLogin(folder: string, server: string): Promise<void> {
  const { [server]: _removed, ...others } = readAll(folder);
  await write(folder, others);
}

/** The addresses of the servers with a login. */
export function mcpLoginServers(folder: string): string[] {
  return Object.keys(readAll(folder));
}

function readAll(folder: string): Mapping {
  const path = mcpLoginsPath(folder);
  const text = mayExist(path) ? readPrivateFile(path) : undefined;
  if (text === undefined) return {};
  const content = parseJson(text);
  if (isMapping(content)) return content;
  throw corrupt(path, "not a JSON object");
}

async function write(folder: string, logins: Mapping): Promise<void> {
  const { writePrivateFile } = await import("../files/private_file_changes.ts");
  writePrivateFile(mcpLoginsPath(folder), `${JSON.stringify(logins, null, 2)}\n`);
}

/** The file of the logins to MCP servers. */
export function mcpLoginsPath(folder: string): string {
  return pathIn(folder, "mcp-logins.json");
}

function corrupt(path: string, what: string): Failure {
  return new Failure("file", `${path} is corrupt (${what})`, {
    next: "Move it away, then log in again to each server that asks",
  });
}
