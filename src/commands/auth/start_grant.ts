import type { Context } from "../context.ts";
import type { ServiceFlags } from "../shared/flags.ts";
import { isOpen, secondsToWait, showPage, waitForDecision } from "../shared/grants.ts";
import { interruptible } from "../shared/interruptible.ts";
import type { ProjectFlags } from "../../target/project.ts";
import { openTarget } from "../../target/target.ts";
import { userOf } from "../shared/user.ts";
import type { WaitFlags } from "../shared/wait_flags.ts";
import { requireCompleted, writeAuthorization } from "./authorization.ts";

export interface StartFlags extends ServiceFlags, ProjectFlags, WaitFlags {
  readonly scope?: readonly string[];
  readonly user?: string;
}

/** Asks a user to grant scopes of a provider. */
export async function startGrant(
  originalContext: Context,
  flags: StartFlags,
  provider: string,
): Promise<void> {
  const context = interruptible(originalContext, { commandMs: Infinity });
  const { engine, email } = await openTarget(context, flags);
  const userId = userOf(context, flags, email);
  const grants = await engine.grants();
  const scopes = flags.scope ?? [];
  const begun = await grants.authorize(provider, { scopes, userId });
  const seconds = secondsToWait(context, flags);
  if (!isOpen(begun) || seconds === undefined) {
    writeAuthorization(context, flags, begun);
    return begun.status === "failed" ? requireCompleted(begun, flags) : undefined;
  }
  const what = `Open this page to grant ${provider} for ${userId}:`;
  if (begun.url !== undefined) await showPage(context, begun.url, what);
  const decided = await waitForDecision(context, grants, { authorization: begun, seconds });
  writeAuthorization(context, flags, decided);
  requireCompleted(decided, flags);
}
