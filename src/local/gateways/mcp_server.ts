/**
 * The gateways of this server as MCP servers, in both eras of the protocol: with sessions until 2025-11-25, and without from
 * 2026-07-28. It loads the official server library, so the routes import it for the first MCP client.
 *
 * The library distinguishes the eras and validates messages. Its servers and transports are not used, because they make a call take
 * 1.3 to 1.6 times as long as over REST.
 */

import {
  classifyInboundRequest,
  CLIENT_CAPABILITIES_META_KEY,
  type InboundModernRoute,
  inputRequired,
  inputResponse,
  isInitializeRequest,
  LATEST_PROTOCOL_VERSION,
  ProtocolError,
  ProtocolErrorCode,
  SERVER_INFO_META_KEY,
  SUPPORTED_PROTOCOL_VERSIONS,
  UnsupportedProtocolVersionError,
  UrlElicitationRequiredError,
} from "@modelcontextprotocol/server";
import { isMapping, type Mapping } from "../../contract/fields.ts";
import type { Gateway } from "../model/gateways.ts";
import { randomOpaque } from "../model/opaque.ts";
import type { Services } from "../services.ts";
import { VERSION } from "../../version.ts";
import { callTool, type Elicit, type GatewayClient } from "./tool_call.ts";
import { toolsOf } from "./tools.ts";

/** The versions of the protocol without sessions. */
const STATELESS_VERSIONS = ["2026-07-28"];
/** How many tools a page of the list has. */
const PAGE = 1000;
/** How many sessions are kept. A client whose session is gone starts another one. */
const MAX_SESSIONS = 1000;
/** The key of the request to send the user to the page of a grant. */
const GRANT = "authorization";

interface Session {
  readonly gatewayId: string;
  readonly userId: string;
  readonly capabilities: unknown;
}

/** A request of a client, independent of its era. */
interface Asked {
  readonly method: string;
  readonly params: Mapping;
  readonly elicit: Elicit | undefined;
  /** Aborted when the client disconnects. */
  readonly signal: AbortSignal;
}

export class McpGateways {
  readonly #services: Services;
  readonly #sessions = new Map<string, Session>();

  constructor(services: Services) {
    this.#services = services;
  }

  /** Answers a message of a client. */
  async answer(request: Request, message: unknown, client: GatewayClient): Promise<Response> {
    const version = request.headers.get("mcp-protocol-version");
    const route = classifyInboundRequest({
      httpMethod: request.method,
      ...(version === null ? {} : { protocolVersionHeader: version }),
      body: message,
    });
    const id = idOf(message);
    if (route.kind === "reject") return failed(id, route, route.httpStatus);
    try {
      return route.kind === "modern"
        ? await this.#answerStateless(request, route, client)
        : await this.#answerInSession(request, message, client);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      return failed(id, error, STATUSES.get(error.code) ?? 200);
    }
  }

  /** Ends a session; false if the client has no such session. */
  end(id: string, client: GatewayClient): boolean {
    return this.#sessionOf(id, client) !== undefined && this.#sessions.delete(id);
  }

  async #answerStateless(
    request: Request,
    { classification: { revision = "" }, message }: InboundModernRoute,
    client: GatewayClient,
  ): Promise<Response> {
    if (!STATELESS_VERSIONS.includes(revision)) {
      throw new UnsupportedProtocolVersionError({
        supported: STATELESS_VERSIONS,
        requested: revision,
      });
    }
    if (!("id" in message)) return new Response(null, { status: 202 });
    const { id, method, params = {} } = message;
    requireHeaders(request.headers, method, params);
    const meta = isMapping(params._meta) ? params._meta : {};
    const canElicit = isUrlElicitation(meta[CLIENT_CAPABILITIES_META_KEY]);
    const elicit = canElicit ? askInResult : undefined;
    const { gateway } = client;
    const result = method === "server/discover"
      ? { supportedVersions: STATELESS_VERSIONS, ...describe(gateway), ...NOT_CACHED }
      : await this.#resultOf({ method, params, elicit, signal: request.signal }, client);
    if (result === undefined) throw unknownMethod();
    return succeeded(id, {
      resultType: "complete",
      ...(method === "tools/list" ? NOT_CACHED : {}),
      ...result,
      _meta: { [SERVER_INFO_META_KEY]: infoOf(gateway) },
    });
  }

  async #answerInSession(
    request: Request,
    message: unknown,
    client: GatewayClient,
  ): Promise<Response> {
    const { gateway, userId } = client;
    const id = idOf(message);
    if (isInitializeRequest(message)) {
      const { protocolVersion: wanted, capabilities } = message.params;
      const isKnown = SUPPORTED_PROTOCOL_VERSIONS.includes(wanted);
      const protocolVersion = isKnown ? wanted : LATEST_PROTOCOL_VERSION;
      const session = this.#begin({ gatewayId: gateway.id, userId, capabilities });
      const result = { protocolVersion, ...describe(gateway), serverInfo: infoOf(gateway) };
      return succeeded(id, result, { "mcp-session-id": session });
    }
    if (!isMapping(message)) {
      throw new ProtocolError(ProtocolErrorCode.InvalidRequest, "Batches are not supported");
    }
    const sessionId = request.headers.get("mcp-session-id");
    if (sessionId === null) return failed(id, NO_SESSION_ID, 400);
    const session = this.#sessionOf(sessionId, client);
    if (session === undefined) return failed(id, NO_SESSION, 404);
    const { method } = message;
    // Notifications and responses need no reply: this server sends no requests.
    if (id === null || typeof method !== "string") return new Response(null, { status: 202 });
    if (method === "ping") return succeeded(id, {});
    const params = isMapping(message.params) ? message.params : {};
    const elicit = isUrlElicitation(session.capabilities) ? askInError : undefined;
    const result = await this.#resultOf(
      { method, params, elicit, signal: request.signal },
      client,
    );
    return result === undefined ? failed(id, unknownMethod(), 200) : succeeded(id, result);
  }

  /** Starts a session, and returns its id. */
  #begin(session: Session): string {
    const [oldest] = this.#sessions.keys();
    if (oldest !== undefined && this.#sessions.size >= MAX_SESSIONS) this.#sessions.delete(oldest);
    const id = randomOpaque("arcl_ms_");
    this.#sessions.set(id, session);
    return id;
  }

  /** A session, which belongs to the user and the gateway that it was started for. */
  #sessionOf(id: string, { gateway, userId }: GatewayClient): Session | undefined {
    const session = this.#sessions.get(id);
    return session?.gatewayId === gateway.id && session.userId === userId ? session : undefined;
  }

  /** The result of a request that exists in both eras; undefined for other requests. */
  async #resultOf(
    { method, params, elicit, signal }: Asked,
    client: GatewayClient,
  ): Promise<object | undefined> {
    if (method === "tools/list") return await this.#list(client, params.cursor);
    if (method !== "tools/call") return undefined;
    const { name, arguments: input = {}, inputResponses } = params;
    if (typeof name !== "string" || !isMapping(input)) {
      throw invalidParams("A call must have a name and an object with arguments");
    }
    const said = inputResponse(isMapping(inputResponses) ? { ...inputResponses } : {}, GRANT);
    const decision = said.kind === "elicit" ? said.action : undefined;
    return await callTool(this.#services, client, { name, input, decision, elicit, signal });
  }

  async #list({ gateway }: GatewayClient, cursor: unknown = "0"): Promise<object> {
    const start = typeof cursor === "string" && /^\d{1,7}$/.test(cursor) ? Number(cursor) : -1;
    const tools = await toolsOf(gateway, this.#services.calls);
    if (start < 0 || start > tools.length) throw invalidParams("Unknown cursor");
    const end = start + PAGE;
    return {
      tools: tools.slice(start, end),
      ...(end < tools.length ? { nextCursor: String(end) } : {}),
    };
  }
}

const NOT_CACHED = { ttlMs: 0, cacheScope: "private" };

const HEADER_MISMATCH = -32020;

/** The status of an error; 200 for all others. */
const STATUSES: ReadonlyMap<number, number> = new Map([
  [ProtocolErrorCode.InvalidRequest, 400],
  [HEADER_MISMATCH, 400],
  [ProtocolErrorCode.UnsupportedProtocolVersion, 400],
  [ProtocolErrorCode.MethodNotFound, 404],
]);

const NO_SESSION_ID = { code: -32000, message: "The header Mcp-Session-Id is missing" };
/** A session that has ended, or that is another user's. A client then starts a new one. */
const NO_SESSION = { code: -32001, message: "Session not found" };

function infoOf({ slug, name }: Gateway) {
  return { name: slug, title: name, version: VERSION };
}

/** The first response of a gateway to a client. */
function describe({ description }: Gateway) {
  const instructions = description === undefined ? {} : { instructions: description };
  return { capabilities: { tools: {} }, ...instructions };
}

/** Requires the headers of a request without a session. The library has already checked the version, if given. */
function requireHeaders(headers: Headers, method: string, params: Mapping): void {
  const needed = [
    ["Mcp-Protocol-Version", undefined],
    ["Mcp-Method", method],
    ...(method === "tools/call" ? [["Mcp-Name", params.name] as const] : []),
  ] as const;
  for (const [name, value] of needed) {
    const given = headers.get(name)?.trim();
    if (given === undefined || value !== undefined && given !== value) {
      const message = `The header ${name} is missing or does not match the body`;
      throw new ProtocolError(HEADER_MISMATCH, message);
    }
  }
}

/** Whether a client can send its user to an address. */
function isUrlElicitation(capabilities: unknown): boolean {
  const elicitation = isMapping(capabilities) ? capabilities.elicitation : undefined;
  return isMapping(elicitation) && isMapping(elicitation.url);
}

/** Asks the client to send its user to an address: in the result, since 2026-07-28. */
const askInResult: Elicit = ({ message, url }) =>
  inputRequired({ inputRequests: { [GRANT]: inputRequired.elicitUrl({ message, url }) } });

/** The same until 2025-11-25. */
const askInError: Elicit = ({ id, message, url }) => {
  throw new UrlElicitationRequiredError([{ mode: "url", message, url, elicitationId: id }]);
};

function invalidParams(message: string): ProtocolError {
  return new ProtocolError(ProtocolErrorCode.InvalidParams, message);
}

function unknownMethod(): ProtocolError {
  return new ProtocolError(ProtocolErrorCode.MethodNotFound, "Method not found");
}

type Id = string | number | null;

/** The id of a message; null without one. */
function idOf(message: unknown): Id {
  const id = isMapping(message) ? message.id : undefined;
  return typeof id === "string" || typeof id === "number" ? id : null;
}

function succeeded(id: Id, result: object, headers: HeadersInit = {}): Response {
  return Response.json({ jsonrpc: "2.0", id, result }, { headers });
}

function failed(
  id: Id,
  { code, message, data }: {
    readonly code: number;
    readonly message: string;
    readonly data?: unknown;
  },
  status: number,
): Response {
  const error = { code, message, ...(data === undefined ? {} : { data }) };
  return Response.json({ jsonrpc: "2.0", id, error }, { status });
}
