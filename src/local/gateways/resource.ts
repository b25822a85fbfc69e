import type { Context } from "hono";
import { gatewayUrl } from "../../contract/gateways.ts";
import type { Gateway, Gateways } from "../model/gateways.ts";
import { ownOrigin } from "../own_origin.ts";

/** The address of a gateway, which is the resource that tokens are for (RFC 8707), as the client of a request reached it. */
export function resourceOf(c: Context, { slug }: Pick<Gateway, "slug">): string {
  return gatewayUrl(ownOrigin(c), slug);
}

/** The gateway that is a resource; undefined unless it is open, and clients sign in to it. */
export function gatewayOfResource(
  c: Context,
  gateways: Gateways,
  resource: string,
): Gateway | undefined {
  const root = resourceOf(c, { slug: "" });
  if (!resource.startsWith(root)) return undefined;
  const gateway = gateways.at(resource.slice(root.length).replace(/\/$/, ""));
  return gateway?.status === "active" && gateway.authType === "arcade" ? gateway : undefined;
}
