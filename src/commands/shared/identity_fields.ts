import type { HubIdentity } from "../../store/hub_identity.ts";

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
