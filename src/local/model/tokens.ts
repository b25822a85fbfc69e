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

/**
 * A validated authorization request (RFC 6749 section 4.1.1, RFC 7636 section 4.3).
 */
export interface Authorization {
  readonly client_id: string;
  readonly redirect_uri: string;
  readonly code_challenge: string;
  readonly scope: string;
  readonly state: string;
}

function readAuthorization(row: Fields): Authorization {
  return {
    client_id: row.requiredText("client_id"),
    redirect_uri: row.requiredText("redirect_uri"),
    code_challenge: row.requiredText("code_challenge"),
    scope: row.requiredText("scope"),
    state: row.requiredText("state"),
  };
}

/** The account, client and scope of tokens. */
export interface Grant {
  account_id: string;
  client_id: string;
  scope: string;
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
  };
}

function readRefreshToken(row: Fields) {
  return {
    grant_id: row.requiredText("grant_id"),
    client_id: row.requiredText("client_id"),
    scope: row.requiredText("scope"),
    isUsed: row.requiredInteger("used") === 1,
    expires_at: row.requiredInteger("expires_at"),
  };
}

export class Tokens {
  readonly #database: Database;
  readonly #now: () => Date;
  readonly #accessTokenSeconds: number;

  constructor(database: Database, options: { now: () => Date; accessTokenSeconds: number }) {
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
    const { client_id, redirect_uri, code_challenge, scope, state } = authorization;
    this.#database.run(
      "INSERT INTO pending_authorizations VALUES (?, ?, ?, ?, ?, ?, ?)",
      ...[hashOf(id), client_id, redirect_uri, code_challenge, scope, state],
      this.#inSeconds(PENDING_SECONDS),
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
    const { client_id, redirect_uri, code_challenge, scope } = authorization;
    this.#database.run(
      "INSERT INTO codes VALUES (?, ?, ?, ?, ?, ?, ?, NULL)",
      ...[hashOf(code), accountId, client_id, redirect_uri, code_challenge, scope],
      this.#inSeconds(CODE_SECONDS),
    );
    return code;
  }

  /**
   * Exchanges an authorization code for tokens (RFC 6749 section 4.1.3, RFC 7636 section 4.6). A
   * second use revokes the tokens of the first one (RFC 6749 section 4.1.2).
   */
  exchangeCode(
    code: string,
    request: { client_id: string; redirect_uri: string; code_verifier: string },
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
      const grantId = this.#insertGrant(stored);
      this.#database.run("UPDATE codes SET grant_id = ? WHERE hash = ?", grantId, hashOf(code));
      return this.#issue(grantId, stored.scope);
    });
  }

  /**
   * Exchanges a refresh token for new tokens and retires it (RFC 6749 section 6). Reuse of a retired token means that
   * one of its users stole it, and revokes the whole grant (RFC 9700 section 4.14.2).
   */
  refresh(refreshToken: string, clientId: string): TokenResponse | OAuthErrorResponse {
    return this.#database.transaction(() => {
      const stored = this.#database.first(
        readRefreshToken,
        `SELECT grant_id, client_id, scope, used, expires_at
         FROM refresh_tokens JOIN grants ON grants.id = grant_id WHERE hash = ?`,
        hashOf(refreshToken),
      );
      if (stored === undefined) return invalidGrant("The refresh token is unknown or revoked");
      if (stored.client_id !== clientId) {
        return invalidGrant("The refresh token was issued to another client");
      }
      if (stored.isUsed) {
        this.#revokeGrant(stored.grant_id);
        return invalidGrant("The refresh token was already used; the whole sign-in is revoked");
      }
      if (this.#isPast(stored.expires_at)) return invalidGrant("The refresh token has expired");
      this.#database.run("UPDATE refresh_tokens SET used = 1 WHERE hash = ?", hashOf(refreshToken));
      return this.#issue(stored.grant_id, stored.scope);
    });
  }

  /** Creates the tokens of a new sign-in. Call it inside a transaction. */
  issueFor(grant: Grant): TokenResponse {
    return this.#issue(this.#insertGrant(grant), grant.scope);
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

  /** The account of an access token; undefined when it is unknown, revoked or expired. */
  accountOf(accessToken: string): string | undefined {
    return this.#database.first(
      (row) => row.requiredText("account_id"),
      `SELECT account_id FROM access_tokens JOIN grants ON grants.id = grant_id
       WHERE hash = ? AND expires_at > ?`,
      ...[hashOf(accessToken), this.#now().getTime()],
    );
  }

  #insertGrant(grant: Grant): string {
    this.#forgetExpired();
    const id = crypto.randomUUID();
    const { account_id, client_id, scope } = grant;
    this.#database.run("INSERT INTO grants VALUES (?, ?, ?, ?)", id, account_id, client_id, scope);
    return id;
  }

  #issue(grantId: string, scope: string): TokenResponse {
    const answer: TokenResponse = {
      access_token: randomOpaque("arcl_at_"),
      expires_in: this.#accessTokenSeconds,
      token_type: "Bearer",
      scope,
    };
    this.#database.run(
      "INSERT INTO access_tokens VALUES (?, ?, ?)",
      ...[hashOf(answer.access_token), grantId, this.#inSeconds(this.#accessTokenSeconds)],
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
