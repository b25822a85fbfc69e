/** The forms of the dashboard that several pages have. */

import { html } from "hono/html";
import { cardLayout, type Html } from "./layout.ts";

/** Where the forms of the dashboard go. */
export const DASHBOARD_FORMS = {
  organization: "/dashboard/organizations",
  project: "/dashboard/projects",
  secret: "/dashboard/project_secrets",
  apiKey: "/dashboard/api_keys",
  server: "/dashboard/servers",
  gateway: "/dashboard/gateways",
  remove: "/dashboard/remove",
};

/** The kinds of items that can be removed. */
export const REMOVABLE = [
  "organization",
  "project",
  "secret",
  "server",
  "gateway",
  "connection",
  "api_key",
] as const;
export type Removable = typeof REMOVABLE[number];

/** A link to the confirmation of a removal. */
export function removeLink(kind: Removable, id: string, what: string, text = what): Html {
  const query = new URLSearchParams({ kind, id });
  return html`<a class="remove" href="${DASHBOARD_FORMS.remove}?${query}" aria-label="${what}">${text}</a>`;
}

/** Asks before something is removed. `back` is the path of the page that shows it. */
export function removalPage(
  { kind, id, what, back }: { kind: Removable; id: string; what: Html; back: string },
): Html {
  const hasContent = kind === "organization" || kind === "project";
  const content = html`
    <p>This permanently removes ${what}${hasContent ? " and everything in it" : ""}.</p>
    <form method="post" action="${DASHBOARD_FORMS.remove}" class="buttons">
      <input type="hidden" name="kind" value="${kind}">
      <input type="hidden" name="id" value="${id}">
      <button class="danger">Remove</button>
      <a href="${back}">Cancel</a>
    </form>
  `;
  return cardLayout("Remove this?", content);
}
