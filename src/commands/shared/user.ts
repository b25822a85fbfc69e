/** The user that a tool acts for. */

import { Failure } from "../../failure.ts";
import type { Context } from "../context.ts";

/**
 * The id of the user: `--user`, or else the e-mail address of the login, or else ARCADE_USER_ID.
 *
 * @throws {Failure} of kind `usage` without one.
 */
export function userOf(
  { env }: Context,
  flags: { readonly user?: string },
  email: string | undefined,
): string {
  const user = flags.user ?? (email || env.ARCADE_USER_ID);
  if (user) return user;
  throw new Failure("usage", "For which user?", {
    next: "Name the user with `--user` or ARCADE_USER_ID: usually an e-mail address",
  });
}

/** That a tool needs something of a user, as every message says it. */
export function needsGrant(
  tool: string,
  { user = "its user", provider }: {
    readonly user?: string;
    readonly provider?: string | undefined;
  },
): string {
  return `${tool} needs ${user} to grant access${provider === undefined ? "" : ` to ${provider}`}`;
}
