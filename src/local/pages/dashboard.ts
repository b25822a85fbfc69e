/** The first page: accounts with their organizations, projects and their content. */

import { html } from "hono/html";
import { counted } from "../../text/prose.ts";
import type { AccountPlaces, OwnedPlace } from "../model/accounts.ts";
import { containing, matching, namesIn, type ProjectContent } from "../project_content.ts";
import { DASHBOARD_FORMS, removeLink } from "./forms.ts";
import { dashboardLayout, type Html, named, projectPath, shown, table } from "./layout.ts";

type OrganizationPlaces = AccountPlaces["organizations"][number];

export interface DashboardOptions {
  readonly url: string;
  /** The search text; everything in the accounts matches it. */
  readonly filter: string;
  readonly contentOf: (projectId: string) => ProjectContent;
}

export function dashboardPage(
  accounts: readonly AccountPlaces[],
  options: DashboardOptions,
): Html {
  const { filter, url } = options;
  const content = html`
    <h1>Projects</h1>
    <p class="quiet">Everything here is on this machine. Log in from a terminal:
      <code>arcade login --url ${url}</code></p>
    ${filterForm("/", {
      filter,
      placeholder: "A project, a server, a secret, a gateway, a user, …",
    })}
    ${accounts.length > 0 ? "" : html`
      <div class="card">
        <p class="quiet">Nothing here matches. <a href="/">Show everything</a></p>
      </div>
    `}
    ${shown(accounts, "account", (account) => accountSection(account, options))}
  `;
  return dashboardLayout("Local Arcade", "/", content);
}

/** The search form of a page. */
export function filterForm(
  path: string,
  { filter, placeholder }: { readonly filter: string; readonly placeholder: string },
): Html {
  return html`
    <form method="get" action="${path}" class="inline" role="search">
      <label for="filter" class="hidden">Find</label>
      <input id="filter" name="filter" type="search" value="${filter}" maxlength="100"
        autocomplete="off" dir="auto" placeholder="${placeholder}">
      <button class="secondary">Find</button>
    </form>
  `;
}

function accountSection(account: AccountPlaces, options: DashboardOptions): Html {
  const { id, email, organizations } = account;
  return html`
    <section aria-labelledby="${id}">
      <h2 id="${id}">
        ${named(email)}
        <span class="count">${counted(organizations.length, "organization")}</span>
      </h2>
      ${shown(
        organizations,
        "organization",
        (organization) => organizationCard(organization, options),
      )}
      ${nameForm({
        action: DASHBOARD_FORMS.organization,
        label: "New organization",
        owner: { name: "account", id, called: email },
      })}
    </section>
  `;
}

function organizationCard(organization: OrganizationPlaces, options: DashboardOptions): Html {
  const { name, id, projects } = organization;
  return html`
    <section class="card" id="${id}" aria-labelledby="${id}-title">
      <div class="head">
        <h3 id="${id}-title">${named(name)}</h3>
        ${defaultMark(organization)}
        <span class="count">${counted(projects.length, "project")}</span>
        <span class="end">${removeLink(
          "organization",
          id,
          `Remove the organization ${name}`,
          "Remove",
        )}</span>
      </div>
      ${table(projects, {
        caption: html`<span class="hidden">Projects of ${named(name)}</span>`,
        headings: ["Project", ...COUNTS.map(([heading]) => ({ number: heading }))],
        noun: "project",
        row: (project) => projectRow(project, options),
      })}
      ${nameForm({
        action: DASHBOARD_FORMS.project,
        label: "New project",
        owner: { name: "organization", id, called: name },
      })}
    </section>
  `;
}

const COUNTS = [
  ["Servers", "servers"],
  ["Secrets", "secrets"],
  ["Gateways", "gateways"],
  ["Grants", "connections"],
  ["API keys", "apiKeys"],
] as const;

/** How many matches of a project are named. */
const FOUND = 3;

function projectRow(
  project: OwnedPlace,
  { filter, contentOf }: DashboardOptions,
): Html {
  const { id, name } = project;
  const content = contentOf(id);
  const found = filter === "" ? [] : namesIn(matching(content, containing(filter)));
  const query = found.length > 0 ? `?${new URLSearchParams({ filter })}` : "";
  return html`
    <tr>
      <th scope="row">
        <a href="${projectPath(id)}${query}">${named(name)}</a> ${defaultMark(project)}
        ${found.length === 0 ? "" : html`
          <div class="quiet">
            ${found.slice(0, FOUND).map(([noun, name], at) =>
              html`${at === 0 ? "" : ", "}${noun} ${named(name)}`
            )}${found.length > FOUND ? `, and ${found.length - FOUND} more` : ""}
          </div>
        `}
      </th>
      ${COUNTS.map(([heading, part]) => {
        const { length } = content[part];
        return html`
          <td class="number ${length === 0 ? "none" : ""}" data-label="${heading}">${length}</td>
        `;
      })}
    </tr>
  `;
}

function nameForm({ action, label, owner }: {
  readonly action: string;
  readonly label: string;
  readonly owner: { readonly name: string; readonly id: string; readonly called: string };
}): Html {
  const field = `name-${owner.id}`;
  return html`
    <details class="more">
      <summary aria-label="${label} in ${owner.called}">${label}</summary>
      <form method="post" action="${action}" class="inline">
        <input type="hidden" name="${owner.name}" value="${owner.id}">
        <label for="${field}">Name</label>
        <input id="${field}" name="name" required maxlength="100" autocomplete="off" dir="auto">
        <button class="secondary">Create</button>
      </form>
    </details>
  `;
}

export function defaultMark({ is_default }: Pick<OwnedPlace, "is_default">): Html | "" {
  return is_default ? html`<span class="mark">default</span>` : "";
}
