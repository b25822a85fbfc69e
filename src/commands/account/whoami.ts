import { type ContextFlag, findLogin, readLogin } from "../../auth/stored_login.ts";
import { type OAuthCredentials } from "../../store/credentials.ts";
import type { HubIdentity } from "../../store/hub_identities.ts";
import { writeFields } from "../../terminal/fields.ts";
import type { Context } from "../context.ts";
import { type Credential, credentialFor } from "../../target/decide.ts";
import { readFacts } from "../../target/facts.ts";
import { addressesToJson, describeContext } from "../context/describe.ts";
import { type JsonFlag, writeJson } from "../shared/flags.ts";

/** Shows the stored login, and the credential that requests use instead of it, if any. Reads files only. */
export async function whoami(context: Context, flags: ContextFlag & JsonFlag): Promise<void> {
  const facts = await readFacts(context, "coordinator", flags);
  const engine = credentialFor("engine", flags, facts);
  const coordinator = credentialFor("coordinator", flags, facts);
  // Without another credential, a login is required.
  const login = facts.login ??
    (engine.source === "none" ? await readLogin(context, flags) : await findLogin(context, flags));
  if (flags.json) return writeJson(context, await toJson(engine, coordinator, login));
  writeFields(context.stdout, [
    ...describeSource(engine),
    ...(login ? [...describeLogin(login), ...describeContext(login)] : []),
  ]);
}

function describeSource(engine: Credential): [label: string, value: string][] {
  switch (engine.source) {
    case "none":
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

/** The user of a login, and where it works, for people. */
export function describeLogin(
  { email, activeProject }: OAuthCredentials,
): [label: string, value: string][] {
  const named = (name: string | undefined, id: string | undefined) =>
    name === undefined ? "none" : `${name} (${id})`;
  return [
    ["Logged in as", email || "(e-mail not stored)"],
    ["Organization", named(activeProject?.orgName, activeProject?.orgId)],
    ["Project", named(activeProject?.projectName, activeProject?.projectId)],
  ];
}

async function toJson(
  engine: Credential,
  coordinator: Credential,
  login: OAuthCredentials | undefined,
) {
  return {
    source: engine.source,
    coordinator_source: coordinator.source === "none" ? null : coordinator.source,
    identity: engine.source === "identity" ? await describeIdentity(engine.identity) : null,
    context: login?.contextName ?? null,
    ...addressesToJson(login),
    ...loginToJson(login),
  };
}

/** The user of a login, and where it works, for programs. */
export function loginToJson(login: OAuthCredentials | undefined) {
  const active = login?.activeProject;
  return {
    email: login?.email ?? null,
    organization: active ? { id: active.orgId, name: active.orgName } : null,
    project: active ? { id: active.projectId, name: active.projectName } : null,
    token_expires_at: login?.expiresAt.toISOString() ?? null,
  };
}

async function describeIdentity(identity: HubIdentity) {
  const { identityToJson } = await import("../identity/stored.ts");
  return identityToJson(identity);
}
