/** Questions of a call to its user, which few calls ask. */

import type { GrantsClient } from "../../api/grants.ts";
import type { Authorization } from "../../contract/grants.ts";
import type { Tool } from "../../contract/tools.ts";
import { Failure } from "../../failure.ts";
import { printable } from "../../terminal/safe_text.ts";
import type { Context } from "../context.ts";
import { awaitGrant, isOpen, openPage, secondsToWait } from "../shared/grants.ts";
import { confirmChange, whyNoPrompt } from "../shared/input.ts";
import type { Interruptible } from "../shared/interruptible.ts";
import { needsGrant } from "../shared/user.ts";
import type { WaitFlags } from "../shared/wait_flags.ts";

/**
 * Asks whether to call a destructive tool.
 *
 * @throws {Failure} of kind `usage` without a terminal.
 */
export async function confirmCall(context: Context, { name }: Tool): Promise<boolean> {
  const why = whyNoPrompt(context);
  if (why === undefined) {
    return await confirmChange(context, `${printable(name)} is destructive. Call it?`);
  }
  throw new Failure("usage", `${name} is destructive, and ${why}`, {
    report: "A destructive tool needs `--yes`",
    next: "Add `--yes` to call it",
  });
}

/**
 * Asks the user to grant what a tool needs, and waits.
 *
 * @param call.authorization the authorization that was requested.
 * @throws {Failure} of kind `grant-needed`.
 */
export async function obtainGrant(
  context: Interruptible,
  grants: GrantsClient,
  { tool, user, flags, authorization }: {
    readonly tool: Tool;
    readonly user: string;
    readonly flags: WaitFlags;
    readonly authorization: Authorization;
  },
): Promise<void> {
  const provider = authorization.provider ?? tool.authorization?.provider;
  const what = needsGrant(tool.name, { user, provider });
  const seconds = secondsToWait(context, flags);
  if (seconds === undefined && isOpen(authorization)) {
    throw new Failure("grant-needed", `${what} (${authorization.id})`, {
      report: "A tool needs a grant",
      next: openPage(authorization),
    });
  }
  await awaitGrant(context, grants, authorization, {
    seconds: seconds ?? 0,
    what: `${what}. Open this page to allow it:`,
  });
}
