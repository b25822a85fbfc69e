import assert from "node:assert/strict";
import { engineRoutes } from "../../../src/local/routes/engine.ts";
import {
  NOT_EMULATED,
  NOT_EMULATED_BY_COORDINATOR,
} from "../../../src/local/routes/not_emulated.ts";
import { documentedRequests } from "../../support/documented_requests.ts";
import { ApiProject, FakeWorker, workerTool } from "../../support/workers.ts";
import { type Answer, call, start } from "../harness.ts";

/** Requires an error with a name and a message. */
function isError(answer: Answer, status: number, name: string): void {
  assert.equal(answer.status, status, answer.text);
  assert.equal(answer.at("name"), name);
  assert.match(answer.textAt("message"), /\S/);
}

Deno.test("every error has a name and a message", async () => {
  await using fixture = await start();
  const { url } = fixture;
  const project = await ApiProject.of(fixture);
  const missing = await call(`${url}/v1/tools`);
  isError(missing, 401, "invalid_authorization");
  assert.equal(missing.at("message"), "Missing Authorization header");
  const unknown = await call(`${url}/v1/tools`, { token: "arc_local_unknown" });
  isError(unknown, 401, "invalid_authorization");
  for (const path of ["/v1/nothing", "/v1/", "/api/v1/nothing", "/v1/orgs/o/projects/p/nothing"]) {
    isError(await call(url + path), 404, "route_not_found");
  }
  isError(await call(`${url}/v1/tools`, { method: "DELETE" }), 404, "route_not_found");
  isError(await project.ask("GET /workers/none"), 404, "not_found");
  isError(await project.ask("GET /tools?limit=x"), 400, "bad_request");
  const invalid = await project.ask("POST /tools/execute", { tool_name: "A.B", input: 1 });
  isError(invalid, 422, "validation_failed");
  assert.deepEqual(invalid.at("field_errors"), [
    { field: "input", rule: "invalid", message: "input is missing or invalid" },
  ]);
  const foreign = await call(`${url}/v1/tools`, { headers: { origin: "https://x.example" } });
  isError(foreign, 403, "forbidden");
  const batch = await call(`${url}/batch/`, { method: "POST", json: {} });
  assert.equal(typeof batch.at("name"), "string");
  const otherProject = await call(`${url}/v1/orgs/o/projects/p/tools`, { token: project.token });
  isError(otherProject, 403, "forbidden");
});

Deno.test("a request that the local Arcade does not emulate is answered with 501, and not retried", async () => {
  await using fixture = await start();
  const project = await ApiProject.of(fixture);
  for (const line of Object.keys(NOT_EMULATED)) {
    for (const isLogin of [false, true]) {
      const answer = await project.ask(line.replace(":id", "x"), undefined, { isLogin });
      isError(answer, 501, "not_emulated");
      assert.equal(answer.headers.get("x-should-retry"), "false");
      assert.match(answer.textAt("message"), /^The local Arcade does not emulate \w/);
    }
  }
  for (const line of Object.keys(NOT_EMULATED_BY_COORDINATOR)) {
    const [method = "", path = ""] = line.replaceAll(/:\w+/g, "x").split(" ");
    isError(await call(`${fixture.url}/api/v1${path}`, { method }), 501, "not_emulated");
  }
});

Deno.test("every list has pages, whose limit and offset are checked", async () => {
  await using fixture = await start();
  const project = await ApiProject.of(fixture);
  await using worker = new FakeWorker([workerTool("A"), workerTool("B")]);
  for (const name of ["one", "two"]) {
    await project.register(name, worker);
    await project.ask(`PUT /admin/secrets/${name}`, { value: "v" });
    const grant = { user_id: "ada@example.com", provider_id: name, scopes: [] };
    await project.ask("POST /admin/user_connections", grant);
    await project.execute("Demo.A", {}, { run_at: "2999-01-01T00:00:00" });
  }
  for (
    const path of [
      "/tools",
      "/formatted_tools",
      "/scheduled_tools",
      "/workers",
      "/workers/one/tools",
      "/admin/secrets",
      "/admin/user_connections",
      "/admin/auth_providers",
    ]
  ) {
    const page = await project.ask(`GET ${path}?limit=1&offset=1`);
    const { items, ...numbers } = JSON.parse(page.text);
    assert.deepEqual(numbers, { total_count: 2, offset: 1, limit: 1, page_count: 1 }, path);
    assert.equal(items.length, 1, path);
    const [first] = JSON.parse((await project.ask(`GET ${path}?limit=1`)).text).items;
    assert.notDeepEqual(items, [first], path);
    assert.deepEqual((await project.ask(`GET ${path}?offset=9`)).at("items"), [], path);
    const whole = await project.ask(`GET ${path}`);
    const isWhole = ["/admin/secrets", "/admin/auth_providers"].includes(path);
    assert.equal(whole.at("limit"), isWhole ? 2 : 25, "the SDKs ask for these without a limit");
    for (const query of ["limit=0", "limit=1001", "limit=x", "limit=", "offset=-1", "offset=1.5"]) {
      isError(await project.ask(`GET ${path}?${query}`), 400, "bad_request");
    }
  }
});

Deno.test("every request with a body refuses one that is too large, and one that is not an object", async () => {
  await using fixture = await start();
  const project = await ApiProject.of(fixture);
  await using worker = new FakeWorker([workerTool("A")]);
  await project.register("one", worker);
  await project.ask("POST /admin/auth_providers", { id: "one" });
  const gateway = (await project.ask("POST /gateways", { name: "one" })).textAt("id");
  const takesBody = [...documentedRequests()].filter(([line, emulated]) =>
    /^(POST|PUT|PATCH) /.test(line) && emulated !== "no" && !line.includes("/deployments")
  ).map(([line]) =>
    line.replace("/v1", "").replace(/\{\w+\}/, line.includes("/gateways/") ? gateway : "one")
  );
  assert(takesBody.length >= 10);
  const large = { text: "x".repeat(2 * 1024 * 1024) };
  for (const line of takesBody) {
    isError(await project.ask(line, large), 413, "payload_too_large");
    for (const body of [[], "text", 1]) {
      isError(await project.ask(line, body), 422, "validation_failed");
    }
  }
});

Deno.test("the page lists every request of the engine, and whether it is emulated", () => {
  const table = documentedRequests();
  const routes = engineRoutes(Object.create(null)).routes
    .filter(({ path }) => path.startsWith("/v1/") && !path.startsWith("/v1/orgs/"))
    .map(({ method, path }) =>
      `${method} ${path.replace(/\/$/, "").replaceAll(/:(\w+)/g, "{$1}")}`
    );
  const linesOf = (requests: object, root: string) =>
    Object.keys(requests).map((line) =>
      line.replace(" /", ` ${root}/`).replaceAll(/:(\w+)/g, "{$1}")
    );
  const ofCoordinator = linesOf(NOT_EMULATED_BY_COORDINATOR, "/api/v1");
  const missing = new Set([...linesOf(NOT_EMULATED, "/v1"), ...ofCoordinator]);
  const listed = new Set([...routes, ...ofCoordinator]);
  for (const line of listed) {
    const expected = missing.has(line) ? /^no$/ : /^(yes|partly)$/;
    assert.match(table.get(line) ?? "not listed", expected, line);
  }
  assert.deepEqual([...table.keys()].filter((line) => !listed.has(line)), []);
});
