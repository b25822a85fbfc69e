/** The page of a server: its state, its tools with a form for each, its last calls and its log. */

import { html, raw } from "hono/html";
import type { Texts } from "../../contract/servers.ts";
import type { AuthorizationRequirement, ToolResponse } from "../../contract/tools.ts";
import { counted, withoutColors } from "../../text/prose.ts";
import type { CallResult } from "../calls/page_calls.ts";
import type { CallRecord } from "../calls/records.ts";
import type { AnyServer } from "../named_server.ts";
import { formatTime, type StoredLine } from "../servers/log.ts";
import { RegisteredServer } from "../servers/registered.ts";
import type { ProjectServer } from "../servers/server.ts";
import { callPath, duration, resultMark, stepTable } from "./calls.ts";
import { DASHBOARD_FORMS, removeLink } from "./forms.ts";
import {
  dashboardLayout,
  type Html,
  moreNote,
  named,
  problemNote,
  projectCrumbs,
  table,
} from "./layout.ts";
import { type Piece, piecesOf, shownName, told, visible, visibleLines } from "./texts.ts";
import { type Problems, type ReadTool, toolFields, type Typed } from "./tool_form.ts";

/** How many tools, calls and lines of the log are shown. */
export const SHOWN_TOOLS = 100;
export const SHOWN_CALLS = 20;
export const SHOWN_LINES = 300;
/** How many secrets of a tool can be entered, and how many users are offered. */
const MOST_SECRETS = 50;
const MOST_USERS = 100;

/** The sources of a server's page. */
export const SERVER_PARTS = {
  script: "/dashboard/server.js",
  live: "/dashboard/live",
  call: "/dashboard/tool_calls",
  secret: "/dashboard/secrets",
  grant: "/dashboard/grants",
};

/** The selection in a server's page. */
export interface Place {
  /** The name of a tool. */
  readonly tool?: string | undefined;
  /** The user that tools act for, empty for none; by default the owner of the project. */
  readonly user?: string | undefined;
  /** The id of a call, whose input and result are shown. */
  readonly call?: string | undefined;
  /** The search text for names and descriptions of tools. */
  readonly filter?: string | undefined;
}

/** The path of the page of a server. */
export function serverPath(id: string, place: Place = {}): string {
  const given = Object.entries(place).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, value]]
  );
  const query = new URLSearchParams(given);
  return `/servers/${id}${query.size === 0 ? "" : `?${query}`}`;
}

/** Everything that the page of a server shows. */
export interface ServerView {
  readonly server: AnyServer;
  /** The name of its project. */
  readonly project: string;
  readonly place: Place;
  /** The first tools that match the filter, with whether their requirements are met. */
  readonly tools: readonly ToolResponse[];
  /** How many tools match. */
  readonly matching: number;
  /** The tool that is shown; undefined if its server does not list it, or describes it in an unknown format. */
  readonly tool: ReadTool | undefined;
  readonly typed?: Typed | undefined;
  readonly problems?: Problems | undefined;
  /** Whether the user has yet to say that a destructive tool should be called. */
  readonly isUnsure?: boolean | undefined;
  /** What is wrong with the value of a secret that was entered. */
  readonly secretProblem?: { readonly key: string; readonly text: string } | undefined;
  readonly call: CallRecord | undefined;
  readonly result: CallResult | undefined;
  readonly calls: readonly CallRecord[];
  /** The user that tools act for; empty for none. */
  readonly user: string;
  /** The account that the project belongs to. */
  readonly owner: string;
  /** The known users. */
  readonly users: readonly string[];
  /** The provider of the grant that the tool requires. */
  readonly provider: string | undefined;
  /** A command line that calls the tool. */
  readonly line: string | undefined;
  readonly lines: readonly LogLine[];
  /** Where the stream of changes starts. */
  readonly since: { readonly version: string; readonly time: number };
}

export function serverPage(view: ServerView): Html {
  const { server, since, user } = view;
  const { id, name } = server;
  const live = new URLSearchParams({ server: id, user });
  const content = html`
    <div class="server" data-live="${SERVER_PARTS.live}?${live}" data-version="${since.version}"
      data-time="${since.time}">
      ${projectCrumbs({ id: server.projectId, name: view.project })}
      <p id="offline" class="note problem" role="alert" hidden>
        The server is gone, or the local Arcade does not answer. The page shows what it knew last.
      </p>
      ${stateRegion(server)}
      <div class="panes">
        <section class="card tools" aria-label="Tools">
          ${searchForm(view)} ${toolList(view)}
        </section>
        <section class="card tool" aria-label="Tool">${toolPane(view)}</section>
      </div>
      ${callList(view)}
      ${server.log === undefined ? "" : logRegion(view)}
      <p id="told" class="hidden" role="status"></p>
      <p class="quiet keys">
        <kbd>/</kbd> finds a tool. <kbd>Ctrl</kbd> <kbd>Enter</kbd> calls it.
      </p>
    </div>
  `;
  return dashboardLayout(name, undefined, content, { script: SERVER_PARTS.script });
}

function stateRegion(server: AnyServer): Html {
  const { id, name, isEnabled, status, problem } = server;
  return html`
    <section id="state" class="head state">
      <div>
        <h1>${named(name)} ${stateMark(server)}</h1>
        ${server instanceof RegisteredServer ? elsewhere(server) : releaseOf(server)}
      </div>
      <form method="post" action="${DASHBOARD_FORMS.server}" class="buttons end">
        <input type="hidden" name="server" value="${id}">
        <input type="hidden" name="enabled" value="${String(!isEnabled)}">
        <button class="secondary small">${isEnabled ? "Disable" : "Enable"}</button>
        ${removeLink("server", id, `Remove the server ${name}`, "Remove")}
      </form>
      ${status === "failed" ? problemNote(problem) : ""}
    </section>
  `;
}

function releaseOf({ release, worker }: ProjectServer): Html {
  return html`
    <p class="quiet">
      Version ${release?.version}, <code>${release?.entrypoint}</code>${worker &&
        html`, at <code>${worker.url}</code>`}
    </p>
  `;
}

/** Where a server runs and its protocol, without possible tokens. */
function elsewhere(server: RegisteredServer): Html {
  const { settings, ownPort } = server;
  const { uri, timeout, retry } = settings.type === "mcp" ? settings.mcp : settings.http;
  const { origin, pathname } = new URL(uri);
  const { headers, secrets } = settings.type === "mcp" ? settings.mcp : NO_HEADERS;
  const where = server.log !== undefined
    ? html`Runs with <code>arcade dev</code>`
    : ownPort
    ? "Started from the seed"
    : "Runs elsewhere";
  return html`
    <p class="quiet">
      ${where}, asked with
      ${settings.type === "mcp" ? "MCP" : "the worker routes"} at
      <code>${origin}${pathname}</code>.
      A call times out after ${counted(timeout, "second")}.${retry === 0 ? "" : html`
        A call that does not reach the server is repeated ${counted(retry, "time")}.
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

/** The kind of a server, or its version if it was deployed: `1.0.0`. */
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

function searchForm({ server, user, place: { filter = "" } }: ServerView): Html {
  return html`
    <form method="get" action="${serverPath(server.id)}" role="search" class="search" data-live>
      <label for="filter" class="hidden">Find a tool</label>
      <input id="filter" name="filter" type="search" value="${filter}" maxlength="100"
        autocomplete="off" placeholder="Find a tool" aria-keyshortcuts="/">
      <input type="hidden" name="user" value="${user}">
      <button class="secondary small">Find</button>
    </form>
  `;
}

function toolList(view: ServerView): Html {
  const { server, tools, matching, tool, place } = view;
  const isKnown = /running|updating|degraded/.test(server.status);
  const empty = server.tools.length > 0
    ? "No tool matches."
    : isKnown
    ? "No tools."
    : "Only a running server lists its tools.";
  return html`
    <div id="tools">
      ${tools.length === 0 ? html`<p class="quiet">${empty}</p>` : ""}
      <ul class="list">
        ${tools.map((one, at) =>
          html`
            <li>
              <a href="${serverPath(server.id, {
                tool: one.qualified_name,
                user: place.user,
                filter: place.filter,
              })}" id="tool-${at}" ${one.qualified_name === tool?.name
                ? raw('aria-current="true"')
                : ""}>
                <span class="head"><code>${shownName(one.qualified_name)}</code>${missingMark(
                  one,
                )}</span>
                <span class="quiet">${told(one.description, 200)}</span>
              </a>
            </li>
          `
        )}
      </ul>
      ${moreNote(matching, "tool")}
    </div>
  `;
}

/** The missing requirements of a tool. */
function missingMark({ requirements }: ToolResponse): Html | "" {
  const { authorization, secrets } = requirements;
  const isSecretMissing = secrets?.some((secret) => "met" in secret && secret.met === false);
  const missing = [
    ...(isSecretMissing ? ["secret"] : []),
    ...(isMissing(authorization) ? ["grant"] : []),
  ];
  return missing.length === 0
    ? ""
    : html`<span class="mark missing">needs ${missing.join(", ")}</span>`;
}

function isMissing(authorization: AuthorizationRequirement | null | undefined): boolean {
  return authorization?.token_status !== undefined && authorization.token_status !== "completed";
}

function toolPane(view: ServerView): Html {
  const { tool, place } = view;
  if (tool === undefined) {
    const name = place.tool;
    return html`
      <div id="about">${name === undefined ? "" : html`
        <h2 tabindex="-1"><code>${shownName(name)}</code></h2>
        <p class="note">The server does not list this tool now, or describes it in an unknown format.</p>
      `}</div>
      <div id="needs"></div>
      <div id="form"></div>
      <div id="result"></div>
    `;
  }
  const { description, deprecation, isDestructive, version, output } = tool;
  return html`
    <div id="about">
      <h2 tabindex="-1"><code>${shownName(tool.name)}</code>
        ${version === undefined ? "" : html`<span class="mark">${shownName(version)}</span>`}
        ${isDestructive ? html`<span class="mark bad">destructive</span>` : ""}
      </h2>
      ${description
        ? html`<p class="description">${visibleLines(description.slice(0, 5000).trim())}</p>`
        : ""}
      ${deprecation ? html`<p class="note problem">Deprecated: ${told(deprecation)}</p>` : ""}
      ${output.type || output.description
        ? html`<p class="quiet">Returns ${shownName(output.type ?? "a value")}${
          output.description ? html`: ${told(output.description)}` : ""
        }</p>`
        : ""}
    </div>
    <div id="needs">${needsOf(view, tool)}</div>
    <div id="form">${callForm(view, tool)}</div>
    <div id="result">${resultOf(view)}</div>
  `;
}

/** The fields that restore the selection of the page. */
function placeFields({ server, place, user }: ServerView, tool: ReadTool): Html {
  return html`
    <input type="hidden" name="server" value="${server.id}">
    <input type="hidden" name="tool" value="${tool.name}">
    <input type="hidden" name="user" value="${user}">
    <input type="hidden" name="filter" value="${place.filter ?? ""}">
  `;
}

/** The user, and the secrets and the grant that a tool needs. */
function needsOf(view: ServerView, tool: ReadTool): Html {
  const { server, place, user, users } = view;
  return html`
    <form method="get" action="${serverPath(server.id)}" class="as" data-live>
      <label for="user">Call as</label>
      <input type="hidden" name="tool" value="${tool.name}">
      <input type="hidden" name="filter" value="${place.filter ?? ""}">
      <input id="user" name="user" value="${user}" list="users" maxlength="200"
        autocomplete="off" placeholder="no user">
      <datalist id="users">${users.slice(0, MOST_USERS).map((user) =>
        html`<option value="${user}"></option>`
      )}</datalist>
      <button class="secondary small">Use</button>
    </form>
    ${tool.secrets.length === 0 && tool.authorization === undefined ? "" : html`
      <ul class="needs" aria-label="What the tool needs">
        ${tool.secrets.slice(0, MOST_SECRETS).map((key, at) => secretNeed(view, tool, { key, at }))}
        ${grantNeed(view, tool)}
      </ul>
    `}
  `;
}

function secretNeed(
  view: ServerView,
  tool: ReadTool,
  { key, at }: { readonly key: string; readonly at: number },
): Html {
  const isSet = !tool.missingSecrets.includes(key);
  const problem = view.secretProblem?.key === key ? view.secretProblem.text : undefined;
  const form = html`
    <form method="post" action="${SERVER_PARTS.secret}" class="inline" data-live>
      ${placeFields(view, tool)}
      <input type="hidden" name="key" value="${key}">
      <label for="secret-${at}">Value</label>
      <input id="secret-${at}" name="value" type="password" autocomplete="new-password" required
        ${problem === undefined
          ? ""
          : html`aria-invalid="true" aria-describedby="secret-${at}-problem"`}>
      <button class="small ${isSet
        ? "secondary"
        : ""}" aria-label="Save the secret ${key}">Save</button>
    </form>
    ${problem === undefined
      ? ""
      : html`<p class="field-problem" id="secret-${at}-problem">${problem}</p>`}
  `;
  return html`
    <li>
      <p>Secret <code>${shownName(key)}</code> ${isSet
        ? html`<span class="mark good">set</span>`
        : html`<span class="mark missing">missing</span>`}</p>
      ${isSet && problem === undefined
        ? html`<details><summary>Replace its value</summary>${form}</details>`
        : form}
    </li>
  `;
}

function grantNeed(view: ServerView, tool: ReadTool): Html | "" {
  const { authorization } = tool.response.requirements;
  const { provider = "", user } = view;
  if (!authorization) return "";
  const scopes = authorization.oauth2?.scopes ?? [];
  const { status, token_status } = authorization;
  const [kind, word] = status === "inactive"
    ? ["bad", "provider inactive"]
    : token_status === "completed"
    ? ["good", "granted"]
    : ["missing", token_status === "pending" ? "pending" : "missing"];
  return html`
    <li>
      <p><strong>${told(provider)}</strong> grant${user
        ? html`
          by ${told(user)}
        `
        : ""} <span class="mark ${kind}">${word}</span></p>
      ${scopes.length === 0
        ? ""
        : html`<p class="quiet">Scopes: ${
          scopes.slice(0, 50).map((scope) =>
            html`
              <code>${shownName(scope)}</code>
            `
          )
        }</p>`}
      ${status === "inactive" ? "" : !user ? html`<p class="quiet">Name the user first.</p>` : html`
        <form method="post" action="${SERVER_PARTS.grant}" class="buttons" data-live>
          ${placeFields(view, tool)}
          ${token_status === "completed"
            ? html`<button name="do" value="revoke" class="secondary small">Revoke</button>`
            : html`
              <button name="do" value="grant" class="small">Grant</button>
              <button name="do" value="ask" class="secondary small" data-leave>Open the page of the grant</button>
            `}
        </form>
      `}
    </li>
  `;
}

function callForm(view: ServerView, tool: ReadTool): Html {
  const { line, problems } = view;
  return html`
    <form method="post" action="${SERVER_PARTS.call}" class="call" data-live novalidate>
      ${placeFields(view, tool)}
      ${problems === undefined || problems.size === 0
        ? ""
        : problemNote(`${counted(problems.size, "field")} to correct. The tool was not called.`)}
      ${toolFields(tool, view)} ${tool.isDestructive ? sureField(view) : ""}
      <div class="buttons">
        <button class="go" aria-keyshortcuts="Control+Enter">Call</button>
        <a href="${serverPath(view.server.id, {
          ...view.place,
          tool: tool.name,
          call: undefined,
        })}" class="quiet" data-live>Clear</a>
      </div>
    </form>
    ${line === undefined ? "" : html`
      <div class="line"><pre class="whole" id="line">${visibleLines(line)}</pre>${copyButton(
        "line",
      )}</div>
    `}
  `;
}

/** Asks before a destructive tool is called, as the command line does. */
function sureField({ isUnsure }: ServerView): Html {
  const problem = "Check this first. The tool was not called.";
  return html`
    <div class="field boxes">
      <label><input type="checkbox" name="sure" value="yes" id="sure" ${isUnsure
        ? html`aria-invalid="true" aria-describedby="sure-problem"`
        : ""}> Call this destructive tool</label>
    </div>
    ${isUnsure ? html`<p class="field-problem" id="sure-problem">${problem}</p>` : ""}
  `;
}

/** A button that a script shows, because nothing else can copy. */
function copyButton(id: string): Html {
  return html`<button type="button" class="secondary small" data-copy="${id}" hidden>Copy</button>`;
}

function resultOf({ call, result, server, place, tool }: ServerView): Html | "" {
  if (call === undefined || call.tool !== tool?.name) return "";
  const isRunning = call.outcome === undefined;
  return html`
    <h3>Result ${resultMark(call)} <span class="quiet">${duration(call.steps)}</span></h3>
    ${isRunning
      ? html`<p class="quiet">The call is running. <a href="${
        serverPath(server.id, place)
      }">Refresh</a></p>`
      : result === undefined
      ? html`<p class="quiet">Only the results of the most recent calls from this page are kept.</p>`
      : outputOf(result)}
    <details class="steps">
      <summary>Steps and times</summary>
      ${stepTable(call)}
      <p class="id">${call.executionId}</p>
    </details>
  `;
}

function outputOf({ isSuccess, text, length, kind, details, logs }: CallResult): Html {
  const rest = length - text.length;
  return html`
    <div class="output">
      <pre id="output" class="${isSuccess ? "" : "failed"}" tabindex="0" aria-label="${isSuccess
        ? "Value"
        : "Error"}">${text === "" ? "(an empty text)" : visibleLines(text)}${rest > 0
        ? "…"
        : ""}</pre>
      ${copyButton("output")}
    </div>
    ${kind === undefined ? "" : html`<p class="quiet"><code>${shownName(kind)}</code></p>`}
    ${rest > 0
      ? html`<p class="quiet">${rest} more characters. <code>arcade tool call</code> prints everything.</p>`
      : ""}
    ${details.map(([title, text]) =>
      html`
        <details>
          <summary>${title}</summary>
          <pre>${visibleLines(text)}</pre>
        </details>
      `
    )}
    ${logs.length === 0 ? "" : html`
      <details open>
        <summary>The tool's log</summary>
        <pre>${logs.map(visibleLines).join("\n")}</pre>
      </details>
    `}
  `;
}

function callList(view: ServerView): Html {
  const { calls } = view;
  return html`
    <section id="calls" class="card">
      <h2>Last calls</h2>
      ${calls.length === 0 ? html`<p class="quiet">No calls yet.</p>` : table(calls, {
        caption: html`Newest first; times are in UTC. Values are hidden until you repeat a call.`,
        headings: ["Time", "Tool", "Input", "User", "Result", { number: "Took" }],
        action: "Again",
        noun: "call",
        row: (call) => callRow(view, call),
      })}
    </section>
  `;
}

function callRow(
  { server, place, owner }: ServerView,
  { executionId, tool, inputs, userId, startedAt, steps, input, outcome }: CallRecord,
): Html {
  const short = shownName(tool.slice(tool.indexOf(".") + 1));
  const time = startedAt.toISOString();
  return html`
    <tr>
      <td><time datetime="${time}">${time.slice(11, 19)}</time></td>
      <th scope="row"><a href="${callPath(executionId)}">${told(short, 100)}</a></th>
      <td>${inputs.slice(0, 8).map((name) =>
        html`
          <code class="masked">${visible(name.slice(0, 60))}=•••</code>
        `
      )}</td>
      <td>${userId === undefined ? "" : told(userId, 100)}</td>
      <td>${resultMark({ outcome })}</td>
      <td class="number">${duration(steps)}</td>
      <td class="action">${input === undefined ? "" : html`
        <a href="${serverPath(server.id, {
          ...place,
          tool,
          user: userId === owner ? undefined : userId ?? "",
          call: executionId,
        })}" id="repeat-${executionId}"
          aria-label="Repeat ${short}: fill the form with its input" data-live>Repeat</a>
        <form method="post" action="${SERVER_PARTS.call}" data-live>
          <input type="hidden" name="server" value="${server.id}">
          <input type="hidden" name="filter" value="${place.filter ?? ""}">
          <button name="repeat" value="${executionId}" id="again-${executionId}" class="link"
            aria-label="Call again: ${short}">Call again</button>
        </form>
      `}</td>
    </tr>
  `;
}

/** A line of a log as it is shown. */
export interface LogLine {
  /** `14:00:00`. */
  readonly time: string;
  readonly pieces: readonly Piece[];
}

/** @param mask hides values of secrets. */
export function logLine({ time, text }: StoredLine, mask: (text: string) => string): LogLine {
  // Colors, and other sequences that are not shown, could split a hidden text.
  const plain = withoutColors(text);
  const masked = mask(plain);
  const pieces = piecesOf(masked === plain ? text : masked);
  const shown = pieces.map(([piece]) => piece).join("");
  const hidden = mask(shown);
  return {
    time: formatTime(time).slice(11, 19),
    pieces: hidden === shown ? pieces : [[hidden, ""]],
  };
}

function logRegion({ server, place, lines }: ServerView): Html {
  return html`
    <section id="log" class="card">
      <h2>Log</h2>
      <p class="quiet">The last lines; times are in UTC.
        <a href="${serverPath(server.id, place)}#log" data-refresh>Refresh</a></p>
      <pre id="lines" class="log" tabindex="0" aria-label="Log">${lines.length === 0
        ? html`<span class="quiet empty">Empty</span>`
        : lines.map(shownLine)}</pre>
    </section>
  `;
}

function shownLine({ time, pieces }: LogLine): Html {
  return html`<span class="log-line"><span class="quiet">${time}</span>  ${
    pieces.map(([text, classes]) =>
      classes === "" ? text : html`<span class="${classes}">${text}</span>`
    )
  }
</span>`;
}
