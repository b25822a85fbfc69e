/** An MCP server over HTTP (Streamable HTTP), with the faults that a test asks for. */

import { isMapping, type Mapping } from "../../src/contract/fields.ts";
import { Answers, json } from "./answers.ts";

export interface McpOptions {
  readonly name?: string;
  readonly version?: string;
  readonly tools: readonly Mapping[];
  /** Answers with streams of events. */
  readonly isStreaming?: boolean;
  /** Gives no sessions. */
  readonly isStateless?: boolean;
  /** How many tools a page of the list has. */
  readonly page?: number;
  /** The result of a call. */
  readonly call?: (params: Mapping, request: Request) => Mapping | Response | Promise<Response>;
}

/** A request of the client. */
export interface Asked {
  readonly method: string;
  readonly params: Mapping;
  readonly headers: Headers;
}

export class FakeMcpServer extends Answers {
  readonly requests: Asked[] = [];
  /** The server's sessions. */
  readonly sessions = new Set<string>();
  readonly #options: McpOptions;

  constructor(options: McpOptions) {
    super(({ method, body }, request) => {
      if (method === "POST") return this.#answer(JSON.parse(body), request);
      this.requests.push({ method, params: {}, headers: request.headers });
      return new Response(null, { status: 405 });
    });
    this.#options = options;
  }

  /** The parameters of the last request with a method. */
  last(method: string): Asked | undefined {
    return this.requests.findLast((one) => one.method === method);
  }

  #answer(message: Mapping, request: Request): Response | Promise<Response> {
    const { headers } = request;
    const { isStateless = false } = this.#options;
    const { id } = message;
    const method = String(message.method);
    const params = isMapping(message.params) ? message.params : {};
    this.requests.push({ method, params, headers });
    if (method === "initialize") {
      const { name = "Weather MCP Server", version = "2.1.0" } = this.#options;
      const session = crypto.randomUUID();
      this.sessions.add(session);
      const serverInfo = { name, version };
      const protocolVersion = "2025-06-18";
      const capabilities = { tools: {} };
      const result = { protocolVersion, capabilities, serverInfo, instructions: "About it" };
      return this.#respond({ id, result }, isStateless ? {} : { "mcp-session-id": session });
    }
    if (!isStateless && !this.sessions.has(headers.get("mcp-session-id") ?? "")) {
      return json({}, { status: 404 });
    }
    if (id === undefined) return new Response(null, { status: 202 });
    if (method === "server/discover") return json({}, { status: 404 });
    const result = this.#resultOf(method, params, request);
    const isWhole = result instanceof Response || result instanceof Promise;
    return isWhole ? result : this.#respond({ id, ...result });
  }

  #resultOf(
    method: string,
    params: Mapping,
    request: Request,
  ): Mapping | Response | Promise<Response> {
    const { tools, page = 100, call = () => ({ content: [] }) } = this.#options;
    if (method === "ping") return { result: {} };
    if (method === "tools/list") {
      const start = Number(params.cursor ?? 0);
      const next = start + page < tools.length ? { nextCursor: String(start + page) } : {};
      return { result: { tools: tools.slice(start, start + page), ...next } };
    }
    if (tools.some(({ name }) => name === params.name)) {
      const result = call(params, request);
      return result instanceof Response || result instanceof Promise ? result : { result };
    }
    return { error: { code: -32602, message: "tool not found" } };
  }

  #respond(message: Mapping, headers: HeadersInit = {}): Response {
    const answer = { jsonrpc: "2.0", ...message };
    if (!this.#options.isStreaming) return json(answer, { headers });
    const notification = { jsonrpc: "2.0", method: "notifications/message", params: {} };
    const events = [notification, answer].map((one) => `data: ${JSON.stringify(one)}\n\n`);
    return new Response(`: hello\n\n${events.join("")}`, {
      headers: { ...headers, "content-type": "text/event-stream" },
    });
  }
}
