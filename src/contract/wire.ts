/**
 * Request and response types of the two Arcade services (docs/contracts.md, Services). The clients parse every
 * response with these functions; the local Arcade produces the same types.
 */

import type { Fields } from "./fields.ts";

/** `GET {coordinator}/api/v1/auth/cli_config`: the OAuth settings of the coordinator. */
export interface OAuthSettings {
  readonly client_id: string;
  readonly authorization_endpoint: string;
  readonly token_endpoint: string;
  readonly device_authorization_endpoint?: string | undefined;
  readonly revocation_endpoint?: string | undefined;
}

export function readOAuthSettings(answer: Fields): OAuthSettings {
  return {
    client_id: answer.id("client_id"),
    authorization_endpoint: answer.requiredAddress("authorization_endpoint"),
    token_endpoint: answer.requiredAddress("token_endpoint"),
    device_authorization_endpoint: answer.address("device_authorization_endpoint"),
    revocation_endpoint: answer.address("revocation_endpoint"),
  };
}

/** The coordinator names the id of an organization `organization_id` in some answers and `org_id` in others. */
export type OrganizationResponse =
  & ({ readonly organization_id: string } | { readonly org_id: string })
  & { readonly name: string; readonly is_default?: boolean };

export interface ProjectResponse {
  readonly project_id: string;
  readonly name: string;
  readonly is_default?: boolean;
}

/** An organization or a project. */
export interface Named {
  readonly id: string;
  readonly name: string;
  readonly isDefault: boolean;
}

function readOrganization(fields: Fields): Named {
  const key = fields.text("organization_id") === undefined ? "org_id" : "organization_id";
  return { id: fields.id(key), ...nameOf(fields) };
}

function readProject(fields: Fields): Named {
  return { id: fields.id("project_id"), ...nameOf(fields) };
}

function nameOf(fields: Fields): Omit<Named, "id"> {
  return { name: fields.requiredText("name"), isDefault: fields.flag("is_default") };
}

/** `GET {coordinator}/api/v1/auth/whoami`. */
export interface WhoAmIResponse {
  readonly data: {
    readonly account_id: string;
    readonly email: string;
    readonly organizations?: readonly OrganizationResponse[];
    readonly projects?: readonly ProjectResponse[];
  };
}

/** An account, and what it belongs to. */
export interface Account {
  /** The principal of the user. */
  readonly id: string;
  readonly email: string;
  readonly organizations: readonly Named[];
  readonly projects: readonly Named[];
  /** Whether the organization requires a stronger authentication than this login had. */
  readonly isTooWeak: boolean;
}

export function readAccount(answer: Fields): Account {
  const data = answer.requiredFields("data");
  return {
    id: data.requiredText("account_id"),
    email: data.requiredText("email"),
    organizations: (data.list("organizations") ?? []).map(readOrganization),
    projects: (data.list("projects") ?? []).map(readProject),
    isTooWeak: data.fields("mfa")?.text("status") === "unmet",
  };
}

/** `GET {coordinator}/api/v1/auth/validate`. */
export function readPrincipal(answer: Fields): string {
  return answer.requiredFields("data").id("principal_id");
}

/** `GET {coordinator}/api/v1/orgs`. */
export function readOrganizations(answer: Fields): Named[] {
  return answer.requiredFields("data").requiredList("items").map(readOrganization);
}

/** `GET {coordinator}/api/v1/orgs/{org}/projects`. */
export function readProjects(answer: Fields): Named[] {
  return answer.requiredFields("data").requiredList("items").map(readProject);
}

/** A stored secret without its value. Times are ISO 8601. */
export interface SecretEntry {
  readonly id: string;
  readonly key: string;
  readonly binding: { readonly type: string };
  readonly description?: string | null | undefined;
  readonly hint?: string | null | undefined;
  readonly last_accessed_at?: string | null | undefined;
  readonly created_at: string;
}

/** `GET {engine}/v1/orgs/{org}/projects/{project}/secrets`. */
export function readSecrets(answer: Fields): SecretEntry[] {
  return answer.requiredList("items").map((item) => ({
    id: item.id("id"),
    key: item.requiredText("key"),
    binding: { type: item.requiredFields("binding").requiredText("type") },
    description: item.text("description"),
    hint: item.text("hint"),
    last_accessed_at: item.text("last_accessed_at"),
    created_at: item.requiredText("created_at"),
  }));
}
