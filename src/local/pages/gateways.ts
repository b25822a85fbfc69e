/** The page of the gateways of a project: their addresses for MCP clients, and forms that create, open and close them. */

import { html } from "hono/html";
import { gatewayUrl } from "../../contract/gateways.ts";
import { counted } from "../../text/prose.ts";
import type { OwnedPlace } from "../model/accounts.ts";
import type { Gateway } from "../model/gateways.ts";
import { DASHBOARD_FORMS, removeLink } from "./forms.ts";
import { dashboardLayout, type Html, named } from "./layout.ts";

/** The path of the page of a project. */
export function gatewaysPath(projectId: string): string {
  return `/projects/${projectId}/gateways`;
}

/** @param options.url the address of this server. */
export function gatewaysPage(
  project: Pick<OwnedPlace, "id" | "name">,
  gateways: readonly Gateway[],
  { url }: { readonly url: string },
): Html {
  const content = html`
    <h1>Gateways of ${named(project.name)}</h1>
    <p class="quiet">A gateway gives MCP clients the tools of this project. Add its address to a
      client, or create one from a terminal: <code>arcade gateway create</code></p>
    ${gateways.length === 0 ? html`<p class="quiet">No gateways yet.</p>` : ""}
    ${gateways.map((gateway) => gatewayCard(gateway, url))}
    <form method="post" action="${DASHBOARD_FORMS.gateway}" class="inline">
      <input type="hidden" name="project" value="${project.id}">
      <label for="name">New gateway</label>
      <input id="name" name="name" required maxlength="100" autocomplete="off">
      <button class="secondary">Create</button>
    </form>
    <p><a href="/#${project.id}">Back to the project</a></p>
  `;
  return dashboardLayout(`Gateways of ${project.name}`, undefined, content);
}

function gatewayCard(gateway: Gateway, url: string): Html {
  const { id, name, description, slug, status, authType, tools } = gateway;
  const isActive = status === "active";
  return html`
    <section class="card">
      <h2>${named(name)} <span class="mark ${isActive ? "good" : ""}">${status}</span></h2>
      ${description === undefined ? "" : html`<p>${named(description)}</p>`}
      <pre class="whole">${gatewayUrl(url, slug)}</pre>
      <p class="quiet">
        ${tools === undefined ? "All tools of the project" : counted(tools.length, "tool")}.
        ${authType === "arcade"
          ? "Clients sign in with OAuth."
          : html`Clients send an API key of the project, and <code>Arcade-User-ID</code>.`}
      </p>
      <form method="post" action="${DASHBOARD_FORMS.gateway}" class="buttons">
        <input type="hidden" name="gateway" value="${id}">
        <input type="hidden" name="status" value="${isActive ? "inactive" : "active"}">
        <button class="secondary" aria-label="${isActive ? "Close" : "Open"} ${name}">
          ${isActive ? "Close" : "Open"}
        </button>
        ${removeLink("gateway", id, `Remove the gateway ${name}`)}
      </form>
    </section>
  `;
}
