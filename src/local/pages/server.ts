/** The page of a server: its state, its tools and its log. */

import { html } from "hono/html";
import type { Texts } from "../../contract/servers.ts";
import { counted, withoutColors } from "../../text/prose.ts";
import type { AnyServer } from "../named_server.ts";
import { formatTime, type StoredLine } from "../servers/log.ts";
import { RegisteredServer } from "../servers/registered.ts";
import type { ProjectServer } from "../servers/server.ts";
import { DASHBOARD_FORMS, removeLink } from "./forms.ts";
import { dashboardLayout, type Html, named, problemNote, table } from "./layout.ts";

/** How many lines of the log are shown. */
const SHOWN_LINES = 200;
/** How much of a line is shown. */
const SHOWN_LINE = 2000;

/** The path of the page of a server. */
export function serverPath(id: string): string {
  return `/servers/${id}`;
}

export function serverPage(server: AnyServer): Html {
  const { id, name, isEnabled, status, problem } = server;
  const isElsewhere = server instanceof RegisteredServer;
  const content = html`
    <h1>${named(name)} ${stateMark(server)}</h1>
    ${isElsewhere ? elsewhere(server) : releaseOf(server)}
    ${status === "failed" ? problemNote(problem) : ""}
    <form method="post" action="${DASHBOARD_FORMS.server}" class="buttons">
      <input type="hidden" name="server" value="${id}">
      <input type="hidden" name="enabled" value="${String(!isEnabled)}">
      <button class="secondary">${isEnabled ? "Disable" : "Enable"}</button>
      ${removeLink("server", id, `Remove the server ${name}`)}
    </form>
    <h2>Tools</h2>
    ${toolTable(server)}
    ${isElsewhere ? "" : logOf(server)}
  `;
  return dashboardLayout(name, undefined, content);
}

function releaseOf({ release, worker }: ProjectServer): Html {
  return html`
    <p class="quiet">
      Version ${release?.version}, <code>${release?.entrypoint}</code>${worker &&
        html`, at <code>${worker.url}</code>`}
    </p>
  `;
}

/** Where a server runs and how it is asked, without what can be a token. */
function elsewhere(server: RegisteredServer): Html {
  const { settings, ownPort } = server;
  const { uri, timeout, retry } = settings.type === "mcp" ? settings.mcp : settings.http;
  const { origin, pathname } = new URL(uri);
  const { headers, secrets } = settings.type === "mcp" ? settings.mcp : NO_HEADERS;
  return html`
    <p class="quiet">
      ${ownPort ? "Started from the seed" : "Runs elsewhere"}, asked with
      ${settings.type === "mcp" ? "MCP" : "the worker routes"} at
      <code>${origin}${pathname}</code>
    </p>
    <p class="quiet">
      A call times out after ${counted(timeout, "second")}.${retry === 0 ? "" : html`
        One that does not reach the server is repeated ${counted(retry, "time")}.
      `}
    </p>
    ${namesOf("Headers", headers)} ${namesOf("Secrets", secrets)}
  `;
}

const NO_HEADERS = { headers: {}, secrets: {} };

/** The names of values that are not shown. */
function namesOf(what: string, values: Texts): Html | "" {
  const names = Object.keys(values);
  return names.length === 0 ? "" : html`
    <p class="quiet">${what}, without their values: ${names.map((name) =>
      html`
        <code>${name}</code>
      `
    )}</p>
  `;
}

function logOf({ id, log }: ProjectServer): Html {
  return html`
    <h2>Log</h2>
    <p class="quiet">The last lines, with times in UTC. <a href="${serverPath(id)}">Refresh</a></p>
    <pre>${log.last(SHOWN_LINES).map(textOf).join("\n") || "Empty"}</pre>
  `;
}

/** What a server is: `1.0.0` of one that was deployed. */
export function kindOf(server: AnyServer): string {
  if (server instanceof RegisteredServer) {
    return server.settings.type === "mcp" ? "MCP" : "Worker routes";
  }
  return server.release?.version ?? "";
}

/** The state of a server. */
export function stateMark(
  { isEnabled, status }: Pick<AnyServer, "isEnabled" | "status">,
): Html {
  const kind = status === "running" ? "good" : /failed|degraded/.test(status) ? "bad" : "";
  return html`<span class="mark ${kind}">${isEnabled ? status : "disabled"}</span>`;
}

function toolTable(server: AnyServer): Html {
  const { name, tools, status } = server;
  if (tools.length === 0) {
    const isKnown = /running|updating|degraded/.test(status);
    return html`<p class="quiet">${
      isKnown ? "No tools." : "Only a running server lists its tools."
    }</p>`;
  }
  return table(tools, {
    caption: html`Tools of ${named(name)}`,
    headings: ["Tool", "Description"],
    noun: "tool",
    row: ({ qualified_name, description }) =>
      html`
        <tr>
          <th scope="row"><code>${qualified_name}</code></th>
          <td>${named(description ?? "")}</td>
        </tr>
      `,
  });
}

function textOf({ time, text }: StoredLine): string {
  const plain = withoutColors(text);
  const shown = plain.length > SHOWN_LINE ? `${plain.slice(0, SHOWN_LINE)}…` : plain;
  // A browser does not show control characters.
  return `${formatTime(time).slice(11, 19)}  ${shown.replaceAll(/(?!\t)\p{Cc}/gu, "\ufffd")}`;
}
