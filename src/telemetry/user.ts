/** Who is logged in, as far as telemetry has to know. */

import { type Credentials, readCredentials } from "../store/credentials.ts";
import type { EventProperties } from "./event.ts";

/**
 * - `nobody` is logged in
 * - `known`: the login says who it is
 * - `unknown`: somebody is logged in, and the login does not say who
 */
export type CurrentUser =
  | { readonly kind: "nobody" }
  | { readonly kind: "known"; readonly principalId: string }
  | { readonly kind: "unknown" };

/** The stored login as telemetry needs it. */
export interface StoredUser {
  readonly user: CurrentUser;
  /** The active organization and project, where they are known. */
  readonly activeProject: EventProperties;
  /** What a coordinator can be asked with who it is. */
  readonly credentials: Credentials | undefined;
}

/** Who is logged in and where, from the stored credentials alone. */
export async function readStoredUser(folder: string): Promise<StoredUser> {
  let credentials: Credentials | undefined;
  try {
    credentials = await readCredentials(folder);
  } catch {
    return { user: { kind: "unknown" }, activeProject: {}, credentials };
  }
  if (!credentials) return { user: { kind: "nobody" }, activeProject: {}, credentials };
  if (credentials.kind === "legacy") {
    return { user: { kind: "unknown" }, activeProject: {}, credentials };
  }
  const { accountId, context } = credentials;
  return {
    user: accountId === undefined ? { kind: "unknown" } : { kind: "known", principalId: accountId },
    activeProject: context ? { org_id: context.orgId, project_id: context.projectId } : {},
    credentials,
  };
}
