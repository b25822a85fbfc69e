/** The servers of a project, which the engine calls workers: deployed servers, and servers that run elsewhere. */

import { type Context, Hono } from "hono";
import {
  newServerRequest,
  type ServerHealthResponse,
  serverRequest,
  type ServerResponse,
  type StoredValue,
} from "../../contract/servers.ts";
import { ApiError } from "../api_error.ts";
import { jsonBody } from "../body.ts";
import type { CallerOf } from "../authentication.ts";
import { mapPage, pageOf } from "../list_page.ts";
import { type AnyServer, noServer, serversOf } from "../named_server.ts";
import type { Services } from "../services.ts";
import { notEmulated } from "./not_emulated.ts";
import { RegisteredServer } from "../servers/registered.ts";

export function workerRoutes(services: Services, callerOf: CallerOf): Hono {
  const { servers, registered, noServers, calls } = services;
  const app = new Hono();

  /** The server that the path names, and its project. */
  const named = (c: Context) => {
    const caller = callerOf(c);
    const name = c.req.param("name") ?? "";
    const server = servers.named(caller.projectId, name) ??
      registered.named(caller.projectId, name);
    if (server === undefined) throw noServer();
    return { server, ...caller };
  };

  app.get("/", (c) => {
    const all = serversOf(services, callerOf(c).projectId);
    return c.json(pageOf(c, all.map(workerResponse)));
  });

  app.post("/", async (c) => {
    const { projectId } = callerOf(c);
    if (noServers !== undefined) throw new ApiError(403, noServers);
    const asked = await jsonBody(c, newServerRequest);
    const { id: name, enabled: isEnabled, settings } = asked;
    requireNoOAuth(asked);
    const isTaken = servers.named(projectId, name) ?? registered.named(projectId, name);
    if (isTaken) throw new ApiError(409, "The project has a server with this name");
    const server = await registered.create({ projectId, name, isEnabled, settings });
    return c.json(workerResponse(server), 201);
  });

  app.get("/:name", (c) => c.json(workerResponse(named(c).server)));

  app.get("/:name/health", async (c) => {
    const { server } = named(c);
    const { name: id, isEnabled: enabled, problem } = server;
    const healthy = enabled && (await server.worker?.isHealthy() ?? false);
    const message = healthy ? "The server is healthy" : problem ?? "The server does not answer";
    return c.json({ id, enabled, healthy, message } satisfies ServerHealthResponse);
  });

  app.get("/:name/tools", async (c) => {
    const { server, ...caller } = named(c);
    if (server instanceof RegisteredServer) await server.refresh();
    const page = pageOf(c, server.tools);
    const userId = c.req.query("user_id") || caller.userId;
    return c.json(mapPage(page, (items) => calls.describe(items, { ...caller, userId })));
  });

  app.patch("/:name", async (c) => {
    const { server } = named(c);
    const change = await jsonBody(c, serverRequest);
    requireNoOAuth(change);
    const { type } = workerResponse(server);
    const wrong = type === "http" ? change.mcp : change.http;
    if (wrong) throw new ApiError(422, `The server has the type ${type}`);
    if (server instanceof RegisteredServer) {
      if (noServers !== undefined) throw new ApiError(403, noServers);
      return c.json(workerResponse(await registered.change(server, change)));
    }
    if (change.http) {
      throw new ApiError(422, "The server was deployed; change it with a deployment");
    }
    if (change.enabled !== undefined) await servers.setEnabled(server, change.enabled);
    return c.json(workerResponse(server));
  });

  app.delete("/:name", async (c) => {
    const { server } = named(c);
    if (server instanceof RegisteredServer) registered.remove(server);
    else await servers.remove(server);
    return c.body(null, 204);
  });

  return app;
}

function requireNoOAuth({ isOAuth }: { readonly isOAuth?: boolean | undefined }): void {
  if (isOAuth) throw notEmulated("OAuth of MCP servers");
}

/** The engine's view of a server. A deployed server that is not running has no address. */
function workerResponse(server: AnyServer): ServerResponse {
  const { name, projectId, isEnabled } = server;
  const common = {
    id: name,
    enabled: isEnabled,
    binding: { id: projectId, type: "project" },
    requirements: { met: true },
  };
  if (!(server instanceof RegisteredServer)) {
    const { worker } = server;
    const http = worker === undefined ? {} : { uri: worker.url, secret: stored(false) };
    return { ...common, type: "http", managed: true, http };
  }
  const { settings } = server;
  if (settings.type === "http") {
    const http = { ...settings.http, secret: stored(true) };
    return { ...common, type: "http", managed: false, http };
  }
  const names = Object.keys(settings.mcp.secrets);
  const secrets = Object.fromEntries(names.map((key) => [key, stored(true)]));
  return { ...common, type: "mcp", managed: false, mcp: { ...settings.mcp, secrets } };
}

function stored(editable: boolean): StoredValue {
  return { exists: true, editable, binding: "project" };
}
