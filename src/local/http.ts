/**
 * Shared by the routes: the services they use, and authentication.
 */

import type { Context } from "hono";
import { LIMIT, OFFSET, type Page } from "../contract/page.ts";
import { ApiError } from "./api_error.ts";
import type { Account, Accounts, KeyOwner } from "./model/accounts.ts";
import type { DeviceCodes } from "./routes/device.ts";
import type { Events } from "./model/events.ts";
import type { PageAccess } from "./pages/page_access.ts";
import type { Secrets } from "./model/secrets.ts";
import type { Server } from "./servers/server.ts";
import type { Servers } from "./servers/servers.ts";
import type { Tokens } from "./model/tokens.ts";

/** The services that the routes use. */
export interface Services {
  accounts: Accounts;
  tokens: Tokens;
  devices: DeviceCodes;
  secrets: Secrets;
  events: Events;
  servers: Servers;
  /** Why no servers run here; undefined if they do. */
  noServers: string | undefined;
  /** The proof that this is the registered local Arcade, for the nonce of a client. */
  prove: (nonce: string) => Promise<string>;
  access: PageAccess;
  autoApprove: boolean;
}

/** The account behind the access token of a request (RFC 6750 section 2.1). */
export function requireAccount(c: Context, services: Services): Account {
  const accountId = services.tokens.accountOf(bearerToken(c));
  const account = accountId === undefined ? undefined : services.accounts.find(accountId);
  if (account === undefined) throw invalidToken("The access token is unknown, revoked or expired");
  return account;
}

/** The account and project behind the API key of a request. */
export function requireApiKey(c: Context, services: Services): KeyOwner {
  const owner = services.accounts.ownerOfApiKey(bearerToken(c));
  if (owner === undefined) throw invalidToken("The API key is unknown");
  return owner;
}

/**
 * Requires that an organization belongs to an account. The error for a missing organization is the
 * same, so that it does not reveal which ids exist.
 */
export function requireOrganization(services: Services, options: {
  accountId: string;
  organizationId: string;
}): void {
  if (services.accounts.ownerOf(options.organizationId) !== options.accountId) {
    throw new ApiError(403, "No such organization, or no access to it");
  }
}

/** Authorizes a request and returns the id of its project. */
export type ProjectOf = (c: Context) => string;

/** The server that the path of a request names. */
export function requireServer(c: Context, services: Services, projectId: string): Server {
  const server = services.servers.named(projectId, c.req.param("name") ?? "");
  if (server === undefined) throw noServer();
  return server;
}

export function noServer(): ApiError {
  return new ApiError(404, "No such server in this project");
}

/** The part of a list that `offset` and `limit` of a request ask for (docs/contracts.md, Engine). */
export function pageOf<T>(c: Context, all: readonly T[]): Page<T> {
  const offset = wholeNumber(c, "offset", OFFSET);
  const limit = wholeNumber(c, "limit", LIMIT);
  return { items: all.slice(offset, offset + limit), total_count: all.length, offset, limit };
}

function wholeNumber(
  c: Context,
  name: string,
  { least, most, otherwise }: { least: number; most: number; otherwise: number },
): number {
  const text = c.req.query(name) ?? String(otherwise);
  const number = /^\d{1,7}$/.test(text) ? Number(text) : -1;
  if (number >= least && number <= most) return number;
  throw new ApiError(400, `The parameter ${name} must be a number from ${least} to ${most}`);
}

/** The token of a request: with the scheme Bearer (RFC 6750 section 2.1), or bare, as Arcade's SDKs send it. */
export function bearerToken(c: Context): string {
  const token = /^(?:Bearer +|(?!Bearer$))([\w.~+/-]+=*)$/i
    .exec(c.req.header("authorization") ?? "")?.[1];
  if (token === undefined) {
    throw new ApiError(401, "A Bearer token is required", { "www-authenticate": "Bearer" });
  }
  return token;
}

/** RFC 6750 section 3.1. */
function invalidToken(description: string): ApiError {
  return new ApiError(401, description, {
    "www-authenticate": `Bearer error="invalid_token", error_description="${description}"`,
  });
}
