import { type Credentials, readCredentials } from "../store/credentials.ts";
import type { CurrentUser, EventProperties } from "./event.ts";

/** The stored login as telemetry needs it. */
export interface StoredUser {
  readonly user: CurrentUser;
  /** The active organization and project, if known. */
  readonly activeProject: EventProperties;
}

/**
 * The current user and the active project.
 *
 * @param contextName the stored context; undefined for the active one.
 */
export async function readStoredUser(folder: string, contextName?: string): Promise<StoredUser> {
  let credentials: Credentials | undefined;
  try {
    credentials = await readCredentials(folder, contextName);
  } catch {
    return { user: { kind: "unknown" }, activeProject: {} };
  }
  if (!credentials) return { user: { kind: "logged-out" }, activeProject: {} };
  if (credentials.kind === "legacy") return { user: { kind: "unknown" }, activeProject: {} };
  const { accountId, activeProject: project } = credentials;
  return {
    user: accountId === undefined ? { kind: "unknown" } : { kind: "known", principalId: accountId },
    activeProject: project ? { org_id: project.orgId, project_id: project.projectId } : {},
  };
}
