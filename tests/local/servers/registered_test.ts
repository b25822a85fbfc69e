import assert from "node:assert/strict";
import { toolkitName } from "../../../src/contract/mcp_tools.ts";
import { Answers } from "../../support/answers.ts";
import { FakeMcpServer } from "../../support/mcp_server.ts";
import { ApiProject, broken, FakeWorker, workerTool } from "../../support/workers.ts";
import { call, type Fixture, rowCounts, start } from "../harness.ts";

Deno.test("a server that runs elsewhere is added, shown, changed, and removed", async () => {
  await using fixture = await start();
  const project = await ApiProject.of(fixture);
  await using worker = new FakeWorker([workerTool("Echo")]);
  const http = { uri: worker.url, secret: "the secret", timeout: 30, retry: 3 };
  const added = await project.ask("POST /workers", { id: "demo", type: "http", http });
  assert.equal(added.status, 201);
  const shown = {
    id: "demo",
    type: "http",
    enabled: true,
    managed: false,
    binding: { id: project.project, type: "project" },
    requirements: { met: true },
    http: { ...http, secret: { exists: true, editable: true, binding: "project" } },
  };
  assert.deepEqual(added.at(), shown);
  assert.deepEqual((await project.ask("GET /workers/demo")).at(), shown);
  assert.deepEqual((await project.ask("GET /workers")).at("items"), [shown]);
  assert.deepEqual((await project.ask("GET /workers/demo/health")).at(), {
    id: "demo",
    enabled: true,
    healthy: true,
    message: "The server is healthy",
  });
  const tools = await project.ask("GET /workers/demo/tools");
  assert.equal(tools.at("items", 0, "qualified_name"), "Demo.Echo");
  assert.equal(tools.at("total_count"), 1);

  const again = await project.ask("POST /workers", { id: "demo", http });
  assert.equal(again.status, 409);
  assert.equal(again.headers.get("x-should-retry"), "false");

  const change = await project.ask("PATCH /workers/demo", { http: { timeout: 5 } });
  assert.deepEqual(change.at(), { ...shown, http: { ...shown.http, timeout: 5 } });
  const disabled = await project.ask("PATCH /workers/demo", { enabled: false });
  assert.equal(disabled.at("enabled"), false);
  assert.equal((await project.execute("Demo.Echo")).status, 404);
  assert.equal((await project.ask("GET /workers/demo/health")).at("healthy"), false);
  await project.ask("PATCH /workers/demo", { enabled: true });
  assert.equal((await project.execute("Demo.Echo")).at("success"), true);

  assert.equal((await project.ask("DELETE /workers/demo")).status, 204);
  assert.equal((await project.ask("GET /workers/demo")).status, 404);
  assert.equal((await project.execute("Demo.Echo")).status, 404);
});

Deno.test("an invalid description of a server is refused, with the invalid field", async () => {
  await using fixture = await start();
  const project = await ApiProject.of(fixture);
  const http = { uri: "http://127.0.0.1:1", secret: "s", timeout: 30, retry: 3 };
  const mcp = { uri: "http://127.0.0.1:1/mcp", timeout: 30, retry: 3 };
  const cases: readonly [body: unknown, field: string][] = [
    [{ http }, "id"],
    [{ id: "a/b", http }, "id"],
    [{ id: "a" }, "http.uri"],
    [{ id: "a", http: { ...http, uri: "ftp://x" } }, "http.uri"],
    [{ id: "a", http: { ...http, secret: undefined } }, "http.secret"],
    [{ id: "a", http: { ...http, timeout: 0 } }, "http.timeout"],
    [{ id: "a", http: { ...http, retry: 1.5 } }, "http.retry"],
    [{ id: "a", type: "mcp", http }, "type"],
    [{ id: "a", type: "other", http }, "type"],
    [{ id: "a", mcp: { ...mcp, headers: { "a b": "c" } } }, "mcp.headers"],
    [{ id: "a", mcp: { ...mcp, headers: { a: "c\r\nd" } } }, "mcp.headers.a"],
  ];
  for (const [body, field] of cases) {
    const answer = await project.ask("POST /workers", body);
    assert.equal(answer.status, 422, JSON.stringify(body));
    assert.equal(answer.at("name"), "validation_failed");
    assert.equal(answer.at("field_errors", 0, "field"), field, JSON.stringify(body));
  }
  assert.equal((await project.ask("GET /workers")).at("total_count"), 0);
  await project.ask("POST /workers", { id: "a", mcp });
  assert.equal((await project.ask("PATCH /workers/a", { http: { timeout: 1 } })).status, 422);
  assert.equal((await project.ask("PATCH /workers/a", {})).status, 422);
});

Deno.test("an MCP server that users sign in to is not emulated, and the answer says so", async () => {
  await using fixture = await start();
  const project = await ApiProject.of(fixture);
  const mcp = { uri: "http://127.0.0.1:2/mcp", timeout: 30, retry: 3 };
  const oauth2 = { client_id: "id", client_secret: "secret" };
  assert.equal((await project.ask("POST /workers", { id: "a", mcp })).status, 201);
  for (
    const [line, body] of [
      ["POST /workers", { id: "b", mcp: { ...mcp, oauth2 } }],
      ["PATCH /workers/a", { mcp: { oauth2 } }],
    ] as const
  ) {
    const answer = await project.ask(line, body);
    assert.equal(answer.status, 501, line);
    assert.equal(answer.at("name"), "not_emulated");
    assert.match(answer.textAt("message"), /does not emulate OAuth of MCP servers/);
    assert.equal(answer.headers.get("x-should-retry"), "false");
  }
  assert.equal((await project.ask("GET /workers")).at("total_count"), 1);
});

Deno.test("a server that does not answer is kept, with the reason, until it answers", async () => {
  await using fixture = await start({ elapsedMs: ticking() });
  const project = await ApiProject.of(fixture);
  const url = await (async () => {
    await using gone = new FakeWorker([]);
    return gone.url;
  })();
  const http = { uri: url, secret: "s", timeout: 5, retry: 0 };
  assert.equal((await project.ask("POST /workers", { id: "demo", http })).status, 201);
  const health = await project.ask("GET /workers/demo/health");
  assert.equal(health.at("healthy"), false);
  assert.equal(health.at("message"), "GET /worker/tools: The connection failed");
  assert.equal((await project.ask("GET /tools")).at("total_count"), 0);
  await using worker = new FakeWorker([workerTool("Echo")]);
  const change = await project.ask("PATCH /workers/demo", { http: { uri: `${worker.url}/` } });
  assert.equal(change.status, 200);
  assert.equal((await project.execute("Demo.Echo")).at("success"), true);
});

/** A clock on which everything takes ten seconds. */
function ticking(): () => number {
  let time = 0;
  return () => time += 10_000;
}

Deno.test("a call that does not reach its server is repeated `retry` times", async () => {
  let pauses = 0;
  let onPause = () => {};
  const sleep = () => {
    pauses++;
    onPause();
    return Promise.resolve();
  };
  await using fixture = await start({ sleep });
  const project = await ApiProject.of(fixture);
  let worker = new FakeWorker([workerTool("Echo")]);
  await project.register("demo", worker, { retry: 2 });
  await worker[Symbol.asyncDispose]();
  const failed = await project.execute("Demo.Echo");
  assert.equal(failed.at("output", "error", "kind"), "NETWORK_TRANSPORT_RUNTIME_UNREACHABLE");
  assert.equal(pauses, 2);

  const port = Number(new URL(worker.url).port);
  onPause = () => {
    if (pauses === 4) worker = new FakeWorker([workerTool("Echo")], undefined, { port });
  };
  const called = await project.execute("Demo.Echo");
  assert.equal(called.at("success"), true, called.text);
  assert.deepEqual([pauses, worker.invocations.length], [4, 1]);
  await worker[Symbol.asyncDispose]();
});

Deno.test("a call that has reached its server is not repeated, because it may have succeeded", async () => {
  await using fixture = await start({ sleep: () => Promise.resolve() });
  const project = await ApiProject.of(fixture);
  await using worker = new FakeWorker(
    [workerTool("Die"), workerTool("Fail")],
    ({ tool }) => tool.name === "Die" ? broken() : new Response("no", { status: 503 }),
  );
  await using server = new FakeMcpServer({ tools: [{ name: "die" }], call: broken });
  await project.register("demo", worker, { retry: 3 });
  const mcp = { uri: server.url, timeout: 30, retry: 3 };
  assert.equal((await project.ask("POST /workers", { id: "weather", mcp })).status, 201);
  for (const name of ["Demo.Die", "Demo.Fail", "Weather.die"]) {
    assert.equal((await project.execute(name)).at("success"), false, name);
  }
  assert.equal(worker.invocations.length, 2);
  assert.equal(server.requests.filter(({ method }) => method === "tools/call").length, 1);
});

/** All bytes of all files of a local Arcade, as text. */
function stored({ dataDir }: Fixture): string {
  const files = [...Deno.readDirSync(dataDir)].filter(({ isFile }) => isFile);
  return files.map(({ name }) =>
    new TextDecoder("latin1").decode(Deno.readFileSync(`${dataDir}/${name}`))
  ).join();
}

Deno.test("servers that run elsewhere survive a restart, and their settings are stored encrypted", async () => {
  await using fixture = await start();
  const project = await ApiProject.of(fixture);
  await using worker = new FakeWorker([workerTool("Echo")]);
  await project.register("demo", worker, { secret: "a-secret-of-the-server" });
  await fixture.restart();
  assert.equal((await project.execute("Demo.Echo")).at("success"), true);
  assert.equal((await project.ask("GET /workers/demo")).at("http", "timeout"), 30);
  await fixture.arcade.stop();
  assert.doesNotMatch(stored(fixture), /a-secret-of-the-server/);
  assert(!stored(fixture).includes(worker.url));
  await fixture.restart();
});

const FORECAST = {
  name: "forecast",
  description: "Tells the weather",
  annotations: { readOnlyHint: true, destructiveHint: false, title: "Forecast" },
  inputSchema: {
    type: "object",
    properties: {
      place: { type: "string", description: "Where" },
      days: { anyOf: [{ type: "integer" }, { type: "null" }] },
      units: { enum: ["metric", "imperial"] },
      hours: { type: "array", items: { type: "integer" } },
      area: {
        type: "object",
        properties: { km: { type: ["number", "null"] } },
        required: ["km"],
      },
      other: { anyOf: [{ type: "string" }, { type: "integer" }] },
    },
    required: ["place"],
  },
};

for (const isStreaming of [false, true]) {
  Deno.test(`an MCP server lists its tools and is called (${isStreaming ? "events" : "JSON"})`, async () => {
    await using fixture = await start({ elapsedMs: ticking() });
    const project = await ApiProject.of(fixture);
    await using server = new FakeMcpServer({
      tools: [FORECAST, { name: "broken", inputSchema: { type: "object" } }, { name: "told" }],
      isStreaming,
      page: 1,
      call: ({ name }) =>
        name === "broken"
          ? { isError: true, content: [{ type: "text", text: "No station there" }] }
          : name === "told"
          ? { content: [{ type: "text", text: "a" }], structuredContent: { result: 5 } }
          : { content: [{ type: "text", text: "Sunny" }] },
    });
    await project.ask("PUT /admin/secrets/OF_PROJECT", { value: "of the project" });
    const headers = { authorization: "Bearer ${secret:OWN}", "x-other": "${secret:OF_PROJECT}" };
    const mcp = {
      uri: `${server.url}/mcp`,
      timeout: 30,
      retry: 1,
      headers,
      secrets: { OWN: "own" },
    };
    const added = await project.ask("POST /workers", { id: "weather", type: "mcp", mcp });
    assert.equal(added.status, 201, added.text);
    const secrets = { OWN: { exists: true, editable: true, binding: "project" } };
    assert.deepEqual(added.at("mcp"), { ...mcp, secrets });
    assert.equal((await project.ask("GET /workers/weather/health")).at("healthy"), true);

    const tool = await project.ask("GET /tools/Weather.forecast@2.1.0");
    assert.deepEqual(tool.at("toolkit"), {
      name: "Weather",
      version: "2.1.0",
      description: "About it",
    });
    assert.deepEqual(tool.at("metadata"), { behavior: { read_only: true, destructive: false } });
    const types = [0, 1, 2, 3, 4, 5].map((i) => tool.at("input", "parameters", i, "value_schema"));
    assert.deepEqual(types, [
      { val_type: "string" },
      { val_type: "integer", nullable: true },
      { val_type: "string", enum: ["metric", "imperial"] },
      { val_type: "array", inner_val_type: "integer" },
      {
        val_type: "json",
        properties: { km: { val_type: "number", nullable: true } },
        required_keys: ["km"],
      },
      { val_type: "json" },
    ]);
    assert.equal((await project.ask("GET /tools")).at("total_count"), 3);

    const input = { place: "Rome", more: 1 };
    const called = await project.execute("weather_forecast", input, { user_id: "ada@example.com" });
    assert.equal(called.at("output", "value"), "Sunny");
    const { params, headers: sent } = server.last("tools/call") ?? {};
    assert.deepEqual(params, {
      name: "forecast",
      arguments: input,
      _meta: { arcade_context: { authorization: null, user_id: "ada@example.com" } },
    });
    assert.equal(sent?.get("authorization"), "Bearer own");
    assert.equal(sent?.get("x-other"), "of the project");
    assert.equal(sent?.get("mcp-protocol-version"), "2025-06-18");
    assert.deepEqual((await project.execute("Weather.told")).at("output", "value"), { result: 5 });
    const failed = await project.execute("Weather.broken");
    assert.equal(failed.at("success"), false);
    assert.equal(failed.at("output", "error", "message"), "No station there");
    const wrong = await project.execute("Weather.forecast", {});
    assert.equal(wrong.at("output", "error", "kind"), "TOOL_RUNTIME_BAD_INPUT_VALUE");

    // The server has forgotten the session, after a restart for example.
    server.sessions.clear();
    const later = await project.execute("Weather.forecast", input);
    assert.equal(later.at("output", "value"), "Sunny");
  });
}

Deno.test("an MCP server that misbehaves is a failure of the tool", async () => {
  await using fixture = await start();
  const project = await ApiProject.of(fixture);
  const flood = () => new Response("x".repeat(33 * 1024 * 1024));
  const answers: Readonly<Record<string, [() => Response, kind: string]>> = {
    status: [() => new Response("no", { status: 500 }), "TOOL_RUNTIME_FATAL"],
    text: [() => new Response("hello"), "NETWORK_TRANSPORT_RUNTIME_UNMAPPED"],
    flood: [flood, "NETWORK_TRANSPORT_RUNTIME_UNMAPPED"],
    moved: [
      () => new Response(null, { status: 307, headers: { location: "https://x.example" } }),
      "TOOL_RUNTIME_FATAL",
    ],
    ended: [
      () => new Response("data: {}\n\n", { headers: { "content-type": "text/event-stream" } }),
      "NETWORK_TRANSPORT_RUNTIME_UNMAPPED",
    ],
  };
  await using server = new FakeMcpServer({
    tools: Object.keys(answers).map((name) => ({ name })),
    call: ({ name }) => answers[String(name)]?.[0]() ?? {},
  });
  await using refusing = new Answers(() => new Response(null, { status: 401 }));
  for (const [id, { url }] of [["faults", server], ["refusing", refusing]] as const) {
    const mcp = { uri: url, timeout: 30, retry: 0 };
    assert.equal((await project.ask("POST /workers", { id, mcp })).status, 201);
  }
  for (const [name, [, kind]] of Object.entries(answers)) {
    const called = await project.execute(`Weather.${name}`);
    assert.equal(called.status, 200, called.text);
    assert.equal(called.at("output", "error", "kind"), kind, name);
  }
  const health = await project.ask("GET /workers/refusing/health");
  assert.equal(health.at("healthy"), false);
  assert.equal(health.at("message"), "initialize was answered with 401");
});

Deno.test("the toolkit of an MCP server has the same name as in Arcade", () => {
  const names = {
    "render-mcp-server": "Render",
    "GitHub MCP Server": "Github",
    "mcp-server": "Tools",
    "": "Tools",
    "my_cool.server v2": "MyCoolV2",
    "Größe": "Größe",
  };
  for (const [given, expected] of Object.entries(names)) assert.equal(toolkitName(given), expected);
});

Deno.test("servers that run elsewhere are refused if other machines have access without a code", async () => {
  await using fixture = await start({ autoApprove: true, hostname: "0.0.0.0" });
  const http = { uri: "http://127.0.0.1:1", secret: "s", timeout: 30, retry: 3 };
  const refused = await call(`${fixture.url}/v1/workers`, {
    method: "POST",
    token: fixture.arcade.environment.ARCADE_API_KEY ?? "",
    json: { id: "demo", http },
  });
  assert.equal(refused.status, 403);
  assert.match(refused.textAt("message"), /^With --auto-approve/);
});

Deno.test("removing a project removes its servers that run elsewhere", async () => {
  await using fixture = await start();
  const { org, access: token } = await ApiProject.of(fixture);
  await using worker = new FakeWorker([workerTool("Echo")]);
  const created = await call(`${fixture.url}/api/v1/orgs/${org}/projects`, {
    method: "POST",
    token,
    json: { name: "Second" },
  });
  const id = created.textAt("data", "project_id");
  const http = { uri: worker.url, secret: "s", timeout: 30, retry: 3 };
  const url = `${fixture.url}/v1/orgs/${org}/projects/${id}/workers`;
  const added = await call(url, { method: "POST", token, json: { id: "demo", http } });
  assert.equal(added.status, 201);
  assert.equal(rowCounts(fixture).registered_servers, 1);
  const removed = await call(`${fixture.url}/dashboard/remove`, { form: { kind: "project", id } });
  assert.equal(removed.status, 303);
  assert.equal(rowCounts(fixture).registered_servers, 0);
});
