import { printable } from "../../terminal/safe_text.ts";
import { styleFor } from "../../terminal/style.ts";
import type { Context } from "../context.ts";
import { unknownName } from "../../target/choices.ts";
import { type IgnoreMissingFlag, isGone, tellMissing } from "../shared/existing.ts";
import type { ServiceFlags } from "../shared/flags.ts";
import { confirmChange, requireConfirmable } from "../shared/input.ts";
import { writeJson } from "../shared/json.ts";
import { chooseListed, requireName } from "../shared/listed_name.ts";
import type { ProjectFlags } from "../../target/project.ts";
import { sameProject } from "../shared/same_project.ts";
import { openTarget } from "../../target/target.ts";

export interface RevokeFlags extends ServiceFlags, ProjectFlags, IgnoreMissingFlag {
  readonly yes?: boolean;
}

/** Revokes what a user has granted at a provider, after a confirmation. */
export async function revokeGrant(
  context: Context,
  flags: RevokeFlags,
  named?: string,
): Promise<void> {
  const list = `arcade auth list${sameProject(flags)}`;
  const choice = {
    what: "grant",
    next: `Give its id; \`${list}\` shows it`,
    ifNone: "Users grant something when a tool asks them to",
  };
  await requireName(context, named, choice);
  requireConfirmable(context, flags, "auth revoke");
  const { engine } = await openTarget(context, flags);
  const connections = await engine.connections();
  const grants = await connections.list();
  const id = named ?? await chooseListed(
    context,
    choice,
    grants.map((one) => ({ name: one.id, note: `${one.user_id} at ${one.provider_id}` })),
  );
  const found = grants.find((one) => one.id === id);
  if (!found) {
    if (flags.ignoreMissing) return report(context, flags, { missing: [id] });
    throw unknownName("grant", id, { names: grants.map((one) => one.id), list });
  }
  const what = printable(`the ${found.provider_id} grant of ${found.user_id}`);
  if (!flags.yes && !await confirmChange(context, `Revoke ${what}?`)) return;
  // Someone else may have revoked it since.
  const isMissing = await isGone(flags, () => connections.revoke(id, []));
  if (isMissing) return report(context, flags, { missing: [id] });
  const { green } = styleFor(context.io.stderr);
  context.io.stderr.write(`${green("Revoked")} ${what}\n`);
  report(context, flags, { revoked: [id] });
}

function report(
  context: Context,
  { json }: RevokeFlags,
  { revoked = [], missing = [] }: { revoked?: readonly string[]; missing?: readonly string[] },
): void {
  for (const id of missing) tellMissing(context, `grant called "${id}"`);
  if (json) writeJson(context, { revoked, missing });
}
