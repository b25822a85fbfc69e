/** Calls of a tool through a gateway of a local Arcade, compared with the same calls over REST. */

import type { Race, Rival } from "./race.ts";

/** The maximum ratio of a call through a gateway to the same call over REST. */
const GATEWAY_RATIO = 1.3;
/** The number of calls in a sample. */
const CALLS = 50;
const USER = "developer@example.com";

const TOOL = {
  name: "Add",
  fully_qualified_name: "Math.Add",
  description: "Adds two numbers.",
  toolkit: { name: "Math", version: "1.0.0" },
  input: {
    parameters: ["a", "b"].map((name) => ({
      name,
      required: true,
      description: "A number",
      value_schema: { val_type: "integer" },
    })),
  },
  output: { available_modes: ["value"], value_schema: { val_type: "integer" } },
  requirements: {},
};
const RESULT = { execution_id: "e", success: true, duration: 1, finished_at: "t" };

/** The output of a local Arcade with `--json`. */
interface Serving {
  readonly environment: { readonly ARCADE_API_KEY: string; readonly ARCADE_BASE_URL: string };
}

/** A local Arcade with a server that has one tool, and with a gateway. */
export class GatewayBench implements AsyncDisposable {
  readonly #arcade: Deno.ChildProcess;
  readonly #worker: Deno.HttpServer<Deno.NetAddr>;
  #url = "";
  #headers: Record<string, string> = {};

  private constructor(arcade: Deno.ChildProcess, worker: Deno.HttpServer<Deno.NetAddr>) {
    this.#arcade = arcade;
    this.#worker = worker;
  }

  static async start(arcade: string, env: Readonly<Record<string, string>>): Promise<GatewayBench> {
    const process = new Deno.Command(arcade, {
      args: ["local", "serve", "--port", "0", "--ephemeral", "--json"],
      clearEnv: true,
      env: { ...env },
      stdin: "null",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    const options = { hostname: "127.0.0.1", port: 0, onListen() {} };
    const worker = Deno.serve(options, async (request) => {
      const { pathname } = new URL(request.url);
      if (pathname === "/worker/tools") return Response.json([TOOL]);
      const { inputs }: { inputs: { a: number; b: number } } = await request.json();
      return Response.json({ ...RESULT, output: { value: inputs.a + inputs.b } });
    });
    const bench = new GatewayBench(process, worker);
    let text = "";
    for await (const part of process.stdout.pipeThrough(new TextDecoderStream())) {
      text += part;
      if (text.endsWith("\n")) break;
    }
    const { environment }: Serving = JSON.parse(text);
    bench.#url = environment.ARCADE_BASE_URL;
    bench.#headers = {
      accept: "application/json, text/event-stream",
      "arcade-user-id": USER,
      authorization: `Bearer ${environment.ARCADE_API_KEY}`,
      "content-type": "application/json",
    };
    const http = {
      uri: `http://127.0.0.1:${worker.addr.port}`,
      secret: "s",
      timeout: 30,
      retry: 1,
    };
    await bench.#post("/v1/workers", { id: "math", http });
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
      const body = { tool_name: "Math.Add", user_id: USER, input: { a: 1, b: 2 } };
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
    const answer = await fetch(this.#url + path, {
      method: "POST",
      headers: { ...this.#headers, ...headers },
      body: JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok || text.includes('"error"')) throw new Error(`${path} failed: ${text}`);
    return answer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#arcade.kill("SIGTERM");
    await this.#arcade.status;
    await this.#worker.shutdown();
  }
}
