import assert from "node:assert/strict";
import { Calls } from "../../../src/local/calls/calls.ts";
import { CallRefusal } from "../../../src/local/calls/refusal.ts";
import { readWorkerTool } from "../../../src/local/servers/tool.ts";
import { Fields } from "../../../src/contract/fields.ts";
import { Sensitive } from "../../../src/secrecy/sensitive.ts";
import { json } from "../../support/answers.ts";
import { FakeMcpServer } from "../../support/mcp_server.ts";
import { patiently } from "../../support/patience.ts";
import {
  ApiProject,
  broken,
  endless,
  FakeWorker,
  parameter,
  succeeded,
  workerTool,
} from "../../support/workers.ts";
import { fieldsOf, start } from "../harness.ts";

const ADD = workerTool("Add", {
  input: {
    parameters: [
      parameter("a", "integer", { required: true }),
      parameter("b", "integer", { required: true }),
      parameter("mode", "string", { enum: ["fast", "exact"] }),
      parameter("tags", "array", { inner_val_type: "string" }),
    ],
  },
});

Deno.test("a tool is found by every form of its name, the exact case first", async () => {
  await using fixture = await start();
  const project = await ApiProject.of(fixture);
  await using worker = new FakeWorker([ADD, workerTool("Echo"), workerTool("echo")]);
  await project.register("demo", worker);
  for (
    const name of [
      "Demo.Add",
      "Demo_Add",
      "Demo.Add@1.0.0",
      "Demo_Add@1.0.0",
      "demo.add",
      "DEMO_ADD",
    ]
  ) {
    const called = await project.execute(name, { a: 1, b: 2 });
    assert.equal(called.at("success"), true, `${name}: ${called.text}`);
    const got = await project.ask(`GET /tools/${encodeURIComponent(name)}`);
    assert.equal(got.at("qualified_name"), "Demo.Add", name);
    const formatted = await project.ask(`GET /formatted_tools/${encodeURIComponent(name)}`);
    assert.equal(formatted.at("function", "name"), "Demo_Add", name);
  }
  assert.equal((await project.ask("GET /tools/Demo.echo")).at("name"), "echo");
  assert.equal((await project.ask("GET /tools/Demo.Echo")).at("name"), "Echo");
  assert.equal(worker.invocations.at(-1)?.tool.version, "1.0.0");
  const versioned = await project.execute("Demo.Add", { a: 1, b: 2 }, { tool_version: "1.0.0" });
  assert.equal(versioned.at("success"), true);
});

Deno.test("an unknown tool or version is 404, and a toolkit with a hyphen 400", async () => {
  await using fixture = await start();
  const project = await ApiProject.of(fixture);
  await using worker = new FakeWorker([ADD]);
  await project.register("demo", worker);
  for (const name of ["Demo.Sub", "Demo", "Add", "Demo.Add@2.0.0", "Demo.Add@1.0.0@1.0.0"]) {
    const called = await project.execute(name, { a: 1, b: 2 });
    assert.equal(called.status, 404, name);
    assert.equal(called.at("name"), "tool_not_found");
  }
  const version = { tool_version: "2.0.0" };
  assert.equal((await project.execute("Demo.Add", { a: 1, b: 2 }, version)).status, 404);
  assert.equal((await project.execute("Demo.Add@1.0.0", { a: 1, b: 2 }, version)).status, 404);
  const malformed = await project.execute("my-kit.Add");
  assert.equal(malformed.status, 400);
  assert.equal(malformed.at("name"), "malformed_request");
  assert.match(malformed.textAt("message"), /^failed to parse tool name my-kit\.Add/);
  assert.equal((await project.ask("GET /formatted_tools/Demo.Sub")).status, 404);
});

Deno.test("an invalid input is a failure of the tool, and its server is not called", async () => {
  await using fixture = await start();
  const project = await ApiProject.of(fixture);
  await using worker = new FakeWorker([ADD]);
  await project.register("demo", worker);
  const cases: readonly [input: Record<string, unknown>, message: RegExp][] = [
    [{}, /Invalid input: a: Field required; b: Field required$/],
    [{ a: "x", b: 1 }, /: a: Input should be a valid integer$/],
    [{ a: 1.5, b: 1 }, /: a: Input should be a valid integer$/],
    [{ a: 1, b: 1, mode: "slow" }, /: mode: Input should be 'fast' or 'exact'$/],
    [{ a: 1, b: 1, tags: "x" }, /: tags: Input should be a valid list$/],
    [{ a: 1, b: 1, tags: ["x", 1] }, /: tags\.1: Input should be a valid string$/],
    [{ a: 1, b: 1, c: "a value" }, /: c: Extra inputs are not permitted$/],
  ];
  for (const [input, message] of cases) {
    const called = await project.execute("Demo.Add", input);
    assert.equal(called.status, 200);
    assert.equal(called.at("success"), false);
    assert.equal(called.at("status"), "failed");
    assert.equal(called.at("output", "error", "kind"), "TOOL_RUNTIME_BAD_INPUT_VALUE");
    assert.equal(called.at("output", "error", "status_code"), 400);
    assert.equal(called.at("output", "error", "can_retry"), false);
    assert.match(called.textAt("output", "error", "message"), message);
    assert.doesNotMatch(called.text, /a value|slow/);
  }
  assert.deepEqual(worker.invocations, []);
  for (
    const input of [{ a: "1", b: true, mode: null, tags: null }, { a: -1, b: "2.0", tags: [] }]
  ) {
    assert.equal((await project.execute("Demo.Add", input)).at("success"), true);
  }
  assert.equal(worker.invocations.length, 2);
});

Deno.test("a type that is not known takes any value, also one with the name of a method of objects", async () => {
  await using fixture = await start();
  const project = await ApiProject.of(fixture);
  const types = ["constructor", "__proto__", "hasOwnProperty", "newer"];
  const parameters = [
    ...types.map((type) => parameter(type, type)),
    parameter("many", "array", { inner_val_type: "toString" }),
  ];
  await using worker = new FakeWorker([workerTool("Odd", { input: { parameters } })]);
  await project.register("demo", worker);
  const called = await project.execute("Demo.Odd", { constructor: 1, newer: 2, many: [3] });
  assert.equal(called.at("success"), true, called.text);
  assert.equal(worker.invocations.length, 1);
});

Deno.test("a failure of the server is an error kind, and never an error of the engine", async () => {
  await using fixture = await start();
  const project = await ApiProject.of(fixture);
  const answers: Readonly<Record<string, [() => Response | Promise<Response>, kind: string]>> = {
    Status: [() => new Response("Internal Server Error", { status: 500 }), "TOOL_RUNTIME_FATAL"],
    Text: [() => new Response("hello"), "NETWORK_TRANSPORT_RUNTIME_UNMAPPED"],
    Other: [() => json({ hello: 1 }), "NETWORK_TRANSPORT_RUNTIME_UNMAPPED"],
    Redirect: [
      () => new Response(null, { status: 302, headers: { location: "https://x.example" } }),
      "TOOL_RUNTIME_FATAL",
    ],
    Flood: [
      () => new Response(new Uint8Array(17 * 1024 * 1024)),
      "NETWORK_TRANSPORT_RUNTIME_UNMAPPED",
    ],
  };
  await using worker = new FakeWorker(
    Object.keys(answers).map((name) => workerTool(name)),
    ({ tool }) => answers[tool.name]?.[0]() ?? json({}),
  );
  await project.register("demo", worker);
  for (const [name, [, kind]] of Object.entries(answers)) {
    const called = await project.execute(`Demo.${name}`);
    assert.equal(called.status, 200, called.text);
    assert.equal(called.at("success"), false);
    assert.equal(called.at("output", "error", "kind"), kind, name);
  }
  assert.equal((await project.execute("Demo.Status")).at("output", "error", "status_code"), 500);
  await worker[Symbol.asyncDispose]();
  const gone = await project.execute("Demo.Text");
  assert.equal(gone.at("output", "error", "kind"), "NETWORK_TRANSPORT_RUNTIME_UNREACHABLE");
  assert.equal(gone.at("output", "error", "can_retry"), true);
});

Deno.test("a server that hangs fails after the time of its settings", async () => {
  await using fixture = await start();
  const project = await ApiProject.of(fixture);
  const { promise, resolve } = Promise.withResolvers<Response>();
  await using worker = new FakeWorker([workerTool("Hang")], () => promise);
  await project.register("demo", worker, { timeout: 1 });
  const called = await project.execute("Demo.Hang");
  assert.equal(called.at("output", "error", "kind"), "NETWORK_TRANSPORT_RUNTIME_TIMEOUT");
  resolve(json({}));
});

Deno.test("a server that dies, floods or hangs in the middle of its answer ends the call only", async () => {
  await using fixture = await start();
  const project = await ApiProject.of(fixture);
  const flood = endless();
  const floodOfEvents = endless({ "content-type": "text/event-stream" });
  const never = new Response(new ReadableStream({ pull: () => new Promise(() => {}) }));
  const neverEvents = new Response(new ReadableStream({ pull: () => new Promise(() => {}) }), {
    headers: { "content-type": "text/event-stream" },
  });
  const answers: Readonly<Record<string, Response>> = {
    "Demo.Die": broken(),
    "Demo.Flood": flood.response,
    "Demo.Hang": never,
    "Weather.die": broken(),
    "Weather.flood": floodOfEvents.response,
    "Weather.hang": neverEvents,
  };
  await using worker = new FakeWorker(
    ["Die", "Flood", "Hang", "Echo"].map((name) => workerTool(name)),
    ({ tool }) => answers[`Demo.${tool.name}`] ?? succeeded(1),
  );
  await using server = new FakeMcpServer({
    tools: ["die", "flood", "hang", "echo"].map((name) => ({ name })),
    call: ({ name }) => answers[`Weather.${name}`] ?? { content: [] },
  });
  await project.register("demo", worker, { timeout: 1 });
  const mcp = { uri: server.url, timeout: 1, retry: 0 };
  assert.equal((await project.ask("POST /workers", { id: "weather", mcp })).status, 201);
  const kinds = Object.keys(answers).map(async (name) => {
    const called = await project.execute(name);
    assert.equal(called.status, 200, called.text);
    return [name, called.at("output", "error", "kind")];
  });
  assert.deepEqual(Object.fromEntries(await Promise.all(kinds)), {
    "Demo.Die": "NETWORK_TRANSPORT_RUNTIME_UNREACHABLE",
    "Demo.Flood": "NETWORK_TRANSPORT_RUNTIME_UNMAPPED",
    "Demo.Hang": "NETWORK_TRANSPORT_RUNTIME_TIMEOUT",
    "Weather.die": "NETWORK_TRANSPORT_RUNTIME_UNREACHABLE",
    "Weather.flood": "NETWORK_TRANSPORT_RUNTIME_UNMAPPED",
    "Weather.hang": "NETWORK_TRANSPORT_RUNTIME_TIMEOUT",
  });
  await patiently("the end of the floods", Promise.all([flood.ended, floodOfEvents.ended]));
  for (const name of ["Demo.Echo", "Weather.echo"]) {
    assert.equal((await project.execute(name)).at("success"), true, name);
  }
});

Deno.test("an output has no nulls, and a stack trace only on request", async () => {
  await using fixture = await start();
  const project = await ApiProject.of(fixture);
  const error = {
    kind: "TOOL_RUNTIME_FATAL",
    message: "No",
    can_retry: false,
    stacktrace: "File x",
    extra: null,
  };
  const outputs: Readonly<Record<string, unknown>> = {
    Fail: { value: null, logs: null, error, requires_authorization: null },
    Ask: {
      requires_authorization: { authorization_id: "a", authorization_url: "u", status: "pending" },
    },
    Nothing: { value: null, error: null, logs: [{ level: "info", message: "m" }] },
  };
  await using worker = new FakeWorker(
    Object.keys(outputs).map((name) => workerTool(name)),
    ({ tool }) => json({ success: tool.name !== "Fail", output: outputs[tool.name] }),
  );
  await project.register("demo", worker);
  const { stacktrace, extra: _, ...shown } = error;
  assert.deepEqual((await project.execute("Demo.Fail")).at("output"), { error: shown });
  const traced = await project.execute("Demo.Fail", {}, { include_error_stacktrace: true });
  assert.deepEqual(traced.at("output"), { error: { ...shown, stacktrace } });
  assert.deepEqual((await project.execute("Demo.Ask")).at("output"), {
    authorization: { id: "a", url: "u", status: "pending" },
  });
  const nothing = await project.execute("Demo.Nothing");
  assert.deepEqual(nothing.at("output"), {
    value: null,
    logs: [{ level: "info", message: "m" }],
  });
  assert.equal(nothing.at("finished_at"), "2026-11-20T14:00:00.000Z");
});

const STAR = workerTool("Star", {
  requirements: {
    authorization: { provider_id: "github", provider_type: "oauth2", oauth2: { scopes: ["repo"] } },
    secrets: [{ key: "STAR_KEY" }],
  },
});

Deno.test("a tool that needs a grant or a secret says so before its server is called", async () => {
  await using fixture = await start();
  const project = await ApiProject.of(fixture);
  const secret = workerTool("Secret", { requirements: { secrets: [{ key: "STAR_KEY" }] } });
  await using worker = new FakeWorker([STAR, secret]);
  await project.register("demo", worker);

  const anonymous = await project.execute("Demo.Star");
  assert.equal(anonymous.status, 400);
  assert.equal(anonymous.at("field_errors", 0, "field"), "user_id");
  for (const isLogin of [false, true]) {
    const body = isLogin
      ? { tool_name: "Demo.Star" }
      : { tool_name: "Demo.Star", user_id: "ada@example.com" };
    const denied = await project.ask("POST /tools/execute", body, { isLogin });
    assert.equal(denied.status, 403);
    assert.deepEqual(denied.at(), {
      name: "tool_authorization_required",
      message: "authorization required",
    });
  }
  const missing = await project.execute("Demo.Secret");
  assert.equal(missing.status, 400);
  assert.deepEqual(missing.at(), {
    name: "tool_requirements_not_met",
    message: "secret not found: STAR_KEY",
  });
  assert.equal(worker.invocations.length, 0);

  const set = await project.ask("POST /admin/secrets/STAR_KEY", { value: "the value" });
  assert.equal(set.status, 200);
  assert.equal((await project.execute("Demo.Secret")).at("success"), true);
  assert.deepEqual(worker.invocations[0]?.context.secrets, [{
    key: "STAR_KEY",
    value: "the value",
  }]);
});

Deno.test("a list says which requirements are met, for a user if there is one", async () => {
  await using fixture = await start();
  const project = await ApiProject.of(fixture);
  await using worker = new FakeWorker([STAR, ADD]);
  await project.register("demo", worker);
  const requirements = async (query: string) =>
    (await project.ask(`GET /tools${query}`)).at("items", 1, "requirements");
  const authorization = {
    provider_id: "github",
    provider_type: "oauth2",
    oauth2: { scopes: ["repo"] },
    status: "active",
  };
  assert.deepEqual(await requirements(""), {
    met: false,
    authorization,
    secrets: [{ key: "STAR_KEY", met: false, status_reason: "secret not found: STAR_KEY" }],
  });
  await project.ask("PUT /admin/secrets/STAR_KEY", { value: "the value" });
  const secrets = [{ key: "STAR_KEY", met: true }];
  assert.deepEqual(await requirements(""), { met: true, authorization, secrets });
  const ofUser = {
    met: false,
    authorization: { ...authorization, token_status: "not_started" },
    secrets,
  };
  assert.deepEqual(await requirements("?user_id=ada@example.com"), ofUser);
  const one = await project.ask("GET /tools/Demo_Star?user_id=ada@example.com");
  assert.deepEqual(one.at("requirements"), ofUser);
  const login = await project.ask("GET /workers/demo/tools", undefined, { isLogin: true });
  assert.deepEqual(login.at("items", 0, "requirements"), ofUser);
  assert.equal((await project.ask("GET /tools")).at("items", 0, "requirements", "met"), true);
});

Deno.test("a tool whose provider is inactive is not met, and its list says why", async () => {
  await using fixture = await start();
  const project = await ApiProject.of(fixture);
  await using worker = new FakeWorker([STAR]);
  await project.register("demo", worker);
  await project.ask("PUT /admin/secrets/STAR_KEY", { value: "the value" });
  const user = { user_id: "ada@example.com", provider_id: "github", scopes: ["repo"] };
  await project.ask("POST /admin/user_connections", user);
  await project.ask("POST /admin/auth_providers", { id: "github", status: "inactive" });
  for (const query of ["", "?user_id=ada@example.com"]) {
    const tool = await project.ask(`GET /tools/Demo.Star${query}`);
    assert.equal(tool.at("requirements", "met"), false, query);
    assert.equal(tool.at("requirements", "authorization", "status"), "inactive");
    const reason = tool.at("requirements", "authorization", "status_reason");
    assert.equal(reason, "The provider github is inactive");
  }
  await project.ask("PATCH /admin/auth_providers/github", { status: "active" });
  const tool = await project.ask("GET /tools/Demo.Star?user_id=ada@example.com");
  assert.equal(tool.at("requirements", "met"), true);
});

Deno.test("lists have the requested formats, versions, metadata and pages", async () => {
  await using fixture = await start();
  const project = await ApiProject.of(fixture);
  const version = (version: string) => ({ toolkit: { name: "Demo", version } });
  const metadata = {
    behavior: { read_only: true, operations: ["read"] },
    classification: { service_domains: ["Email"] },
    extras: { tier: 1 },
  };
  await using old = new FakeWorker([workerTool("Echo", version("9.0.0"))]);
  await using young = new FakeWorker([
    { ...ADD, ...version("10.0.0"), metadata },
    workerTool("Echo", version("10.0.0")),
  ]);
  await project.register("old", old);
  await project.register("young", young);
  const names = async (query: string): Promise<string[]> => {
    const list = await project.ask(`GET /tools${query}`);
    assert.equal(list.status, 200, list.text);
    return JSON.parse(list.text).items.map((one: { fully_qualified_name: string }) =>
      one.fully_qualified_name
    );
  };
  assert.deepEqual(await names(""), ["Demo.Add@10.0.0", "Demo.Echo@10.0.0"]);
  assert.deepEqual((await names("?include_all_versions=true")).sort(), [
    "Demo.Add@10.0.0",
    "Demo.Echo@10.0.0",
    "Demo.Echo@9.0.0",
  ]);
  assert.deepEqual(await names("?toolkit=demo&limit=1&offset=1"), ["Demo.Echo@10.0.0"]);
  assert.deepEqual(await names("?toolkit=other"), []);
  const filters: readonly [filter: unknown, isFound: boolean][] = [
    [{ read_only: true }, true],
    [{ read_only: false }, false],
    [{ operations: ["READ", "create"] }, true],
    [{ operations: { all_of: ["read", "create"] } }, false],
    [{ service_domains: { none_of: ["email"] } }, false],
    [{ extras: { tier: 1 } }, true],
    [{ extras: { tier: "1" } }, false],
  ];
  for (const [filter, isFound] of filters) {
    const query = `?toolkit=Demo&filter=${encodeURIComponent(JSON.stringify(filter))}`;
    assert.equal((await names(query)).includes("Demo.Add@10.0.0"), isFound, query);
  }
  const wrong = [
    "filter=x",
    "filter=[]",
    'filter={"read_only":1}',
    'filter={"constructor":[]}',
    "include_format=xml",
  ];
  for (const query of [...wrong, "include_all_versions=perhaps", "limit=0"]) {
    assert.equal((await project.ask(`GET /tools?${query}`)).status, 400, query);
  }
  assert.equal((await project.ask("GET /formatted_tools?format=toString")).status, 400);

  const page = await project.ask("GET /tools?limit=1");
  assert.deepEqual(
    ["total_count", "offset", "limit", "page_count"].map((name) => page.at(name)),
    [2, 0, 1, 1],
  );
  assert.deepEqual(page.at("items", 0, "metadata"), metadata);
  const parameters = {
    type: "object",
    properties: {
      a: { type: "integer", description: "The a" },
      b: { type: "integer", description: "The b" },
      mode: { type: "string", enum: ["fast", "exact"], description: "The mode" },
      tags: { type: "array", items: { type: "string" }, description: "The tags" },
    },
    required: ["a", "b"],
    additionalProperties: false,
  };
  const description = "Does Add";
  const openai = { type: "function", function: { name: "Demo_Add", description, parameters } };
  const anthropic = { name: "Demo_Add", description, input_schema: parameters };
  for (
    const query of [
      "include_format=openai,anthropic",
      "include_format=openai&include_format=anthropic",
      "include_format[]=openai&include_format[]=anthropic&include_format=arcade",
    ]
  ) {
    const formatted = (await project.ask(`GET /tools?${query}`)).at("items", 0, "formatted_schema");
    assert.deepEqual(formatted, { openai, anthropic }, query);
  }
  assert.equal((await project.ask("GET /tools/Demo.Add")).at("formatted_schema"), undefined);
  const all = await project.ask("GET /formatted_tools?format=openai&limit=1");
  assert.deepEqual(all.at("items"), [openai]);
  assert.equal(all.at("total_count"), 2);
  const one = await project.ask("GET /formatted_tools/Demo.Add?format=anthropic");
  assert.deepEqual(one.at(), anthropic);
});

Deno.test("10,000 tools are listed in pages and called", async () => {
  await using fixture = await start();
  const project = await ApiProject.of(fixture);
  await using worker = new FakeWorker(
    Array.from({ length: 10_000 }, (_, i) => workerTool(`T${i}`)),
  );
  await project.register("demo", worker);
  const names = new Set<unknown>();
  for (let offset = 0; offset < 10_000; offset += 1000) {
    const page = await project.ask(`GET /tools?limit=1000&offset=${offset}`);
    assert.equal(page.at("total_count"), 10_000);
    for (const item of fieldsOf(page).requiredList("items")) names.add(item.text("name"));
  }
  assert.equal(names.size, 10_000);
  assert.equal((await project.execute("demo_t9999")).at("success"), true);
});

/** A pipeline with one server, whose users have granted what `granted` says. */
function callsWith(granted: boolean) {
  const tool = readWorkerTool(new Fields(STAR));
  const invocations: unknown[] = [];
  const worker = {
    invoke({ context }: { context: unknown }) {
      invocations.push(context);
      return Promise.resolve({
        success: true,
        output: { value: "the-token" },
        duration: 1,
        finished_at: undefined,
      });
    },
  };
  const asked: unknown[] = [];
  const calls = new Calls({
    hosts: { of: () => [{ id: "demo", tools: [tool], worker }], refresh: () => Promise.resolve() },
    secrets: { list: () => [], valueOf: () => Promise.resolve("the-secret") },
    grants: {
      inactiveProvider: () => undefined,
      statusOf: () => granted ? "completed" : "pending",
      grantFor(...about) {
        asked.push(about);
        const token = new Sensitive("the-token");
        return granted
          ? { status: "completed", token, user_info: { name: "Ada" } }
          : { status: "pending" };
      },
    },
    now: () => new Date(0),
    elapsedMs: () => 0,
  });
  return { calls, asked, invocations, requirement: tool.requirements.authorization };
}

const CALL = { projectId: "p", userId: "ada@example.com", tool: "Demo.Star", input: {} };

Deno.test("a server gets the token that the user has granted", async () => {
  const { calls, asked, invocations, requirement } = callsWith(true);
  assert.equal((await calls.call(CALL)).success, true);
  assert.deepEqual(asked, [["p", "ada@example.com", requirement]]);
  assert.deepEqual(invocations, [{
    authorization: { token: "the-token", user_info: { name: "Ada" } },
    secrets: [{ key: "STAR_KEY", value: "the-secret" }],
    user_id: "ada@example.com",
  }]);
});

Deno.test("each step of a call is recorded with its time and without values", async () => {
  const { calls } = callsWith(true);
  await calls.call({ ...CALL, input: {} });
  const refused = callsWith(false);
  await assert.rejects(refused.calls.call(CALL), CallRefusal);
  const [record] = calls.records.of("p");
  assert.deepEqual(record?.steps.map(({ name, isDone }) => [name, isDone]), [
    ["find", true],
    ["grant", true],
    ["secrets", true],
    ["input", true],
    ["worker", true],
  ]);
  assert.equal(record?.tool, "Demo.Star");
  assert.deepEqual(record?.outcome, { success: true, code: undefined });
  assert.doesNotMatch(JSON.stringify(record), /the-token|the-secret/);
  const [failure] = refused.calls.records.of("p");
  assert.deepEqual(failure?.steps.map(({ name, isDone }) => [name, isDone]), [
    ["find", true],
    ["grant", false],
  ]);
  assert.equal(failure?.outcome?.code, "tool_authorization_required");
});

Deno.test("only the last records are kept", async () => {
  const { calls } = callsWith(true);
  for (let i = 0; i < 1010; i++) await calls.call(CALL);
  assert.equal(calls.records.all().length, 1000);
  await assert.rejects(calls.call({ ...CALL, tool: "x".repeat(10_000) }), CallRefusal);
  assert.equal(calls.records.of("p")[0]?.tool.length, 200);
});

Deno.test("a call of one project never reaches the servers of another one", async () => {
  await using fixture = await start();
  const [ada, bob] = [
    await ApiProject.of(fixture),
    await ApiProject.of(fixture, "bob@example.com"),
  ];
  await using worker = new FakeWorker([workerTool("Echo")], () => succeeded(1));
  await ada.register("demo", worker);
  assert.equal((await bob.execute("Demo.Echo")).status, 404);
  assert.equal((await bob.ask("GET /tools")).at("total_count"), 0);
  for (const line of ["GET /workers/demo", "GET /workers/demo/tools", "DELETE /workers/demo"]) {
    assert.equal((await bob.ask(line)).status, 404, line);
  }
  assert.equal((await ada.execute("Demo.Echo")).at("success"), true);
});

/** A clock on which everything takes ten seconds. */
function ticking(): () => number {
  let time = 0;
  return () => time += 10_000;
}

Deno.test("the tools of a server that changes are found", async () => {
  await using fixture = await start({ elapsedMs: ticking() });
  const project = await ApiProject.of(fixture);
  await using worker = new FakeWorker([workerTool("Echo")]);
  await project.register("demo", worker);
  worker.tools = [workerTool("Echo"), workerTool("New")];
  assert.equal((await project.execute("Demo.New")).at("success"), true);
  worker.tools = [workerTool("New")];
  assert.equal((await project.ask("GET /tools")).at("total_count"), 1);
  const { length } = worker.seen;

  await project.execute("Demo.New");
  assert.equal(worker.seen.length, length + 1, "a known tool is not looked up again");
});
