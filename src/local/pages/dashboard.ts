/** The dashboard: accounts, organizations, projects, secrets, servers and API keys, with forms that add and remove. */

import { counted } from "../../text/prose.ts";
import { html, raw } from "hono/html";
import type { AccountPlaces, ApiKey, OwnedPlace } from "../model/accounts.ts";
import type { Gateway } from "../model/gateways.ts";
import type { Connection } from "../model/connections.ts";
import type { Listed } from "../model/secrets.ts";
import type { AnyServer } from "../named_server.ts";
import { DASHBOARD_FORMS, removeLink } from "./forms.ts";
import { gatewaysPath } from "./gateways.ts";
import { cardLayout, dashboardLayout, type Html, named, shown, table, timeMark } from "./layout.ts";
import { kindOf, serverPath, stateMark } from "./server.ts";

/** What a project has. */
export interface ProjectContent {
  readonly secrets: readonly Listed[];
  readonly servers: readonly AnyServer[];
  readonly gateways: readonly Gateway[];
  readonly connections: readonly Connection[];
  readonly apiKeys: readonly ApiKey[];
}

type OrganizationPlaces = AccountPlaces["organizations"][number];
type ProjectView = OwnedPlace & ProjectContent;

export interface DashboardOptions {
  readonly url: string;
  /** What the user looks for; all organizations in the accounts have it. */
  readonly filter: string;
  readonly contentOf: (projectId: string) => ProjectContent;
}

export function dashboardPage(
  accounts: readonly AccountPlaces[],
  options: DashboardOptions,
): Html {
  const content = html`
    <h1>Projects</h1>
    <p class="quiet">Everything here is on this machine. Secret values are never shown.</p>
    <p class="quiet">Log in from a terminal: <code>arcade login --url ${options.url}</code></p>
    ${filterForm(options.filter)}
    ${accounts.length === 0 ? html`<p class="quiet">Nothing here matches.</p>` : ""}
    ${shown(accounts, "account", (account) => accountSection(account, options))}
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

function accountSection(account: AccountPlaces, options: DashboardOptions): Html {
  const { organizations } = account;
  return html`
    <section>
      <h2>
        ${named(account.email)}
        <span class="quiet">${counted(organizations.length, "organization")}</span>
      </h2>
      ${shown(
        organizations,
        "organization",
        (organization) => organizationSection(organization, options),
      )}
      ${nameForm({
        action: DASHBOARD_FORMS.organization,
        label: "New organization",
        owner: { name: "account", id: account.id },
      })}
    </section>
  `;
}

function organizationSection(
  organization: OrganizationPlaces,
  { filter, contentOf }: DashboardOptions,
): Html {
  const { name, id, is_default } = organization;
  const projects = organization.projects.map((project) => ({
    ...project,
    ...contentOf(project.id),
  }));
  const secrets = projects.reduce((sum, project) => sum + project.secrets.length, 0);
  return html`
    <details class="card" ${is_default || filter !== "" ? raw("open") : ""}>
      <summary>
        ${named(name)} ${defaultMark(organization)}
        <span class="quiet">${counted(projects.length, "project")}, ${counted(
          secrets,
          "secret",
        )}</span>
      </summary>
      <p class="id">${id}</p>
      ${shown(projects, "project", (project) => projectSection(project, organization))}
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
  return removableTable("Secrets", name, {
    items: secrets,
    noun: "secret",
    headings: ["Key", "Description"],
    row: ({ id, key, description, created_at }) =>
      html`
        <tr>
          <th scope="row"><code>${key}</code></th>
          <td>${named(description ?? "")}</td>
          ${createdAndRemove(
            created_at,
            removeLink("secret", id, `Remove the secret ${key}`, "Remove"),
          )}
        </tr>
      `,
  });
}

function serverTable({ name, servers }: ProjectView): Html {
  return removableTable("Servers", name, {
    items: servers,
    noun: "server",
    headings: ["Name", "Kind", "State", "Tools"],
    row: (server) =>
      html`
        <tr>
          <th scope="row"><a href="${serverPath(server.id)}">${server.name}</a></th>
          <td>${kindOf(server)}</td>
          <td>${stateMark(server)}</td>
          <td>${server.status === "unknown" ? "" : counted(server.tools.length, "tool")}</td>
          ${createdAndRemove(
            server.createdAt,
            removeLink("server", server.id, `Remove the server ${server.name}`, "Remove"),
          )}
        </tr>
      `,
  });
}

function connectionTable({ name, connections }: ProjectView): Html {
  return removableTable("Grants", name, {
    items: connections,
    noun: "grant",
    headings: ["User", "Provider", "Scopes", "Expires"],
    row: ({ id, userId, providerId, scopes, createdAt, expiresAt }) =>
      html`
        <tr>
          <th scope="row">${named(userId)}</th>
          <td>${providerId}</td>
          <td>${scopes.map((scope) =>
            html`
              <code>${scope}</code>
            `
          )}</td>
          <td>${expiresAt ? timeMark(expiresAt.toISOString()) : "never"}</td>
          ${createdAndRemove(
            createdAt,
            removeLink(
              "connection",
              id,
              `Remove the grant of ${userId} at ${providerId}`,
              "Remove",
            ),
          )}
        </tr>
      `,
  });
}

function apiKeyTable({ name, apiKeys }: ProjectView): Html {
  return removableTable("API keys", name, {
    items: apiKeys,
    noun: "API key",
    headings: ["Fingerprint"],
    row: ({ id, fingerprint, created_at }) =>
      html`
        <tr>
          <th scope="row"><code>${fingerprint}</code></th>
          ${createdAndRemove(
            created_at,
            removeLink("api_key", id, `Remove the API key ${fingerprint}`, "Remove"),
          )}
        </tr>
      `,
  });
}

/** A table of what a project has, whose rows end with {@link createdAndRemove}. */
function removableTable<T>(
  what: string,
  project: string,
  { items, headings, noun, row }: {
    readonly items: readonly T[];
    readonly headings: readonly string[];
    readonly noun: string;
    readonly row: (item: T) => Html;
  },
): Html {
  return table(items, {
    caption: html`${what} of ${named(project)}`,
    headings: [...headings, "Created"],
    action: "Remove",
    noun,
    row,
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
