import { Failure } from "../../failure.ts";
import { printable } from "../../terminal/safe_text.ts";
import { styleFor } from "../../terminal/style.ts";
import type { Context } from "../context.ts";
import type { ServiceFlags } from "../shared/flags.ts";
import { writeJson } from "../shared/json.ts";
import { confirmChange, requireConfirmable } from "../shared/input.ts";
import type { ProjectFlags } from "../../target/project.ts";
import { openTarget } from "../../target/target.ts";
import { findGateway } from "./gateways.ts";

export interface DeleteFlags extends ServiceFlags, ProjectFlags {
  readonly yes?: boolean;
  readonly ignoreMissing?: boolean;
}

/** Deletes a gateway, after a confirmation. */
export async function deleteGateway(
  context: Context,
  flags: DeleteFlags,
  wanted: string,
): Promise<void> {
  requireConfirmable(context, flags, "gateway delete");
  const { engine } = await openTarget(context, flags);
  const gateways = await engine.gateways();
  const listed = await gateways.list();
  try {
    const { id, slug } = findGateway(listed, wanted, flags);
    const question = `Delete the gateway ${printable(slug)}? Its clients lose their tools.`;
    if (!flags.yes && !await confirmChange(context, question)) return;
    await gateways.remove(id);
    if (flags.json) return writeJson(context, { deleted: slug, missing: [] });
    const { green } = styleFor(context.io.stderr);
    context.io.stderr.write(`${green("Deleted")} ${printable(slug)}\n`);
  } catch (error) {
    const isMissing = error instanceof Failure && error.kind === "not-found";
    if (!isMissing || !flags.ignoreMissing) throw error;
    context.io.info(`There is no gateway called "${wanted}"; nothing to remove`);
    if (flags.json) writeJson(context, { deleted: null, missing: [wanted] });
  }
}
