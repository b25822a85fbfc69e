import { printable } from "../../terminal/safe_text.ts";
import { styleFor } from "../../terminal/style.ts";
import type { Context } from "../context.ts";
import { type IgnoreMissingFlag, isGone, tellMissing } from "../shared/existing.ts";
import type { ServiceFlags } from "../shared/flags.ts";
import { writeJson } from "../shared/json.ts";
import { confirmChange, requireConfirmable } from "../shared/input.ts";
import type { ProjectFlags } from "../../target/project.ts";
import { openTarget } from "../../target/target.ts";
import { aboutServer } from "./about_server.ts";

/** Deletes a server, after a confirmation. */
export async function deleteServer(
  context: Context,
  flags: ServiceFlags & ProjectFlags & IgnoreMissingFlag & { readonly yes?: boolean },
  name: string,
): Promise<void> {
  requireConfirmable(context, flags, "server delete");
  const { engine: { servers } } = await openTarget(context, flags);
  if (!flags.yes && !await confirmChange(context, `Delete the server ${printable(name)}?`)) return;
  const isMissing = await isGone(
    flags,
    () => aboutServer(servers, { name, flags }, () => servers.remove(name)),
  );
  if (isMissing) tellMissing(context, `server called "${name}"`);
  if (flags.json) {
    return writeJson(context, {
      deleted: isMissing ? null : name,
      missing: isMissing ? [name] : [],
    });
  }
  if (isMissing) return;
  const { green } = styleFor(context.io.stderr);
  context.io.stderr.write(`${green("Deleted")} ${printable(name)}\n`);
}
