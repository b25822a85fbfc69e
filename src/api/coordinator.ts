/** The coordinator: who am I, organizations and projects (docs/contracts.md, Services). */

import type { Sensitive } from "../secrecy/sensitive.ts";
import { type AuthorizedClient, callJson } from "./authorized_client.ts";
import { requestJson } from "./answers.ts";
import type { HttpContext } from "./exchange.ts";
import { pathSegment } from "../hosts/urls.ts";
import {
  type Account,
  type Membership,
  readAccount,
  readOrganizations,
  readPrincipal,
  readProjects,
} from "../contract/coordinator.ts";

/** The account that owns an access token, with its organizations and projects. */
export async function fetchAccount(
  context: HttpContext,
  coordinator: string,
  accessToken: Sensitive,
): Promise<Account> {
  const url = `${coordinator}/api/v1/auth/whoami`;
  return await requestJson(context, { method: "GET", url, bearer: accessToken }, readAccount);
}

/** The account of the client. */
export async function fetchAccountOf(
  { client, coordinator }: CoordinatorAccess,
): Promise<Account> {
  const url = `${coordinator}/api/v1/auth/whoami`;
  return await callJson(client, { method: "GET", url }, readAccount);
}

/** The principal that owns an API key of an older version. */
export async function fetchPrincipalOfApiKey(
  context: HttpContext,
  coordinator: string,
  apiKey: Sensitive,
): Promise<string> {
  const url = `${coordinator}/api/v1/auth/validate`;
  return await requestJson(context, { method: "GET", url, bearer: apiKey }, readPrincipal);
}

/** A coordinator and an authenticated client for it. */
export interface CoordinatorAccess {
  readonly client: AuthorizedClient;
  /** Its address, without a final slash. */
  readonly coordinator: string;
}

/** The organizations of the client. */
export async function fetchOrganizations(
  { client, coordinator }: CoordinatorAccess,
): Promise<Membership[]> {
  const url = `${coordinator}/api/v1/orgs`;
  return await callJson(client, { method: "GET", url }, readOrganizations);
}

/** The projects of an organization. */
export async function fetchProjects(
  { client, coordinator }: CoordinatorAccess,
  orgId: string,
): Promise<Membership[]> {
  const url = `${coordinator}/api/v1/orgs/${pathSegment(orgId)}/projects`;
  return await callJson(client, { method: "GET", url }, readProjects);
}

/** The item marked as default, or the first one. */
export function chooseDefault<T extends { readonly isDefault: boolean }>(
  items: readonly T[],
): T | undefined {
  return items.find((item) => item.isDefault) ?? items[0];
}
