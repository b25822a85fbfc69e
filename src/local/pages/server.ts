/** The page of a server: its state, its tools and its log. */

import { html } from "hono/html";
import { Fields, InvalidField } from "../../contract/fields.ts";
import type { Texts } from "../../contract/servers.ts";
import { readTool, type Tool, type ToolResponse } from "../../contract/tools.ts";
import { counted, withoutColors } from "../../text/prose.ts";
import type { AnyServer } from "../named_server.ts";
import { formatTime, type StoredLine } from "../servers/log.ts";
import { RegisteredServer } from "../servers/registered.ts";
import type { ProjectServer } from "../servers/server.ts";
import { DASHBOARD_FORMS, removeLink } from "./forms.ts";
import { dashboardLayout, type Html, named, problemNote, shown, table } from "./layout.ts";

/** How many lines of the log are shown. */
const SHOWN_LINES = 200;
/** How much of a line is shown. */
const SHOWN_LINE = 2000;

/** The path of the page of a server. */
export function serverPath(id: string): string {
  return `/servers/${id}`;
}

/** @param exampleLine a command line that calls a tool. */
export function serverPage(
  server: AnyServer,
  exampleLine: ((tool: Tool) => string) | undefined,
): Html {
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
    ${toolList(server, exampleLine)}
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

function toolList(
  { tools, status }: AnyServer,
  exampleLine: ((tool: Tool) => string) | undefined,
): Html {
  if (tools.length === 0) {
    const isKnown = /running|updating|degraded/.test(status);
    return html`<p class="quiet">${
      isKnown ? "No tools." : "Only a running server lists its tools."
    }</p>`;
  }
  return shown(tools, "tool", (response) => {
    const tool = readOrNone(response);
    return html`
      <details class="card">
        <summary>
          <code>${visible(response.qualified_name)}</code>
          <span class="quiet">${told(response.description ?? "")}</span>
        </summary>
        ${tool === undefined ? "" : inputTable(tool)}
        ${tool === undefined || exampleLine === undefined ? "" : html`
          <p>Call it:</p>
          <pre>${visible(exampleLine(tool))}</pre>
        `}
      </details>
    `;
  });
}

/** A tool; undefined if the server describes it in an unknown format. */
function readOrNone(response: ToolResponse): Tool | undefined {
  try {
    return readTool(new Fields({ ...response }));
  } catch (error) {
    if (error instanceof InvalidField) return undefined;
    throw error;
  }
}

function inputTable({ name, inputs }: Tool): Html {
  if (inputs.length === 0) return html`<p class="quiet">No inputs.</p>`;
  return table(inputs, {
    caption: html`Inputs of ${named(visible(name))}`,
    headings: ["Input", "Type", "Required", "Description"],
    noun: "input",
    row: ({ name, type, isRequired, description, values }) =>
      html`
        <tr>
          <th scope="row"><code>${visible(name)}</code></th>
          <td>${visible(type ?? "")}</td>
          <td>${isRequired ? "required" : ""}</td>
          <td>
            ${told(description ?? "")}
            ${values.length === 0 ? "" : html`One of ${told(values.join(", "))}`}
          </td>
        </tr>
      `,
  });
}

function shortened(text: string): string {
  return text.length > SHOWN_LINE ? `${text.slice(0, SHOWN_LINE)}…` : text;
}

/** A text of a server, on one line. */
function told(text: string): Html {
  return named(visible(shortened(text.replace(/\s+/g, " ").trim())));
}

/** A text without the characters that a browser does not show, or that reorder others. */
function visible(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "\ufffd");
}

function textOf({ time, text }: StoredLine): string {
  const plain = withoutColors(text);
  // A browser does not show control characters.
  return `${formatTime(time).slice(11, 19)}  ${
    shortened(plain).replaceAll(/(?!\t)\p{Cc}/gu, "\ufffd")
  }`;
}
