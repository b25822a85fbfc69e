/** The servers of a project, which the engine calls workers. */

import { Hono } from "hono";
import {
  type ServerHealthResponse,
  serverRequest,
  type ServerResponse,
} from "../../contract/servers.ts";
import type { ProjectOf } from "../authentication.ts";
import { pageOf } from "../list_page.ts";
import { requireServer } from "../named_server.ts";
import type { Services } from "../services.ts";
import { jsonBody } from "../body.ts";
import type { Server } from "../servers/server.ts";

export function workerRoutes(services: Services, projectOf: ProjectOf): Hono {
  const { servers } = services;
  const app = new Hono();

  app.get("/", (c) => c.json(pageOf(c, servers.of(projectOf(c)).map(workerResponse))));

  app.get("/:name", (c) => c.json(workerResponse(requireServer(c, services, projectOf(c)))));

  app.get("/:name/health", async (c) => {
    const server = requireServer(c, services, projectOf(c));
    const { name: id, isEnabled: enabled, instance, problem } = server;
    const healthy = await instance?.worker.isHealthy() ?? false;
    const message = healthy ? "The server is healthy" : problem ?? "The server does not answer";
    return c.json({ id, enabled, healthy, message } satisfies ServerHealthResponse);
  });

  app.patch("/:name", async (c) => {
    const server = requireServer(c, services, projectOf(c));
    const { enabled } = await jsonBody(c, serverRequest);
    await servers.setEnabled(server, enabled);
    return c.json(workerResponse(server));
  });

  app.delete("/:name", async (c) => {
    await servers.remove(requireServer(c, services, projectOf(c)));
    return c.body(null, 204);
  });

  return app;
}

/** The engine's view of a server. One that does not run has no address. */
function workerResponse({ name, projectId, isEnabled, instance }: Server): ServerResponse {
  return {
    id: name,
    type: "http",
    enabled: isEnabled,
    managed: true,
    binding: { id: projectId, type: "project" },
    http: instance === undefined ? {} : { uri: instance.worker.url },
  };
}
