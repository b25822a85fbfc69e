/**
 * Shared by the routes: errors, bodies of limited size, and authentication.
 */

import type { Context } from "hono";
import * as v from "valibot";
import { readJson } from "../fields.ts";
import type { Account, Accounts, KeyOwner } from "./model/accounts.ts";
import type { DeviceCodes } from "./routes/device.ts";
import type { Events } from "./model/events.ts";
import type { PageAccess } from "./pages/page_access.ts";
import type { Secrets } from "./model/secrets.ts";
import type { Server } from "./servers/server.ts";
import type { Servers } from "./servers/servers.ts";
import type { Tokens } from "./model/tokens.ts";

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

/** The services that the routes use. */
export interface Services {
  accounts: Accounts;
  tokens: Tokens;
  devices: DeviceCodes;
  secrets: Secrets;
  events: Events;
  servers: Servers;
  /** Why no servers run here; undefined if they do. */
  noServers: string | undefined;
  access: PageAccess;
  autoApprove: boolean;
}

/** An error that is sent as `{"message": …}`. */
export class ApiError extends Error {
  override readonly name = "ApiError";

  constructor(
    readonly status: 400 | 401 | 403 | 404 | 408 | 409 | 413 | 422 | 429 | 502,
    message: string,
    readonly headers: Record<string, string> = {},
  ) {
    super(message);
  }
}

/** The JSON body of a request, parsed with `schema`. `hint` is the error message for an invalid one. */
export async function jsonBody<T>(
  c: Context,
  schema: v.GenericSchema<unknown, T>,
  hint: string,
  limits: BodyLimits = {},
): Promise<T> {
  const text = await textBody(c.req.raw, limits);
  let body: unknown;
  try {
    body = readJson(text);
  } catch {
    throw new ApiError(422, "The body is not JSON");
  }
  const parsed = v.safeParse(schema, body);
  // The message of valibot may contain the value, so it is dropped.
  if (!parsed.success) throw new ApiError(422, hint);
  return parsed.output;
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
  if (request.body === null) return new Uint8Array();
  const deadline = new AbortController();
  const late = new ApiError(408, "The body took too long", { connection: "close" });
  const timer = setTimeout(() => deadline.abort(late), timeoutMs);
  try {
    const body = request.body.pipeThrough(new TransformStream(), { signal: deadline.signal });
    return await boundedBytes(body, { maxBytes, maxRead: maxBytes + DRAINED_BYTES });
  } finally {
    clearTimeout(timer);
  }
}

/**
 * All bytes of a stream. Throws an {@linkcode ApiError} for more than `maxBytes` (by default 2 MiB), and stops reading after
 * `maxRead`.
 */
export async function boundedBytes(
  stream: AsyncIterable<Uint8Array<ArrayBuffer>>,
  { maxBytes = MAX_BODY_BYTES, maxRead = maxBytes }: { maxBytes?: number; maxRead?: number } = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.byteLength;
    if (size <= maxBytes) chunks.push(chunk);
    if (size > maxRead) break;
  }
  if (size > maxBytes) throw new ApiError(413, `The body is larger than ${maxBytes / MIB} MiB`);
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}

/** The account behind the access token of a request (RFC 6750 section 2.1). */
export function requireAccount(c: Context, services: Services): Account {
  const accountId = services.tokens.accountOf(bearerToken(c));
  const account = accountId === undefined ? undefined : services.accounts.find(accountId);
  if (account === undefined) throw invalidToken("The access token is unknown, revoked or expired");
  return account;
}

/** The account and project behind the API key of a request. */
export function requireApiKey(c: Context, services: Services): KeyOwner {
  const owner = services.accounts.ownerOfApiKey(bearerToken(c));
  if (owner === undefined) throw invalidToken("The API key is unknown");
  return owner;
}

/**
 * Requires that an organization belongs to an account. The error for a missing organization is the
 * same, so that it does not reveal which ids exist.
 */
export function requireOrganization(services: Services, options: {
  accountId: string;
  organizationId: string;
}): void {
  if (services.accounts.ownerOf(options.organizationId) !== options.accountId) {
    throw new ApiError(403, "No such organization, or no access to it");
  }
}

/** Authorizes a request and returns the id of its project. */
export type ProjectOf = (c: Context) => string;

/** The server that the path of a request names. */
export function requireServer(c: Context, services: Services, projectId: string): Server {
  const server = services.servers.named(projectId, c.req.param("name") ?? "");
  if (server === undefined) throw noServer();
  return server;
}

export function noServer(): ApiError {
  return new ApiError(404, "No such server in this project");
}

/** The part of a list that `offset` and `limit` of a request ask for (docs/contracts.md, Engine). */
export function pageOf<T>(c: Context, all: readonly T[]): {
  items: T[];
  total_count: number;
  offset: number;
  limit: number;
} {
  const offset = wholeNumber(c, "offset", { least: 0, most: 1_000_000, otherwise: 0 });
  const limit = wholeNumber(c, "limit", { least: 1, most: 1000, otherwise: 25 });
  return { items: all.slice(offset, offset + limit), total_count: all.length, offset, limit };
}

function wholeNumber(
  c: Context,
  name: string,
  { least, most, otherwise }: { least: number; most: number; otherwise: number },
): number {
  const text = c.req.query(name) ?? String(otherwise);
  const number = /^\d{1,7}$/.test(text) ? Number(text) : -1;
  if (number >= least && number <= most) return number;
  throw new ApiError(400, `The parameter ${name} must be a number from ${least} to ${most}`);
}

/** The token of a request: with the scheme Bearer (RFC 6750 section 2.1), or bare, as Arcade's SDKs send it. */
export function bearerToken(c: Context): string {
  const token = /^(?:Bearer +|(?!Bearer$))([\w.~+/-]+=*)$/i
    .exec(c.req.header("authorization") ?? "")?.[1];
  if (token === undefined) {
    throw new ApiError(401, "A Bearer token is required", { "www-authenticate": "Bearer" });
  }
  return token;
}

/** RFC 6750 section 3.1. */
function invalidToken(description: string): ApiError {
  return new ApiError(401, description, {
    "www-authenticate": `Bearer error="invalid_token", error_description="${description}"`,
  });
}
