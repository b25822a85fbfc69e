/** The dashboard: accounts, organizations, projects, secrets, servers and API keys, with forms that add and remove. */

import { counted } from "../../text/prose.ts";
import { html, raw } from "hono/html";
import type { Account, ApiKey, OwnedPlace } from "../model/accounts.ts";
import type { Gateway } from "../model/gateways.ts";
import type { Connection } from "../model/connections.ts";
import type { Listed } from "../model/secrets.ts";
import type { ProjectServer } from "../servers/server.ts";
import { DASHBOARD_FORMS, removeLink } from "./forms.ts";
import { gatewaysPath } from "./gateways.ts";
import { cardLayout, dashboardLayout, type Html, named, table } from "./layout.ts";
import { serverPath, stateMark } from "./server.ts";

/** Everything the dashboard shows of an account. */
export interface AccountView extends Account {
  organizations: OrganizationView[];
}
export interface OrganizationView extends OwnedPlace {
  projects: ProjectView[];
}
export interface ProjectView extends OwnedPlace {
  secrets: Listed[];
  servers: ProjectServer[];
  gateways: Gateway[];
  connections: Connection[];
  apiKeys: ApiKey[];
}

/** @param options.filter what the user looks for; all organizations in `accounts` have it. */
export function dashboardPage(
  accounts: readonly AccountView[],
  options: { url: string; filter: string },
): Html {
  const content = html`
    <h1>Projects</h1>
    <p class="quiet">Everything here is on this machine. Secret values are never shown.</p>
    <p class="quiet">Log in from a terminal: <code>arcade login --url ${options.url}</code></p>
    ${filterForm(options.filter)}
    ${accounts.map((account) => accountSection(account, options.filter))}
  `;
  return dashboardLayout("Local Arcade", "/", content);
}

function filterForm(filter: string): Html {
  return html`
    <form method="get" action="/" class="inline" role="search">
      <label for="filter">Find</label>
      <input id="filter" name="filter" value="${filter}" maxlength="100" autocomplete="off"
        placeholder="An organization, a project, a key, a server, a gateway or a user">
      <button class="secondary">Find</button>
    </form>
  `;
}

function accountSection(account: AccountView, filter: string): Html {
  const { organizations } = account;
  const isFiltered = filter !== "";
  return html`
    <section>
      <h2>
        ${named(account.email)}
        <span class="quiet">${counted(organizations.length, "organization")}</span>
      </h2>
      ${organizations.length === 0 && isFiltered
        ? html`<p class="quiet">Nothing here matches.</p>`
        : organizations.map((organization) => organizationSection(organization, isFiltered))}
      ${nameForm({
        action: DASHBOARD_FORMS.organization,
        label: "New organization",
        owner: { name: "account", id: account.id },
      })}
    </section>
  `;
}

function organizationSection(organization: OrganizationView, isFiltered: boolean): Html {
  const { name, id, projects, is_default } = organization;
  const secrets = projects.reduce((sum, project) => sum + project.secrets.length, 0);
  return html`
    <details class="card" ${is_default || isFiltered ? raw("open") : ""}>
      <summary>
        ${named(name)} ${defaultMark(organization)}
        <span class="quiet">${counted(projects.length, "project")}, ${counted(
          secrets,
          "secret",
        )}</span>
      </summary>
      <p class="id">${id}</p>
      ${projects.map((project) => projectSection(project, organization))}
      ${nameForm({
        action: DASHBOARD_FORMS.project,
        label: "New project",
        owner: { name: "organization", id },
      })}
      <p>${removeLink("organization", id, `Remove the organization ${name}`)}</p>
    </details>
  `;
}

function projectSection(project: ProjectView, organization: OwnedPlace): Html {
  const { name, id, secrets, servers, gateways, connections, apiKeys } = project;
  const flags = `--org ${organization.id} --project ${id}`;
  return html`
    <section class="project" id="${id}">
      <h3>${named(name)} ${defaultMark(project)}</h3>
      <p class="id">${id}</p>
      ${secrets.length === 0
        ? html`
          <p class="quiet">No secrets yet. Store one:</p>
          <pre>arcade secret set API_KEY ${flags}</pre>
        `
        : secretTable(project)}
      ${servers.length === 0
        ? html`
          <p class="quiet">No servers yet. Deploy one from its folder:</p>
          <pre>arcade deploy ${flags}</pre>
        `
        : serverTable(project)}
      <p>
        <a href="${gatewaysPath(
          id,
        )}" aria-label="Gateways for MCP clients of ${name}">Gateways for MCP clients</a>
        <span class="quiet">${gateways.length === 0 ? "none yet" : gateways.length}</span>
      </p>
      ${connections.length === 0 ? "" : connectionTable(project)}
      ${apiKeys.length === 0 ? "" : apiKeyTable(project)}
      <form method="post" action="${DASHBOARD_FORMS.apiKey}" class="buttons">
        <input type="hidden" name="organization" value="${organization.id}">
        <input type="hidden" name="project" value="${id}">
        <button class="secondary" aria-label="Create an API key for ${name}">Create an API key</button>
        ${removeLink("project", id, `Remove the project ${name}`)}
      </form>
    </section>
  `;
}

function secretTable({ name, secrets }: ProjectView): Html {
  const rows = secrets.map(({ id, key, description, created_at }) =>
    html`
      <tr>
        <th scope="row"><code>${key}</code></th>
        <td>${named(description ?? "")}</td>
        ${createdAndRemove(
          created_at,
          removeLink("secret", id, `Remove the secret ${key}`, "Remove"),
        )}
      </tr>
    `
  );
  return removableTable("Secrets", name, { headings: ["Key", "Description"], rows });
}

function serverTable({ name, servers }: ProjectView): Html {
  const rows = servers.map((server) =>
    html`
      <tr>
        <th scope="row"><a href="${serverPath(server.id)}">${server.name}</a></th>
        <td>${server.release?.version}</td>
        <td>${stateMark(server)}</td>
        <td>${server.instance ? counted(server.instance.tools.length, "tool") : ""}</td>
        ${createdAndRemove(
          server.createdAt,
          removeLink("server", server.id, `Remove the server ${server.name}`, "Remove"),
        )}
      </tr>
    `
  );
  return removableTable("Servers", name, {
    headings: ["Name", "Version", "State", "Tools"],
    rows,
  });
}

/** How many grants of a project are shown. */
const SHOWN_CONNECTIONS = 100;

function connectionTable({ name, connections }: ProjectView): Html {
  const rows = connections.slice(0, SHOWN_CONNECTIONS).map((
    { id, userId, providerId, scopes, createdAt, expiresAt },
  ) =>
    html`
      <tr>
        <th scope="row">${named(userId)}</th>
        <td>${providerId}</td>
        <td>${scopes.map((scope) =>
          html`
            <code>${scope}</code>
          `
        )}</td>
        <td>${expiresAt ? timeMark(expiresAt) : "never"}</td>
        ${createdAndRemove(
          createdAt,
          removeLink("connection", id, `Remove the grant of ${userId} at ${providerId}`, "Remove"),
        )}
      </tr>
    `
  );
  const hidden = connections.length - rows.length;
  return html`
    ${removableTable("Grants", name, {
      headings: ["User", "Provider", "Scopes", "Expires"],
      rows,
    })}
    ${hidden > 0 ? html`<p class="quiet">${counted(hidden, "grant")} more.</p>` : ""}
  `;
}

/** A time in UTC, to the second. */
function timeMark(time: Date): Html {
  const iso = time.toISOString();
  return html`<time datetime="${iso}">${iso.slice(0, 19).replace("T", " ")}</time>`;
}

function apiKeyTable({ name, apiKeys }: ProjectView): Html {
  const rows = apiKeys.map(({ id, fingerprint, created_at }) =>
    html`
      <tr>
        <th scope="row"><code>${fingerprint}</code></th>
        ${createdAndRemove(
          created_at,
          removeLink("api_key", id, `Remove the API key ${fingerprint}`, "Remove"),
        )}
      </tr>
    `
  );
  return removableTable("API keys", name, { headings: ["Fingerprint"], rows });
}

/** A table of what a project has, whose rows end with {@link createdAndRemove}. */
function removableTable(
  what: string,
  project: string,
  { headings, rows }: { readonly headings: readonly string[]; readonly rows: Html[] },
): Html {
  return table({
    caption: html`${what} of ${named(project)}`,
    headings: [...headings, "Created"],
    action: "Remove",
    rows,
  });
}

function createdAndRemove(createdAt: string, link: Html): Html {
  return html`
    <td><time datetime="${createdAt}">${createdAt.slice(0, 10)}</time></td>
    <td class="action">${link}</td>
  `;
}

/** A new API key, the one time that it can be seen, and the address that it works at. */
export function apiKeyPage(apiKey: string, options: { url: string; projectName: string }): Html {
  const { url, projectName } = options;
  const content = html`
    <p>This key gives access to the secrets and servers of <strong>${named(
      projectName,
    )}</strong>. Copy it now: it is not
    shown again.</p>
    <pre>${`export ARCADE_ENGINE_URL=${url}\nexport ARCADE_API_KEY=${apiKey}`}</pre>
    <p><a href="/">Back to the dashboard</a></p>
  `;
  return cardLayout("New API key", content);
}

function nameForm(options: {
  action: string;
  label: string;
  owner: { name: string; id: string };
}): Html {
  const { action, label, owner } = options;
  const field = `name-${owner.id}`;
  return html`
    <form method="post" action="${action}" class="inline">
      <input type="hidden" name="${owner.name}" value="${owner.id}">
      <label for="${field}">${label}</label>
      <input id="${field}" name="name" required maxlength="100" autocomplete="off">
      <button class="secondary">Create</button>
    </form>
  `;
}

function defaultMark({ is_default }: OwnedPlace): Html | "" {
  return is_default ? html`<span class="mark">default</span>` : "";
}
