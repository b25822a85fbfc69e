/** The page of a server: its state, its tools and its log. */

import { html } from "hono/html";
import { withoutColors } from "../../text/prose.ts";
import { formatTime, type StoredLine } from "../servers/log.ts";
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

export function serverPage(server: ProjectServer): Html {
  const { id, name, isEnabled, release, instance, status, problem, log } = server;
  const content = html`
    <h1>${named(name)} ${stateMark(server)}</h1>
    <p class="quiet">
      Version ${release?.version}, <code>${release?.entrypoint}</code>${instance &&
        html`, at <code>${instance.worker.url}</code>`}
    </p>
    ${status === "failed" ? problemNote(problem) : ""}
    <form method="post" action="${DASHBOARD_FORMS.server}" class="buttons">
      <input type="hidden" name="server" value="${id}">
      <input type="hidden" name="enabled" value="${String(!isEnabled)}">
      <button class="secondary">${isEnabled ? "Disable" : "Enable"}</button>
      ${removeLink("server", id, `Remove the server ${name}`)}
    </form>
    <h2>Tools</h2>
    ${toolTable(server)}
    <h2>Log</h2>
    <p class="quiet">The last lines, with times in UTC. <a href="${serverPath(id)}">Refresh</a></p>
    <pre>${log.last(SHOWN_LINES).map(textOf).join("\n") || "Empty"}</pre>
  `;
  return dashboardLayout(name, undefined, content);
}

/** The state of a server. */
export function stateMark(
  { isEnabled, status }: Pick<ProjectServer, "isEnabled" | "status">,
): Html {
  const kind = status === "running" ? "good" : /failed|degraded/.test(status) ? "bad" : "";
  return html`<span class="mark ${kind}">${isEnabled ? status : "disabled"}</span>`;
}

function toolTable({ name, instance }: ProjectServer): Html {
  const tools = instance?.tools ?? [];
  if (tools.length === 0) {
    return html`<p class="quiet">${
      instance ? "No tools." : "Only a running server lists its tools."
    }</p>`;
  }
  const rows = tools.map(({ qualified_name, description }) =>
    html`
      <tr>
        <th scope="row"><code>${qualified_name}</code></th>
        <td>${named(description ?? "")}</td>
      </tr>
    `
  );
  return table({
    caption: html`Tools of ${named(name)}`,
    headings: ["Tool", "Description"],
    rows,
  });
}

function textOf({ time, text }: StoredLine): string {
  const plain = withoutColors(text);
  const shown = plain.length > SHOWN_LINE ? `${plain.slice(0, SHOWN_LINE)}…` : plain;
  // A browser does not show control characters.
  return `${formatTime(time).slice(11, 19)}  ${shown.replaceAll(/(?!\t)\p{Cc}/gu, "\ufffd")}`;
}
