/** The capabilities that commands can require of agents. */
export type Capability =
  | "orgs:read"
  | "projects:read"
  | "secrets:read"
  | "secrets:write"
  | "servers:read"
  | "servers:write"
  | "gateways:read"
  | "gateways:write"
  | "grants:read"
  | "grants:write"
  | "tools:call"
  | "tools:read";
