import type { Client } from "../../clients/clients.ts";
import { entryOf } from "../../clients/entry.ts";
import { isAcross } from "../../clients/places.ts";
import { type Gateway, gatewayUrl } from "../../contract/gateways.ts";
import { Failure } from "../../failure.ts";
import type { ProjectFlags } from "../../target/project.ts";
import { openTarget, type Target } from "../../target/target.ts";
import { shellWord } from "../../text/shell_word.ts";
import type { Context } from "../context.ts";
import { chooseTools, type ToolFlags } from "../shared/choose_tools.ts";
import {
  changeEntry,
  type ClientFlags,
  clientMachine,
  findPlace,
  printEntry,
  removeEntry,
  requireClient,
  requireServerName,
  requireWritten,
  tellChange,
} from "../shared/client_files.ts";
import type { ServiceFlags } from "../shared/flags.ts";
import { gatewayServer, nextSteps, requireReachable } from "../shared/gateway_client.ts";
import { addGateway, AUTH_TYPES, findGateway, MAX_NAME } from "../shared/gateways.ts";
import { sameProject } from "../shared/same_project.ts";
import { PRESETS } from "./presets.ts";

interface ConnectFlags extends ClientFlags, Omit<ServiceFlags, "json">, ProjectFlags, ToolFlags {
  readonly preset?: string;
  readonly gateway?: string;
  readonly slug?: string;
  readonly print?: boolean;
  readonly remove?: boolean;
}

/** Connects a client to the tools of a project through a gateway, or removes the gateway from the client. */
export async function connect(
  context: Context,
  flags: ConnectFlags,
  word?: string,
): Promise<void> {
  const client = await requireClient(context, word);
  const machine = await clientMachine(context);
  if (!flags.print) requireWritten(client, "connect");
  if (flags.remove) {
    const known = flags.name ?? flags.gateway ?? flags.slug;
    if (known === undefined) {
      throw new Failure("usage", "Which server?", { next: "Name it with `--name` or `--gateway`" });
    }
    const name = requireServerName(client, flags, known);
    return await removeEntry(context, { client, name, machine }, flags);
  }
  const target = await openTarget(context, flags);
  requireReachable(client, target.address);
  const found = await findOrPlan(context, target, flags);
  const name = requireServerName(client, flags, flags.slug ?? found.name);
  const gateway = "id" in found ? found : undefined;
  const slug = gateway?.slug ?? flags.slug;
  if (flags.dryRun && gateway === undefined) {
    context.io.info(`Would create the gateway ${found.name} with ${found.tools?.length} tools`);
    if (slug === undefined) return;
  }
  const { slug: ofGateway, authType } = gateway ??
    (flags.dryRun
      ? { slug: slug ?? "", authType: AUTH_TYPES.oauth }
      : await create(target, found, flags));
  const url = gatewayUrl(target.address, ofGateway);
  const isWrapped = isAcross(client, flags.scope, machine);
  const server = await gatewayServer(context, client, {
    url,
    authType,
    name,
    isWrapped,
    contextName: flags.context,
  });
  const entry = entryOf(client, name, server);
  if (entry === undefined) throw new Error("A client starts no servers");
  warnOfTools(context, client, found.tools?.length);
  if (flags.print) return await printEntry(context, { client, name, machine, entry }, flags);
  const place = await findPlace(context, { client, name, flags, machine });
  const changed = await changeEntry(context, place, entry, flags);
  const loginLine = `arcade gateway test ${shellWord(ofGateway)}${sameProject(flags)}`;
  const proxyLogin = server.kind === "stdio" && authType === AUTH_TYPES.oauth
    ? [`Log in with \`${loginLine}\``]
    : [];
  const next = [...proxyLogin, ...nextSteps(client, { name, server, scope: flags.scope })];
  tellChange(context, place, changed, { flags, next });
}

/** A gateway that does not exist yet. */
interface Planned {
  readonly name: string;
  readonly tools: readonly string[];
}

/** The gateway that the user names or that has the wanted tools, or else the gateway to create. */
async function findOrPlan(
  context: Context,
  { engine }: Target,
  flags: ConnectFlags,
): Promise<Gateway | Planned> {
  const gateways = await (await engine.gateways()).list();
  if (flags.gateway !== undefined) {
    const named = gateways.filter(({ name }) => name === flags.gateway);
    const [only, another] = named;
    const isSlug = gateways.some(({ slug }) => slug === flags.gateway);
    return only && !another && !isSlug ? only : findGateway(gateways, flags.gateway, flags);
  }
  const anyServer = PRESETS[flags.preset ?? ""] ?? [];
  const wanted = await chooseTools(context, await engine.tools(), { ...flags, anyServer });
  const fitting = gateways.filter(({ isActive, authType, slug, tools }) =>
    isActive && authType === AUTH_TYPES.oauth &&
    (flags.slug === undefined || flags.slug === slug) &&
    (tools === undefined || wanted.every((tool) => tools.includes(tool)))
  );
  const size = ({ tools }: Gateway) => tools?.length ?? Infinity;
  const [best] = fitting.sort((one, other) => size(one) - size(other));
  const servers = [...new Set(wanted.map((tool) => tool.split(".")[0]?.toLowerCase()))].sort();
  return best ?? { name: servers.join("-").slice(0, MAX_NAME), tools: wanted };
}

async function create(
  { engine }: Target,
  { name, tools }: Pick<Planned | Gateway, "name" | "tools">,
  flags: ConnectFlags,
): Promise<Gateway> {
  return await addGateway(await engine.gateways(), {
    name,
    status: "active",
    auth_type: AUTH_TYPES.oauth,
    tool_filter: { allowed_tools: tools ?? [] },
    ...(flags.slug !== undefined && { slug: flags.slug }),
  }, flags);
}

function warnOfTools(
  { io }: Context,
  { title, maxTools }: Client,
  count: number | undefined,
): void {
  if (maxTools === undefined || count === undefined || count <= maxTools) return;
  io.warn(`${title} supports at most ${maxTools} tools, and this gateway has ${count}`);
}
