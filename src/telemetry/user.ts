import { type Credentials, readCredentials } from "../store/credentials.ts";
import type { CurrentUser, EventProperties } from "./event.ts";

/** The stored login as telemetry needs it. */
export interface StoredUser {
  readonly user: CurrentUser;
  /** The active organization and project, if known. */
  readonly activeProject: EventProperties;
}

/** The current user and the active project. */
export async function readStoredUser(folder: string): Promise<StoredUser> {
  let credentials: Credentials | undefined;
  try {
    credentials = await readCredentials(folder);
  } catch {
    return { user: { kind: "unknown" }, activeProject: {} };
  }
  if (!credentials) return { user: { kind: "logged-out" }, activeProject: {} };
  if (credentials.kind === "legacy") return { user: { kind: "unknown" }, activeProject: {} };
  const { accountId, context } = credentials;
  return {
    user: accountId === undefined ? { kind: "unknown" } : { kind: "known", principalId: accountId },
    activeProject: context ? { org_id: context.orgId, project_id: context.projectId } : {},
  };
}
