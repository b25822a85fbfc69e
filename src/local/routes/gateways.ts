/** The gateways of a project: creating, reading, changing and deleting them. */

import { type Context, Hono } from "hono";
import {
  type GatewayRequest,
  gatewayRequest,
  type GatewayResponse,
  newGatewayRequest,
} from "../../contract/gateways.ts";
import { ApiError } from "../api_error.ts";
import type { ProjectOf } from "../authentication.ts";
import { jsonBody } from "../body.ts";
import { pageOf } from "../list_page.ts";
import type { Gateway } from "../model/gateways.ts";
import type { Services } from "../services.ts";

export function gatewayRoutes({ gateways }: Services, projectOf: ProjectOf): Hono {
  const app = new Hono();

  /** The gateway that the path names. */
  const named = (c: Context): Gateway => {
    const projectId = projectOf(c);
    const found = gateways.find(c.req.param("id") ?? "");
    if (found?.projectId !== projectId) throw noGateway();
    return found;
  };

  app.get("/", (c) => c.json(pageOf(c, gateways.of(projectOf(c)).map(response))));

  app.post("/", async (c) => {
    const projectId = projectOf(c);
    const created = gateways.create(projectId, emulated(await jsonBody(c, newGatewayRequest)));
    if (created === undefined) throw taken();
    return c.json(response(created), 201);
  });

  app.get("/:id", (c) => c.json(response(named(c))));

  app.patch("/:id", async (c) => {
    named(c); // refuses unauthorized callers before the body is read
    const change = emulated(await jsonBody(c, gatewayRequest));
    const changed = gateways.change(named(c), change);
    if (changed === undefined) throw taken();
    return c.json(response(changed));
  });

  app.delete("/:id", (c) => {
    gateways.remove(named(c).id);
    return c.body(null, 204);
  });

  return app;
}

/** A request without a user source. */
function emulated<T extends GatewayRequest>({ auth_type, user_source_id, ...request }: T) {
  if (auth_type === "user_source" || user_source_id !== undefined) {
    throw new ApiError(501, "The local Arcade does not emulate user sources");
  }
  return { ...request, auth_type };
}

function response(gateway: Gateway): GatewayResponse {
  const { id, name, description, slug, status, authType, tools, createdAt, updatedAt } = gateway;
  return {
    id,
    name,
    description: description ?? null,
    slug,
    status,
    auth_type: authType,
    ...(tools === undefined ? {} : { tool_filter: { allowed_tools: tools } }),
    created_at: createdAt,
    updated_at: updatedAt,
  };
}

function noGateway(): ApiError {
  return new ApiError(404, "No such gateway in this project");
}

function taken(): ApiError {
  const message = "Another gateway has this slug";
  return new ApiError(409, message, {
    fieldErrors: [{ field: "slug", rule: "unique", message }],
  });
}
