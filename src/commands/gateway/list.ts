import { gatewayUrl } from "../../contract/gateways.ts";
import { writeTable } from "../../terminal/table.ts";
import type { Context } from "../context.ts";
import type { ServiceFlags } from "../shared/flags.ts";
import { writeJson } from "../shared/json.ts";
import { sameProject } from "../shared/same_project.ts";
import type { ProjectFlags } from "../../target/project.ts";
import { openTarget } from "../../target/target.ts";
import { authOf, gatewayToJson, statusOf } from "../shared/gateways.ts";

/** Lists the gateways of the active project. */
export async function listGateways(
  context: Context,
  flags: ServiceFlags & ProjectFlags,
): Promise<void> {
  const { engine, address } = await openTarget(context, flags);
  const gateways = await (await engine.gateways()).list();
  if (flags.json) {
    return writeJson(context, { gateways: gateways.map((one) => gatewayToJson(one, address)) });
  }
  if (gateways.length === 0) {
    const create = `arcade gateway create${sameProject(flags)}`;
    return context.io.info(`No gateways in this project yet; create one with \`${create}\``);
  }
  await writeTable(
    context.io.stdout,
    [
      { heading: "Slug", isWhole: true },
      { heading: "Name" },
      { heading: "Status" },
      { heading: "Auth" },
      { heading: "Tools" },
      { heading: "Address", isWhole: true, isSpare: true }, // `gateway url` prints it
    ],
    gateways.map((gateway) => [
      gateway.slug,
      gateway.name || "-",
      statusOf(gateway),
      authOf(gateway),
      gateway.tools === undefined ? "all" : String(gateway.tools.length),
      gatewayUrl(address, gateway.slug),
    ]),
  );
}
