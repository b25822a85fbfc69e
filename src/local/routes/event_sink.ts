/**
 * The sink for telemetry events: accepts them like the capture service of PostHog, and lists them.
 */

import { Hono } from "hono";
import * as v from "valibot";
import { parseEvent, type TelemetryEvent } from "../model/events.ts";
import { requireAccount, type Services } from "../http.ts";
import { ApiError } from "../api_error.ts";
import { boundedBytes, bytesBody } from "../body.ts";

/** The key of a project. Like PostHog, rejects a personal key (`phx_…`). */
const ApiKey = v.pipe(v.string(), v.trim(), v.regex(/^(?!phx_)[ -~]{1,64}$/));

const Batch = v.object({
  api_key: v.optional(v.unknown()),
  batch: v.pipe(v.array(v.unknown()), v.nonEmpty()),
});
const BATCH_HINT = "The body must be an object with a batch, a list of at least one event";
const EVENT_HINT =
  "Every event must be an object with an event, its name, and a distinct_id, and " +
  "optionally a uuid and an object of properties, not too deep";

/** 1 KiB inflates to at most about 1 MiB. */
const SLICE_BYTES = 1024;

export function eventSinkRoutes(services: Services): Hono {
  const { events, access } = services;
  const app = new Hono();

  app.on("POST", ["/batch", "/batch/"], async (c) => {
    const parsed = v.safeParse(Batch, await jsonOf(c.req.raw));
    if (!parsed.success) throw new ApiError(400, BATCH_HINT);
    const apiKey = v.safeParse(ApiKey, parsed.output.api_key);
    if (!apiKey.success) throw new ApiError(401, "The api_key of a project is required");
    events.record(apiKey.output, parsed.output.batch.map(requireEvent));
    return c.json({ status: "Ok" });
  });

  app.get("/api/v1/events", (c) => {
    // A browser with access to the dashboard can see events there too.
    if (!access.admits(c)) requireAccount(c, services);
    const after = c.req.query("after") ?? "0";
    if (!/^\d{1,15}$/.test(after)) {
      throw new ApiError(400, "The parameter after must be the sequence number of an event");
    }
    return c.json({ data: { items: events.after(Number(after)) } });
  });

  return app;
}

function requireEvent(sent: unknown): TelemetryEvent {
  const event = parseEvent(sent);
  if (event === undefined) throw new ApiError(400, EVENT_HINT);
  return event;
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
