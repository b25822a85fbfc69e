import assert from "node:assert/strict";
import { reservePort } from "../../../src/system/own_port.ts";
import { Answers } from "../../support/answers.ts";
import { FakeMcpServer } from "../../support/mcp_server.ts";
import { TestMachine } from "../../support/test_machine.ts";
import { mcpClients, mcpTools, PROGRAMS, pythonMcpClients, type Sdk } from "./installed.ts";

const js = mcpClients();
const python = pythonMcpClients();
const tools = mcpTools();

/** Runs a program of npm with Node.js 24. */
async function runTool(
  name: string,
  args: readonly string[],
  onStderr: (text: string) => void = () => {},
): Promise<{ code: number; output: string }> {
  const child = new Deno.Command(`${tools}/node_modules/.bin/node`, {
    args: [`${tools}/node_modules/.bin/${name}`, ...args],
    clearEnv: true,
    env: { PATH: Deno.env.get("PATH") ?? "", HOME: tools ?? "", MCP_AUTO_OPEN_ENABLED: "true" },
    cwd: tools ?? "",
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let output = "";
  const read = async (stream: ReadableStream<Uint8Array<ArrayBuffer>>, isError: boolean) => {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      output += text;
      if (isError) onStderr(text);
    }
  };
  const [{ code }] = await Promise.all([
    child.status,
    read(child.stdout, false),
    read(child.stderr, true),
  ]);
  return { code, output };
}

/** A server with one tool. */
function weather(): FakeMcpServer {
  return new FakeMcpServer({
    tools: [{
      name: "forecast",
      description: "Tells the weather",
      inputSchema: { type: "object", properties: { place: { type: "string" } } },
    }],
    call: () => ({ content: [{ type: "text", text: "Sunny" }] }),
  });
}

/** A local Arcade with a server and two gateways: `oauth`, and `header`. */
class GatewayMachine implements AsyncDisposable {
  readonly #weather: FakeMcpServer;
  readonly #machine = new TestMachine();
  environment: Readonly<Record<string, string>> = {};
  url = "";

  private constructor(server: FakeMcpServer) {
    this.#weather = server;
  }

  static async open(server = weather()): Promise<GatewayMachine> {
    const opened = new GatewayMachine(server);
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
        // Python's browser: it follows the redirects to the client, which starts to listen in the meantime.
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

Deno.test({
  name: "the command line of MCP's Inspector signs in, lists and calls, in both eras",
  ignore: tools === undefined,
}, async (t) => {
  await using machine = await GatewayMachine.open();
  const address = `${machine.url}/mcp/header`;
  const { ARCADE_API_KEY, ARCADE_USER_ID } = machine.environment;
  const headers = [`Authorization: Bearer ${ARCADE_API_KEY}`, `Arcade-User-ID: ${ARCADE_USER_ID}`];
  const common = ["--cli", "--transport", "http", "--format", "json"];
  const call = ["--method", "tools/call", "--tool-name", "Weather_forecast"];
  for (const era of ["legacy", "modern"]) {
    await t.step(`with headers, ${era}`, async () => {
      const args = [...common, "--server-url", address, "--protocol-era", era];
      const list = await runTool("mcp-inspector", [
        ...args,
        "--method",
        "tools/list",
        "--strict",
        "--header",
        ...headers,
      ]);
      assert.equal(list.code, 0, list.output);
      assert.match(list.output, /Weather_forecast/);
      const called = await runTool("mcp-inspector", [...args, ...call, "--header", ...headers]);
      assert.equal(called.code, 0, called.output);
      assert.match(called.output, /Sunny/);
    });
  }
  await t.step("with OAuth", async () => {
    const { port } = await reservePort();
    const callback = `http://127.0.0.1:${port}/oauth/callback`;
    const args = ["--server-url", `${machine.url}/mcp/oauth`, "--callback-url", callback];
    let isApproved: Promise<unknown> | undefined;
    const called = await runTool("mcp-inspector", [...common, ...args, ...call], (text) => {
      const [address] = /http:\S+\/oauth2\/authorize\?\S+/.exec(text) ?? [];
      if (address !== undefined) isApproved ??= fetch(address).then((answer) => answer.text());
    });
    await isApproved;
    assert.equal(called.code, 0, called.output);
    assert.match(called.output, /Sunny/);
  });
});

/**
 * The scenarios of the conformance tests that a gateway can answer. The others are about what it does not have: logging,
 * completion, prompts, resources, images, audio, progress, sampling, forms, and streams that a client resumes. The one about
 * DNS rebinding cannot authenticate; tests/promises/gateways_test.ts has that. All end at the version 2025-11-25.
 */
const SCENARIOS = [
  "server-initialize",
  "ping",
  "tools-list",
  "tools-call-simple-text",
  "tools-call-error",
  "server-sse-multiple-streams",
];

Deno.test({
  name: "a gateway passes the conformance tests of MCP for servers that have tools only",
  ignore: tools === undefined,
}, async (t) => {
  const names = ["simple_text", "error_handling"];
  const server = new FakeMcpServer({
    name: "test",
    tools: names.map((name) => ({ name, description: name, inputSchema: { type: "object" } })),
    call: ({ name }) =>
      name === "simple_text"
        ? { content: [{ type: "text", text: "This is a simple text response for testing." }] }
        : {
          content: [{ type: "text", text: "This tool intentionally returns an error" }],
          isError: true,
        },
  });
  await using machine = await GatewayMachine.open(server);
  const { ARCADE_API_KEY = "", ARCADE_USER_ID = "" } = machine.environment;
  // The tests cannot authenticate.
  await using proxy = new Answers(async ({ method, body }, request) => {
    const headers = new Headers(request.headers);
    headers.delete("host");
    headers.set("authorization", `Bearer ${ARCADE_API_KEY}`);
    headers.set("arcade-user-id", ARCADE_USER_ID);
    const answer = await fetch(`${machine.url}/mcp/header`, {
      method,
      headers,
      body: body || null,
    });
    const { status } = answer;
    const kept = [...answer.headers].filter(([name]) => !/^content-(length|encoding)$/.test(name));
    return new Response(answer.body, { status, headers: kept });
  });
  for (const scenario of SCENARIOS) {
    await t.step(scenario, async () => {
      const args = ["server", "--url", `${proxy.url}/mcp`, "--scenario", scenario];
      const { code, output } = await runTool("conformance", args);
      assert.equal(code, 0, output);
    });
  }
});
