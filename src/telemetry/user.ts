/** The current user, as far as telemetry needs it. */

import { type Credentials, readCredentials } from "../store/credentials.ts";
import type { EventProperties } from "./event.ts";

/**
 * - `logged-out`: not logged in
 * - `known`: the login stores its principal
 * - `unknown`: logged in, but the login does not store its principal
 */
export type CurrentUser =
  | { readonly kind: "logged-out" }
  | { readonly kind: "known"; readonly principalId: string }
  | { readonly kind: "unknown" };

/** The stored login as telemetry needs it. */
export interface StoredUser {
  readonly user: CurrentUser;
  /** The active organization and project, if known. */
  readonly activeProject: EventProperties;
  /** The credentials for a whoami request. */
  readonly credentials: Credentials | undefined;
}

/** The current user and active project, from the stored credentials alone. */
export async function readStoredUser(folder: string): Promise<StoredUser> {
  let credentials: Credentials | undefined;
  try {
    credentials = await readCredentials(folder);
  } catch {
    return { user: { kind: "unknown" }, activeProject: {}, credentials };
  }
  if (!credentials) return { user: { kind: "logged-out" }, activeProject: {}, credentials };
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
