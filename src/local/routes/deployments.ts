/** Deployments: new releases of servers, their status and their logs. */

import { Buffer } from "node:buffer";
import { type Context, Hono } from "hono";
import {
  type BundleRequest,
  deploymentRequest,
  type DeploymentResponse,
  type DeploymentStatusResponse,
  deploymentUpdateRequest,
} from "../../contract/deployments.ts";
import type { LogEventResponse, LogLineResponse, LogParameter } from "../../contract/logs.ts";
import type { ProjectOf } from "../authentication.ts";
import { noServer, requireServer } from "../named_server.ts";
import type { Services } from "../services.ts";
import { ApiError } from "../api_error.ts";
import { jsonBody } from "../body.ts";
import { UnusableArchive } from "../servers/archive.ts";
import { formatTime, parseTime, type StoredLine } from "../servers/log.ts";
import { type ReceivedBundle, UnusableEntrypoint } from "../servers/servers.ts";

/** The archive is a third smaller. */
const LIMITS = { maxBytes: 128 * 1024 * 1024, timeoutMs: 360_000 };

export function deploymentRoutes(services: Services, projectOf: ProjectOf): Hono {
  const { servers, registered, noServers } = services;
  const app = new Hono();
  const requireServers = () => {
    if (noServers !== undefined) throw new ApiError(403, noServers);
  };

  app.post("/", async (c) => {
    const projectId = projectOf(c);
    requireServers();
    const { name, toolkits } = await jsonBody(c, deploymentRequest, LIMITS);
    const exists = new ApiError(409, "The project has a server with this name; update it with PUT");
    if (servers.named(projectId, name) ?? registered.named(projectId, name)) throw exists;
    const server = await withRefusals(
      servers.create(projectId, name, bundleOf(toolkits.bundles[0])),
    );
    if (server === undefined) throw exists;
    return c.json({ name, status: server.status } satisfies DeploymentResponse, 201);
  });

  app.put("/:name", async (c) => {
    const server = requireServer(c, services, projectOf(c));
    requireServers();
    const { toolkits } = await jsonBody(c, deploymentUpdateRequest, LIMITS);
    if (!await withRefusals(servers.update(server, bundleOf(toolkits.bundles[0])))) {
      throw noServer();
    }
    const { name, status } = server;
    return c.json({ name, status } satisfies DeploymentResponse);
  });

  app.get("/:name/status", (c) => {
    const { status } = requireServer(c, services, projectOf(c));
    return c.json({ status } satisfies DeploymentStatusResponse);
  });

  app.get("/:name/logs", (c) => {
    const { log } = requireServer(c, services, projectOf(c));
    const [start, end] = [timeOf(c, "start_time_utc") ?? 0, timeOf(c, "end_time_utc")];
    return c.json(
      log.between(start, end).map(({ time, text }) => (
        { timestamp: formatTime(time), line: text } satisfies LogLineResponse
      )),
    );
  });

  // The end is not used: the Python CLI sends the current time, and expects what comes after it.
  app.get("/:name/logs/stream", (c) => {
    const { log, deployedAt } = requireServer(c, services, projectOf(c));
    const lines = log.follow(timeOf(c, "start_time_utc") ?? deployedAt);
    return c.body(lines.pipeThrough(serverSentEvents()), 200, {
      "content-type": "text/event-stream",
    });
  });

  return app;
}

function bundleOf({ version, entrypoint, bytes }: BundleRequest): ReceivedBundle {
  return { version, entrypoint, archive: new Uint8Array(Buffer.from(bytes, "base64")) };
}

/** Answers with 422 and the reason for a bundle that cannot be used. */
async function withRefusals<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const isRefusal = error instanceof UnusableArchive || error instanceof UnusableEntrypoint;
    throw isRefusal ? new ApiError(422, error.message) : error;
  }
}

/** A time in the query; undefined without one. */
function timeOf(c: Context, name: LogParameter): number | undefined {
  const text = c.req.query(name);
  const time = text === undefined ? undefined : parseTime(text);
  if (text !== undefined && time === undefined) {
    throw new ApiError(400, `The parameter ${name} must be a time such as 2026-11-21T07:08:33Z`);
  }
  return time;
}

/** Turns lines into server-sent events. The engine uses these capital letters. */
function serverSentEvents(): TransformStream<StoredLine[], Uint8Array<ArrayBuffer>> {
  const encoder = new TextEncoder();
  return new TransformStream({
    transform(lines, controller) {
      const events = lines.map(({ time, text }) => {
        const data = { Timestamp: formatTime(time), Line: text } satisfies LogEventResponse;
        return `data: ${JSON.stringify(data)}\n\n`;
      });
      controller.enqueue(encoder.encode(events.join("")));
    },
  });
}
