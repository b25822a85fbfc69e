/** What the identity commands have in common: finding an identity, and saying what is in it. */

import { Failure } from "../../failure.ts";
import type { Sensitive } from "../../sensitive.ts";
import { findIdentity, type HubIdentity, isExpired } from "../../store/hub_identities.ts";
import { identityFile } from "../../store/identity_file.ts";
import type { Context } from "../../cli/context.ts";

/**
 * The identity for a hub.
 *
 * @throws {Failure} of kind `login` when there is none, and of kind `file` when it cannot be read.
 */
export async function requireIdentity(context: Context, hub: string): Promise<HubIdentity> {
  const identity = await findIdentity(identityFile(context).path, hub);
  if (identity) return identity;
  throw new Failure("login", `There is no identity for ${hub}`, { next: howToStore(hub) });
}

/**
 * The token of an identity.
 *
 * @throws {Failure} of kind `login` when there is none, or when it has expired.
 */
export function requireToken(identity: HubIdentity, now: Date): Sensitive {
  const usable = usableToken(identity, now);
  if (usable.kind === "token") return usable.token;
  throw new Failure("login", usable.reason, { next: howToStore(identity.hub) });
}

/** The token of an identity, or why there is none to use. */
export function usableToken(
  identity: HubIdentity,
  now: Date,
): { kind: "token"; token: Sensitive } | { kind: "none"; reason: string } {
  const { hub, token, expiresAt } = identity;
  if (!token) return { kind: "none", reason: `No token is stored for ${hub}` };
  if (expiresAt && isExpired(identity, now)) {
    return { kind: "none", reason: `The token for ${hub} expired on ${showTime(expiresAt)}` };
  }
  return { kind: "token", token };
}

/** What to do where there is no token to use. */
export function howToStore(hub: string): string {
  return `Store one with arcade identity add --hub ${hub}`;
}

/** The end of a token, as people read it. Not in their time zone, for `--expires` takes days in UTC. */
export function showTime(time: Date): string {
  return `${time.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

/** What may be told of a token. */
export function describeToken(identity: HubIdentity): string {
  return identity.token ? "set (Bearer ***)" : "not set";
}

/** An identity as `--json` shows it. */
export function identityToJson(
  { hub, type, name, id, capabilities, expiresAt, token }: HubIdentity,
) {
  return {
    hub,
    type,
    name: name ?? null,
    id: id ?? null,
    capabilities,
    expires_at: expiresAt?.toISOString() ?? null,
    token: token ? "set" : "not set",
  };
}
