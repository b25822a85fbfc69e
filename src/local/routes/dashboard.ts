/** The dashboard: all stored data without secret values, and forms to add to it and to remove from it. */

import { type Context, Hono } from "hono";
import { html } from "hono/html";
import { isName } from "../../contract/coordinator.ts";
import type { Services } from "../services.ts";
import { formBody } from "../body.ts";
import type { AccountPlaces, OwnedPlace } from "../model/accounts.ts";
import { apiKeyPage, dashboardPage, type ProjectContent } from "../pages/dashboard.ts";
import { gatewaysPage, gatewaysPath } from "../pages/gateways.ts";
import { eventsPage } from "../pages/events.ts";
import { DASHBOARD_FORMS, REMOVABLE, type Removable, removalPage } from "../pages/forms.ts";
import { messagePage, named, show } from "../pages/layout.ts";
import { randomOpaque } from "../model/opaque.ts";
import { serverPage, serverPath } from "../pages/server.ts";
import { callPage, callPath, CALLS_PAGE, callsPage } from "../pages/calls.ts";
import { type AnyServer, serversOf } from "../named_server.ts";
import { RegisteredServer } from "../servers/registered.ts";

/** How many events are shown. */
const SHOWN_EVENTS = 50;
/** How many scheduled calls are shown. */
const SHOWN_SCHEDULED = 100;

export const DASHBOARD_PAGES = [
  "/",
  "/events",
  CALLS_PAGE,
  callPath(":id"),
  serverPath(":id"),
  serverPath(":project/:name"),
  gatewaysPath(":id"),
  ...Object.values(DASHBOARD_FORMS),
];

/** What a form removes; undefined when it does not say. */
function removalOf(
  { kind, id }: Readonly<Record<string, string>>,
): { readonly kind: Removable; readonly id: string } | undefined {
  const known = REMOVABLE.find((one) => one === kind);
  return known && id ? { kind: known, id } : undefined;
}

export function dashboardRoutes(services: Services): Hono {
  const { accounts, events, servers, registered, gateways, noServers } = services;
  const removables = removablesOf(services);
  const newKeys = new NewKeys();
  const app = new Hono();

  app.get("/", (c) => {
    const filter = (c.req.query("filter") ?? "").trim().slice(0, 100);
    const url = new URL(c.req.url).origin;
    const { accounts, contentOf } = found(services, filter);
    return show(c, dashboardPage(accounts, { url, filter, contentOf }));
  });

  // The address of a project, as the command line and Arcade's cloud write it.
  app.get(
    "/orgs/:org/projects/:project",
    (c) => c.redirect(`/#${encodeURIComponent(c.req.param("project"))}`),
  );

  app.get(
    "/events",
    (c) => show(c, eventsPage(events.newest(SHOWN_EVENTS), new URL(c.req.url).origin)),
  );

  app.get(CALLS_PAGE, (c) => {
    const records = services.calls.records.all().toReversed();
    return show(c, callsPage(records, services.schedule.stored.newest(SHOWN_SCHEDULED)));
  });

  app.get(callPath(":id"), (c) => {
    const record = services.calls.records.find(c.req.param("id") ?? "");
    if (record === undefined) return c.notFound();
    return show(c, callPage(record, accounts.nameIn("projects", record.projectId)));
  });

  app.get(serverPath(":id"), (c) => {
    const server = servers.find(c.req.param("id") ?? "");
    return server === undefined ? c.notFound() : show(c, serverPage(server, services.exampleLine));
  });

  app.get(serverPath(":project/:name"), async (c) => {
    const server = registered.named(c.req.param("project") ?? "", c.req.param("name") ?? "");
    if (server === undefined) return c.notFound();
    if (server.isEnabled) await server.refresh();
    return show(c, serverPage(server, services.exampleLine));
  });

  app.post(DASHBOARD_FORMS.server, async (c) => {
    const form = await formBody(c);
    const server = findServer(services, form.get("server") ?? "");
    const enabled = form.get("enabled") === "true";
    if (server === undefined) return c.notFound();
    if (!(server instanceof RegisteredServer)) await servers.setEnabled(server, enabled);
    else if (noServers === undefined) await registered.change(server, { enabled });
    else return show(c, messagePage("Nothing was changed", noServers, "problem"), { status: 403 });
    return c.redirect(serverPath(server.id), 303);
  });

  app.get(gatewaysPath(":id"), (c) => {
    const id = c.req.param("id") ?? "";
    const name = accounts.nameIn("projects", id);
    if (name === undefined) return c.notFound();
    const url = new URL(c.req.url).origin;
    return show(c, gatewaysPage({ id, name }, gateways.of(id), { url }));
  });

  app.post(DASHBOARD_FORMS.gateway, async (c) => {
    const form = await formBody(c);
    const gateway = gateways.find(form.get("gateway") ?? "");
    if (gateway !== undefined) {
      const status = form.get("status") === "active" ? "active" : "inactive";
      gateways.change(gateway, { status });
      return c.redirect(gatewaysPath(gateway.projectId), 303);
    }
    const projectId = form.get("project") ?? "";
    const name = form.get("name")?.trim() ?? "";
    const isProject = accounts.nameIn("projects", projectId) !== undefined;
    if (!isProject || !isName(name)) return notCreated(c);
    gateways.create(projectId, { name });
    return c.redirect(gatewaysPath(projectId), 303);
  });

  app.post(DASHBOARD_FORMS.organization, async (c) => {
    const form = await formBody(c);
    const account = accounts.find(form.get("account") ?? "");
    const name = form.get("name")?.trim() ?? "";
    if (account === undefined || !isName(name)) return notCreated(c);
    accounts.createOrganization(account.id, name);
    return c.redirect("/", 303);
  });

  app.post(DASHBOARD_FORMS.project, async (c) => {
    const form = await formBody(c);
    const organizationId = form.get("organization") ?? "";
    const name = form.get("name")?.trim() ?? "";
    if (accounts.ownerOf(organizationId) === undefined || !isName(name)) return notCreated(c);
    accounts.createProject(organizationId, name);
    return c.redirect("/", 303);
  });

  app.post(DASHBOARD_FORMS.apiKey, async (c) => {
    const form = await formBody(c);
    const organizationId = form.get("organization") ?? "";
    const accountId = accounts.ownerOf(organizationId);
    const project = accounts.project(organizationId, form.get("project") ?? "");
    if (accountId === undefined || project === undefined) return notCreated(c);
    const apiKey = accounts.createApiKey(accountId, project.id);
    const shown = newKeys.keep({ apiKey, projectName: project.name });
    return c.redirect(`${DASHBOARD_FORMS.apiKey}?${new URLSearchParams({ shown })}`, 303);
  });

  app.get(DASHBOARD_FORMS.apiKey, (c) => {
    const kept = newKeys.take(c.req.query("shown") ?? "");
    if (kept === undefined) {
      const text = "An API key is shown once. Create another one on the dashboard if you need it.";
      return show(c, messagePage("This key is not shown again", text), { status: 404 });
    }
    c.header("cache-control", "no-store");
    const { apiKey, projectName } = kept;
    return show(c, apiKeyPage(apiKey, { url: new URL(c.req.url).origin, projectName }));
  });

  app.get(DASHBOARD_FORMS.remove, (c) => {
    const wanted = removalOf(c.req.query());
    if (wanted === undefined) return notRemoved(c);
    const { kind, id } = wanted;
    const { noun, nameOf } = removables[kind];
    const name = nameOf(id);
    if (name === undefined) return notRemoved(c);
    return show(c, removalPage({ kind, id, what: html`the ${noun} ${named(name)}` }));
  });

  app.post(DASHBOARD_FORMS.remove, async (c) => {
    const wanted = removalOf(Object.fromEntries(await formBody(c)));
    if (wanted === undefined) return notRemoved(c);
    const { kind, id } = wanted;
    return await removables[kind].remove(id) ? c.redirect("/", 303) : notRemoved(c);
  });

  return app;
}

interface NewKey {
  readonly apiKey: string;
  readonly projectName: string;
}

/** New API keys, until a page has shown them: a form redirects, so that a reload does not create a second key. */
class NewKeys {
  readonly #kept = new Map<string, NewKey>();

  /** Returns the word that takes the key back, once. */
  keep(key: NewKey): string {
    const [oldest] = this.#kept.keys();
    if (oldest !== undefined && this.#kept.size >= MOST_NEW_KEYS) this.#kept.delete(oldest);
    const word = randomOpaque("", 16);
    this.#kept.set(word, key);
    return word;
  }

  take(word: string): NewKey | undefined {
    const key = this.#kept.get(word);
    this.#kept.delete(word);
    return key;
  }
}

/** How many new keys wait at most: browsers follow a redirect at once. */
const MOST_NEW_KEYS = 20;

interface Removing {
  readonly noun: string;
  readonly nameOf: (id: string) => string | undefined;
  /** False when it does not exist, or is the last one that has to stay. */
  readonly remove: (id: string) => boolean | Promise<boolean>;
}

function removablesOf(services: Services): Readonly<Record<Removable, Removing>> {
  const { accounts, secrets, servers, registered, gateways, grants } = services;
  const removeFrom = async (table: "organizations" | "projects", id: string) => {
    const isRemoved = accounts.removeFrom(table, id);
    await servers.removeOrphans();
    registered.removeOrphans((projectId) => accounts.nameIn("projects", projectId) !== undefined);
    return isRemoved;
  };
  return {
    organization: {
      noun: "organization",
      nameOf: (id) => accounts.nameIn("organizations", id),
      remove: (id) => removeFrom("organizations", id),
    },
    project: {
      noun: "project",
      nameOf: (id) => accounts.nameIn("projects", id),
      remove: (id) => removeFrom("projects", id),
    },
    secret: {
      noun: "secret",
      nameOf: (id) => secrets.keyOf(id),
      remove: (id) => secrets.remove(id),
    },
    server: {
      noun: "server",
      nameOf: (id) => findServer(services, id)?.name,
      remove: async (id) => {
        const server = findServer(services, id);
        if (server === undefined) return false;
        if (server instanceof RegisteredServer) registered.remove(server);
        else await servers.remove(server);
        return true;
      },
    },
    gateway: {
      noun: "gateway",
      nameOf: (id) => gateways.find(id)?.name,
      remove: (id) => gateways.remove(id),
    },
    connection: {
      noun: "grant of",
      nameOf: (id) => {
        const found = grants.connections.find(id);
        return found && `${found.userId} at ${found.providerId}`;
      },
      remove: (id) => grants.connections.remove(id),
    },
    api_key: {
      noun: "API key",
      nameOf: (id) => accounts.fingerprintOf(id),
      remove: (id) => accounts.removeApiKey(id),
    },
  };
}

function findServer({ servers, registered }: Services, id: string): AnyServer | undefined {
  return servers.find(id) ?? registered.find(id);
}

/** The organizations that have what the user looks for, with their accounts. What has it comes first in each list. */
function found(services: Services, filter: string): {
  readonly accounts: readonly AccountPlaces[];
  readonly contentOf: (projectId: string) => ProjectContent;
} {
  const { accounts, secrets, gateways, grants } = services;
  const all = accounts.places();
  const wanted = filter.toLowerCase();
  const has = (...texts: string[]) => texts.some((text) => text.toLowerCase().includes(wanted));
  const first = <T>(items: readonly T[], isFound: (item: T) => boolean) =>
    wanted === "" ? items : [...items].sort((a, b) => Number(isFound(b)) - Number(isFound(a)));
  const contentOf = (projectId: string) => ({
    secrets: first(secrets.list(projectId), ({ key }) => has(key)),
    servers: first(serversOf(services, projectId), ({ name }) => has(name)),
    gateways: first(gateways.of(projectId), ({ name, slug }) => has(name, slug)),
    connections: first(grants.connections.of(projectId), ({ userId }) => has(userId)),
    apiKeys: accounts.apiKeys(projectId),
  });
  if (wanted === "") return { accounts: all, contentOf };
  const isIn = ({ id, name }: OwnedPlace) => {
    if (has(id, name)) return true;
    const { secrets: [secret], servers: [server], gateways: [gateway], connections: [connection] } =
      contentOf(id);
    const keys = [secret?.key, server?.name, gateway?.name, gateway?.slug, connection?.userId];
    return has(...keys.map((key) => key ?? ""));
  };
  const matching = all.map((account) => ({
    ...account,
    organizations: account.organizations
      .map((one) => ({ ...one, projects: first(one.projects, isIn) }))
      .filter(({ id, name, projects: [project] }) =>
        has(account.email, id, name) || (project !== undefined && isIn(project))
      ),
  }));
  return { accounts: matching.filter(({ organizations }) => organizations.length > 0), contentOf };
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
