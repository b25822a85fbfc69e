import assert from "node:assert/strict";
import { FakeMcpServer } from "../../support/mcp_server.ts";
import { TestMachine } from "../../support/test_machine.ts";
import { mcpClients, PROGRAMS, pythonMcpClients, type Sdk } from "./installed.ts";

const js = mcpClients();
const python = pythonMcpClients();

/** A local Arcade with a server and two gateways: `oauth`, and `header`. */
class GatewayMachine implements AsyncDisposable {
  readonly #weather = new FakeMcpServer({
    tools: [{
      name: "forecast",
      description: "Tells the weather",
      inputSchema: { type: "object", properties: { place: { type: "string" } } },
    }],
    call: () => ({ content: [{ type: "text", text: "Sunny" }] }),
  });
  readonly #machine = new TestMachine();
  environment: Readonly<Record<string, string>> = {};
  url = "";

  static async open(): Promise<GatewayMachine> {
    const opened = new GatewayMachine();
    const { environment, url } = await opened.#machine.serve();
    Object.assign(opened, { environment, url });
    const mcp = { uri: `${opened.#weather.url}/mcp`, timeout: 30, retry: 3 };
    await opened.#post("workers", { id: "weather", type: "mcp", mcp });
    await opened.#post("gateways", { name: "With OAuth", slug: "oauth" });
    const auth_type = "arcade_header";
    await opened.#post("gateways", { name: "With headers", slug: "header", auth_type });
    return opened;
  }

  async #post(path: string, body: unknown): Promise<void> {
    const answer = await fetch(`${this.url}/v1/${path}`, {
      method: "POST",
      headers: { authorization: this.environment.ARCADE_API_KEY ?? "" },
      body: JSON.stringify(body),
    });
    assert.equal(answer.status, 201, await answer.text());
  }

  /** Runs a program, and returns the JSON that it prints. */
  async run(program: string, args: readonly string[]): Promise<unknown> {
    const { code, stdout, stderr } = await new Deno.Command(program, {
      args: [...args],
      clearEnv: true,
      env: {
        PATH: Deno.env.get("PATH") ?? "",
        HOME: this.#machine.path,
        // Python's browser: it follows the redirects to the client, which begins to listen meanwhile.
        BROWSER: "curl -sL --retry 20 --retry-all-errors --retry-delay 1 -o /dev/null %s &",
        ...this.environment,
      },
      stdin: "null",
    }).output();
    const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    assert.equal(code, 0, decode(stdout) + decode(stderr));
    return JSON.parse(decode(stdout));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#machine[Symbol.asyncDispose]();
    await this.#weather[Symbol.asyncDispose]();
  }
}

/** Where a script finds its SDK. */
function scriptIn(sdk: Sdk, name: string): string {
  const path = `${sdk.folder}/${name}`;
  Deno.copyFileSync(`${PROGRAMS}/${name}`, path);
  return path;
}

const EXPECTED = { isAsked: true, expires: 43200, tools: ["Weather_forecast"], text: "Sunny" };

Deno.test({
  name: "the official client in TypeScript signs in, lists and calls, in both generations and eras",
  ignore: js === undefined,
}, async (t) => {
  assert(js);
  const script = scriptIn(js, "mcp_client.mjs");
  await using machine = await GatewayMachine.open();
  for (const [generation, era] of [["1", ""], ["2", "legacy"], ["2", "2026-07-28"]] as const) {
    await t.step(`generation ${generation}, era ${era}`, async () => {
      const args = (slug: string) => [script, generation, `${machine.url}/mcp/${slug}`, era];
      const withOAuth = await machine.run("node", args("oauth"));
      assert.deepEqual(withOAuth, { ...EXPECTED, failed: -32602 });
      const withHeaders = await machine.run("node", args("header"));
      const { expires: _none, ...others } = EXPECTED;
      assert.deepEqual(withHeaders, { ...others, isAsked: false, failed: -32602 });
    });
  }
});

Deno.test({
  name: "the official client in Python, and FastMCP's, sign in, list and call",
  ignore: python === undefined,
}, async (t) => {
  assert(python);
  const script = scriptIn(python, "mcp_client.py");
  await using machine = await GatewayMachine.open();
  for (const mode of ["auto", "legacy", "2026-07-28"]) {
    await t.step(`the official one, mode ${mode}`, async () => {
      const args = [script, "mcp", `${machine.url}/mcp/oauth`, mode];
      const result = await machine.run(python.program, args);
      assert.deepEqual(result, { ...EXPECTED, failed: "tool not found" });
    });
  }
  await t.step("FastMCP's", async () => {
    const args = [script, "fastmcp", `${machine.url}/mcp/oauth`];
    const result = await machine.run(python.program, args);
    const { expires: _unknown, ...others } = EXPECTED;
    assert.deepEqual(result, { ...others, failed: "tool not found" });
  });
});
