/**
 * Device codes: signing in on a machine without a browser (RFC 8628).
 */

import * as v from "valibot";
import type { Database } from "../model/database.ts";
import {
  codeChallengeOf,
  hashOf,
  normalizedUserCode,
  randomOpaque,
  randomUserCode,
} from "../model/opaque.ts";
import { invalidGrant, type OAuthRefusal, type TokenAnswer, type Tokens } from "../model/tokens.ts";

const LIFETIME_SECONDS = 600;
const INTERVAL_SECONDS = 5;
/** The increment of the interval after `slow_down` (RFC 8628 section 3.5). */
const SLOW_DOWN_SECONDS = 5;
/** The maximum number of pending device codes, because anyone can request them. */
const MAX_WAITING = 100;
/** Expired codes are kept for a while, so that the client gets the right error. */
const REMEMBERED_MS = 60 * 60 * 1000;

const DeviceCode = v.object({
  client_id: v.string(),
  scope: v.string(),
  status: v.picklist(["pending", "approved", "denied"]),
  account_id: v.nullable(v.string()),
  poll_interval: v.number(),
  last_polled_at: v.nullable(v.number()),
  expires_at: v.number(),
  code_challenge: v.nullable(v.string()),
});

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
  ): {
    device_code: string;
    user_code: string;
    expires_in: number;
    interval: number;
  } | undefined {
    const now = this.#now().getTime();
    this.#database.run("DELETE FROM device_codes WHERE expires_at <= ?", now - REMEMBERED_MS);
    const waiting = this.#database.first(
      v.object({ count: v.number() }),
      "SELECT count(*) AS count FROM device_codes WHERE expires_at > ?",
      now,
    );
    if (waiting !== undefined && waiting.count >= MAX_WAITING) return undefined;
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
      v.object({ user_code: v.string() }),
      `SELECT user_code FROM device_codes
       WHERE user_code = ? AND status = 'pending' AND expires_at > ?`,
      ...[normalizedUserCode(typed), this.#now().getTime()],
    )?.user_code;
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
  ): TokenAnswer | OAuthRefusal {
    const hash = hashOf(deviceCode);
    return this.#database.transaction(() => {
      const sql = "SELECT * FROM device_codes WHERE hash = ?";
      const stored = this.#database.first(DeviceCode, sql, hash);
      if (stored === undefined) return invalidGrant("The device code is unknown or already used");
      if (stored.client_id !== options.client_id) {
        return invalidGrant("The device code was issued to another client");
      }
      const { code_challenge } = stored;
      const { code_verifier = "" } = options;
      if (code_challenge !== null && code_challenge !== codeChallengeOf(code_verifier)) {
        return invalidGrant("The code_verifier does not match the code_challenge");
      }
      if (stored.expires_at <= this.#now().getTime()) {
        return { error: "expired_token", error_description: "The device code has expired" };
      }
      if (stored.status === "denied") {
        return { error: "access_denied", error_description: "The sign-in was denied" };
      }
      const { account_id, client_id, scope } = stored;
      if (account_id === null) return this.#waitLonger(hash, stored);
      this.#database.run("DELETE FROM device_codes WHERE hash = ?", hash);
      return options.tokens.issueFor({ account_id, client_id, scope });
    });
  }

  #waitLonger(hash: string, stored: v.InferOutput<typeof DeviceCode>): OAuthRefusal {
    const now = this.#now().getTime();
    const { last_polled_at, poll_interval } = stored;
    const tooSoon = last_polled_at !== null && now < last_polled_at + poll_interval * 1000;
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
