/**
 * Pending authorization requests, authorization codes, and tokens.
 *
 * All tokens of one sign-in form one grant (a "family"). Deleting the grant revokes it: the database then deletes its
 * access tokens, refresh tokens and code too.
 */

import type { Fields } from "../../contract/fields.ts";
import type { OAuthErrorResponse, TokenResponse } from "../../contract/oauth.ts";
import type { Database } from "./database.ts";
import { codeChallengeOf, hashOf, randomOpaque } from "./opaque.ts";

const PENDING_SECONDS = 10 * 60;
/** The maximum number of pending authorization requests. */
const MAX_PENDING = 100;
const CODE_SECONDS = 60;
const REFRESH_TOKEN_SECONDS = 90 * 24 * 60 * 60;
/** The default lifetimes of access tokens. Several MCP clients do not refresh tokens reliably. */
const LOGIN_SECONDS = 60 * 60;
const GATEWAY_SECONDS = 12 * 60 * 60;
/** How long an MCP client gets the same response for a refresh token that it has already used. */
const FORGIVEN_SECONDS = 60;

/**
 * A validated authorization request (RFC 6749 section 4.1.1, RFC 7636 section 4.3).
 */
export interface Authorization {
  readonly client_id: string;
  readonly redirect_uri: string;
  readonly code_challenge: string;
  readonly scope: string;
  readonly state: string;
  /** The only gateway at which the tokens will work; undefined for a login. */
  readonly gateway_id: string | undefined;
}

function readAuthorization(row: Fields): Authorization {
  return {
    client_id: row.requiredText("client_id"),
    redirect_uri: row.requiredText("redirect_uri"),
    code_challenge: row.requiredText("code_challenge"),
    scope: row.requiredText("scope"),
    state: row.requiredText("state"),
    gateway_id: row.text("gateway_id"),
  };
}

/** What tokens are for. */
export interface Grant {
  readonly account_id: string;
  readonly client_id: string;
  readonly scope: string;
  /** The only gateway at which they work; undefined for a login. */
  readonly gateway_id: string | undefined;
}

function readCode(row: Fields) {
  return {
    account_id: row.requiredText("account_id"),
    client_id: row.requiredText("client_id"),
    redirect_uri: row.requiredText("redirect_uri"),
    code_challenge: row.requiredText("code_challenge"),
    scope: row.requiredText("scope"),
    expires_at: row.requiredInteger("expires_at"),
    grant_id: row.text("grant_id"),
    gateway_id: row.text("gateway_id"),
  };
}

function readRefreshToken(row: Fields) {
  return {
    grant_id: row.requiredText("grant_id"),
    client_id: row.requiredText("client_id"),
    scope: row.requiredText("scope"),
    gateway_id: row.text("gateway_id"),
    isUsed: row.requiredInteger("used") === 1,
    expires_at: row.requiredInteger("expires_at"),
  };
}

export class Tokens {
  readonly #database: Database;
  readonly #now: () => Date;
  readonly #accessTokenSeconds: number | undefined;
  /** The responses to refresh tokens of gateways, by their hashes, the oldest first. */
  readonly #refreshed = new Map<
    string,
    { readonly until: number; readonly answer: TokenResponse }
  >();

  /** @param options.accessTokenSeconds the lifetime of all access tokens; undefined for the usual ones. */
  constructor(
    database: Database,
    options: { now: () => Date; accessTokenSeconds: number | undefined },
  ) {
    this.#database = database;
    this.#now = options.now;
    this.#accessTokenSeconds = options.accessTokenSeconds;
  }

  /**
   * Stores an authorization request until the user approves or denies it, and returns an id for the page.
   */
  hold(authorization: Authorization): string {
    this.#forgetExpired();
    const id = randomOpaque("arcl_pa_");
    const { client_id, redirect_uri, code_challenge, scope, state, gateway_id } = authorization;
    this.#database.run(
      "INSERT INTO pending_authorizations VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
      ...[hashOf(id), client_id, redirect_uri, code_challenge, scope, state],
      ...[this.#inSeconds(PENDING_SECONDS), gateway_id ?? null],
    );
    const newest = "(SELECT max(rowid) FROM pending_authorizations)";
    this.#database.run(
      `DELETE FROM pending_authorizations WHERE rowid <= ${newest} - ?`,
      MAX_PENDING,
    );
    return id;
  }

  /** The pending authorization request with an id, unless it has expired. */
  held(id: string): Authorization | undefined {
    return this.#database.first(
      readAuthorization,
      "SELECT * FROM pending_authorizations WHERE hash = ? AND expires_at > ?",
      ...[hashOf(id), this.#now().getTime()],
    );
  }

  /** Removes an authorization request, so that it is answered only once. */
  release(id: string): void {
    this.#database.run("DELETE FROM pending_authorizations WHERE hash = ?", hashOf(id));
  }

  /** An authorization code for an approved request (RFC 6749 section 4.1.2). */
  createCode(accountId: string, authorization: Authorization): string {
    this.#forgetExpired();
    const code = randomOpaque("arcl_ac_");
    const { client_id, redirect_uri, code_challenge, scope, gateway_id } = authorization;
    this.#database.run(
      "INSERT INTO codes VALUES (?, ?, ?, ?, ?, ?, ?, NULL, ?)",
      ...[hashOf(code), accountId, client_id, redirect_uri, code_challenge, scope],
      ...[this.#inSeconds(CODE_SECONDS), gateway_id ?? null],
    );
    return code;
  }

  /**
   * Exchanges an authorization code for tokens (RFC 6749 section 4.1.3, RFC 7636 section 4.6). A
   * second use revokes the tokens of the first one (RFC 6749 section 4.1.2).
   *
   * @param request.gateway_id the gateway that the client names; undefined if it names none.
   */
  exchangeCode(
    code: string,
    request: {
      client_id: string;
      redirect_uri: string;
      code_verifier: string;
      gateway_id: string | undefined;
    },
  ): TokenResponse | OAuthErrorResponse {
    return this.#database.transaction(() => {
      const sql = "SELECT * FROM codes WHERE hash = ?";
      const stored = this.#database.first(readCode, sql, hashOf(code));
      if (stored === undefined) return invalidGrant("The code is unknown");
      if (stored.grant_id !== undefined) {
        this.#revokeGrant(stored.grant_id);
        return invalidGrant("The code was already used; its tokens are revoked");
      }
      if (this.#isPast(stored.expires_at)) return invalidGrant("The code has expired");
      if (stored.client_id !== request.client_id) {
        return invalidGrant("The code was issued to another client");
      }
      if (stored.redirect_uri !== request.redirect_uri) {
        return invalidGrant("The redirect_uri differs from the authorization request");
      }
      if (stored.code_challenge !== codeChallengeOf(request.code_verifier)) {
        return invalidGrant("The code_verifier does not match the code_challenge");
      }
      if (request.gateway_id !== undefined && request.gateway_id !== stored.gateway_id) {
        return invalidTarget("The code was issued for another resource");
      }
      const grantId = this.#insertGrant(stored);
      this.#database.run("UPDATE codes SET grant_id = ? WHERE hash = ?", grantId, hashOf(code));
      return this.#issue(grantId, stored);
    });
  }

  /**
   * Exchanges a refresh token for new tokens and retires it (RFC 6749 section 6). Reuse of a retired token means that
   * one of its users stole it, and revokes the whole grant (RFC 9700 section 4.14.2). The token of an MCP client is forgiven
   * for a minute, because several processes of a client share one.
   *
   * @param request.gateway_id the gateway that the client names; undefined if it names none.
   */
  refresh(
    refreshToken: string,
    request: { client_id: string; gateway_id: string | undefined },
  ): TokenResponse | OAuthErrorResponse {
    return this.#database.transaction(() => {
      const stored = this.#database.first(
        readRefreshToken,
        `SELECT grant_id, client_id, scope, gateway_id, used, expires_at
         FROM refresh_tokens JOIN grants ON grants.id = grant_id WHERE hash = ?`,
        hashOf(refreshToken),
      );
      if (stored === undefined) return invalidGrant("The refresh token is unknown or revoked");
      if (stored.client_id !== request.client_id) {
        return invalidGrant("The refresh token was issued to another client");
      }
      if (request.gateway_id !== undefined && request.gateway_id !== stored.gateway_id) {
        return invalidTarget("The refresh token was issued for another resource");
      }
      if (stored.isUsed) {
        const before = this.#refreshed.get(hashOf(refreshToken));
        if (before !== undefined && !this.#isPast(before.until)) return before.answer;
        this.#revokeGrant(stored.grant_id);
        return invalidGrant("The refresh token was already used; the whole sign-in is revoked");
      }
      if (this.#isPast(stored.expires_at)) return invalidGrant("The refresh token has expired");
      this.#database.run("UPDATE refresh_tokens SET used = 1 WHERE hash = ?", hashOf(refreshToken));
      const answer = this.#issue(stored.grant_id, stored);
      if (stored.gateway_id !== undefined) this.#remember(refreshToken, answer);
      return answer;
    });
  }

  /** Keeps the response to a refresh token, and removes those that can no longer be reused. */
  #remember(refreshToken: string, answer: TokenResponse): void {
    for (const [hash, { until }] of this.#refreshed) {
      if (!this.#isPast(until)) break;
      this.#refreshed.delete(hash);
    }
    const until = this.#inSeconds(FORGIVEN_SECONDS);
    this.#refreshed.set(hashOf(refreshToken), { until, answer });
  }

  /** Creates the tokens of a new sign-in. Call it inside a transaction. */
  issueFor(grant: Grant): TokenResponse {
    return this.#issue(this.#insertGrant(grant), grant);
  }

  /**
   * Revokes an access token, or with a refresh token the whole grant (RFC 7009 section 2.1). An
   * unknown token is ignored (section 2.2).
   */
  revoke(token: string, clientId: string): void {
    const hash = hashOf(token);
    const ofClient = "grant_id IN (SELECT id FROM grants WHERE client_id = ?)";
    this.#database.transaction(() => {
      this.#database.run(
        `DELETE FROM access_tokens WHERE hash = ? AND ${ofClient}`,
        ...[hash, clientId],
      );
      this.#database.run(
        `DELETE FROM grants WHERE client_id = ?
         AND id IN (SELECT grant_id FROM refresh_tokens WHERE hash = ?)`,
        ...[clientId, hash],
      );
    });
  }

  /**
   * The account of an access token; undefined when it is unknown, revoked or expired.
   *
   * @param gatewayId the gateway that it must have been issued for; undefined for a login.
   */
  accountOf(accessToken: string, gatewayId?: string): string | undefined {
    return this.#database.first(
      (row) => row.requiredText("account_id"),
      `SELECT account_id FROM access_tokens JOIN grants ON grants.id = grant_id
       WHERE hash = ? AND expires_at > ? AND gateway_id IS ?`,
      ...[hashOf(accessToken), this.#now().getTime(), gatewayId ?? null],
    );
  }

  #insertGrant(grant: Grant): string {
    this.#forgetExpired();
    const id = crypto.randomUUID();
    const { account_id, client_id, scope, gateway_id } = grant;
    this.#database.run(
      "INSERT INTO grants VALUES (?, ?, ?, ?, ?)",
      ...[id, account_id, client_id, scope, gateway_id ?? null],
    );
    return id;
  }

  #issue(
    grantId: string,
    { scope, gateway_id }: Pick<Grant, "scope" | "gateway_id">,
  ): TokenResponse {
    const usual = gateway_id === undefined ? LOGIN_SECONDS : GATEWAY_SECONDS;
    const seconds = this.#accessTokenSeconds ?? usual;
    const answer: TokenResponse = {
      access_token: randomOpaque("arcl_at_"),
      expires_in: seconds,
      token_type: "Bearer",
      scope,
    };
    this.#database.run(
      "INSERT INTO access_tokens VALUES (?, ?, ?)",
      ...[hashOf(answer.access_token), grantId, this.#inSeconds(seconds)],
    );
    if (!scope.split(" ").includes("offline_access")) return answer;
    const refresh_token = randomOpaque("arcl_rt_");
    this.#database.run(
      "INSERT INTO refresh_tokens VALUES (?, ?, 0, ?)",
      ...[hashOf(refresh_token), grantId, this.#inSeconds(REFRESH_TOKEN_SECONDS)],
    );
    return { ...answer, refresh_token };
  }

  #revokeGrant(id: string): void {
    this.#database.run("DELETE FROM grants WHERE id = ?", id);
  }

  /** Removes expired data, and grants without a valid token or code. */
  #forgetExpired(): void {
    const now = this.#now().getTime();
    const unusedCode = "DELETE FROM codes WHERE grant_id IS NULL AND expires_at <= ?";
    this.#database.run("DELETE FROM pending_authorizations WHERE expires_at <= ?", now);
    this.#database.run(unusedCode, now);
    this.#database.run("DELETE FROM access_tokens WHERE expires_at <= ?", now);
    this.#database.run("DELETE FROM refresh_tokens WHERE expires_at <= ?", now);
    this.#database.run(
      `DELETE FROM grants WHERE id NOT IN (SELECT grant_id FROM access_tokens)
       AND id NOT IN (SELECT grant_id FROM refresh_tokens)`,
    );
  }

  #inSeconds(seconds: number): number {
    return this.#now().getTime() + seconds * 1000;
  }

  #isPast(time: number): boolean {
    return time <= this.#now().getTime();
  }
}

/**
 * RFC 6749 section 5.2: the code or refresh token is invalid, expired, revoked or issued to another client.
 */
export function invalidGrant(error_description: string): OAuthErrorResponse {
  return { error: "invalid_grant", error_description };
}

/** RFC 8707 section 2: the resource is unknown, or another one than before. */
export function invalidTarget(error_description: string): OAuthErrorResponse {
  return { error: "invalid_target", error_description };
}
