/**
 * The API of the engine. Its resources belong to a project: the one that the path names, or else the one of the API key.
 */

import { type Context, Hono } from "hono";
import {
  bearerToken,
  type ProjectOf,
  requireAccount,
  requireApiKey,
  requireOrganization,
} from "../authentication.ts";
import type { Services } from "../services.ts";
import type { HealthResponse } from "../../contract/health.ts";
import { ApiError } from "../api_error.ts";
import { deploymentRoutes } from "./deployments.ts";
import { secretRoutes } from "./secrets.ts";
import { toolRoutes } from "./tools.ts";
import { workerRoutes } from "./workers.ts";

export function engineRoutes(services: Services): Hono {
  const app = new Hono();
  app.get("/v1/health", (c) => c.json({ healthy: true } satisfies HealthResponse));
  const ofPath: ProjectOf = (c) => scopedProject(c, services);
  const ofApiKey: ProjectOf = (c) => requireApiKey(c, services).project_id;
  const scope = "/v1/orgs/:org/projects/:project";
  app.route(`${scope}/secrets`, secretRoutes(services, ofPath));
  app.route("/v1/admin/secrets", secretRoutes(services, ofApiKey));
  for (const [root, projectOf] of [[scope, ofPath], ["/v1", ofApiKey]] as const) {
    app.route(`${root}/workers`, workerRoutes(services, projectOf));
    app.route(`${root}/deployments`, deploymentRoutes(services, projectOf));
    app.route(`${root}/tools`, toolRoutes(services, projectOf));
  }
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
