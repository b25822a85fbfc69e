/**
 * The API of the coordinator: OAuth settings, whoami, organizations, projects and API keys.
 */

import { Hono } from "hono";
import * as v from "valibot";
import type {
  OrganizationResponse,
  ProjectResponse,
  WhoAmIResponse,
} from "../../contract/coordinator.ts";
import type { OAuthSettings } from "../../contract/oauth.ts";
import { Name, type Named } from "../model/accounts.ts";
import { requireAccount, requireApiKey, requireOrganization, type Services } from "../http.ts";
import { ApiError } from "../api_error.ts";
import { jsonBody } from "../body.ts";
import { CLIENT_ID, OAUTH_PATHS } from "./oauth.ts";

const NewNamed = v.object({ name: Name });
const NAME_HINT = "The body must be an object with a name of 1 to 100 characters";

export function coordinatorRoutes(services: Services): Hono {
  const { accounts } = services;
  const app = new Hono();

  app.get("/api/v1/auth/cli_config", (c) => {
    const origin = `http://${c.req.header("host")}`;
    return c.json(
      {
        client_id: CLIENT_ID,
        authorization_endpoint: origin + OAUTH_PATHS.authorize,
        token_endpoint: origin + OAUTH_PATHS.token,
        device_authorization_endpoint: origin + OAUTH_PATHS.deviceAuthorization,
        revocation_endpoint: origin + OAUTH_PATHS.revoke,
      } satisfies OAuthSettings,
    );
  });

  app.get("/api/v1/auth/whoami", (c) => {
    const account = requireAccount(c, services);
    const organizations = accounts.organizations(account.id);
    const projects = organizations[0] === undefined ? [] : accounts.projects(organizations[0].id);
    const data = {
      account_id: account.id,
      email: account.email,
      organizations: organizations.map(organizationResponse),
      projects: projects.map(projectResponse),
    };
    return c.json({ data } satisfies WhoAmIResponse);
  });

  app.get("/api/v1/auth/validate", (c) => {
    return c.json({ data: { principal_id: requireApiKey(c, services).account_id } });
  });

  app.get("/api/v1/orgs", (c) => {
    const account = requireAccount(c, services);
    const items = accounts.organizations(account.id).map(organizationResponse);
    return c.json({ data: { items } });
  });

  app.post("/api/v1/orgs", async (c) => {
    const account = requireAccount(c, services);
    const { name } = await jsonBody(c, NewNamed, NAME_HINT);
    const organization = accounts.createOrganization(account.id, name);
    return c.json({ data: organizationResponse(organization) }, 201);
  });

  app.get("/api/v1/orgs/:org/projects", (c) => {
    const account = requireAccount(c, services);
    const organizationId = c.req.param("org");
    requireOrganization(services, { accountId: account.id, organizationId });
    return c.json({ data: { items: accounts.projects(organizationId).map(projectResponse) } });
  });

  app.post("/api/v1/orgs/:org/projects", async (c) => {
    const account = requireAccount(c, services);
    const organizationId = c.req.param("org");
    requireOrganization(services, { accountId: account.id, organizationId });
    const { name } = await jsonBody(c, NewNamed, NAME_HINT);
    return c.json({ data: projectResponse(accounts.createProject(organizationId, name)) }, 201);
  });

  app.post("/api/v1/orgs/:org/projects/:project/api_keys", (c) => {
    const account = requireAccount(c, services);
    const organizationId = c.req.param("org");
    requireOrganization(services, { accountId: account.id, organizationId });
    const project = accounts.project(organizationId, c.req.param("project"));
    if (project === undefined) {
      throw new ApiError(404, "No such project in this organization");
    }
    return c.json({ data: { api_key: accounts.createApiKey(account.id, project.id) } }, 201);
  });

  return app;
}

function organizationResponse({ id, name, is_default }: Named): OrganizationResponse {
  return { organization_id: id, name, is_default };
}

function projectResponse({ id, name, is_default }: Named): ProjectResponse {
  return { project_id: id, name, is_default };
}
