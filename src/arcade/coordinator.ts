/** The coordinator: who am I, organizations and projects (design, the services). */

import type { Sensitive } from "../sensitive.ts";
import { type Caller, callJson } from "./caller.ts";
import { requestJson } from "./answers.ts";
import type { HttpContext } from "./exchange.ts";
import { pathSegment } from "./urls.ts";
import { type Organization, type Project, ValidApiKey, WhoAmI } from "./wire.ts";

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

/** A coordinator, and someone who may ask it. */
export interface CoordinatorAccess {
  readonly caller: Caller;
  /** Its address, without a final slash. */
  readonly coordinator: string;
}

/** The organizations that whoever asks belongs to. */
export async function fetchOrganizations(
  { caller, coordinator }: CoordinatorAccess,
): Promise<Organization[]> {
  const url = `${coordinator}/api/v1/orgs`;
  const schema = async () => (await import("./wire.ts")).OrganizationList;
  return (await callJson(caller, { method: "GET", url }, schema)).data.items;
}

/** The projects of an organization. */
export async function fetchProjects(
  { caller, coordinator }: CoordinatorAccess,
  orgId: string,
): Promise<Project[]> {
  const url = `${coordinator}/api/v1/orgs/${pathSegment(orgId)}/projects`;
  const schema = async () => (await import("./wire.ts")).ProjectList;
  return (await callJson(caller, { method: "GET", url }, schema)).data.items;
}

/** The one that is marked as default, else the first. */
export function chooseDefault<T extends { readonly isDefault: boolean }>(
  items: readonly T[],
): T | undefined {
  return items.find((item) => item.isDefault) ?? items[0];
}
