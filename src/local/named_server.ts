import type { Context } from "hono";
import { ApiError } from "./api_error.ts";
import type { ProjectServer } from "./servers/server.ts";
import type { Services } from "./services.ts";

/** The server that the path of a request names. */
export function requireServer(c: Context, services: Services, projectId: string): ProjectServer {
  const server = services.servers.named(projectId, c.req.param("name") ?? "");
  if (server === undefined) throw noServer();
  return server;
}

export function noServer(): ApiError {
  return new ApiError(404, "No such server in this project");
}
