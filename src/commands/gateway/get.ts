import { gatewayUrl } from "../../contract/gateways.ts";
import { writeLabeledLines } from "../../terminal/labeled_lines.ts";
import { printable } from "../../terminal/safe_text.ts";
import type { Context } from "../context.ts";
import type { ServiceFlags } from "../shared/flags.ts";
import { writeJson } from "../shared/json.ts";
import { requireName } from "../shared/listed_name.ts";
import type { ProjectFlags } from "../../target/project.ts";
import { openTarget } from "../../target/target.ts";
import {
  authOf,
  gatewayChoice,
  gatewayToJson,
  namedGateway,
  statusOf,
} from "../shared/gateways.ts";

type Flags = ServiceFlags & ProjectFlags;

/** Shows a gateway. */
export async function getGateway(context: Context, flags: Flags, named?: string): Promise<void> {
  await requireName(context, named, gatewayChoice(flags));
  const { engine, address } = await openTarget(context, flags);
  const gateways = await (await engine.gateways()).list();
  const gateway = await namedGateway(context, flags, { gateways, named });
  if (flags.json) return writeJson(context, gatewayToJson(gateway, address));
  const { id, slug, name, description, tools } = gateway;
  const [first = "-", ...others] = tools ?? ["all of the project"];
  writeLabeledLines(context.io.stdout, [
    ["Slug", slug],
    ["Name", name || "-"],
    ["Description", description ?? "-"],
    ["ID", id],
    ["Status", statusOf(gateway)],
    ["Auth", authOf(gateway)],
    ["Address", gatewayUrl(address, slug)],
    ["Tools", first],
    ...others.map((tool) => ["", tool] as const),
  ]);
}

/** Prints the address of a gateway, for MCP clients. */
export async function printUrl(context: Context, flags: Flags, named?: string): Promise<void> {
  await requireName(context, named, gatewayChoice(flags));
  const { engine, address } = await openTarget(context, flags);
  const gateways = await (await engine.gateways()).list();
  const { slug } = await namedGateway(context, flags, { gateways, named });
  const url = gatewayUrl(address, slug);
  if (flags.json) return writeJson(context, { slug, url });
  context.io.stdout.write(`${printable(url)}\n`);
}
