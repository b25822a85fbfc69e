import { type Gateway, gatewayUrl, type NewGatewayRequest } from "../../contract/gateways.ts";
import { Failure } from "../../failure.ts";
import { printable } from "../../terminal/safe_text.ts";
import { styleFor } from "../../terminal/style.ts";
import { shellWord } from "../../text/shell_word.ts";
import type { Context } from "../context.ts";
import { type IfNotExistsFlag, tellExisting } from "../shared/existing.ts";
import type { ServiceFlags } from "../shared/flags.ts";
import { writeJson } from "../shared/json.ts";
import { sameProject } from "../shared/same_project.ts";
import type { ProjectFlags } from "../../target/project.ts";
import { openTarget } from "../../target/target.ts";
import { chooseTools, type ToolFlags } from "../shared/choose_tools.ts";
import { addGateway, AUTH_TYPES, gatewayToJson, MAX_NAME } from "../shared/gateways.ts";

export interface CreateFlags extends ServiceFlags, ProjectFlags, ToolFlags, IfNotExistsFlag {
  readonly auth: keyof typeof AUTH_TYPES;
  readonly slug?: string;
  readonly description?: string;
}

/** Creates a gateway, and prints its address. */
export async function createGateway(
  context: Context,
  flags: CreateFlags,
  name?: string,
): Promise<void> {
  const { slug, description, auth, ifNotExists } = flags;
  if (ifNotExists && slug === undefined && name === undefined) {
    throw new Failure("usage", "`--if-not-exists` needs a slug or a name", {
      next: "Add `--slug`",
    });
  }
  const { engine, address } = await openTarget(context, flags);
  const gateways = await engine.gateways();
  const existing = ifNotExists
    ? (await gateways.list()).find((one) =>
      slug === undefined ? one.name === name : one.slug === slug
    )
    : undefined;
  if (existing) return report(context, flags, { gateway: existing, address, isNew: false });
  const tools = await chooseTools(context, await engine.tools(), flags);
  const servers = [...new Set(tools.map((tool) => tool.split(".")[0]))];
  const request: NewGatewayRequest = {
    name: (name ?? slug ?? servers.join(", ")).slice(0, MAX_NAME),
    status: "active",
    auth_type: AUTH_TYPES[auth],
    tool_filter: { allowed_tools: tools },
    ...(slug !== undefined && { slug }),
    ...(description !== undefined && { description }),
  };
  const gateway = await addGateway(gateways, request, flags);
  report(context, flags, { gateway, address, isNew: true });
}

function report(
  context: Context,
  flags: CreateFlags,
  { gateway, address, isNew }: {
    readonly gateway: Gateway;
    readonly address: string;
    readonly isNew: boolean;
  },
): void {
  const { io } = context;
  const { slug } = gateway;
  if (!isNew) tellExisting(context, `the gateway "${slug}"`);
  if (flags.json) {
    const existing = isNew ? [] : [slug];
    return writeJson(context, { ...gatewayToJson(gateway, address), existing });
  }
  if (isNew) {
    io.stderr.write(`${styleFor(io.stderr).green("Created")} ${printable(slug)}\n`);
    const test = `arcade gateway test ${shellWord(slug)}${sameProject(flags)}`;
    io.notice(`Give this address to MCP clients; \`${test}\` tests it`);
  }
  io.stdout.write(`${printable(gatewayUrl(address, slug))}\n`);
}
