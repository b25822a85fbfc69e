/**
 * The API of the coordinator: OAuth settings, whoami, organizations, projects and API keys.
 */

import { Hono } from "hono";
import {
  type ApiKeyResponse,
  type Data,
  nameRequest,
  type OrganizationResponse,
  type OrganizationsResponse,
  type PrincipalResponse,
  type ProjectResponse,
  type ProjectsResponse,
  type WhoAmIResponse,
} from "../../contract/coordinator.ts";
import type { OAuthSettings } from "../../contract/oauth.ts";
import type { OwnedPlace } from "../model/accounts.ts";
import { apiKeyOf, requireAccount, requireApiKey, requireOrganization } from "../authentication.ts";
import type { Services } from "../services.ts";
import { ApiError } from "../api_error.ts";
import { ownOrigin } from "../own_origin.ts";
import { jsonBody } from "../body.ts";
import { CLIENT_ID, OAUTH_PATHS } from "./oauth.ts";

export function coordinatorRoutes(services: Services): Hono {
  const { accounts } = services;
  const app = new Hono();

  app.get("/api/v1/auth/cli_config", (c) => {
    const origin = ownOrigin(c);
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
    const { account_id: principal_id } = requireApiKey(c, services);
    return c.json({ data: { principal_id } } satisfies PrincipalResponse);
  });

  app.get("/api/v1/orgs", (c) => {
    const key = apiKeyOf(c, services);
    const accountId = key?.account_id ?? requireAccount(c, services).id;
    const items = accounts.organizations(accountId)
      .filter(({ id }) => key === undefined || id === key.organization_id)
      .map(organizationResponse);
    return c.json({ data: { items } } satisfies OrganizationsResponse);
  });

  app.post("/api/v1/orgs", async (c) => {
    const account = requireAccount(c, services);
    const { name } = await jsonBody(c, nameRequest);
    const data = organizationResponse(accounts.createOrganization(account.id, name));
    return c.json({ data } satisfies Data<OrganizationResponse>, 201);
  });

  app.get("/api/v1/orgs/:org/projects", (c) => {
    const key = apiKeyOf(c, services);
    const accountId = key?.account_id ?? requireAccount(c, services).id;
    const organizationId = c.req.param("org");
    requireOrganization(services, { accountId, organizationId });
    const items = accounts.projects(organizationId)
      .filter(({ id }) => key === undefined || id === key.project_id)
      .map(projectResponse);
    return c.json({ data: { items } } satisfies ProjectsResponse);
  });

  app.post("/api/v1/orgs/:org/projects", async (c) => {
    const account = requireAccount(c, services);
    const organizationId = c.req.param("org");
    requireOrganization(services, { accountId: account.id, organizationId });
    const { name } = await jsonBody(c, nameRequest);
    const data = projectResponse(accounts.createProject(organizationId, name));
    return c.json({ data } satisfies Data<ProjectResponse>, 201);
  });

  app.post("/api/v1/orgs/:org/projects/:project/api_keys", (c) => {
    const account = requireAccount(c, services);
    const organizationId = c.req.param("org");
    requireOrganization(services, { accountId: account.id, organizationId });
    const project = accounts.project(organizationId, c.req.param("project"));
    if (project === undefined) {
      throw new ApiError(404, "No such project in this organization");
    }
    const data = { api_key: accounts.createApiKey(account.id, project.id) };
    return c.json({ data } satisfies ApiKeyResponse, 201);
  });

  return app;
}

function organizationResponse({ id, name, is_default }: OwnedPlace): OrganizationResponse {
  return { organization_id: id, name, is_default };
}

function projectResponse({ id, name, is_default }: OwnedPlace): ProjectResponse {
  return { project_id: id, name, is_default };
}
