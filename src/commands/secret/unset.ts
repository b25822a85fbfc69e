import { Failure } from "../../failure.ts";
import { printable } from "../../terminal/safe_text.ts";
import { styleFor } from "../../terminal/style.ts";
import type { Context } from "../context.ts";
import { type IgnoreMissingFlag, tellMissing } from "../shared/existing.ts";
import type { ServiceFlags } from "../shared/flags.ts";
import { writeJson } from "../shared/json.ts";
import type { ProjectFlags } from "../../target/project.ts";
import { chooseSeveral, itemsOf, requireName } from "../shared/listed_name.ts";
import { sameProject } from "../shared/same_project.ts";
import { formatFailure } from "../../cli/messages.ts";
import { openTarget } from "../../target/target.ts";

/** Removes secrets: those that are named, or that the user chooses. Warns about unknown keys, and continues after a failure. */
export async function unsetSecrets(
  context: Context,
  flags: ServiceFlags & ProjectFlags & IgnoreMissingFlag,
  ...named: string[]
): Promise<void> {
  if (named.some((key) => key.includes("="))) {
    throw new Failure("usage", "A key contains `=`", {
      next: "Give only the keys, without values",
    });
  }
  const choice = {
    what: "secret",
    next: `Give its key; \`arcade secret list${sameProject(flags)}\` shows yours`,
    ifNone: "Nothing to remove",
  };
  await requireName(context, named[0], choice);
  const { engine: { secrets } } = await openTarget(context, flags);
  const existing = new Map((await secrets.list()).map((entry) => [entry.key, entry]));
  const keys = named.length > 0
    ? named
    : await chooseSeveral(context, choice, itemsOf(existing.keys()));
  const { green, red } = styleFor(context.io.stderr);
  const info = (line: string) => context.io.stderr.write(`${line}\n`);
  const removed: string[] = [];
  const missing: string[] = [];
  const failed: { key: string; error: string }[] = [];

  for (const key of new Set(keys)) {
    const entry = existing.get(key);
    if (!entry) {
      missing.push(key);
      if (flags.ignoreMissing) tellMissing(context, `secret called "${key}"`);
      else context.io.warn(`no secret called "${key}"; skipped`);
      continue;
    }
    try {
      await secrets.remove(entry);
      removed.push(key);
      info(`${green("Removed")} ${printable(key)}`);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      failed.push({ key, error: error.message });
      info(`${red("Failed")} ${printable(key)}: ${formatFailure(error)}`);
    }
  }
  if (flags.json) writeJson(context, { removed, missing, failed });
  if (failed.length > 0) {
    throw new Failure(
      "partial",
      `Could not remove ${failed.length} of ${keys.length} secrets`,
      {
        next: "The others were removed; run the command again to retry",
      },
    );
  }
}
