/**
 * The API of the engine. Its resources belong to a project: the project in the path, or else the project of the API key.
 */

import { type Context, Hono } from "hono";
import {
  bearerToken,
  type Caller,
  type CallerOf,
  type ProjectOf,
  requireAccount,
  requireApiKey,
  requireOrganization,
} from "../authentication.ts";
import type { Services } from "../services.ts";
import type { HealthResponse } from "../../contract/health.ts";
import { ApiError } from "../api_error.ts";
import { deploymentRoutes } from "./deployments.ts";
import { gatewayRoutes } from "./gateways.ts";
import { notEmulatedRoutes } from "./not_emulated.ts";
import { scheduledRoutes } from "./scheduled.ts";
import { confirmUser, grantRoutes } from "./grants.ts";
import { secretRoutes } from "./secrets.ts";
import { formattedToolRoutes, toolRoutes } from "./tools.ts";
import { workerRoutes } from "./workers.ts";

export function engineRoutes(services: Services): Hono {
  const app = new Hono();
  const ofPath: CallerOf = (c) => scopedCaller(c, services);
  const ofApiKey: CallerOf = (c) => ({
    projectId: requireApiKey(c, services).project_id,
    userId: undefined,
  });
  const scope = "/v1/orgs/:org/projects/:project";
  for (const [root, callerOf] of [[scope, ofPath], ["/v1", ofApiKey]] as const) {
    const projectOf: ProjectOf = (c) => callerOf(c).projectId;
    app.get(`${root}/health`, (c) => c.json({ healthy: true } satisfies HealthResponse));
    app.route(`${root}/admin/secrets`, secretRoutes(services, projectOf));
    if (root === scope) app.route(`${root}/secrets`, secretRoutes(services, projectOf));
    app.route(`${root}/workers`, workerRoutes(services, callerOf));
    app.route(`${root}/deployments`, deploymentRoutes(services, projectOf));
    app.route(`${root}/gateways`, gatewayRoutes(services, projectOf));
    app.route(`${root}/tools`, toolRoutes(services, callerOf));
    app.route(`${root}/scheduled_tools`, scheduledRoutes(services, projectOf));
    app.route(`${root}/formatted_tools`, formattedToolRoutes(services, callerOf));
    app.route(root, grantRoutes(services, callerOf));
  }
  // Arcade's documentation has it on the coordinator.
  app.post("/api/v1/oauth/confirm_user", (c) => confirmUser(c, services, ofApiKey));
  app.route("/", notEmulatedRoutes(scope));
  return app;
}

function scopedCaller(c: Context, services: Services): Caller {
  const organizationId = c.req.param("org") ?? "";
  const projectId = c.req.param("project") ?? "";
  const keyOwner = services.accounts.ownerOfApiKey(bearerToken(c));
  if (keyOwner !== undefined) {
    if (keyOwner.organization_id !== organizationId || keyOwner.project_id !== projectId) {
      throw new ApiError(403, "No such project, or this API key has no access to it");
    }
    return { projectId, userId: undefined };
  }
  const account = requireAccount(c, services);
  requireOrganization(services, { accountId: account.id, organizationId });
  if (services.accounts.project(organizationId, projectId) === undefined) {
    throw new ApiError(404, "No such project in this organization");
  }
  return { projectId, userId: account.email };
}
