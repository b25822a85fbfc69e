import { Failure } from "../../failure.ts";
import { parseHub } from "../../hosts/hub.ts";
import { listIdentities } from "../../store/hub_identities.ts";
import { removeIdentities } from "../../store/hub_identities_changes.ts";
import { identityFile } from "../../store/identity_file.ts";
import { styleFor } from "../../terminal/style.ts";
import type { Context } from "../context.ts";
import { type IgnoreMissingFlag, tellMissing } from "../shared/existing.ts";
import type { JsonFlag } from "../shared/flags.ts";
import { writeJson } from "../shared/json.ts";
import { confirmRemoval, requireConfirmable } from "../shared/input.ts";
import type { HubFlag } from "./hub_flag.ts";

export interface RemoveFlags extends JsonFlag, Partial<HubFlag>, IgnoreMissingFlag {
  readonly all?: boolean;
  readonly yes?: boolean;
}

/** Removes the identity for a hub, or all. */
export async function removeIdentity(context: Context, flags: RemoveFlags): Promise<void> {
  const hubs = await hubsToRemove(context, flags);
  if (!hubs) return;
  const removed = await removeIdentities(identityFile(context), hubs);
  const missing = hubs === "all" ? [] : [...hubs].filter((hub) => !removed.includes(hub));
  if (missing.length > 0 && !flags.ignoreMissing) {
    throw new Failure("not-found", `No identity for ${missing.join()}`, {
      next: "Run `arcade identity list` to see them",
    });
  }
  const { green } = styleFor(context.io.stderr);
  for (const hub of removed) {
    context.io.stderr.write(`${green("Removed")} the identity for ${hub}\n`);
  }
  for (const hub of missing) tellMissing(context, `identity for ${hub}`);
  if (hubs === "all" && removed.length === 0) context.io.info("No identities to remove");
  if (flags.json) writeJson(context, { removed, missing });
}

/** The hubs to remove; undefined when the user says no. */
async function hubsToRemove(
  context: Context,
  { hub, all, yes }: RemoveFlags,
): Promise<ReadonlySet<string> | "all" | undefined> {
  if (hub !== undefined) return new Set([parseHub(hub)]);
  if (!all) throw new Failure("usage", "Which hub?", { next: "Give `--hub URL`, or `--all`" });
  if (yes) return "all";
  requireConfirmable(context, { yes }, "--all");
  const { identities, unusable } = listIdentities(identityFile(context).path);
  const hubs = [...identities, ...unusable].map(({ hub }) => hub);
  if (hubs.length === 0) return "all";
  context.io.info(`Identities are stored for these hubs: ${hubs.join(", ")}`);
  return await confirmRemoval(context, { count: hubs.length }) ? "all" : undefined;
}
