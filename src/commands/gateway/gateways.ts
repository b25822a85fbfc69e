/** A gateway, as `gateway` finds and shows it. */

import { type Gateway, gatewayUrl } from "../../contract/gateways.ts";
import { firstMatches, unknownName } from "../../target/choices.ts";
import { sameProject } from "../shared/same_project.ts";
import type { EngineFlags } from "../../target/target.ts";

/** How clients authenticate, as users name it, by the name on the wire. */
const AUTH_NAMES: ReadonlyMap<string, string> = new Map([
  ["arcade", "oauth"],
  ["arcade_header", "header"],
]);

/** The words of `--auth`, with their names on the wire. */
export const AUTH_TYPES = { oauth: "arcade", header: "arcade_header" } as const;

/** How clients of a gateway authenticate: `oauth`, `header`, or what a newer engine says. */
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
