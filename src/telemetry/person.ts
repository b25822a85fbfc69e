/** Who is logged in, as far as telemetry has to know. */

import { type Credentials, readCredentials } from "../store/credentials.ts";
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

/** The stored login as telemetry needs it. */
export interface StoredPerson {
  readonly person: Person;
  /** The active organization and project, where they are known. */
  readonly place: EventProperties;
  /** What a coordinator can be asked with who it is. */
  readonly credentials: Credentials | undefined;
}

/** Who is logged in and where, from the stored credentials alone. */
export async function readStoredPerson(folder: string): Promise<StoredPerson> {
  let credentials: Credentials | undefined;
  try {
    credentials = await readCredentials(folder);
  } catch {
    return { person: { kind: "unknown" }, place: {}, credentials };
  }
  if (!credentials) return { person: { kind: "nobody" }, place: {}, credentials };
  if (credentials.kind === "legacy") return { person: { kind: "unknown" }, place: {}, credentials };
  const { accountId, context } = credentials;
  return {
    person: accountId === undefined
      ? { kind: "unknown" }
      : { kind: "known", principalId: accountId },
    place: context ? { org_id: context.orgId, project_id: context.projectId } : {},
    credentials,
  };
}
