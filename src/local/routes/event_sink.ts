/**
 * The sink for telemetry events: accepts them like the capture service of PostHog, and lists them.
 */

import { Hono } from "hono";
import {
  batchRequest,
  type EventResponse,
  EXPECTED_EVENT,
  readApiKey,
  readEvent,
} from "../../contract/telemetry.ts";
import { InvalidField } from "../../contract/fields.ts";
import type { ReceivedEvent } from "../model/events.ts";
import { requireAccount } from "../authentication.ts";
import type { Services } from "../services.ts";
import { ApiError } from "../api_error.ts";
import { boundedBytes, bytesBody, readBody } from "../body.ts";

/** 1 KiB inflates to at most about 1 MiB. */
const SLICE_BYTES = 1024;

export function eventSinkRoutes(services: Services): Hono {
  const { events, access } = services;
  const app = new Hono();

  app.on("POST", ["/batch", "/batch/"], async (c) => {
    const { api_key, batch } = readBody(await jsonOf(c.req.raw), batchRequest, 400);
    const apiKey = readApiKey(api_key);
    if (apiKey === undefined) throw new ApiError(401, "The api_key of a project is required");
    events.record(apiKey, batch.map(requireEvent));
    return c.json({ status: "Ok" });
  });

  app.get("/api/v1/events", (c) => {
    // A browser with access to the dashboard can see events there too.
    if (!access.admits(c)) requireAccount(c, services);
    const after = c.req.query("after") ?? "0";
    if (!/^\d{1,15}$/.test(after)) {
      throw new ApiError(400, "The parameter after must be the sequence number of an event");
    }
    const items: EventResponse[] = events.after(Number(after));
    return c.json({ data: { items } });
  });

  return app;
}

function requireEvent(sent: unknown): ReceivedEvent {
  try {
    return { ...readEvent(sent), payload: JSON.stringify(sent) };
  } catch (error) {
    if (!(error instanceof InvalidField)) throw error;
    throw new ApiError(400, `Every event must be ${EXPECTED_EVENT} (${error.message})`);
  }
}

/** The JSON of a body. Detects gzip from its content, because headers are unreliable. */
async function jsonOf(request: Request): Promise<unknown> {
  const body = await bytesBody(request);
  try {
    const bytes = isGzip(body) ? await gunzip(body) : body;
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    if (error instanceof ApiError) throw error;
    throw new ApiError(400, "The body is not JSON, plain or compressed with gzip");
  }
}

/** RFC 1952 section 2.3.1. */
function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/**
 * Decompresses in slices, to detect early when a small body expands too much. `gunzipSync` of Deno 2.4 ignores its
 * `maxOutputLength`.
 */
function gunzip(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  return boundedBytes(
    ReadableStream.from(slices(bytes)).pipeThrough(new DecompressionStream("gzip")),
  );
}

function* slices(bytes: Uint8Array<ArrayBuffer>): Generator<Uint8Array<ArrayBuffer>> {
  for (let start = 0; start < bytes.length; start += SLICE_BYTES) {
    yield bytes.subarray(start, start + SLICE_BYTES);
  }
}
