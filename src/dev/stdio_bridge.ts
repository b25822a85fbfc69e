/** Lets the local Arcade, which uses HTTP, send requests to an MCP server over stdio. */

import { isMapping, type Mapping, parseJson } from "../contract/fields.ts";
import { ApiError } from "../local/api_error.ts";
import { bytesBody } from "../local/body.ts";
import { hashOf, randomOpaque } from "../local/model/opaque.ts";
import { VERSION } from "../version.ts";

const PROTOCOL_VERSION = "2025-11-25";
/** JSON-RPC 2.0, section 5.1. */
const METHOD_NOT_FOUND = -32601;
const FIRST_ID = "arcade-1";

/** An HTTP address for one process of a server. Every request needs its token. */
export class StdioBridge implements AsyncDisposable {
  readonly #send: (line: string) => Promise<void>;
  readonly #token = randomOpaque("");
  #server: Deno.HttpServer<Deno.NetAddr> | undefined;
  readonly #waiting = new Map<string, (answer: Mapping) => void>();
  #count = 1;
  #initialized: Mapping | undefined;

  /** @param send sends a line to the server. */
  constructor(send: (line: string) => Promise<void>) {
    this.#send = send;
  }

  /** Listens, which a server over HTTP does itself. Returns the settings with which the local Arcade asks it. */
  listen() {
    this.#server ??= Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {}, onError: () => answer(500) },
      (request) => this.#answer(request),
    );
    const uri = `http://127.0.0.1:${this.#server.addr.port}/mcp`;
    return { uri, headers: { Authorization: `Bearer ${this.#token}` } };
  }

  /** Whether the server uses stdio: it has answered `initialize`. */
  get isReady(): boolean {
    return this.#initialized !== undefined;
  }

  /** Starts the session. A server over HTTP does not read its input. */
  async begin(): Promise<void> {
    await this.#write({
      id: FIRST_ID,
      method: "initialize",
      params: {
        protocolVersion: PROTOCOL_VERSION,
        capabilities: {},
        clientInfo: { name: "arcade", version: VERSION },
      },
    });
  }

  /** Accepts a line that the server printed; false if it is not a message. */
  receive(line: string): boolean {
    const message = parseJson(line);
    if (!isMapping(message) || message.jsonrpc !== "2.0") return false;
    const { id, method } = message;
    if (typeof method === "string") {
      if (id !== undefined) this.#decline(id, method);
      return true;
    }
    if (id === FIRST_ID && isMapping(message.result)) {
      this.#initialized = message.result;
      this.#write({ method: "notifications/initialized" });
    } else if (typeof id === "string") {
      this.#waiting.get(id)?.(message);
      this.#waiting.delete(id);
    }
    return true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const settle of this.#waiting.values()) settle({});
    await this.#server?.shutdown();
  }

  async #answer(request: Request): Promise<Response> {
    const token = request.headers.get("authorization") ?? "";
    if (hashOf(token) !== hashOf(`Bearer ${this.#token}`)) return answer(401);
    if (request.method !== "POST") return answer(request.method === "DELETE" ? 204 : 405);
    let message: unknown;
    try {
      message = parseJson(new TextDecoder().decode(await bytesBody(request)));
    } catch (error) {
      if (error instanceof ApiError) return answer(error.status);
      throw error;
    }
    if (!isMapping(message)) return answer(400);
    const { id, method } = message;
    if (method === "initialize") {
      return Response.json({ jsonrpc: "2.0", id, result: this.#initialized ?? {} });
    }
    if (id === undefined) {
      if (method !== "notifications/initialized") await this.#write(message);
      return answer(202);
    }
    const own = `arcade-${++this.#count}`;
    const { promise, resolve } = Promise.withResolvers<Mapping>();
    this.#waiting.set(own, resolve);
    request.signal.addEventListener("abort", () => {
      if (!this.#waiting.delete(own)) return;
      this.#write({ method: "notifications/cancelled", params: { requestId: own } });
      resolve({});
    });
    await this.#write({ ...message, id: own });
    const { result, error } = await promise;
    if (result === undefined && error === undefined) return answer(503); // the server has ended
    return Response.json({ jsonrpc: "2.0", id, ...(error === undefined ? { result } : { error }) });
  }

  /** Declines a request of a server to its user, because no user is present. */
  #decline(id: unknown, method: string): void {
    const error = { code: METHOD_NOT_FOUND, message: `arcade declines ${method.slice(0, 100)}` };
    this.#write(method === "ping" ? { id, result: {} } : { id, error });
  }

  async #write(message: Mapping): Promise<void> {
    await this.#send(JSON.stringify({ ...message, jsonrpc: "2.0" }));
  }
}

function answer(status: number): Response {
  return new Response(null, { status });
}
