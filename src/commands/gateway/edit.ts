import type { GatewayRequest, GatewayStatus } from "../../contract/gateways.ts";
import { Failure } from "../../failure.ts";
import { printable } from "../../terminal/safe_text.ts";
import { styleFor } from "../../terminal/style.ts";
import type { Context } from "../context.ts";
import type { ServiceFlags } from "../shared/flags.ts";
import { writeJson } from "../shared/json.ts";
import { requireName } from "../shared/listed_name.ts";
import type { ProjectFlags } from "../../target/project.ts";
import { openTarget } from "../../target/target.ts";
import { chooseTools, namesTools, type ToolFlags } from "../shared/choose_tools.ts";
import { AUTH_TYPES, gatewayChoice, namedGateway, slugFailure } from "../shared/gateways.ts";

export interface EditFlags extends ServiceFlags, ProjectFlags, ToolFlags {
  readonly status?: GatewayStatus;
  readonly name?: string;
  readonly description?: string;
  readonly slug?: string;
  readonly auth?: keyof typeof AUTH_TYPES;
}

/** Changes the parts of a gateway that the flags name. */
export async function editGateway(
  context: Context,
  flags: EditFlags,
  named?: string,
): Promise<void> {
  const { status, name, description, slug, auth } = flags;
  const change: GatewayRequest = {
    ...(status !== undefined && { status }),
    ...(name !== undefined && { name }),
    ...(description !== undefined && { description: description || null }),
    ...(slug !== undefined && { slug }),
    ...(auth !== undefined && { auth_type: AUTH_TYPES[auth] }),
  };
  if (Object.keys(change).length === 0 && !namesTools(flags)) {
    throw new Failure("usage", "Nothing to change", {
      next: "Name what to change, with `--status inactive` for example",
    });
  }
  await requireName(context, named, gatewayChoice(flags));
  const { engine } = await openTarget(context, flags);
  const gateways = await engine.gateways();
  const gateway = await namedGateway(context, flags, { gateways: await gateways.list(), named });
  const tools = namesTools(flags)
    ? await chooseTools(context, await engine.tools(), flags)
    : undefined;
  const request = { ...change, ...(tools && { tool_filter: { allowed_tools: tools } }) };
  try {
    await gateways.change(gateway.id, request);
  } catch (error) {
    throw slugFailure(error, slug, flags);
  }
  const changed = Object.keys({ ...change, ...(tools && { tools }) })
    .map((field) => field === "auth_type" ? "auth" : field);
  const now = slug ?? gateway.slug;
  if (flags.json) return writeJson(context, { id: gateway.id, slug: now, changed });
  const { green } = styleFor(context.io.stderr);
  context.io.stderr.write(`${green("Changed")} ${printable(now)}: ${changed.join(", ")}\n`);
}
