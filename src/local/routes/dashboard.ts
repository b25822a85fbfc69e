/** The dashboard: all stored data without secret values, and forms to add to it and to remove from it. */

import { type Context, Hono } from "hono";
import { html } from "hono/html";
import { isName } from "../../contract/coordinator.ts";
import { isSecretValue, MAX_SECRET_CHARACTERS, SECRET_KEY } from "../../contract/secrets.ts";
import type { Services } from "../services.ts";
import { formBody } from "../body.ts";
import type { AccountPlaces, ProjectPlace } from "../model/accounts.ts";
import { dashboardPage } from "../pages/dashboard.ts";
import { apiKeyPage, projectPage, type ProjectView } from "../pages/project.ts";
import { eventsPage } from "../pages/events.ts";
import { DASHBOARD_FORMS, REMOVABLE, type Removable, removalPage } from "../pages/forms.ts";
import { messagePage, named, projectPath, show } from "../pages/layout.ts";
import { randomOpaque } from "../model/opaque.ts";
import { callPage, callPath, CALLS_PAGE, callsPage } from "../pages/calls.ts";
import { findServer } from "../named_server.ts";
import { serverPath } from "../pages/server.ts";
import { containing, contentOf, matching, namesIn } from "../project_content.ts";
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
  projectPath(":id"),
  ...Object.values(DASHBOARD_FORMS).filter((path) => path !== DASHBOARD_FORMS.server),
];

/** The item that a form removes; undefined when the form is invalid. */
function removalOf(
  { kind, id }: Readonly<Record<string, string>>,
): { readonly kind: Removable; readonly id: string } | undefined {
  const known = REMOVABLE.find((one) => one === kind);
  return known && id ? { kind: known, id } : undefined;
}

export function dashboardRoutes(services: Services): Hono {
  const { accounts, secrets, events, gateways } = services;
  const removables = removablesOf(services);
  const newKeys = new NewKeys();
  const app = new Hono();

  app.get("/", (c) => {
    const filter = filterOf(c);
    const page = dashboardPage(placesWith(services, filter), {
      url: new URL(c.req.url).origin,
      filter,
      contentOf: (id) => contentOf(services, id),
    });
    return show(c, page);
  });

  /** @param refused a secret that was not stored. */
  const showProject = (c: Context, id: string, refused?: ProjectView["refused"]) => {
    const project = accounts.place(id);
    if (project === undefined) return c.notFound();
    const filter = filterOf(c);
    const content = contentOf(services, id);
    const page = projectPage({
      project,
      content,
      filter,
      found: filter === "" ? content : matching(content, containing(filter)),
      calls: services.calls.records.of(id),
      url: new URL(c.req.url).origin,
      refused,
    });
    return show(c, page, { status: refused === undefined ? 200 : 422 });
  };

  app.get(projectPath(":id"), (c) => showProject(c, c.req.param("id") ?? ""));

  // The same addresses as on Arcade Cloud and on engines on this machine, as the command line writes them.
  app.get("/dashboard", (c) => c.redirect("/"));
  for (const path of ["/orgs/:org/projects/:project", "/dashboard/orgs/:org/projects/:project"]) {
    app.get(path, (c) => c.redirect(projectPath(encodeURIComponent(c.req.param("project") ?? ""))));
  }

  app.post(DASHBOARD_FORMS.secret, async (c) => {
    const form = await formBody(c);
    const projectId = form.get("project") ?? "";
    const key = form.get("key")?.trim() ?? "";
    const value = form.get("value") ?? "";
    if (accounts.place(projectId) === undefined) return notCreated(c);
    if (!SECRET_KEY.test(key)) {
      const problem = "A key has 1 to 256 letters, digits, underscores, dots or dashes.";
      return showProject(c, projectId, { key: key.slice(0, 256), problem });
    }
    if (!isSecretValue(value)) {
      const problem = `A value has 1 to ${MAX_SECRET_CHARACTERS} characters.`;
      return showProject(c, projectId, { key, problem });
    }
    await secrets.set(projectId, { key, value });
    return c.redirect(`${projectPath(projectId)}#secrets`, 303);
  });

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
    const { executionId, projectId, serverId = "", userId, input } = record;
    const project = accounts.place(projectId);
    const isRepeatable = input !== undefined && findServer(services, serverId) !== undefined;
    const place = {
      user: userId === project?.email ? undefined : userId ?? "",
      call: executionId,
    };
    const page = callPage(record, {
      project: project?.name,
      repeatPath: isRepeatable ? serverPath(serverId, place) : undefined,
    });
    return show(c, page);
  });

  app.post(DASHBOARD_FORMS.gateway, async (c) => {
    const form = await formBody(c);
    const gateway = gateways.find(form.get("gateway") ?? "");
    if (gateway !== undefined) {
      const status = form.get("status") === "active" ? "active" : "inactive";
      gateways.change(gateway, { status });
      return c.redirect(`${projectPath(gateway.projectId)}#${gateway.id}`, 303);
    }
    const projectId = form.get("project") ?? "";
    const name = form.get("name")?.trim() ?? "";
    const isProject = accounts.nameIn("projects", projectId) !== undefined;
    if (!isProject || !isName(name)) return notCreated(c);
    gateways.create(projectId, { name });
    return c.redirect(`${projectPath(projectId)}#gateways`, 303);
  });

  app.post(DASHBOARD_FORMS.organization, async (c) => {
    const form = await formBody(c);
    const account = accounts.find(form.get("account") ?? "");
    const name = form.get("name")?.trim() ?? "";
    if (account === undefined || !isName(name)) return notCreated(c);
    const { id } = accounts.createOrganization(account.id, name);
    return c.redirect(`/#${id}`, 303);
  });

  app.post(DASHBOARD_FORMS.project, async (c) => {
    const form = await formBody(c);
    const organizationId = form.get("organization") ?? "";
    const name = form.get("name")?.trim() ?? "";
    if (accounts.ownerOf(organizationId) === undefined || !isName(name)) return notCreated(c);
    const { id } = accounts.createProject(organizationId, name);
    return c.redirect(projectPath(id), 303);
  });

  app.post(DASHBOARD_FORMS.apiKey, async (c) => {
    const form = await formBody(c);
    const project = accounts.place(form.get("project") ?? "");
    if (project === undefined) return notCreated(c);
    const apiKey = accounts.createApiKey(project.accountId, project.id);
    const shown = newKeys.keep({ apiKey, project });
    return c.redirect(`${DASHBOARD_FORMS.apiKey}?${new URLSearchParams({ shown })}`, 303);
  });

  app.get(DASHBOARD_FORMS.apiKey, (c) => {
    const kept = newKeys.take(c.req.query("shown") ?? "");
    if (kept === undefined) {
      const text = "An API key is shown once. Create another one if you need it.";
      return show(
        c,
        messagePage("This key is not shown again", text, "neutral", { hasBack: true }),
        { status: 404 },
      );
    }
    c.header("cache-control", "no-store");
    const { apiKey, project } = kept;
    return show(c, apiKeyPage(apiKey, { url: new URL(c.req.url).origin, project }));
  });

  app.get(DASHBOARD_FORMS.remove, (c) => {
    const wanted = removalOf(c.req.query());
    if (wanted === undefined) return notRemoved(c);
    const { kind, id } = wanted;
    const { noun, find } = removables[kind];
    const found = find(id);
    if (found === undefined) return notRemoved(c);
    const what = html`the ${noun} ${named(found.name)}`;
    return show(c, removalPage({ kind, id, what, back: found.back }));
  });

  app.post(DASHBOARD_FORMS.remove, async (c) => {
    const wanted = removalOf(Object.fromEntries(await formBody(c)));
    if (wanted === undefined) return notRemoved(c);
    const { kind, id } = wanted;
    const { find, remove } = removables[kind];
    // A removed project no longer has a page.
    const back = kind === "project" ? "/" : find(id)?.back ?? "/";
    return await remove(id) ? c.redirect(back, 303) : notRemoved(c);
  });

  return app;
}

interface NewKey {
  readonly apiKey: string;
  readonly project: ProjectPlace;
}

/** New API keys, until a page has shown them: a form redirects, so that a reload does not create a second key. */
class NewKeys {
  readonly #kept = new Map<string, NewKey>();

  /** Returns the word that retrieves the key, once. */
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

/** How many new keys can wait: browsers follow a redirect at once. */
const MOST_NEW_KEYS = 20;

interface Removing {
  readonly noun: string;
  /** Its name, and the path of the page that shows it; undefined when it does not exist. */
  readonly find: (id: string) => { readonly name: string; readonly back: string } | undefined;
  /** False when it does not exist, or is the last one, which cannot be removed. */
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
      find: (id) => {
        const name = accounts.nameIn("organizations", id);
        return name === undefined ? undefined : { name, back: "/" };
      },
      remove: (id) => removeFrom("organizations", id),
    },
    project: {
      noun: "project",
      find: (id) => {
        const name = accounts.nameIn("projects", id);
        return name === undefined ? undefined : { name, back: projectPath(id) };
      },
      remove: (id) => removeFrom("projects", id),
    },
    secret: {
      noun: "secret",
      find: (id) => {
        const secret = secrets.find(id);
        return secret && { name: secret.key, back: `${projectPath(secret.projectId)}#secrets` };
      },
      remove: (id) => secrets.remove(id),
    },
    server: {
      noun: "server",
      find: (id) => {
        const server = findServer(services, id);
        return server &&
          { name: server.name, back: `${projectPath(server.projectId)}#servers` };
      },
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
      find: (id) => {
        const gateway = gateways.find(id);
        return gateway &&
          { name: gateway.name, back: `${projectPath(gateway.projectId)}#gateways` };
      },
      remove: (id) => gateways.remove(id),
    },
    connection: {
      noun: "grant of",
      find: (id) => {
        const found = grants.connections.find(id);
        return found && {
          name: `${found.userId} at ${found.providerId}`,
          back: `${projectPath(found.projectId)}#grants`,
        };
      },
      remove: (id) => grants.connections.remove(id),
    },
    api_key: {
      noun: "API key",
      find: (id) => {
        const key = accounts.findApiKey(id);
        return key && { name: key.fingerprint, back: `${projectPath(key.projectId)}#keys` };
      },
      remove: (id) => accounts.removeApiKey(id),
    },
  };
}

/** The search text of a page. */
function filterOf(c: Context): string {
  return (c.req.query("filter") ?? "").trim().slice(0, 100);
}

/** The projects that match the search by name or content, in their organizations and accounts. */
function placesWith(services: Services, filter: string): readonly AccountPlaces[] {
  const all = services.accounts.places();
  if (filter === "") return all;
  const has = containing(filter);
  return all.map((account) => ({
    ...account,
    organizations: account.organizations.map((organization) => ({
      ...organization,
      projects: has(account.email, organization.id, organization.name)
        ? organization.projects
        : organization.projects.filter(({ id, name }) =>
          has(id, name) || namesIn(matching(contentOf(services, id), has)).length > 0
        ),
    })).filter(({ projects }) => projects.length > 0),
  })).filter(({ organizations }) => organizations.length > 0);
}

function notCreated(c: Context): Response | Promise<Response> {
  const text = "A name has 1 to 100 characters, and its owner must exist.";
  return show(c, messagePage("Nothing was created", text, "problem", { hasBack: true }), {
    status: 422,
  });
}

function notRemoved(c: Context): Response | Promise<Response> {
  const text =
    "It does not exist, or it is the last one: an account must have at least one organization, and an " +
    "organization at least one project.";
  return show(c, messagePage("Nothing was removed", text, "problem", { hasBack: true }), {
    status: 422,
  });
}
