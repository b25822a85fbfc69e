/**
 * The API of the engine: health, and the secrets of a project.
 */

import { type Context, Hono } from "hono";
import * as v from "valibot";
import {
  ApiError,
  bearerToken,
  jsonBody,
  requireAccount,
  requireApiKey,
  requireOrganization,
  type Services,
} from "../http.ts";

const KEY = /^[A-Za-z0-9_.-]{1,256}$/;
const MAX_VALUE_BYTES = 1024 * 1024;

const NewSecret = v.object({
  description: v.optional(v.nullable(v.pipe(v.string(), v.maxLength(1000)))),
  value: v.pipe(v.string(), v.nonEmpty(), v.maxBytes(MAX_VALUE_BYTES)),
});
const NEW_SECRET_HINT = "The body must be an object with a value, a text of 1 byte to 1 MiB, and " +
  "optionally a description of at most 1000 characters";

export function engineRoutes(services: Services): Hono {
  const app = new Hono();
  app.get("/v1/health", (c) => c.json({ healthy: true }));
  app.route("/v1/orgs/:org/projects/:project/secrets", secretRoutes(services, scopedProject));
  app.route("/v1/admin/secrets", secretRoutes(services, projectOfApiKey));
  return app;
}

/** Adds the same routes under both roots. `projectOf` authorizes a request and returns its project. */
function secretRoutes(
  services: Services,
  projectOf: (c: Context, services: Services) => string,
): Hono {
  const { secrets } = services;
  const app = new Hono();

  app.get("/", async (c) => {
    return c.json({ items: await secrets.entries(projectOf(c, services)) });
  });

  app.put("/:key", async (c) => {
    const projectId = projectOf(c, services);
    const key = c.req.param("key");
    if (!KEY.test(key)) {
      throw new ApiError(422, "A key has 1 to 256 letters, digits, underscores, dots or dashes");
    }
    const { value, description } = await jsonBody(c, NewSecret, NEW_SECRET_HINT);
    return c.json(await secrets.set(projectId, { key, value, description }));
  });

  app.delete("/:id", (c) => {
    if (!secrets.delete(projectOf(c, services), c.req.param("id"))) {
      throw new ApiError(404, "No such secret in this project");
    }
    return c.body(null, 204);
  });

  return app;
}

function scopedProject(c: Context, services: Services): string {
  const organizationId = c.req.param("org") ?? "";
  const projectId = c.req.param("project") ?? "";
  const keyOwner = services.accounts.ownerOfApiKey(bearerToken(c));
  if (keyOwner !== undefined) {
    if (keyOwner.organization_id !== organizationId || keyOwner.project_id !== projectId) {
      throw new ApiError(403, "No such project, or this API key has no access to it");
    }
    return projectId;
  }
  const account = requireAccount(c, services);
  requireOrganization(services, { accountId: account.id, organizationId });
  if (services.accounts.project(organizationId, projectId) === undefined) {
    throw new ApiError(404, "No such project in this organization");
  }
  return projectId;
}

function projectOfApiKey(c: Context, services: Services): string {
  return requireApiKey(c, services).project_id;
}
