/**
 * The dashboard: all stored data without secret values, and forms to add to it.
 */

import { type Context, Hono } from "hono";
import * as v from "valibot";
import { Name } from "../model/accounts.ts";
import { formBody, type Services } from "../http.ts";
import {
  type AccountView,
  apiKeyPage,
  DASHBOARD_FORMS,
  dashboardPage,
  messagePage,
  show,
} from "../pages/pages.ts";

/** How many events the dashboard shows. */
const SHOWN_EVENTS = 50;

export function dashboardRoutes(services: Services): Hono {
  const { accounts, events } = services;
  const app = new Hono();

  app.get("/", (c) => show(c, dashboardPage(overview(services), events.newest(SHOWN_EVENTS))));

  app.post(DASHBOARD_FORMS.organization, async (c) => {
    const form = await formBody(c);
    const account = accounts.find(form.get("account") ?? "");
    const name = v.safeParse(Name, form.get("name"));
    if (account === undefined || !name.success) return notCreated(c);
    accounts.createOrganization(account.id, name.output);
    return c.redirect("/", 303);
  });

  app.post(DASHBOARD_FORMS.project, async (c) => {
    const form = await formBody(c);
    const organizationId = form.get("organization") ?? "";
    const name = v.safeParse(Name, form.get("name"));
    if (accounts.ownerOf(organizationId) === undefined || !name.success) return notCreated(c);
    accounts.createProject(organizationId, name.output);
    return c.redirect("/", 303);
  });

  app.post(DASHBOARD_FORMS.apiKey, async (c) => {
    const form = await formBody(c);
    const organizationId = form.get("organization") ?? "";
    const accountId = accounts.ownerOf(organizationId);
    const project = accounts.project(organizationId, form.get("project") ?? "");
    if (accountId === undefined || project === undefined) return notCreated(c);
    return show(c, apiKeyPage(accounts.createApiKey(accountId, project.id), project.name));
  });

  return app;
}

function overview({ accounts, secrets }: Services): AccountView[] {
  return accounts.all().map((account) => ({
    ...account,
    organizations: accounts.organizations(account.id).map((organization) => ({
      ...organization,
      projects: accounts.projects(organization.id).map((project) => ({
        ...project,
        secrets: secrets.list(project.id),
      })),
    })),
  }));
}

function notCreated(c: Context): Response | Promise<Response> {
  const text = "A name has 1 to 100 characters, and its owner must exist.";
  return show(c, messagePage("Nothing was created", text), { status: 422 });
}
