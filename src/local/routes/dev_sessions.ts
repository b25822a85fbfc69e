/**
 * The servers that `arcade dev` runs. Each belongs to an event stream: when its client closes it or dies, the server is removed
 * and its gateway closed, so that nothing is left of a process that was killed. Its settings and its log are in memory only.
 */

import { type Context, Hono } from "hono";
import {
  type DevCallEvent,
  devLogRequest,
  devServerRequest,
  type DevSessionEvent,
  type DevSessionRequest,
  devSessionRequest,
} from "../../contract/dev_sessions.ts";
import type { ServerSettings } from "../../contract/servers.ts";
import { usersPort } from "../../system/own_port.ts";
import { sleep } from "../../system/waiting.ts";
import { ApiError } from "../api_error.ts";
import { type ProjectOf, requireApiKey } from "../authentication.ts";
import { jsonBody } from "../body.ts";
import type { CallRecord, CallRecords } from "../calls/records.ts";
import type { Gateway } from "../model/gateways.ts";
import { noServer } from "../named_server.ts";
import { ownOrigin } from "../own_origin.ts";
import { serverPath } from "../pages/server.ts";
import { ServerLog } from "../servers/log.ts";
import type { Services } from "../services.ts";

/** How often the records of calls are looked at. */
const LOOK_MS = 100;
/** How often a quiet stream says that it lives, by which a client that is gone is noticed at the latest. */
const LIVE_MS = 5000;
/** Marks a gateway that these sessions open and close. */
const MADE = "Made by `arcade dev`, which closes it at its end";
/** A server that does not run yet. Nothing is sent to this address, because it is disabled. */
const NOWHERE = { uri: "http://127.0.0.1:9", secret: "none", timeout: 60, retry: 0 };

export function devSessionRoutes(services: Services): Hono {
  const { servers, registered, noServers, now } = services;
  const projectOf: ProjectOf = (c) => requireApiKey(c, services).project_id;
  const app = new Hono();

  /** The server of a session that the path names. */
  const named = (c: Context) => {
    const server = registered.named(projectOf(c), c.req.param("name") ?? "");
    if (server?.log === undefined) throw noServer();
    return { server, log: server.log };
  };

  app.post("/", async (c) => {
    const projectId = projectOf(c);
    if (noServers !== undefined) throw new ApiError(403, noServers);
    const request = await jsonBody(c, devSessionRequest);
    const { id: name } = request;
    if (servers.named(projectId, name) ?? registered.named(projectId, name)) {
      throw new ApiError(409, "The project has a server of this name");
    }
    const log = new ServerLog(now);
    const gateway = openGateway(services, projectId, request);
    const settings: ServerSettings = { type: "http", http: NOWHERE };
    const server = await registered.create({ projectId, name, isEnabled: false, settings }, {
      log,
    });
    const left = new AbortController();
    const end = () => {
      left.abort();
      const last = registered.named(projectId, name);
      if (last?.log !== log) return; // it was removed on the dashboard
      log.close();
      registered.remove(last);
      closeGateway(services, gateway.id);
    };
    const url = ownOrigin(c);
    const events = eventsOf(services, projectId, AbortSignal.any([left.signal, services.stopping]));
    const first: DevSessionEvent = {
      type: "session",
      page: services.access.address(url, serverPath(server.id)),
      dashboard: services.access.address(url),
      code: services.access.isOpen ? null : services.access.code,
      gateway: gateway.slug,
    };
    return c.body(streamOf(first, events, end), 201, { "content-type": "text/event-stream" });
  });

  app.put("/:name", async (c) => {
    const { server, log } = named(c);
    const settings = await jsonBody(c, devServerRequest);
    const { projectId, name, isEnabled } = server;
    const isFirst = server.settings.type === "http" && server.settings.http.uri === NOWHERE.uri;
    const { protocol, hostname, port } = new URL(
      settings.type === "http" ? settings.http.uri : settings.mcp.uri,
    );
    if (protocol !== "http:" || hostname !== "127.0.0.1" || port === "") {
      throw new ApiError(422, "The server must run at http://127.0.0.1 with a port");
    }
    const ownPort = await usersPort(Number(port));
    const moved = { projectId, name, isEnabled: isEnabled || isFirst, settings };
    await registered.create(moved, { ownPort, log });
    return c.body(null, 204);
  });

  app.post("/:name/log", async (c) => {
    const { log } = named(c);
    const { lines } = await jsonBody(c, devLogRequest);
    for (const line of lines) log.append(line);
    return c.body(null, 204);
  });

  return app;
}

/**
 * The gateway of a session, which has all tools of the project: one that a session made before and that clients are logged in
 * at, or a new one. A gateway of another kind at that slug is the user's, and is left unchanged.
 */
function openGateway(
  { gateways }: Services,
  projectId: string,
  { id, gateway: slug, auth_type }: DevSessionRequest,
): Gateway {
  for (const wanted of [slug, `${slug}-${id.replaceAll(".", "-")}`.slice(0, 100), undefined]) {
    const existing = wanted === undefined ? undefined : gateways.at(wanted);
    if (existing?.projectId === projectId && existing.description === MADE) {
      const opened = gateways.change(existing, { status: "active", auth_type });
      if (opened !== undefined) return opened;
    }
    const request = { name: slug, description: MADE, auth_type };
    const created = gateways.create(
      projectId,
      wanted === undefined ? request : {
        ...request,
        slug: wanted,
      },
    );
    if (created !== undefined) return created;
  }
  throw new Error("A random slug is taken");
}

/** Closes a gateway after the last session of its project. Clients that are logged in there stay so for the next one. */
function closeGateway({ gateways, registered }: Services, id: string): void {
  const gateway = gateways.find(id);
  if (gateway?.description !== MADE) return;
  const isUsed = registered.of(gateway.projectId).some(({ log }) => log !== undefined);
  if (!isUsed) gateways.change(gateway, { status: "inactive" });
}

/** The calls of a project that end from now on; undefined now and then where none does. */
function eventsOf(
  { calls: { records } }: Services,
  projectId: string,
  signal: AbortSignal,
): AsyncGenerator<DevCallEvent | undefined> {
  const ended = records.of(projectId).filter(({ outcome }) => outcome !== undefined);
  return newEvents(records, { projectId, told: new WeakSet(ended), signal });
}

async function* newEvents(
  records: CallRecords,
  { projectId, told, signal }: {
    readonly projectId: string;
    /** The events that were already sent. */
    readonly told: WeakSet<CallRecord>;
    readonly signal: AbortSignal;
  },
): AsyncGenerator<DevCallEvent | undefined> {
  for (let quiet = 0; !signal.aborted; quiet += LOOK_MS) {
    for (const record of records.of(projectId).reverse()) {
      if (record.outcome === undefined || told.has(record)) continue;
      told.add(record);
      quiet = 0;
      yield eventOf(record, record.outcome);
    }
    if (quiet >= LIVE_MS) {
      quiet = 0;
      yield undefined;
    }
    await sleep(LOOK_MS, signal).catch(() => {}); // the loop ends then
  }
}

function eventOf(
  { tool, userId, startedAt, steps }: CallRecord,
  { success, code }: NonNullable<CallRecord["outcome"]>,
): DevCallEvent {
  return {
    type: "call",
    tool,
    user_id: userId ?? null,
    success,
    code: code ?? null,
    started_at: startedAt.toISOString(),
    duration_ms: Math.round(steps.reduce((sum, { duration }) => sum + duration, 0)),
  };
}

function streamOf(
  first: DevSessionEvent,
  events: AsyncGenerator<DevCallEvent | undefined>,
  end: () => void,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const textOf = (event: DevSessionEvent | DevCallEvent | undefined) =>
    encoder.encode(event === undefined ? ":\n\n" : `data: ${JSON.stringify(event)}\n\n`);
  let isFirst = true;
  return new ReadableStream({
    async pull(controller) {
      if (isFirst) {
        isFirst = false;
        return controller.enqueue(textOf(first));
      }
      const { done, value } = await events.next();
      if (!done) return controller.enqueue(textOf(value));
      end();
      controller.close();
    },
    cancel: end,
  });
}
