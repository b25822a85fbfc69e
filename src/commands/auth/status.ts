import type { Context } from "../context.ts";
import type { ServiceFlags } from "../shared/flags.ts";
import { waitForDecision } from "../shared/grants.ts";
import { interruptible } from "../shared/interruptible.ts";
import type { ProjectFlags } from "../../target/project.ts";
import { openTarget } from "../../target/target.ts";
import { requireCompleted, writeAuthorization } from "./authorization.ts";

/** Shows the state of an authorization, or waits until the user has decided. */
export async function showStatus(
  originalContext: Context,
  flags: ServiceFlags & ProjectFlags & { readonly wait?: number },
  id: string,
): Promise<void> {
  const context = interruptible(originalContext, { commandMs: Infinity });
  const { engine } = await openTarget(context, flags);
  const grants = await engine.grants();
  const now = { ...await grants.status(id), id };
  const { wait } = flags;
  if (wait === undefined) return writeAuthorization(context, flags, now);
  const decided = await waitForDecision(context, grants, { authorization: now, seconds: wait });
  writeAuthorization(context, flags, { ...decided, id });
  requireCompleted(decided, flags);
}
