import { Failure } from "../../failure.ts";
import { printable } from "../../terminal/safe_text.ts";
import { styleFor } from "../../terminal/style.ts";
import type { Context } from "../context.ts";
import { type IgnoreMissingFlag, tellMissing } from "../shared/existing.ts";
import type { ServiceFlags } from "../shared/flags.ts";
import { writeJson } from "../shared/json.ts";
import { formatFailure } from "../../cli/messages.ts";
import { openTarget } from "../../target/target.ts";

/** Removes secrets. Warns about unknown keys, and continues after a failure. */
export async function unsetSecrets(
  context: Context,
  flags: ServiceFlags & IgnoreMissingFlag,
  ...keys: string[]
): Promise<void> {
  if (keys.some((key) => key.includes("="))) {
    throw new Failure("usage", "A key contains `=`", {
      next: "Give only the keys, without values",
    });
  }
  const { engine: { secrets } } = await openTarget(context, flags);
  const existing = new Map((await secrets.list()).map((entry) => [entry.key, entry]));
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
