/** Calls of a tool through a gateway of a local Arcade, compared with the same calls over REST. */

import { TOOL } from "./fixture.ts";
import { type Served, serveTools, startLocalArcade } from "./local_serve.ts";
import type { Race, Rival } from "./race.ts";

/** The maximum ratio of a call through a gateway to the same call over REST. */
const GATEWAY_RATIO = 1.3;
/** The number of calls in a sample. */
const CALLS = 50;
const USER = "developer@example.com";

/** A local Arcade with a server that has one tool, and with a gateway. */
export class GatewayBench implements AsyncDisposable {
  readonly #served: Served;
  readonly #server: Deno.HttpServer;

  private constructor(served: Served, server: Deno.HttpServer) {
    this.#served = served;
    this.#server = server;
  }

  static async start(
    arcade: string,
    { folder, path }: { readonly folder: string; readonly path: string },
  ): Promise<GatewayBench> {
    const server = serveTools(["Add"]);
    const worker = `http://127.0.0.1:${server.addr.port}`;
    const bench = new GatewayBench(
      await startLocalArcade(arcade, { worker, folder, path }),
      server,
    );
    await bench.#post("/v1/gateways", { name: "G", slug: "g", auth_type: "arcade_header" });
    return bench;
  }

  /** A call through the gateway with a session, and one without, each compared with REST. */
  async races(): Promise<Race[]> {
    const over = (name: string, path: string, body: unknown, headers: Record<string, string>) => ({
      name,
      run: async () => {
        const start = performance.now();
        for (let i = 0; i < CALLS; i++) await this.#post(path, body, headers);
        return { wallMs: (performance.now() - start) / CALLS };
      },
    });
    const clientInfo = { name: "bench", version: "1" };
    const opened = await this.#post("/mcp/g", {
      jsonrpc: "2.0",
      id: 1,
      method: "initialize",
      params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo },
    });
    const call = { name: "Math_Add", arguments: { a: 1, b: 2 } };
    const message = { jsonrpc: "2.0", id: 2, method: "tools/call", params: call };
    const session = { "mcp-session-id": opened.headers.get("mcp-session-id") ?? "" };
    const prefix = "io.modelcontextprotocol";
    const _meta = {
      [`${prefix}/protocolVersion`]: "2026-07-28",
      [`${prefix}/clientInfo`]: clientInfo,
      [`${prefix}/clientCapabilities`]: {},
    };
    const stateless = {
      "mcp-protocol-version": "2026-07-28",
      "mcp-method": "tools/call",
      "mcp-name": "Math_Add",
    };
    const rest = (): Rival => {
      const body = { tool_name: TOOL, user_id: USER, input: { a: 1, b: 2 } };
      return {
        ...over("the same over REST", "/v1/tools/execute", body, {}),
        target: GATEWAY_RATIO,
      };
    };
    const modern = { ...message, params: { ...call, _meta } };
    return [
      {
        command: over("a call through a gateway, with a session", "/mcp/g", message, session),
        rivals: [rest()],
      },
      {
        command: over("a call through a gateway, without one", "/mcp/g", modern, stateless),
        rivals: [rest()],
      },
    ];
  }

  async #post(
    path: string,
    body: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Response> {
    const { url, apiKey } = this.#served;
    const answer = await fetch(url + path, {
      method: "POST",
      headers: {
        accept: "application/json, text/event-stream",
        "arcade-user-id": USER,
        authorization: `Bearer ${apiKey}`,
        "content-type": "application/json",
        ...headers,
      },
      body: JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok || text.includes('"error"')) throw new Error(`${path} failed: ${text}`);
    return answer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#served[Symbol.asyncDispose]();
    await this.#server.shutdown();
  }
}
