/**
 * Discovery: where clients that know one address of this server find the others.
 */

import { Hono } from "hono";
import type { Services } from "../http.ts";
import { VERSION } from "../../version.ts";

/** The answer of `GET /.well-known/arcade` (docs/contracts.md, Discovery). */
interface DiscoveryResponse {
  readonly engine: string;
  readonly coordinator: string;
  readonly dashboard: string;
  readonly version: string;
  readonly deployments: { readonly enabled: boolean; readonly reason: string };
}

export function discoveryRoutes({ noServers }: Pick<Services, "noServers">): Hono {
  const app = new Hono();
  app.get("/.well-known/arcade", (c) => {
    const origin = `http://${c.req.header("host")}`;
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
