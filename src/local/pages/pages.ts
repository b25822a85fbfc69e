/**
 * The pages, as plain HTML without scripts. `html` escapes all inserted values.
 */

import { createHash } from "node:crypto";
import type { Context } from "hono";
import { html, raw } from "hono/html";
import { type Account, DEFAULT_EMAIL, type Named } from "../model/accounts.ts";
import type { Shown } from "../model/events.ts";
import type { Listed } from "../model/secrets.ts";
import { STYLE } from "./style.ts";

type Html = ReturnType<typeof html>;

const STYLE_HASH = createHash("sha256").update(STYLE).digest("base64");

/** The paths of the forms of the dashboard. */
export const DASHBOARD_FORMS = {
  organization: "/dashboard/organizations",
  project: "/dashboard/projects",
  apiKey: "/dashboard/api_keys",
};

/** An account on the dashboard. */
export interface AccountView extends Account {
  organizations: OrganizationView[];
}
interface OrganizationView extends Named {
  projects: ProjectView[];
}
interface ProjectView extends Named {
  secrets: Listed[];
}

/**
 * Sends a page. `formRedirect` is the final address of a redirect after a form, which Chromium checks against the
 * `form-action` of the page.
 */
export function show(
  c: Context,
  page: Html,
  options: { status?: 200 | 400 | 403 | 404 | 422 | 429; formRedirect?: string } = {},
): Response | Promise<Response> {
  const formActions = ["'self'", ...(options.formRedirect ? [source(options.formRedirect)] : [])];
  c.header(
    "content-security-policy",
    `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; form-action ${formActions.join(" ")}; ` +
      "base-uri 'none'; frame-ancestors 'none'",
  );
  return c.html(page, options.status ?? 200);
}

/**
 * The origin of a URL as a CSP source. CSP does not support IPv6 addresses, so they become their whole scheme.
 */
function source(url: string): string {
  const { origin, hostname, protocol } = new URL(url);
  return hostname.startsWith("[") ? protocol : origin;
}

/** A page with only a message. */
export function messagePage(title: string, text: string): Html {
  const content = html`
    <h1>${title}</h1>
    <p>${text}</p>
  `;
  return layout(title, content);
}

/** The page to choose an account and approve, for the code flow and the device grant. */
export function accountPage(options: {
  title: string;
  text: string;
  userCode?: string;
  action: string;
  hidden: { name: string; value: string };
  accounts: Account[];
  problem?: string | undefined;
}): Html {
  const { title, text, userCode, action, hidden, accounts, problem } = options;
  const isFirst = accounts.length === 0;
  const wantsNew = isFirst || problem !== undefined;
  const existing = accounts.map(({ id, email }, index) =>
    accountChoice({ value: id, text: email, checked: index === 0 && !wantsNew })
  );
  const content = html`
    <h1>${title}</h1>
    <p>${text}</p>
    ${userCode === undefined ? "" : html`<p class="user-code">${userCode}</p>`}
    ${problemNote(problem)}
    <form method="post" action="${action}">
      <input type="hidden" name="${hidden.name}" value="${hidden.value}">
      <fieldset>
        <legend>Account</legend>
        ${existing}
        ${isFirst ? "" : accountChoice({ value: "new", text: "A new account", checked: wantsNew })}
        <div class="new-account">
          <label for="email">E-mail of the new account</label>
          <input
            id="email"
            name="email"
            maxlength="254"
            autocomplete="off"
            spellcheck="false"
            inputmode="email"
            placeholder="you@example.com"
            value="${isFirst ? DEFAULT_EMAIL : ""}"
          >
          <p class="quiet">It stays on this machine; nothing is sent to it.</p>
        </div>
      </fieldset>
      <div class="buttons">
        <button name="decision" value="approve">Approve</button>
        <button name="decision" value="deny" class="secondary">Deny</button>
      </div>
    </form>
  `;
  return layout(title, content);
}

function accountChoice(choice: { value: string; text: string; checked: boolean }): Html {
  const checked = choice.checked ? "checked" : "";
  return html`
    <label class="choice">
      <input type="radio" name="account" value="${choice.value}" ${checked}>
      <span>${choice.text}</span>
    </label>
  `;
}

function problemNote(problem: string | undefined): Html | "" {
  return problem === undefined ? "" : html`<p class="problem" role="alert">${problem}</p>`;
}

/** The page for the code from the terminal. `next` is the page after it. */
export function codePage(options: {
  action: string;
  next: string;
  problem?: string;
}): Html {
  const { action, next, problem } = options;
  const title = "Is this your local Arcade?";
  const content = html`
    <h1>${title}</h1>
    <p>
      The terminal that runs <code>arcade local serve</code> shows a code, and an address that
      works once. Enter the code, or open that address.
    </p>
    ${problemNote(problem)}
    <form method="post" action="${action}">
      <input type="hidden" name="next" value="${next}">
      <label for="code">Code from the terminal</label>
      ${codeField("code")}
      <div class="buttons"><button>Continue</button></div>
    </form>
  `;
  return layout(title, content);
}

/** Asks for confirmation after navigation from another website. */
export function continuePage(path: string): Html {
  const title = "Go to your local Arcade?";
  const content = html`
    <h1>${title}</h1>
    <p>Another website sent you here. Continue only if you expected that.</p>
    <p><a href="${path}">Continue</a></p>
  `;
  return layout(title, content);
}

/** The page for the code from a device. */
export function userCodePage(action: string, problem?: string): Html {
  const content = html`
    <h1>Sign in a device</h1>
    ${problemNote(problem)}
    <form method="get" action="${action}">
      <label for="user_code">Code from the device</label>
      ${codeField("user_code")}
      <div class="buttons"><button>Continue</button></div>
    </form>
  `;
  return layout("Sign in a device", content);
}

function codeField(name: string): Html {
  return html`
    <input
      id="${name}"
      name="${name}"
      required
      maxlength="20"
      autocomplete="off"
      autocapitalize="characters"
      spellcheck="false"
      placeholder="XXXX-XXXX"
      class="user-code"
    >
  `;
}

/** The page that shows a new API key, once. */
export function apiKeyPage(apiKey: string, projectName: string): Html {
  const content = html`
    <h1>New API key</h1>
    <p>This key gives access to the secrets of <strong>${projectName}</strong>. Copy it now; it is not shown again.</p>
    <p class="key"><code>${apiKey}</code></p>
    <p><a href="/">Back to the dashboard</a></p>
  `;
  return layout("New API key", content);
}

/** The dashboard: accounts, organizations, projects and secrets, and the latest events. */
export function dashboardPage(accounts: AccountView[], events: Shown[]): Html {
  const noAccounts =
    "No accounts yet. Log in with the command line, and your account appears here " +
    "with an organization and a project.";
  const content = html`
    <h1>Local Arcade</h1>
    <p class="quiet">Everything here is on this machine. Secret values are never shown.</p>
    ${accounts.length === 0 ? html`<p>${noAccounts}</p>` : accounts.map(accountSection)}
    <section>
      <h2>Events</h2>
      ${events.length === 0 ? html`<p>No telemetry events yet.</p>` : eventTable(events)}
    </section>
  `;
  return layout("Local Arcade", content);
}

function accountSection(account: AccountView): Html {
  const { organization: action } = DASHBOARD_FORMS;
  const owner = { name: "account", id: account.id };
  return html`
    <section>
      <h2>${account.email}</h2>
      ${account.organizations.map(organizationSection)}
      ${nameForm({ action, label: "New organization", owner })}
    </section>
  `;
}

function organizationSection(organization: OrganizationView): Html {
  const { project: action } = DASHBOARD_FORMS;
  const owner = { name: "organization", id: organization.id };
  return html`
    <section class="card">
      <h3>${organization.name} ${defaultMark(organization)}</h3>
      <p class="id">${organization.id}</p>
      ${organization.projects.map((project) => projectSection(project, organization))}
      ${nameForm({ action, label: "New project", owner })}
    </section>
  `;
}

function projectSection(project: ProjectView, organization: Named): Html {
  const { name, secrets } = project;
  return html`
    <section class="project">
      <h4>${name} ${defaultMark(project)}</h4>
      <p class="id">${project.id}</p>
      ${secrets.length === 0 ? html`<p class="quiet">No secrets.</p>` : secretTable(project)}
      <form method="post" action="${DASHBOARD_FORMS.apiKey}">
        <input type="hidden" name="organization" value="${organization.id}">
        <input type="hidden" name="project" value="${project.id}">
        <button class="secondary" aria-label="Create an API key for ${name}">Create an API key</button>
      </form>
    </section>
  `;
}

function secretTable({ name, secrets }: ProjectView): Html {
  return html`
    <div class="scroll">
      <table>
        <caption>Secrets of ${name}</caption>
        <thead>
          <tr>
            <th scope="col">Key</th>
            <th scope="col">Description</th>
            <th scope="col">Created</th>
          </tr>
        </thead>
        <tbody>
          ${secrets.map(secretRow)}
        </tbody>
      </table>
    </div>
  `;
}

function secretRow({ key, description, created_at }: Listed): Html {
  return html`
    <tr>
      <th scope="row"><code>${key}</code></th>
      <td>${description}</td>
      <td><time datetime="${created_at}">${created_at.slice(0, 10)}</time></td>
    </tr>
  `;
}

function eventTable(events: Shown[]): Html {
  return html`
    <div class="scroll">
      <table class="events">
        <caption>Latest telemetry events (times in UTC)</caption>
        <thead>
          <tr>
            <th scope="col">Time</th>
            <th scope="col">Event</th>
            <th scope="col">Command</th>
            <th scope="col">Distinct id</th>
            <th scope="col">Person</th>
            <th scope="col">Status</th>
          </tr>
        </thead>
        <tbody>
          ${events.map(eventRow)}
        </tbody>
      </table>
    </div>
  `;
}

function eventRow({ received_at, event, command, distinct_id, isAnonymous, reason }: Shown): Html {
  const time = received_at.slice(0, 19).replace("T", " ");
  const refused = html`<strong class="refused">refused: ${reason}</strong>`;
  return html`
    <tr>
      <td><time datetime="${received_at}">${time}</time></td>
      <th scope="row">${event}</th>
      <td>${command === undefined ? "" : html`<code>${command}</code>`}</td>
      <td><code>${distinct_id}</code></td>
      <td>${isAnonymous ? "anonymous" : "identified"}</td>
      <td>${reason === null ? "accepted" : refused}</td>
    </tr>
  `;
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

function defaultMark({ is_default }: Named): Html | "" {
  return is_default ? html`<span class="mark">default</span>` : "";
}

function layout(title: string, content: Html): Html {
  const style = raw(`<style>${STYLE}</style>`);
  return html`
    <!DOCTYPE html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>${title}</title>
        ${style}
      </head>
      <body>
        <main>${content}</main>
      </body>
    </html>
  `;
}
