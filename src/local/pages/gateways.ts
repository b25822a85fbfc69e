/** The gateways on the page of a project: their addresses for MCP clients, and forms that open and close them. */

import { html } from "hono/html";
import { gatewayUrl } from "../../contract/gateways.ts";
import { counted } from "../../text/prose.ts";
import type { Gateway } from "../model/gateways.ts";
import { DASHBOARD_FORMS, removeLink } from "./forms.ts";
import { type Html, named, shown } from "./layout.ts";

/** @param url the address of this server. */
export function gatewayList(gateways: readonly Gateway[], url: string): Html {
  return shown(gateways, "gateway", (gateway) => gatewayEntry(gateway, url));
}

function gatewayEntry(gateway: Gateway, url: string): Html {
  const { id, name, description, slug, status, authType, tools } = gateway;
  const isActive = status === "active";
  return html`
    <section class="entry" id="${id}" aria-labelledby="${id}-title">
      <div class="head">
        <h3 id="${id}-title">${named(name)}</h3>
        <span class="mark ${isActive ? "good" : ""}">${status}</span>
        <form method="post" action="${DASHBOARD_FORMS.gateway}" class="end">
          <input type="hidden" name="gateway" value="${id}">
          <input type="hidden" name="status" value="${isActive ? "inactive" : "active"}">
          <button class="secondary small" aria-label="${isActive ? "Close" : "Open"} ${name}">
            ${isActive ? "Close" : "Open"}
          </button>
          ${removeLink("gateway", id, `Remove the gateway ${name}`, "Remove")}
        </form>
      </div>
      ${description === undefined ? "" : html`<p>${named(description)}</p>`}
      <pre class="whole">${gatewayUrl(url, slug)}</pre>
      <p class="quiet">
        ${tools === undefined ? "All tools of the project" : counted(tools.length, "tool")}.
        ${authType === "arcade"
          ? "Clients sign in with OAuth."
          : html`Clients send an API key of the project, and <code>Arcade-User-ID</code>.`}
      </p>
    </section>
  `;
}
