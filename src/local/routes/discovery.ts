/**
 * Discovery: where clients that know one address of this server find the others.
 */

import { Hono } from "hono";
import type { DiscoveryResponse } from "../../contract/discovery.ts";
import { PROOF_PATH } from "../../files/running.ts";
import { ApiError } from "../api_error.ts";
import { ownOrigin } from "../own_origin.ts";
import type { Services } from "../services.ts";
import { VERSION } from "../../version.ts";

/** A nonce of a client; a longer one would make this server compute for others. */
const NONCE = /^[\w-]{1,64}$/;

export function discoveryRoutes({ noServers, prove }: Pick<Services, "noServers" | "prove">): Hono {
  const app = new Hono();
  app.get(PROOF_PATH, async (c) => {
    const nonce = c.req.query("nonce") ?? "";
    if (!NONCE.test(nonce)) throw new ApiError(400, "The nonce is missing or too long");
    return c.text(await prove(nonce));
  });
  app.get("/.well-known/arcade", (c) => {
    const origin = ownOrigin(c);
    return c.json(
      {
        engine: origin,
        coordinator: origin,
        dashboard: origin,
        version: VERSION,
        deployments: { enabled: noServers === undefined, reason: noServers ?? "" },
      } satisfies DiscoveryResponse,
    );
  });
  return app;
}
