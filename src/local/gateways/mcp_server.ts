/**
 * The gateways of this server as MCP servers, in both eras of the protocol: with sessions until 2025-11-25, and without from
 * 2026-07-28. It loads the official server library, so the routes import it for the first MCP client.
 */

import {
  createMcpHandler,
  inputRequired,
  inputResponse,
  isLegacyRequest,
  PROTOCOL_VERSION_META_KEY,
  ProtocolError,
  ProtocolErrorCode,
  Server,
  UrlElicitationRequiredError,
  WebStandardStreamableHTTPServerTransport,
} from "@modelcontextprotocol/server";
import { isMapping } from "../../contract/fields.ts";
import { randomOpaque } from "../model/opaque.ts";
import type { Services } from "../services.ts";
import { VERSION } from "../../version.ts";
import { callTool, type Elicit, type GatewayClient } from "./tool_call.ts";
import { toolsOf } from "./tools.ts";

/** How many tools a page of the list has. */
const PAGE = 1000;
/** How many sessions are kept. A client whose session is gone begins another one. */
const MAX_SESSIONS = 1000;
/** The key of the request to go to that page. */
const GRANT = "authorization";

interface Session {
  /** As it was with the last request. */
  client: GatewayClient;
  readonly transport: WebStandardStreamableHTTPServerTransport;
}

export class McpGateways {
  readonly #services: Services;
  readonly #sessions = new Map<string, Session>();
  /** Who sends the requests without a session. */
  readonly #stateless = new WeakMap<Request, GatewayClient>();
  readonly #handler = createMcpHandler(({ requestInfo }) => {
    const client = requestInfo && this.#stateless.get(requestInfo);
    if (client === undefined) throw new Error("A request without a client");
    return this.#serverFor(() => client, "modern");
  }, { legacy: "reject", maxSubscriptions: 0 });

  constructor(services: Services) {
    this.#services = services;
  }

  /** Answers a message of a client. */
  async answer(request: Request, message: unknown, client: GatewayClient): Promise<Response> {
    const options = { parsedBody: message };
    const id = request.headers.get("mcp-session-id");
    const session = id === null ? undefined : this.#sessionOf(id, client);
    if (session !== undefined) {
      session.client = client;
      return await session.transport.handleRequest(request, options);
    }
    if (id !== null) return noSession(message);
    // The library's own answer takes longer, for a request that says its version itself.
    if (!isSelfDescribing(message) && await isLegacyRequest(request, message)) {
      return await (await this.#open(client)).transport.handleRequest(request, options);
    }
    this.#stateless.set(request, client);
    return await this.#handler.fetch(request, options);
  }

  /** Ends a session; false if the client has no such one. */
  async end(id: string, client: GatewayClient): Promise<boolean> {
    const session = this.#sessionOf(id, client);
    this.#sessions.delete(session === undefined ? "" : id);
    await session?.transport.close();
    return session !== undefined;
  }

  /** A session, which belongs to the user and the gateway that it was begun for. */
  #sessionOf(id: string, { gateway, userId }: GatewayClient): Session | undefined {
    const session = this.#sessions.get(id);
    const isOwn = session?.client.gateway.id === gateway.id && session.client.userId === userId;
    return isOwn ? session : undefined;
  }

  /** Begins a session, which is kept once the client has initialized it. */
  async #open(client: GatewayClient): Promise<Session> {
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: () => randomOpaque("arcl_ms_"),
      enableJsonResponse: true,
      onsessioninitialized: (id) => {
        const [oldest] = this.#sessions.keys();
        if (oldest !== undefined && this.#sessions.size >= MAX_SESSIONS) {
          this.#sessions.delete(oldest);
        }
        this.#sessions.set(id, session);
      },
    });
    const session: Session = { client, transport };
    await this.#serverFor(() => session.client, "legacy").connect(transport);
    return session;
  }

  /** @param clientOf the client as it is now. */
  #serverFor(clientOf: () => GatewayClient, era: "legacy" | "modern"): Server {
    const { slug, name, description } = clientOf().gateway;
    const server = new Server({ name: slug, title: name, version: VERSION }, {
      capabilities: { tools: {} },
      ...(description === undefined ? {} : { instructions: description }),
    });
    server.setRequestHandler("tools/list", ({ params }) => this.#list(clientOf(), params?.cursor));
    server.setRequestHandler("tools/call", async ({ params }, { mcpReq }) => {
      const given = inputResponse(mcpReq.inputResponses, GRANT);
      return await callTool(this.#services, clientOf(), {
        name: params.name,
        input: params.arguments ?? {},
        decision: given.kind === "elicit" ? given.action : undefined,
        signal: mcpReq.signal,
        elicit: server.getClientCapabilities()?.elicitation?.url && elicitation(era),
      });
    });
    return server;
  }

  async #list({ gateway }: GatewayClient, cursor = "0") {
    const start = /^\d{1,7}$/.test(cursor) ? Number(cursor) : -1;
    const tools = await toolsOf(gateway, this.#services.calls);
    if (start < 0 || start > tools.length) {
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, "Unknown cursor");
    }
    const end = start + PAGE;
    return {
      tools: tools.slice(start, end),
      ...(end < tools.length ? { nextCursor: String(end) } : {}),
    };
  }
}

/** Whether a message has the version of its protocol in itself, as from 2026-07-28. */
function isSelfDescribing(message: unknown): boolean {
  const params = isMapping(message) ? message.params : undefined;
  const meta = isMapping(params) ? params._meta : undefined;
  return isMapping(meta) && meta[PROTOCOL_VERSION_META_KEY] !== undefined;
}

/** Asks a client to send its user to an address, in the way of its era. */
function elicitation(era: "legacy" | "modern"): Elicit {
  return ({ id, message, url }) => {
    if (era === "modern") {
      return inputRequired({
        inputRequests: { [GRANT]: inputRequired.elicitUrl({ message, url }) },
      });
    }
    throw new UrlElicitationRequiredError([{ mode: "url", message, url, elicitationId: id }]);
  };
}

/** The answer for a session that ended, or that is another user's. A client then begins a new one. */
function noSession(message: unknown): Response {
  const id = isMapping(message) && ["string", "number"].includes(typeof message.id)
    ? message.id
    : null;
  const error = { code: -32001, message: "Session not found" };
  return Response.json({ jsonrpc: "2.0", error, id }, { status: 404 });
}
