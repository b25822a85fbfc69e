/** The token of a stored identity, unless it has expired. */

import { Failure } from "../failure.ts";
import type { Sensitive } from "../secrecy/sensitive.ts";
import { type HubIdentity, isExpired } from "../store/hub_identity.ts";
import { utcTime } from "../store/expiry.ts";

/**
 * The token of an identity.
 *
 * @throws {Failure} of kind `login` when it is missing or expired.
 */
export function requireToken(identity: HubIdentity, now: Date): Sensitive {
  const usable = usableToken(identity, now);
  if (usable.kind === "token") return usable.token;
  throw new Failure("login", usable.reason, { next: storeHint(identity.hub) });
}

/** The token of an identity, or the reason why it has no usable one. */
export function usableToken(
  identity: HubIdentity,
  now: Date,
): { kind: "token"; token: Sensitive } | { kind: "none"; reason: string } {
  const { hub, token, expiresAt } = identity;
  if (!token) return { kind: "none", reason: `No token is stored for ${hub}` };
  if (expiresAt && isExpired(identity, now)) {
    return { kind: "none", reason: `The token for ${hub} expired on ${utcTime(expiresAt)}` };
  }
  return { kind: "token", token };
}

/** The next step for a hub without a usable token. */
export function storeHint(hub: string): string {
  return `Store one with \`arcade identity add --hub ${hub}\``;
}
