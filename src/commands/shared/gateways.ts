/** A gateway, as `gateway` finds and shows it. */

import type { GatewaysClient } from "../../api/gateways.ts";
import { type Gateway, gatewayUrl, type NewGatewayRequest } from "../../contract/gateways.ts";
import { Failure } from "../../failure.ts";
import { firstMatches, unknownName } from "../../target/choices.ts";
import { shellWord } from "../../text/shell_word.ts";
import type { Context } from "../context.ts";
import { chooseListed, itemsOf, type ListedName } from "./listed_name.ts";
import { sameProject } from "./same_project.ts";
import type { EngineFlags } from "../../target/target.ts";

/** How clients authenticate, as users name it, by the name on the wire. */
const AUTH_NAMES: ReadonlyMap<string, string> = new Map([
  ["arcade", "oauth"],
  ["arcade_header", "header"],
]);

/** The words of `--auth`, with their names on the wire. */
export const AUTH_TYPES = { oauth: "arcade", header: "arcade_header" } as const;

/** How clients of a gateway authenticate: `oauth`, `header`, or the value of a newer engine. */
export function authOf({ authType }: Gateway): string {
  return AUTH_NAMES.get(authType) ?? authType;
}

/**
 * The gateway with this slug or id. A slug in another case counts if none is equal.
 *
 * @param flags the flags of the command, for hints.
 * @throws {Failure} of kind `not-found`.
 */
export function findGateway(
  gateways: readonly Gateway[],
  wanted: string,
  flags: EngineFlags,
): Gateway {
  const lower = wanted.toLowerCase();
  const [found] = firstMatches(gateways, [
    ({ slug }) => slug === wanted,
    ({ id }) => id === wanted,
    ({ slug }) => slug.toLowerCase() === lower,
  ]);
  if (found) return found;
  const names = gateways.map(({ slug }) => slug);
  throw unknownName("gateway", wanted, { names, list: `arcade gateway list${sameProject(flags)}` });
}

/** The choice of a gateway of the project. */
export function gatewayChoice(flags: EngineFlags): ListedName {
  const same = sameProject(flags);
  return {
    what: "gateway",
    next: `Give its slug; \`arcade gateway list${same}\` shows yours`,
    ifNone: `Create one with \`arcade gateway create${same}\``,
  };
}

/** The gateway that the command line names as {@link findGateway} wants it, or that the user chooses. */
export async function namedGateway(
  context: Context,
  flags: EngineFlags,
  { gateways, named }: {
    readonly gateways: readonly Gateway[];
    readonly named: string | undefined;
  },
): Promise<Gateway> {
  const slug = named ??
    await chooseListed(context, gatewayChoice(flags), itemsOf(gateways.map((one) => one.slug)));
  return findGateway(gateways, slug, flags);
}

/** A gateway as `--json` shows it. */
export function gatewayToJson(gateway: Gateway, engine: string) {
  const { id, slug, name, description, tools } = gateway;
  return {
    id,
    slug,
    name,
    description: description ?? null,
    status: statusOf(gateway),
    auth: authOf(gateway),
    tools: tools ?? null,
    url: gatewayUrl(engine, slug),
  };
}

export function statusOf({ isActive }: Gateway): "active" | "inactive" {
  return isActive ? "active" : "inactive";
}

/** Longer names are refused. */
export const MAX_NAME = 100;

/** Creates a gateway. If the slug is taken, throws a {@link Failure} that says what to do. */
export async function addGateway(
  gateways: GatewaysClient,
  request: NewGatewayRequest,
  flags: EngineFlags,
): Promise<Gateway> {
  try {
    return await gateways.create(request);
  } catch (error) {
    throw slugFailure(error, request.slug, flags);
  }
}

/** The failure for a slug that is taken; other errors are returned unchanged. */
export function slugFailure(
  error: unknown,
  slug: string | undefined,
  flags: EngineFlags,
): unknown {
  if (!(error instanceof Failure && error.status === 409) || slug === undefined) return error;
  return new Failure("server", `The slug "${slug}" is taken`, {
    next: "Choose another with `--slug`; if it is yours, " +
      `\`arcade gateway get ${shellWord(slug)}${sameProject(flags)}\` shows it`,
    status: 409,
    cause: error,
  });
}
