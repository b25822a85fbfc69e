/** The dashboard: all stored data without secret values, and forms to add to it and to remove from it. */

import { type Context, Hono } from "hono";
import * as v from "valibot";
import { formBody, type Services } from "../http.ts";
import { Name } from "../model/accounts.ts";
import {
  type AccountView,
  apiKeyPage,
  DASHBOARD_FORMS,
  dashboardPage,
  type OrganizationView,
  REMOVABLE,
  removalPage,
} from "../pages/dashboard.ts";
import { eventsPage } from "../pages/events.ts";
import { messagePage, show } from "../pages/layout.ts";

/** How many events are shown. */
const SHOWN_EVENTS = 50;

export const DASHBOARD_PAGES = ["/", "/events", ...Object.values(DASHBOARD_FORMS)];

const Removal = v.object({ kind: v.picklist(REMOVABLE), id: v.pipe(v.string(), v.nonEmpty()) });

export function dashboardRoutes(services: Services): Hono {
  const { accounts, events, secrets } = services;
  const app = new Hono();

  app.get("/", (c) => {
    const filter = (c.req.query("filter") ?? "").trim().slice(0, 100);
    const url = new URL(c.req.url).origin;
    return show(c, dashboardPage(overview(services, filter), { url, filter }));
  });

  app.get(
    "/events",
    (c) => show(c, eventsPage(events.newest(SHOWN_EVENTS), new URL(c.req.url).origin)),
  );

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

  app.get(DASHBOARD_FORMS.remove, (c) => {
    const wanted = v.safeParse(Removal, c.req.query());
    const what = wanted.success ? nameOf(wanted.output) : undefined;
    if (!wanted.success || what === undefined) return notRemoved(c);
    return show(c, removalPage({ ...wanted.output, what }));
  });

  app.post(DASHBOARD_FORMS.remove, async (c) => {
    const wanted = v.safeParse(Removal, Object.fromEntries(await formBody(c)));
    if (!wanted.success || !remove(wanted.output)) return notRemoved(c);
    return c.redirect("/", 303);
  });

  type Wanted = v.InferOutput<typeof Removal>;

  function nameOf({ kind, id }: Wanted): string | undefined {
    if (kind === "organization") return named("The organization", accounts.organizationName(id));
    if (kind === "project") return named("The project", accounts.projectName(id));
    if (kind === "secret") return named("The secret", secrets.keyOf(id));
    return named("The API key", accounts.fingerprintOf(id));
  }

  function remove({ kind, id }: Wanted): boolean {
    if (kind === "organization") return accounts.removeOrganization(id);
    if (kind === "project") return accounts.removeProject(id);
    return kind === "secret" ? secrets.remove(id) : accounts.removeApiKey(id);
  }

  return app;
}

function named(kind: string, name: string | undefined): string | undefined {
  return name === undefined ? undefined : `${kind} ${name}`;
}

function overview({ accounts, secrets }: Services, filter: string): AccountView[] {
  return accounts.all().map((account) => ({
    ...account,
    organizations: accounts.organizations(account.id).map((organization) => ({
      ...organization,
      projects: accounts.projects(organization.id).map((project) => ({
        ...project,
        secrets: secrets.list(project.id),
        apiKeys: accounts.apiKeys(project.id),
      })),
    })).filter((organization) => matches(organization, filter)),
  }));
}

/** Whether an organization, one of its projects or one of their keys has what the user looks for. */
function matches({ id, name, projects }: OrganizationView, filter: string): boolean {
  const texts = [
    id,
    name,
    ...projects.flatMap(({ id, name, secrets }) => [id, name, ...secrets.map(({ key }) => key)]),
  ];
  return texts.some((text) => text.toLowerCase().includes(filter.toLowerCase()));
}

function notCreated(c: Context): Response | Promise<Response> {
  const text = "A name has 1 to 100 characters, and its owner must exist.";
  return show(c, messagePage("Nothing was created", text, "problem"), { status: 422 });
}

function notRemoved(c: Context): Response | Promise<Response> {
  const text =
    "It does not exist, or it is the last one: an account keeps one organization, and an " +
    "organization one project.";
  return show(c, messagePage("Nothing was removed", text, "problem"), { status: 422 });
}
