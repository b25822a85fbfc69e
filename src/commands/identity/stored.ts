import { Failure } from "../../failure.ts";
import { findIdentity } from "../../store/hub_identities.ts";
import type { HubIdentity } from "../../store/hub_identity.ts";
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
