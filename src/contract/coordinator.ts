/** The coordinator: who am I, organizations and projects (docs/contracts.md, Services). */

import type { Fields } from "./fields.ts";
import { type Body, isLine, textBy, type TextRule } from "./request.ts";

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
export interface Membership {
  readonly id: string;
  readonly name: string;
  readonly isDefault: boolean;
}

function readOrganization(fields: Fields): Membership {
  const key = fields.text("organization_id") === undefined ? "org_id" : "organization_id";
  return { id: fields.id(key), ...nameOf(fields) };
}

function readProject(fields: Fields): Membership {
  return { id: fields.id("project_id"), ...nameOf(fields) };
}

function nameOf(fields: Fields): Omit<Membership, "id"> {
  return { name: fields.requiredText("name"), isDefault: fields.flag("is_default") };
}

/** An answer of the coordinator. */
export interface Data<T> {
  readonly data: T;
}

/** `GET {coordinator}/api/v1/auth/whoami`. */
export type WhoAmIResponse = Data<{
  readonly account_id: string;
  readonly email: string;
  readonly organizations?: readonly OrganizationResponse[];
  readonly projects?: readonly ProjectResponse[];
}>;

/** An account, and what it belongs to. */
export interface Account {
  /** The principal of the user. */
  readonly id: string;
  readonly email: string;
  readonly organizations: readonly Membership[];
  readonly projects: readonly Membership[];
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
export type PrincipalResponse = Data<{ readonly principal_id: string }>;

export function readPrincipal(answer: Fields): string {
  return answer.requiredFields("data").id("principal_id");
}

/** `GET {coordinator}/api/v1/orgs`. */
export type OrganizationsResponse = Data<{ readonly items: readonly OrganizationResponse[] }>;

export function readOrganizations(answer: Fields): Membership[] {
  return answer.requiredFields("data").requiredList("items").map(readOrganization);
}

/** `GET {coordinator}/api/v1/orgs/{org}/projects`. */
export type ProjectsResponse = Data<{ readonly items: readonly ProjectResponse[] }>;

export function readProjects(answer: Fields): Membership[] {
  return answer.requiredFields("data").requiredList("items").map(readProject);
}

/** `POST {coordinator}/api/v1/orgs`, and the same for a project. Blanks around the name are cut off. */
export interface NameRequest {
  readonly name: string;
}

export const nameRequest: Body<NameRequest> = {
  expected: "an object with a name of 1 to 100 characters",
  read: (body) => ({ name: textBy(body, "name", NAME).trim() }),
};

/** Whether a text can be the name of an organization or a project. */
export function isName(text: string): boolean {
  return isLine(text.trim(), 100);
}

export const NAME: TextRule = { isValid: isName, must: "1 to 100 characters on one line" };

/** `POST {coordinator}/api/v1/orgs/{org}/projects/{project}/api_keys`. */
export type ApiKeyResponse = Data<{ readonly api_key: string }>;
