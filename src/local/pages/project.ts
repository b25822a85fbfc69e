/** The page of a project: its servers, secrets, gateways, grants and API keys, with forms that add and remove, and its last calls. */

import { html, raw } from "hono/html";
import { MAX_SECRET_CHARACTERS } from "../../contract/secrets.ts";
import type { CallRecord } from "../calls/records.ts";
import type { ProjectPlace } from "../model/accounts.ts";
import type { ProjectContent } from "../project_content.ts";
import { CALLS_PAGE, callTable } from "./calls.ts";
import { defaultMark, filterForm } from "./dashboard.ts";
import { DASHBOARD_FORMS, removeLink } from "./forms.ts";
import { gatewayList } from "./gateways.ts";
import {
  breadcrumbs,
  cardLayout,
  dashboardLayout,
  type Html,
  named,
  panel,
  problemNote,
  projectPath,
  SHOWN,
  table,
  timeMark,
} from "./layout.ts";
import { kindOf, serverPath, stateMark } from "./server.ts";

/** How many calls are shown. */
const SHOWN_CALLS = 10;

export interface ProjectView {
  readonly project: ProjectPlace;
  readonly content: ProjectContent;
  /** The search text. */
  readonly filter: string;
  /** The matching part of the content. */
  readonly found: ProjectContent;
  /** The newest first. */
  readonly calls: readonly CallRecord[];
  readonly url: string;
  /** A secret that was not stored, and the reason. */
  readonly refused?: { readonly key: string; readonly problem: string } | undefined;
}

export function projectPage(view: ProjectView): Html {
  const { project, content, filter, calls } = view;
  const { id, name, organization } = project;
  const parts = [
    ["servers", "Servers", content.servers.length],
    ["secrets", "Secrets", content.secrets.length],
    ["gateways", "Gateways", content.gateways.length],
    ["grants", "Grants", content.connections.length],
    ["keys", "API keys", content.apiKeys.length],
    ["calls", "Calls", calls.length],
  ] as const;
  const isLong = Object.values(content).some(({ length }) => length > SHOWN);
  const page = html`
    ${breadcrumbs([["/", "Projects"], [`/#${organization.id}`, organization.name]])}
    <div class="head">
      <h1>${named(name)}</h1>
      ${defaultMark(project)}
      <span class="end">${removeLink("project", id, `Remove the project ${name}`, "Remove")}</span>
    </div>
    <dl class="facts">
      <div>
        <dt>Project</dt>
        <dd><code class="whole">${id}</code></dd>
      </div>
      <div>
        <dt>Organization</dt>
        <dd><code class="whole">${organization.id}</code></dd>
      </div>
      <div>
        <dt>Account</dt>
        <dd>${named(project.email)}</dd>
      </div>
    </dl>
    <nav aria-label="Parts of the project">
      <ul class="parts">
        ${parts.map(([part, title, count]) =>
          html`<li><a href="#${part}">${title} <span class="count">${count}</span></a></li>`
        )}
      </ul>
    </nav>
    ${isLong || filter !== ""
      ? filterForm(projectPath(id), { filter, placeholder: "A server, a secret, a gateway, …" })
      : ""}
    ${serverPanel(view)} ${secretPanel(view)} ${gatewayPanel(view)} ${grantPanel(view)}
    ${keyPanel(view)} ${callPanel(view)}
  `;
  return dashboardLayout(name, "/", page);
}

/** The flags that name a project on a command line. */
function flagsOf({ id, organization }: ProjectPlace): string {
  return `--org ${organization.id} --project ${id}`;
}

/** The number of items in a part of the project, and of those that match the search. */
function countOf({ content, found, filter }: ProjectView, part: keyof ProjectContent): string {
  const all = content[part].length;
  return filter === "" ? `${all}` : `${found[part].length} of ${all}`;
}

/** The text of a part without items or without matches. */
function orEmpty(
  { content, found }: ProjectView,
  { part, empty, list }: {
    readonly part: keyof ProjectContent;
    readonly empty: Html;
    readonly list: () => Html;
  },
): Html {
  if (content[part].length === 0) return empty;
  return found[part].length === 0 ? html`<p class="quiet">Nothing here matches.</p>` : list();
}

function serverPanel(view: ProjectView): Html {
  const { project, found } = view;
  return panel("Servers", {
    id: "servers",
    count: countOf(view, "servers"),
    content: orEmpty(view, {
      part: "servers",
      empty: html`
        <p class="quiet">No servers yet. Deploy one from its folder:</p>
        <pre class="whole">arcade deploy ${flagsOf(project)}</pre>
      `,
      list: () =>
        removableTable("Servers", project.name, {
          items: found.servers,
          noun: "server",
          headings: ["Name", "Kind", "State", { number: "Tools" }],
          row: (server) =>
            html`
              <tr>
                <th scope="row"><a href="${serverPath(server.id)}">${server.name}</a></th>
                <td>${kindOf(server)}</td>
                <td>${stateMark(server)}</td>
                <td class="number" data-label="Tools">${server.status === "unknown"
                  ? ""
                  : server.tools.length}</td>
                ${createdAndRemove(
                  server.createdAt,
                  removeLink("server", server.id, `Remove the server ${server.name}`, "Remove"),
                )}
              </tr>
            `,
        }),
    }),
  });
}

function secretPanel(view: ProjectView): Html {
  const { project, content, found, refused } = view;
  return panel("Secrets", {
    id: "secrets",
    count: countOf(view, "secrets"),
    content: html`
      ${orEmpty(view, {
        part: "secrets",
        empty: html`
          <p class="quiet">No secrets yet. Store one here, or from a terminal:</p>
          <pre class="whole">arcade secret set API_KEY ${flagsOf(project)}</pre>
        `,
        list: () =>
          removableTable("Secrets", project.name, {
            items: found.secrets,
            noun: "secret",
            headings: ["Key", "Description"],
            row: ({ id, key, description, created_at }) =>
              html`
                <tr>
                  <th scope="row"><code>${key}</code></th>
                  <td>${description ? named(description) : ""}</td>
                  ${createdAndRemove(
                    created_at,
                    removeLink("secret", id, `Remove the secret ${key}`, "Remove"),
                  )}
                </tr>
              `,
          }),
      })}
      <details class="more" ${refused || content.secrets.length === 0 ? raw("open") : ""}>
        <summary>Set a secret</summary>
        ${problemNote(refused?.problem)}
        <form method="post" action="${DASHBOARD_FORMS.secret}" class="inline">
          <input type="hidden" name="project" value="${project.id}">
          <label for="secret-key">Key</label>
          <input id="secret-key" name="key" value="${refused?.key ?? ""}" required maxlength="256"
            pattern="[A-Za-z0-9_.\\-]+" title="Letters, digits, underscores, dots and dashes"
            autocomplete="off" autocapitalize="none" spellcheck="false" placeholder="API_KEY">
          <label for="secret-value">Value</label>
          <input id="secret-value" name="value" type="password" required
            maxlength="${MAX_SECRET_CHARACTERS * 2}" autocomplete="new-password">
          <button class="secondary">Save</button>
        </form>
        <p class="quiet">An existing key gets the new value. Values are stored encrypted and never shown.</p>
      </details>
    `,
  });
}

function gatewayPanel(view: ProjectView): Html {
  const { project, found, url } = view;
  return panel("Gateways", {
    id: "gateways",
    count: countOf(view, "gateways"),
    content: html`
      ${orEmpty(view, {
        part: "gateways",
        empty: html`
          <p class="quiet">No gateways yet. A gateway gives MCP clients the tools of this project.
            Create one here, or from a terminal:</p>
          <pre class="whole">arcade gateway create ${flagsOf(project)}</pre>
        `,
        list: () => gatewayList(found.gateways, url),
      })}
      <form method="post" action="${DASHBOARD_FORMS.gateway}" class="inline">
        <input type="hidden" name="project" value="${project.id}">
        <label for="gateway-name">New gateway</label>
        <input id="gateway-name" name="name" required maxlength="100" autocomplete="off" dir="auto">
        <button class="secondary">Create</button>
      </form>
    `,
  });
}

function grantPanel(view: ProjectView): Html {
  const { project, found } = view;
  return panel("Grants", {
    id: "grants",
    count: countOf(view, "connections"),
    content: orEmpty(view, {
      part: "connections",
      empty: html`
        <p class="quiet">No grants yet. Calling a tool that needs one returns the address of the
          page where the user decides. Try the page from a terminal:</p>
        <pre class="whole">arcade auth start github --scope repo ${flagsOf(project)}</pre>
      `,
      list: () =>
        removableTable("Grants", project.name, {
          items: found.connections,
          noun: "grant",
          headings: ["User", "Provider", "Scopes", "Expires"],
          row: ({ id, userId, providerId, scopes, createdAt, expiresAt }) =>
            html`
              <tr>
                <th scope="row">${named(userId)}</th>
                <td>${named(providerId)}</td>
                <td>${scopes.map((scope) =>
                  html`
                    <code>${scope}</code>
                  `
                )}</td>
                <td data-label="Expires">${expiresAt
                  ? timeMark(expiresAt.toISOString())
                  : "never"}</td>
                ${createdAndRemove(
                  createdAt,
                  removeLink(
                    "connection",
                    id,
                    `Remove the ${providerId} grant of ${userId}`,
                    "Remove",
                  ),
                )}
              </tr>
            `,
        }),
    }),
  });
}

function keyPanel(view: ProjectView): Html {
  const { project, found } = view;
  return panel("API keys", {
    id: "keys",
    count: countOf(view, "apiKeys"),
    content: html`
      ${orEmpty(view, {
        part: "apiKeys",
        empty: html`<p class="quiet">No API keys yet. SDKs and programs authenticate with one.</p>`,
        list: () =>
          removableTable("API keys", project.name, {
            items: found.apiKeys,
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
          }),
      })}
      <form method="post" action="${DASHBOARD_FORMS.apiKey}" class="buttons">
        <input type="hidden" name="project" value="${project.id}">
        <button class="secondary">Create an API key</button>
      </form>
    `,
  });
}

function callPanel({ project, calls, content }: ProjectView): Html {
  const [server] = content.servers;
  return panel("Last calls", {
    id: "calls",
    count: calls.length,
    content: calls.length === 0
      ? html`
        <p class="quiet">
          No calls yet. ${server === undefined ? "Deploy a server first." : html`
            Call a tool on the page of <a href="${serverPath(server.id)}">${named(server.name)}</a>,
            or list the tools in a terminal:
          `}
        </p>
        ${server === undefined
          ? ""
          : html`<pre class="whole">arcade tool list ${flagsOf(project)}</pre>`}
      `
      : html`
        ${callTable(
          calls.slice(0, SHOWN_CALLS),
          html`<span class="hidden">Last calls in ${named(project.name)}</span>`,
        )}
        <p><a href="${CALLS_PAGE}">All calls</a></p>
      `,
  });
}

/** A table of a project's items, whose rows end with {@link createdAndRemove}. */
function removableTable<T>(
  what: string,
  project: string,
  { items, headings, noun, row }:
    & Pick<
      Parameters<typeof table<T>>[1],
      "headings" | "noun" | "row"
    >
    & { readonly items: readonly T[] },
): Html {
  return table(items, {
    caption: html`<span class="hidden">${what} of ${named(project)}</span>`,
    headings: [...headings, "Created"],
    action: "Remove",
    noun,
    row,
  });
}

function createdAndRemove(createdAt: string, link: Html): Html {
  return html`
    <td data-label="Created"><time datetime="${createdAt}">${createdAt.slice(0, 10)}</time></td>
    <td class="action">${link}</td>
  `;
}

/** A new API key, which is shown only once, and the address that it is for. */
export function apiKeyPage(
  apiKey: string,
  { url, project }: {
    readonly url: string;
    readonly project: { readonly id: string; readonly name: string };
  },
): Html {
  const content = html`
    <p>This key gives access to the secrets and servers of <strong>${named(
      project.name,
    )}</strong>. Copy it now: it is not shown again.</p>
    <pre class="whole">${`export ARCADE_ENGINE_URL=${url}\nexport ARCADE_API_KEY=${apiKey}`}</pre>
    <p><a href="${projectPath(project.id)}#keys">Back to the project</a></p>
  `;
  return cardLayout("New API key", content);
}
