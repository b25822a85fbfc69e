import type { GrantsClient } from "../../api/grants.ts";
import type { Authorization } from "../../contract/grants.ts";
import { Failure } from "../../failure.ts";
import type { Context } from "../context.ts";
import type { ServiceFlags } from "../shared/flags.ts";
import { isOpen, waitForDecision } from "../shared/grants.ts";
import { interruptible } from "../shared/interruptible.ts";
import { sameProject } from "../shared/same_project.ts";
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
  const now = { ...await stateOf(grants, id, flags), id };
  const { wait } = flags;
  if (wait === undefined) return writeAuthorization(context, flags, now);
  if (isOpen(now)) context.io.info(`Waiting for ${now.user ?? "the user"}… (Ctrl-C to cancel)`);
  const decided = await waitForDecision(context, grants, { authorization: now, seconds: wait });
  writeAuthorization(context, flags, { ...decided, id });
  requireCompleted(decided, flags);
}

/** @throws {Failure} of kind `not-found` that names the authorization. */
async function stateOf(
  grants: GrantsClient,
  id: string,
  flags: Parameters<typeof sameProject>[0],
): Promise<Authorization> {
  try {
    return await grants.status(id);
  } catch (error) {
    if (!(error instanceof Failure && error.kind === "not-found")) throw error;
    throw new Failure("not-found", `No authorization called "${id}"`, {
      next: `Start one with \`arcade auth start PROVIDER${sameProject(flags)}\``,
      cause: error,
    });
  }
}
