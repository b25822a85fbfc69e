import assert from "node:assert/strict";
import { EventSourceParserStream } from "eventsource-parser/stream";
import { DEV_SESSIONS_PATH } from "../../../src/contract/dev_sessions.ts";
import { FakeMcpServer } from "../../support/mcp_server.ts";
import { isAvailable, TestMachine } from "../../support/test_machine.ts";
import { PYTHON_ENVIRONMENT, withoutPython } from "../../support/test_server.ts";
import { ApiProject, FakeWorker, parameter, workerTool } from "../../support/workers.ts";
import { patiently, until } from "../../support/patience.ts";
import { call, type Fixture, start } from "../harness.ts";

/** A session of `arcade dev`, as its client reads it. */
class Session implements AsyncDisposable {
  readonly #reader: ReadableStreamDefaultReader<{ readonly data: string }>;

  private constructor(body: ReadableStream<Uint8Array<ArrayBuffer>>) {
    this.#reader = body.pipeThrough(new TextDecoderStream())
      .pipeThrough(new EventSourceParserStream()).getReader();
  }

  static async open(
    fixture: Fixture,
    api: ApiProject,
    request: Readonly<Record<string, unknown>> = {},
  ): Promise<Session> {
    const response = await fetch(fixture.url + DEV_SESSIONS_PATH, {
      method: "POST",
      headers: { authorization: `Bearer ${api.token}` },
      body: JSON.stringify({ id: "demo", gateway: "dev", auth_type: "arcade_header", ...request }),
    });
    assert.equal(response.status, 201, response.ok ? "" : await response.text());
    assert(response.body);
    return new Session(response.body);
  }

  async next(): Promise<Readonly<Record<string, unknown>>> {
    const { value } = await patiently("an event of the session", this.#reader.read());
    return JSON.parse(value?.data ?? "{}");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#reader.cancel();
  }
}

/** Sends a request about sessions. */
async function ask({ url }: Fixture, { token }: ApiProject, line: string, json: unknown) {
  const [method = "", path = ""] = line.split(" ");
  return await call(url + DEV_SESSIONS_PATH + path, { method, token, json });
}

/** Where a server runs. */
function at({ url }: FakeWorker) {
  return { http: { uri: url, secret: "s", timeout: 30, retry: 0 } };
}

Deno.test("a server of arcade dev is registered for as long as its session lives", async () => {
  await using fixture = await start();
  const api = await ApiProject.of(fixture);
  await using worker = new FakeWorker([workerTool("Echo")]);
  const session = await Session.open(fixture, api);
  const { page, gateway, type } = await session.next();
  assert.deepEqual([type, gateway], ["session", "dev"]);
  const shown = await call(String(page), { stranger: true });
  assert.deepEqual(
    [shown.status, shown.headers.get("location")],
    [303, `/servers/${api.project}/demo`],
  );
  assert(`Page      ${page}`.length < 80, String(page));
  const again = await call(String(page), { stranger: true });
  assert.deepEqual(
    [again.headers.get("location"), again.headers.get("set-cookie")],
    [`/servers/${api.project}/demo`, null],
  );
  assert.equal((await api.ask("GET /workers/demo")).at("enabled"), false, "it does not run yet");

  assert.equal((await ask(fixture, api, "PUT /demo", at(worker))).status, 204);
  assert.equal((await api.ask("GET /workers/demo")).at("enabled"), true);
  const listed = await api.ask("GET /workers/demo/tools?user_id=ada@example.com");
  assert.equal(listed.at("items", 0, "qualified_name"), "Demo.Echo");

  await session[Symbol.asyncDispose]();
  await until(
    "the end of the registration",
    async () => (await api.ask("GET /workers/demo")).status === 404,
  );
  assert.equal((await api.ask("GET /gateways")).at("items", 0, "status"), "inactive");
});

Deno.test("a server of arcade dev moves to another port, with its log and its gateway", async () => {
  await using fixture = await start();
  const api = await ApiProject.of(fixture);
  await using first = new FakeWorker([workerTool("Old")]);
  await using second = new FakeWorker([workerTool("New")]);
  await using session = await Session.open(fixture, api);
  await session.next();
  await ask(fixture, api, "PUT /demo", at(first));
  assert.equal((await ask(fixture, api, "POST /demo/log", { lines: ["one"] })).status, 204);
  await ask(fixture, api, "PUT /demo", at(second));
  assert.equal((await api.execute("Demo.New")).at("success"), true);
  assert.equal((await api.execute("Demo.Old")).status, 404);
  assert.deepEqual(first.invocations, []);
});

Deno.test("a session tells of each call that ends, without its input", async () => {
  await using fixture = await start();
  const api = await ApiProject.of(fixture);
  await using worker = new FakeWorker([
    workerTool("Echo", { input: { parameters: [parameter("text", "string")] } }),
  ]);
  await using session = await Session.open(fixture, api);
  await session.next();
  await ask(fixture, api, "PUT /demo", at(worker));
  await api.execute("Demo.Echo", { text: "CANARY" }, { user_id: "ada@example.com" });
  const told = await session.next();
  assert.deepEqual(
    [told.type, told.tool, told.user_id, told.success, told.code],
    ["call", "Demo.Echo", "ada@example.com", true, null],
  );
  assert.equal(typeof told.duration_ms, "number");
  assert.doesNotMatch(JSON.stringify(told), /CANARY/);
});

Deno.test("a second session of the same server is refused, and the first one goes on", async () => {
  await using fixture = await start();
  const api = await ApiProject.of(fixture);
  await using session = await Session.open(fixture, api);
  await session.next();
  const request = { id: "demo", gateway: "dev", auth_type: "arcade" };
  assert.equal((await ask(fixture, api, "POST ", request)).status, 409);
  assert.equal((await api.ask("GET /workers/demo")).status, 200);
});

Deno.test("a gateway that the user made at the slug stays as it is", async () => {
  await using fixture = await start();
  const api = await ApiProject.of(fixture);
  await api.ask("POST /gateways", {
    name: "mine",
    slug: "dev",
    tool_filter: { allowed_tools: [] },
  });
  {
    await using session = await Session.open(fixture, api);
    assert.equal((await session.next()).gateway, "dev-demo");
  }
  await until(
    "the end of the registration",
    async () => (await api.ask("GET /workers/demo")).status === 404,
  );
  const { text } = await api.ask("GET /gateways");
  const statusOf = new Map(
    JSON.parse(text).items.map((one: { slug: string; status: string }) => [one.slug, one.status]),
  );
  assert.deepEqual(Object.fromEntries(statusOf), { dev: "active", "dev-demo": "inactive" });
});

Deno.test("a session of a server survives no restart of the local Arcade", async () => {
  await using fixture = await start();
  const api = await ApiProject.of(fixture);
  const session = await Session.open(fixture, api);
  await session.next();
  await fixture.restart();
  const again = await ApiProject.of(fixture);
  assert.equal((await again.ask("GET /workers")).at("total_count"), 0);
  await session[Symbol.asyncDispose]();
});

for (
  const [what, line, json, status] of [
    ["an address of another machine", "PUT /demo", {
      mcp: { uri: "http://192.0.2.1:80/mcp", timeout: 1, retry: 0 },
    }, 422],
    ["settings without an address", "PUT /demo", { http: {} }, 422],
    ["lines that are no texts", "POST /demo/log", { lines: [1] }, 422],
    ["too many lines", "POST /demo/log", { lines: Array(1001).fill("") }, 422],
    ["another server", "POST /other/log", { lines: [] }, 404],
  ] as const
) {
  Deno.test(`${what} is refused`, async () => {
    await using fixture = await start();
    const api = await ApiProject.of(fixture);
    await using session = await Session.open(fixture, api);
    await session.next();
    const { status: answered, text } = await ask(fixture, api, line, json);
    assert.equal(answered, status, text);
  });
}

Deno.test({
  name: "a program of another user at the port of an MCP server that died gets no call",
  ignore: withoutPython ||
    !isAvailable("root on Linux", () => Deno.build.os === "linux" && Deno.uid() === 0),
}, async () => {
  await using fixture = await start();
  await using machine = new TestMachine();
  const api = await ApiProject.of(fixture);
  await using _session = await Session.open(fixture, api);
  const tool = { name: "Echo", inputSchema: { type: "object", properties: {} } };
  const server = new FakeMcpServer({ tools: [tool] });
  const { port } = new URL(server.url);
  const uri = `http://127.0.0.1:${port}/mcp`;
  const mcp = { uri, timeout: 30, retry: 0, headers: {}, secrets: {} };
  assert.equal((await ask(fixture, api, "PUT /demo", { mcp })).status, 204);
  const listed = await api.ask("GET /workers/demo/tools");
  const name = listed.at("items", 0, "qualified_name");
  assert.equal((await api.execute(String(name))).at("success"), true);
  await server[Symbol.asyncDispose]();

  const impostor = machine.startProgram(
    ["python3", `${import.meta.dirname}/../../data/impostor.py`, "127.0.0.1", port, "1234"],
    { env: { PATH: PYTHON_ENVIRONMENT.PATH }, isTyped: true },
  );
  await impostor.printed(/Listening/);
  assert.equal((await api.execute(String(name))).at("success"), false);
  impostor.kill("SIGKILL");
  assert.equal((await impostor.end()).stdout, "Listening\n");
});
