/** The page of a server, where its tools are called, and the stream that keeps an open page up to date. */

import { type Context, Hono } from "hono";
import { isSecretValue, MAX_SECRET_CHARACTERS, SECRET_KEY } from "../../contract/secrets.ts";
import type { ToolResponse } from "../../contract/tools.ts";
import { settlesWithin } from "../../system/waiting.ts";
import { formBody } from "../body.ts";
import { scopesOf } from "../grants/user_grants.ts";
import { hashOf } from "../model/opaque.ts";
import { type AnyServer, findServer } from "../named_server.ts";
import { DASHBOARD_FORMS } from "../pages/forms.ts";
import { grantAddress } from "../pages/grant.ts";
import { messagePage, show } from "../pages/layout.ts";
import {
  logLine,
  type Place,
  SERVER_PARTS,
  serverPage,
  serverPath,
  type ServerView,
  SHOWN_CALLS,
  SHOWN_LINES,
  SHOWN_TOOLS,
} from "../pages/server.ts";
import { SERVER_SCRIPT } from "../pages/server_script.ts";
import { inputOf, readOrNone, type ReadTool, typedFor, typedIn } from "../pages/tool_form.ts";
import { containing } from "../project_content.ts";
import { RegisteredServer } from "../servers/registered.ts";
import type { Services } from "../services.ts";

export const SERVER_PAGES = [
  serverPath(":id"),
  serverPath(":project/:name"),
  DASHBOARD_FORMS.server,
  ...Object.values(SERVER_PARTS),
];

/** How long a call may take before the page shows that it runs. */
const PATIENCE_MS = 2000;
const USER_CHARACTERS = 200;
const FILTER_CHARACTERS = 100;

export function serverPageRoutes(services: Services): Hono {
  const { servers, registered, calls, pageCalls, secrets, grants, noServers } = services;
  const streams = new LiveStreams(services);
  const app = new Hono();

  app.get(SERVER_PARTS.script, (c) => {
    return c.body(SERVER_SCRIPT, 200, { "content-type": "text/javascript; charset=utf-8" });
  });

  app.get(SERVER_PARTS.live, (c) => streams.answer(c));

  app.get(serverPath(":id"), (c) => {
    const server = servers.find(c.req.param("id") ?? "");
    return server === undefined ? c.notFound() : showServer(c, server);
  });

  app.get(serverPath(":project/:name"), async (c) => {
    const server = registered.named(c.req.param("project") ?? "", c.req.param("name") ?? "");
    if (server === undefined) return c.notFound();
    if (server.isEnabled) await server.refresh();
    return await showServer(c, server);
  });

  app.post(DASHBOARD_FORMS.server, async (c) => {
    const form = await formBody(c);
    const server = findServer(services, form.get("server") ?? "");
    const enabled = form.get("enabled") === "true";
    if (server === undefined) return c.notFound();
    if (!(server instanceof RegisteredServer)) await servers.setEnabled(server, enabled);
    else if (noServers === undefined) await registered.change(server, { enabled });
    else return show(c, messagePage("Nothing was changed", noServers, "problem"), { status: 403 });
    return c.redirect(serverPath(server.id), 303);
  });

  app.post(SERVER_PARTS.call, async (c) => {
    const form = await formBody(c);
    const server = findServer(services, form.get("server") ?? "");
    if (server === undefined) return c.notFound();
    const repeat = form.get("repeat");
    const repeated = calls.records.find(repeat ?? "");
    if (repeat !== null && repeated?.input === undefined) {
      const text = "The input of this call is no longer kept. Enter it on the page of the server.";
      return show(c, messagePage("Nothing was called", text, "problem"), { status: 422 });
    }
    const place = repeated === undefined
      ? placeIn(form)
      : { ...placeIn(form), tool: repeated.tool, user: repeated.userId ?? "" };
    const tool = toolOf(server, place.tool);
    if (tool === undefined) return await showServer(c, server, { place }, 422);
    const typed = repeated?.input ? typedFor(repeated.input, tool) : typedIn(form, tool);
    const { input, problems } = repeated?.input
      ? { input: repeated.input, problems: new Map<string, string>() }
      : inputOf(tool, typed);
    const isUnsure = tool.isDestructive && form.get("sure") !== "yes";
    if (problems.size > 0 || isUnsure) {
      return await showServer(c, server, { place, typed, problems, isUnsure }, 422);
    }
    const { executionId, ended } = pageCalls.begin({
      projectId: server.projectId,
      userId: (place.user ?? ownerOf(services, server.projectId)) || undefined,
      tool: tool.response.qualified_name,
      isOffered: (one) => server.tools.includes(one),
      input,
      serverId: server.id,
    });
    await settlesWithin(PATIENCE_MS, ended, services.stopping);
    const path = pathOf(server, { ...place, tool: tool.name, call: executionId });
    return c.redirect(`${path}#result`, 303);
  });

  app.post(SERVER_PARTS.secret, async (c) => {
    const form = await formBody(c);
    const server = findServer(services, form.get("server") ?? "");
    const key = form.get("key") ?? "";
    if (server === undefined || !SECRET_KEY.test(key)) return c.notFound();
    const place = placeIn(form);
    const value = form.get("value") ?? "";
    if (!isSecretValue(value)) {
      const text = `A value has 1 to ${MAX_SECRET_CHARACTERS} characters. Enter it again.`;
      return await showServer(c, server, { place, secretProblem: { key, text } }, 422);
    }
    await secrets.set(server.projectId, { key, value });
    return c.redirect(pathOf(server, place), 303);
  });

  app.post(SERVER_PARTS.grant, async (c) => {
    const form = await formBody(c);
    const server = findServer(services, form.get("server") ?? "");
    if (server === undefined) return c.notFound();
    const place = placeIn(form);
    const path = pathOf(server, place);
    const { projectId } = server;
    const requirement = toolOf(server, place.tool)?.response.requirements.authorization;
    const userId = place.user ?? ownerOf(services, projectId);
    if (!requirement || !userId || grants.inactiveProvider(projectId, requirement) !== undefined) {
      return c.redirect(path, 303);
    }
    const at = { projectId, userId, providerId: grants.providerOf(projectId, requirement) };
    const wanted = form.get("do");
    if (wanted === "ask") {
      const { origin } = new URL(c.req.url);
      const { flowId } = await grants.authorize(
        { projectId, userId, nextUri: origin + path },
        requirement,
      );
      return c.redirect(grantAddress(origin, flowId), 303);
    }
    if (wanted === "grant") await grants.grant(at, { scopes: scopesOf(requirement) });
    if (wanted === "revoke") {
      const connection = grants.connections.at(at);
      if (connection !== undefined) grants.connections.remove(connection.id);
    }
    return c.redirect(path, 303);
  });

  /** The path of a page, without the user if that is the one by default. */
  function pathOf(server: AnyServer, place: Place): string {
    const isOwner = place.user === ownerOf(services, server.projectId);
    return serverPath(server.id, { ...place, user: isOwner ? undefined : place.user });
  }

  /** @param draft what a form had, if it is shown again. */
  async function showServer(
    c: Context,
    server: AnyServer,
    draft: Draft = { place: placeIn(new URL(c.req.url).searchParams) },
    status: 200 | 422 = 200,
  ): Promise<Response> {
    return show(c, serverPage(await viewOf(server, draft)), { status, hasScript: true });
  }

  async function viewOf(server: AnyServer, draft: Draft): Promise<ServerView> {
    const { projectId } = server;
    const records = calls.records.ofServer(server.id);
    const call = records.find(({ executionId }) => executionId === draft.place.call);
    const project = services.accounts.place(projectId);
    const owner = project?.email ?? "";
    const user = draft.place.user ?? owner;
    const place = {
      ...draft.place,
      user: user === owner ? undefined : user,
      tool: draft.place.tool ?? call?.tool,
    };
    const found = matching(server.tools, place.filter);
    const caller = { projectId, userId: user || undefined };
    const tools = calls.describe(found.slice(0, SHOWN_TOOLS), caller);
    const response = place.tool === undefined ? found[0] : responseOf(server, place.tool);
    const [chosen] = response === undefined ? [] : calls.describe([response], caller);
    const tool = chosen && readOrNone(chosen);
    const requirement = chosen?.requirements.authorization;
    const typed = draft.typed ??
      (tool && call?.input && call.tool === tool.name ? typedFor(call.input, tool) : undefined);
    const mask = await pageCalls.maskOf(projectId);
    const lines = server.log?.last(SHOWN_LINES) ?? [];
    return {
      server,
      project: project?.name ?? "",
      place,
      tools,
      matching: found.length,
      tool,
      typed,
      problems: draft.problems,
      isUnsure: draft.isUnsure,
      secretProblem: draft.secretProblem,
      call,
      result: call && pageCalls.resultOf(call.executionId),
      calls: records.slice(0, SHOWN_CALLS),
      user,
      owner,
      users: services.accounts.all().map(({ email }) => email),
      provider: requirement ? grants.providerOf(projectId, requirement) : undefined,
      line: tool && services.exampleLine?.(tool, {
        ...(typed === undefined ? {} : { input: inputOf(tool, typed).input }),
        user: place.user || undefined,
      }),
      lines: lines.map((line) => logLine(line, mask)),
      since: {
        version: versionOf(services, server, user),
        time: (lines.at(-1)?.time ?? 0) + 1,
      },
    };
  }

  return app;
}

/** What a form had that is shown again. */
type Draft =
  & { readonly place: Place }
  & Partial<Pick<ServerView, "typed" | "problems" | "isUnsure" | "secretProblem">>;

/** The place that a query or a form names. */
function placeIn(query: URLSearchParams): Place {
  const text = (name: string) => query.get(name) || undefined;
  return {
    tool: text("tool"),
    // Empty for no user, and undefined for the owner of the project.
    user: query.get("user")?.trim().slice(0, USER_CHARACTERS),
    call: text("call"),
    filter: text("filter")?.trim().slice(0, FILTER_CHARACTERS),
  };
}

/** The user that the tools of a project are called for by default: the account that it belongs to. */
function ownerOf({ accounts }: Services, projectId: string): string {
  return accounts.place(projectId)?.email ?? "";
}

/** The tools whose names or descriptions contain a text. Those whose name does come first. */
function matching(tools: readonly ToolResponse[], filter = ""): readonly ToolResponse[] {
  if (filter === "") return tools;
  const has = containing(filter);
  const byName = tools.filter(({ qualified_name }) => has(qualified_name));
  const others = tools.filter(({ qualified_name, description }) =>
    !has(qualified_name) && has(description)
  );
  return [...byName, ...others];
}

function responseOf(server: AnyServer, name: string | undefined): ToolResponse | undefined {
  return server.tools.find(({ qualified_name }) => qualified_name === name);
}

function toolOf(server: AnyServer, name: string | undefined): ReadTool | undefined {
  const response = responseOf(server, name);
  return response && readOrNone(response);
}

/** How often a server is looked at for an open page, and how often the page hears that the connection works. */
const LOOK_MS = 250;
const LIVE_MS = 15_000;
/** How many pages are kept up to date at once. */
const MOST_STREAMS = 100;

/**
 * Tells an open page what changes, as server-sent events: `log` with new lines, and `changed` with the version of what the page
 * shows, which it then asks for again.
 */
class LiveStreams {
  readonly #services: Services;
  #open = 0;

  constructor(services: Services) {
    this.#services = services;
  }

  answer(c: Context): Response | Promise<Response> {
    const id = c.req.query("server") ?? "";
    if (findServer(this.#services, id) === undefined) return c.notFound();
    const type = { "content-type": "text/event-stream" };
    // Its body would be dropped without being closed.
    if (c.req.method === "HEAD") return c.body(null, 200, type);
    if (this.#open >= MOST_STREAMS) return c.body(null, 429);
    const left = new AbortController();
    const events = this.#events(id, {
      user: c.req.query("user") ?? "",
      version: c.req.query("version") ?? "",
      // A browser that connects again says how far it was.
      time: Number(c.req.header("last-event-id") ?? c.req.query("time")) || 0,
      signal: AbortSignal.any([left.signal, this.#services.stopping]),
    });
    const encoder = new TextEncoder();
    this.#open++;
    const close = () => {
      if (!left.signal.aborted) this.#open--;
      left.abort();
    };
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        const { done, value } = await events.next();
        if (!done) return controller.enqueue(encoder.encode(value));
        close();
        controller.close();
      },
      cancel: close,
    });
    return c.body(body, 200, type);
  }

  /** Until the server is removed, or the signal is aborted. */
  async *#events(
    id: string,
    { user, version, time, signal }: {
      readonly user: string;
      readonly version: string;
      readonly time: number;
      readonly signal: AbortSignal;
    },
  ): AsyncGenerator<string, void> {
    const { pageCalls, sleep } = this.#services;
    let [shown, next, quiet] = [version, time, 0];
    while (!signal.aborted) {
      const server = findServer(this.#services, id);
      if (server === undefined) return yield event("changed", "");
      const lines = server.log?.between(next).slice(-SHOWN_LINES) ?? [];
      const last = lines.at(-1);
      if (last !== undefined) {
        next = last.time + 1;
        const mask = await pageCalls.maskOf(server.projectId);
        yield event("log", JSON.stringify(lines.map((line) => logLine(line, mask))), next);
        quiet = 0;
      }
      const now = versionOf(this.#services, server, user);
      if (now !== shown) {
        shown = now;
        yield event("changed", now);
        quiet = 0;
      }
      if (quiet >= LIVE_MS) yield ":\n\n";
      quiet = quiet >= LIVE_MS ? 0 : quiet + LOOK_MS;
      await sleep(LOOK_MS, signal).catch(() => {}); // the loop ends then
    }
  }
}

/** A server-sent event. `data` is on one line. */
function event(name: string, data: string, id?: number): string {
  return `${id === undefined ? "" : `id: ${id}\n`}event: ${name}\ndata: ${data}\n\n`;
}

/** Changes with everything that the page of a server shows, apart from its log. */
function versionOf(services: Services, server: AnyServer, user: string): string {
  const { calls, pageCalls, secrets, grants } = services;
  const { projectId, isEnabled, status, problem = "" } = server;
  const records = calls.records.ofServer(server.id).slice(0, SHOWN_CALLS);
  return hashOf(JSON.stringify([
    [isEnabled, status, problem, digestOf(server.tools)],
    records.map(({ executionId, steps, outcome }) => [
      executionId,
      steps.length,
      outcome?.success,
      pageCalls.resultOf(executionId) !== undefined,
    ]),
    secrets.list(projectId).map(({ key }) => key),
    grants.connections.of(projectId, { userId: user }).map(({ id, scopes }) => [id, scopes]),
  ]));
}

const digests = new WeakMap<readonly ToolResponse[], string>();

/** Made once for each list: a server that is asked again returns an equal one. */
function digestOf(tools: readonly ToolResponse[]): string {
  const known = digests.get(tools);
  if (known !== undefined) return known;
  const digest = hashOf(JSON.stringify(tools));
  digests.set(tools, digest);
  return digest;
}
