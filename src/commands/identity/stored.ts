/** Finding an identity, and showing it. */

import { Failure } from "../../failure.ts";
import { findIdentity, type HubIdentity } from "../../store/hub_identities.ts";
import { storeHint } from "../../auth/identity_token.ts";
import { identityFile } from "../../store/identity_file.ts";
import type { Context } from "../context.ts";

/**
 * The identity for a hub.
 *
 * @throws {Failure} of kind `login` when it is missing, and of kind `file` when the file is unreadable.
 */
export function requireIdentity(context: Context, hub: string): HubIdentity {
  const identity = findIdentity(identityFile(context).path, hub);
  if (identity) return identity;
  throw new Failure("login", `No identity for ${hub}`, { next: storeHint(hub) });
}

/** A description of a token that does not reveal it. */
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
