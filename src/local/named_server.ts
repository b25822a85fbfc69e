import type { Context } from "hono";
import { ApiError } from "./api_error.ts";
import type { RegisteredServer } from "./servers/registered.ts";
import type { ProjectServer } from "./servers/server.ts";
import type { Services } from "./services.ts";

/** A server that was deployed, or one that runs elsewhere. */
export type AnyServer = ProjectServer | RegisteredServer;

/** All servers of a project, ordered by name. */
export function serversOf(
  { servers, registered }: Pick<Services, "servers" | "registered">,
  projectId: string,
): AnyServer[] {
  return [...servers.of(projectId), ...registered.of(projectId)]
    .sort((a, b) => a.name < b.name ? -1 : 1);
}

/** A server by its id, which is unique among all of them. */
export function findServer(
  { servers, registered }: Pick<Services, "servers" | "registered">,
  id: string,
): AnyServer | undefined {
  return servers.find(id) ?? registered.find(id);
}

/** The deployed server that the path of a request names. */
export function requireServer(c: Context, services: Services, projectId: string): ProjectServer {
  const server = services.servers.named(projectId, c.req.param("name") ?? "");
  if (server === undefined) throw noServer();
  return server;
}

export function noServer(): ApiError {
  return new ApiError(404, "No such server in this project");
}
