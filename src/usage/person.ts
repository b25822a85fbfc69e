/** Who is logged in, as far as telemetry has to know. */

import { readCredentials } from "../store/credentials.ts";
import type { EventProperties } from "./event.ts";

/**
 * - `nobody` is logged in
 * - `known`: the login says who it is
 * - `unknown`: somebody is logged in, and the login does not say who
 */
export type Person =
  | { readonly kind: "nobody" }
  | { readonly kind: "known"; readonly principalId: string }
  | { readonly kind: "unknown" };

/** Who is logged in, from the stored credentials alone. */
export async function findStoredPerson(folder: string): Promise<Person> {
  try {
    const credentials = await readCredentials(folder);
    if (!credentials) return { kind: "nobody" };
    const principalId = credentials.kind === "oauth" ? credentials.accountId : undefined;
    return principalId === undefined ? { kind: "unknown" } : { kind: "known", principalId };
  } catch {
    return { kind: "unknown" };
  }
}

/** The active organization and project, where they are known. */
export async function whereabouts(folder: string): Promise<EventProperties> {
  try {
    const credentials = await readCredentials(folder);
    const context = credentials?.kind === "oauth" ? credentials.context : undefined;
    return context ? { org_id: context.orgId, project_id: context.projectId } : {};
  } catch {
    return {};
  }
}
