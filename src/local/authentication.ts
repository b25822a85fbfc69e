/** The caller: the account or the project behind the token of a request. */

import type { Context } from "hono";
import { ApiError } from "./api_error.ts";
import type { Account, KeyOwner } from "./model/accounts.ts";
import type { Services } from "./services.ts";

/** Authorizes a request and returns the id of its project. */
export type ProjectOf = (c: Context) => string;

/** Authorizes a request and returns the caller. */
export type CallerOf = (c: Context) => Caller;

export interface Caller {
  readonly projectId: string;
  /** The user of a login; undefined for an API key, which calls tools for any user. */
  readonly userId: string | undefined;
}

/** The account behind the access token of a request (RFC 6750 section 2.1). */
export function requireAccount(c: Context, services: Services): Account {
  const accountId = services.tokens.accountOf(bearerToken(c));
  const account = accountId === undefined ? undefined : services.accounts.find(accountId);
  if (account === undefined) throw invalidToken("The access token is unknown, revoked or expired");
  return account;
}

/** The account and project behind the API key of a request; undefined for another token. */
export function apiKeyOf(c: Context, services: Services): KeyOwner | undefined {
  return services.accounts.ownerOfApiKey(bearerToken(c));
}

/** As {@link apiKeyOf}, for requests that need a key. */
export function requireApiKey(c: Context, services: Services): KeyOwner {
  const owner = apiKeyOf(c, services);
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

/** The token of a request: with the scheme Bearer (RFC 6750 section 2.1), or bare, as Arcade's SDKs send it. */
export function bearerToken(c: Context): string {
  const token = /^(?:Bearer +|(?!Bearer$))([\w.~+/-]+=*)$/i
    .exec(c.req.header("authorization") ?? "")?.[1];
  if (token === undefined) {
    const message = c.req.header("authorization") === undefined
      ? "Missing Authorization header"
      : "The Authorization header has no token";
    throw new ApiError(401, message, { headers: { "www-authenticate": "Bearer" } });
  }
  return token;
}

/** RFC 6750 section 3.1. */
function invalidToken(description: string): ApiError {
  const challenge = `Bearer error="invalid_token", error_description="${description}"`;
  return new ApiError(401, description, { headers: { "www-authenticate": challenge } });
}
