/** The grants of users for the tools that act for them. */

import type { Mapping } from "../../contract/fields.ts";
import type { AuthorizationRequirement } from "../../contract/tools.ts";
import type { Sensitive } from "../../secrecy/sensitive.ts";

/** A grant of a user, or its status. */
export type Grant =
  | { readonly status: "completed"; readonly token: Sensitive; readonly user_info: Mapping }
  | { readonly status: "not_started" | "pending" | "failed" };

export interface Grants {
  /** The provider that a requirement means, if it was switched off. */
  inactiveProvider(projectId: string, requirement: AuthorizationRequirement): string | undefined;
  /** The status of the grant that a tool requires from a user. */
  statusOf(
    projectId: string,
    userId: string,
    requirement: AuthorizationRequirement,
  ): Grant["status"];
  /** The grant of a user that covers what a tool requires. */
  grantFor(
    projectId: string,
    userId: string,
    requirement: AuthorizationRequirement,
  ): Grant | Promise<Grant>;
}
