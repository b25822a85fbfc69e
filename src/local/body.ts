/** Bodies of requests, of limited size and within limited time. */

import type { Context } from "hono";
import { Fields, InvalidField, isMapping, readJson } from "../contract/fields.ts";
import type { Body } from "../contract/request.ts";
import { isShort, readStream } from "../system/read_bounded.ts";
import { settlesWithin, withDeadline } from "../system/waiting.ts";
import { ApiError } from "./api_error.ts";

const MIB = 1024 * 1024;
/** The size limit of a request body, before and after decompression. */
const MAX_BODY_BYTES = 2 * MIB;
/** The timeout of a request body. */
const BODY_MS = 10_000;
/** How much of a body beyond its limit is read and dropped, so that the client receives the response. */
const DRAINED_BYTES = 14 * MIB;

/** The limits of a request body. */
interface BodyLimits {
  readonly maxBytes?: number;
  readonly timeoutMs?: number;
}

/** The JSON body of a request. Throws an {@linkcode ApiError} if it is not JSON. */
export async function jsonBody<T>(c: Context, body: Body<T>, limits: BodyLimits = {}): Promise<T> {
  const text = await textBody(c.req.raw, limits);
  let content: unknown;
  try {
    content = readJson(text);
  } catch {
    throw new ApiError(422, "The body is not JSON");
  }
  return readBody(content, body, 422);
}

/** Reads a body. Throws an {@linkcode ApiError} with the expected form and the invalid field. */
export function readBody<T>(content: unknown, { expected, read }: Body<T>, status: 400 | 422): T {
  let wrong: InvalidField | undefined;
  try {
    if (isMapping(content)) return read(new Fields(content));
  } catch (error) {
    if (!(error instanceof InvalidField)) throw error;
    wrong = error;
  }
  const message = `The body must be ${expected}`;
  if (!wrong) throw new ApiError(status, message);
  throw new ApiError(status, `${message} (${wrong.message})`, {
    fieldErrors: [{ field: wrong.path, rule: "invalid", message: wrong.message }],
  });
}

/** The fields of a form body. */
export async function formBody(c: Context): Promise<URLSearchParams> {
  return new URLSearchParams(await textBody(c.req.raw));
}

/**
 * Parameters by name; undefined when one occurs twice, which OAuth forbids (RFC 6749 sections 3.1 and
 * 3.2).
 */
export function uniqueParameters(params: URLSearchParams): Map<string, string> | undefined {
  const unique = new Map(params);
  return unique.size === params.size ? unique : undefined;
}

async function textBody(request: Request, limits: BodyLimits = {}): Promise<string> {
  return new TextDecoder().decode(await bytesBody(request, limits));
}

/** The body of a request. Refuses one that is too large (by default 2 MiB) or takes too long. */
export async function bytesBody(
  request: Request,
  { maxBytes = MAX_BODY_BYTES, timeoutMs = BODY_MS }: BodyLimits = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const { body } = request;
  if (body === null) return new Uint8Array();
  const late = () =>
    new ApiError(408, "The body took too long", { headers: { connection: "close" } });
  if (isShort(request, maxBytes)) {
    const all = request.arrayBuffer();
    if (!await settlesWithin(timeoutMs, all)) throw late();
    return new Uint8Array(await all);
  }
  return await withDeadline({ milliseconds: timeoutMs, late }, async (signal) => {
    const stream = body.pipeThrough(new TransformStream(), { signal });
    return await boundedBytes(stream, { maxBytes, maxDropped: DRAINED_BYTES });
  });
}

/**
 * All bytes of a stream. Throws an {@linkcode ApiError} for more than `maxBytes` (by default 2 MiB), and stops reading after
 * `maxDropped` more.
 */
export async function boundedBytes(
  stream: ReadableStream<Uint8Array>,
  { maxBytes = MAX_BODY_BYTES, maxDropped = 0 }: { maxBytes?: number; maxDropped?: number } = {},
): Promise<Uint8Array<ArrayBuffer>> {
  return await readStream(stream, {
    maxBytes,
    maxDropped,
    tooLarge: () => new ApiError(413, `The body is larger than ${maxBytes / MIB} MiB`),
  });
}
