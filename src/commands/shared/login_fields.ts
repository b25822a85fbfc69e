/** A context and its login, as `whoami` and `arcade context` show them. */

import { CLOUD_COORDINATOR, CLOUD_ENGINE_HOST, type InstallationKind } from "../../hosts/cloud.ts";
import type { OAuthCredentials } from "../../store/credentials.ts";

interface Addresses {
  readonly contextName: string;
  readonly installation: InstallationKind;
  readonly coordinatorUrl: string | undefined;
  readonly engineUrl: string | undefined;
  readonly dashboardUrl: string | undefined;
}

/** The name and the addresses of a context, for humans. */
export function describeContext(context: Addresses): [label: string, value: string][] {
  const { kind, coordinator_url, engine_url, dashboard_url } = addressesToJson(context);
  const fields: [label: string, value: string | null][] = [
    ["Context", `${context.contextName} (${kind === "cloud" ? "Arcade Cloud" : "self-hosted"})`],
    ["Coordinator", coordinator_url],
    ["Engine", engine_url ?? "unknown"],
    ["Dashboard", dashboard_url],
  ];
  return fields.flatMap(([label, value]) => value === null ? [] : [[label, value]]);
}

/** The addresses of a context, for programs; all null without one. */
export function addressesToJson(context: Addresses | undefined) {
  const { installation, coordinatorUrl, engineUrl, dashboardUrl } = context ?? {};
  const coordinator = context && (coordinatorUrl ?? CLOUD_COORDINATOR);
  const isCloud = coordinator === CLOUD_COORDINATOR;
  return {
    kind: installation ?? null,
    coordinator_url: coordinator ?? null,
    engine_url: engineUrl ?? (isCloud ? `https://${CLOUD_ENGINE_HOST}` : null),
    dashboard_url: dashboardUrl ?? null,
  };
}

/** The user of a login, and where it works, for humans. */
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
