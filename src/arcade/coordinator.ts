/** The coordinator: who am I, organizations and projects (design, the services). */

import type { Sensitive } from "../sensitive.ts";
import { type HttpContext, requestJson } from "./http.ts";
import type { Session } from "./session.ts";
import { pathSegment } from "./urls.ts";
import {
  type Organization,
  OrganizationList,
  type Project,
  ProjectList,
  ValidApiKey,
  WhoAmI,
} from "./wire.ts";

export interface Account {
  /** The principal of this person. */
  readonly id: string;
  readonly email: string;
  readonly organizations: readonly Organization[];
  readonly projects: readonly Project[];
}

/** Whom an access token stands for, with the organizations and projects of that person. */
export async function fetchAccount(
  context: HttpContext,
  coordinator: string,
  accessToken: Sensitive,
): Promise<Account> {
  const url = `${coordinator}/api/v1/auth/whoami`;
  const { data } = await requestJson(context, { method: "GET", url, bearer: accessToken }, WhoAmI);
  return { ...data, id: data.account_id };
}

/** The principal that an API key of older versions stands for. */
export async function fetchPrincipalOfApiKey(
  context: HttpContext,
  coordinator: string,
  apiKey: Sensitive,
): Promise<string> {
  const url = `${coordinator}/api/v1/auth/validate`;
  const { data } = await requestJson(context, { method: "GET", url, bearer: apiKey }, ValidApiKey);
  return data.principal_id;
}

/** The organizations that the logged-in person belongs to. */
export async function fetchOrganizations(session: Session): Promise<Organization[]> {
  const url = `${session.coordinator}/api/v1/orgs`;
  return (await session.requestJson({ method: "GET", url }, OrganizationList)).data.items;
}

/** The projects of an organization. */
export async function fetchProjects(session: Session, orgId: string): Promise<Project[]> {
  const url = `${session.coordinator}/api/v1/orgs/${pathSegment(orgId)}/projects`;
  return (await session.requestJson({ method: "GET", url }, ProjectList)).data.items;
}

/** The one that is marked as default, else the first. */
export function chooseDefault<T extends { readonly isDefault: boolean }>(
  items: readonly T[],
): T | undefined {
  return items.find((item) => item.isDefault) ?? items[0];
}
