import type { Gateway } from "../../contract/gateways.ts";
import { printable } from "../../terminal/safe_text.ts";
import { styleFor } from "../../terminal/style.ts";
import type { Context } from "../context.ts";
import { type IgnoreMissingFlag, isGone, tellMissing } from "../shared/existing.ts";
import type { ServiceFlags } from "../shared/flags.ts";
import { writeJson } from "../shared/json.ts";
import { requireName } from "../shared/listed_name.ts";
import { confirmChange, requireConfirmable } from "../shared/input.ts";
import type { ProjectFlags } from "../../target/project.ts";
import { openTarget } from "../../target/target.ts";
import { gatewayChoice, namedGateway } from "../shared/gateways.ts";

export interface DeleteFlags extends ServiceFlags, ProjectFlags, IgnoreMissingFlag {
  readonly yes?: boolean;
}

/** Deletes a gateway, after a confirmation. */
export async function deleteGateway(
  context: Context,
  flags: DeleteFlags,
  named?: string,
): Promise<void> {
  await requireName(context, named, gatewayChoice(flags));
  requireConfirmable(context, flags, "gateway delete");
  const { engine } = await openTarget(context, flags);
  const gateways = await engine.gateways();
  const listed = await gateways.list();
  let deleted: Gateway | undefined;
  let isDeclined = false;
  const isMissing = await isGone(flags, async () => {
    const gateway = await namedGateway(context, flags, { gateways: listed, named });
    const question = `Delete the gateway ${printable(gateway.slug)}? Its clients lose their tools.`;
    isDeclined = !flags.yes && !await confirmChange(context, question);
    if (isDeclined) return;
    await gateways.remove(gateway.id);
    deleted = gateway;
  });
  if (isDeclined) return;
  const missing = isMissing && named !== undefined ? [named] : [];
  for (const slug of missing) tellMissing(context, `gateway called "${slug}"`);
  if (flags.json) {
    return writeJson(context, { deleted: deleted?.slug ?? null, missing });
  }
  if (!deleted) return;
  const { green } = styleFor(context.io.stderr);
  context.io.stderr.write(`${green("Deleted")} ${printable(deleted.slug)}\n`);
}
