/** An identity for a hub, and what its token allows. */

import type { Sensitive } from "../secrecy/sensitive.ts";

/** The identity for one hub. */
export interface HubIdentity {
  /** The key of the hub (src/hosts/hub.ts). */
  readonly hub: string;
  readonly type: "human" | "agent";
  readonly name: string | undefined;
  readonly id: string | undefined;
  /** Undefined when none is stored. Check {@link expiresAt} before use. */
  readonly token: Sensitive | undefined;
  /** What the token allows an agent to do. Does not restrict humans. */
  readonly capabilities: readonly string[];
  /** When the token expires; undefined if unknown. Muse does not preserve it. */
  readonly expiresAt: Date | undefined;
}

/**
 * Whether a text can be a token: not empty, and without whitespace, control characters, and U+FFFD, which replaces bytes that are
 * not UTF-8.
 */
export function isToken(text: string): boolean {
  return /^[!-~]+$/.test(text) || /^[^\s\p{Cc}\p{Cs}\uFFFD]+$/u.test(text);
}

/**
 * Whether capabilities cover a required one: `*` covers all, `read:*` covers `read:anything`, and any other covers only
 * itself.
 */
export function covers(capabilities: readonly string[], needed: string): boolean {
  return capabilities.some((one) =>
    one === needed || one === "*" || (one.endsWith(":*") && needed.startsWith(one.slice(0, -1)))
  );
}

/** Whether the token of an identity has expired. */
export function isExpired({ expiresAt }: HubIdentity, now: Date): boolean {
  return expiresAt !== undefined && expiresAt <= now;
}
