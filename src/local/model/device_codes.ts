/**
 * Device codes: signing in on a machine without a browser (RFC 8628).
 */

import type { Fields } from "../../contract/fields.ts";
import type {
  DeviceAuthorizationResponse,
  OAuthErrorResponse,
  TokenResponse,
} from "../../contract/oauth.ts";
import { oneOf } from "../../contract/request.ts";
import type { Database } from "./database.ts";
import {
  codeChallengeOf,
  hashOf,
  normalizedUserCode,
  randomOpaque,
  randomUserCode,
} from "./opaque.ts";
import { invalidGrant, type Tokens } from "./tokens.ts";

const LIFETIME_SECONDS = 600;
const INTERVAL_SECONDS = 5;
/** The increment of the interval after `slow_down` (RFC 8628 section 3.5). */
const SLOW_DOWN_SECONDS = 5;
/** The maximum number of pending device codes, because anyone can request them. */
const MAX_WAITING = 100;
/** Expired codes are kept for a while, so that the client gets the right error. */
const REMEMBERED_MS = 60 * 60 * 1000;

interface DeviceCode {
  readonly client_id: string;
  readonly scope: string;
  readonly status: "pending" | "approved" | "denied";
  readonly account_id: string | undefined;
  readonly poll_interval: number;
  readonly last_polled_at: number | undefined;
  readonly expires_at: number;
  readonly code_challenge: string | undefined;
}

function readDeviceCode(row: Fields): DeviceCode {
  return {
    client_id: row.requiredText("client_id"),
    scope: row.requiredText("scope"),
    status: oneOf(row, "status", ["pending", "approved", "denied"]),
    account_id: row.text("account_id"),
    poll_interval: row.requiredInteger("poll_interval"),
    last_polled_at: row.integer("last_polled_at"),
    expires_at: row.requiredInteger("expires_at"),
    code_challenge: row.text("code_challenge"),
  };
}

type DeviceCodeField = "device_code" | "user_code" | "expires_in" | "interval";

export class DeviceCodes {
  readonly #database: Database;
  readonly #now: () => Date;

  constructor(database: Database, now: () => Date) {
    this.#database = database;
    this.#now = now;
  }

  /**
   * Creates a pair of codes (RFC 8628 section 3.2); undefined when too many are pending.
   *
   * @param request.code_challenge of PKCE, which some servers require here too; undefined if the device sent none.
   */
  create(
    { client_id, scope, code_challenge }: {
      client_id: string;
      scope: string;
      code_challenge: string | undefined;
    },
  ): Pick<DeviceAuthorizationResponse, DeviceCodeField> | undefined {
    const now = this.#now().getTime();
    this.#database.run("DELETE FROM device_codes WHERE expires_at <= ?", now - REMEMBERED_MS);
    const waiting = this.#database.first(
      (row) => row.requiredInteger("count"),
      "SELECT count(*) AS count FROM device_codes WHERE expires_at > ?",
      now,
    );
    if (waiting !== undefined && waiting >= MAX_WAITING) return undefined;
    const device_code = randomOpaque("arcl_dc_");
    const user_code = randomUserCode();
    this.#database.run(
      "INSERT INTO device_codes VALUES (?, ?, ?, ?, 'pending', NULL, ?, NULL, ?, ?)",
      ...[hashOf(device_code), user_code, client_id, scope, INTERVAL_SECONDS],
      now + LIFETIME_SECONDS * 1000,
      code_challenge ?? null,
    );
    return { device_code, user_code, expires_in: LIFETIME_SECONDS, interval: INTERVAL_SECONDS };
  }

  /** The user code as issued, if it is pending. */
  pending(typed: string): string | undefined {
    return this.#database.first(
      (row) => row.requiredText("user_code"),
      `SELECT user_code FROM device_codes
       WHERE user_code = ? AND status = 'pending' AND expires_at > ?`,
      ...[normalizedUserCode(typed), this.#now().getTime()],
    );
  }

  /** Approves a device for an account (RFC 8628 section 3.3). */
  approve(typed: string, accountId: string): void {
    this.#answer(typed, { status: "approved", account_id: accountId });
  }

  /** Denies a device. */
  deny(typed: string): void {
    this.#answer(typed, { status: "denied", account_id: null });
  }

  /**
   * Exchanges an approved device code for tokens, once; otherwise returns the error (RFC 8628 sections 3.4 and 3.5).
   */
  exchange(
    deviceCode: string,
    options: { client_id: string; code_verifier: string | undefined; tokens: Tokens },
  ): TokenResponse | OAuthErrorResponse {
    const hash = hashOf(deviceCode);
    return this.#database.transaction(() => {
      const sql = "SELECT * FROM device_codes WHERE hash = ?";
      const stored = this.#database.first(readDeviceCode, sql, hash);
      if (stored === undefined) return invalidGrant("The device code is unknown or already used");
      if (stored.client_id !== options.client_id) {
        return invalidGrant("The device code was issued to another client");
      }
      const { code_challenge } = stored;
      const { code_verifier = "" } = options;
      if (code_challenge !== undefined && code_challenge !== codeChallengeOf(code_verifier)) {
        return invalidGrant("The code_verifier does not match the code_challenge");
      }
      if (stored.expires_at <= this.#now().getTime()) {
        return { error: "expired_token", error_description: "The device code has expired" };
      }
      if (stored.status === "denied") {
        return { error: "access_denied", error_description: "The sign-in was denied" };
      }
      const { account_id, client_id, scope } = stored;
      if (account_id === undefined) return this.#waitLonger(hash, stored);
      this.#database.run("DELETE FROM device_codes WHERE hash = ?", hash);
      return options.tokens.issueFor({ account_id, client_id, scope, gateway_id: undefined });
    });
  }

  #waitLonger(hash: string, stored: DeviceCode): OAuthErrorResponse {
    const now = this.#now().getTime();
    const { last_polled_at, poll_interval } = stored;
    const tooSoon = last_polled_at !== undefined && now < last_polled_at + poll_interval * 1000;
    const interval = poll_interval + (tooSoon ? SLOW_DOWN_SECONDS : 0);
    const sql = "UPDATE device_codes SET last_polled_at = ?, poll_interval = ? WHERE hash = ?";
    this.#database.run(sql, now, interval, hash);
    return tooSoon
      ? { error: "slow_down", error_description: `Poll at most every ${interval} seconds` }
      : { error: "authorization_pending", error_description: "Waiting for approval" };
  }

  #answer(
    typed: string,
    answer: { status: "approved" | "denied"; account_id: string | null },
  ): void {
    this.#database.run(
      `UPDATE device_codes SET status = ?, account_id = ?
       WHERE user_code = ? AND status = 'pending' AND expires_at > ?`,
      ...[answer.status, answer.account_id, normalizedUserCode(typed), this.#now().getTime()],
    );
  }
}
