import { CLOUD_COORDINATOR } from "../../cloud.ts";
import { findLogin, readLogin } from "../../auth/stored_login.ts";
import { type OAuthCredentials } from "../../store/credentials.ts";
import type { HubIdentity } from "../../store/hub_identities.ts";
import { writeFields } from "../../terminal/fields.ts";
import type { Context } from "../context.ts";
import { type Credential, findCredentials } from "../../auth/credential.ts";
import { type JsonFlag, writeJson } from "../shared/flags.ts";

/** Shows the stored login, and the credential that requests use instead of it, if any. Reads files only. */
export async function whoami(context: Context, flags: JsonFlag): Promise<void> {
  const { engine, coordinator } = await findCredentials(context);
  // Without another credential, a login is required.
  const login = engine.source === "login"
    ? await readLogin(context.folder())
    : await findLogin(context.folder());
  if (flags.json) return writeJson(context, await toJson(engine, coordinator, login));
  writeFields(context.stdout, [
    ...describeSource(engine),
    ...(login ? describeLogin(login) : []),
  ]);
}

function describeSource(engine: Credential): [label: string, value: string][] {
  switch (engine.source) {
    case "login":
      return [];
    case "identity": {
      const { type, name, id, hub } = engine.identity;
      return [["Credential", `the identity for ${hub}: ${type} ${name ?? id ?? ""}`.trimEnd()]];
    }
    default:
      return [["Credential", engine.source]];
  }
}

function describeLogin(
  { email, coordinatorUrl, context }: OAuthCredentials,
): [label: string, value: string][] {
  const named = (name: string | undefined, id: string | undefined) =>
    name === undefined ? "none" : `${name} (${id})`;
  return [
    ["Logged in as", email || "(e-mail not stored)"],
    ["Organization", named(context?.orgName, context?.orgId)],
    ["Project", named(context?.projectName, context?.projectId)],
    ["Coordinator", coordinatorUrl ?? CLOUD_COORDINATOR],
  ];
}

async function toJson(
  engine: Credential,
  coordinator: Credential,
  login: OAuthCredentials | undefined,
) {
  const active = login?.context;
  return {
    source: engine.source,
    coordinator_source: coordinator.source === "login" && !login ? null : coordinator.source,
    identity: engine.source === "identity" ? await describeIdentity(engine.identity) : null,
    email: login?.email ?? null,
    coordinator_url: login ? login.coordinatorUrl ?? CLOUD_COORDINATOR : null,
    organization: active ? { id: active.orgId, name: active.orgName } : null,
    project: active ? { id: active.projectId, name: active.projectName } : null,
    token_expires_at: login?.expiresAt.toISOString() ?? null,
  };
}

async function describeIdentity(identity: HubIdentity) {
  const { identityToJson } = await import("../identity/stored.ts");
  return identityToJson(identity);
}
