import assert from "node:assert/strict";
import { ApiProject } from "../../support/workers.ts";
import { call, start } from "../harness.ts";

Deno.test("a gateway is created, listed, read, changed and deleted", async () => {
  await using fixture = await start();
  const project = await ApiProject.of(fixture);
  const created = await project.ask("POST /gateways", {
    name: "My tools",
    slug: "my-tools",
    description: "For work",
    tool_filter: { allowed_tools: ["Demo.Echo"] },
  });
  assert.equal(created.status, 201, created.text);
  const id = created.textAt("id");
  assert.match(id, /^gw_\w{10,}$/);
  const time = "2026-11-20T14:00:00.000Z";
  const expected = {
    id,
    name: "My tools",
    description: "For work",
    slug: "my-tools",
    status: "active",
    auth_type: "arcade",
    tool_filter: { allowed_tools: ["Demo.Echo"] },
    created_at: time,
    updated_at: time,
  };
  assert.deepEqual(created.at(), expected);
  for (const isLogin of [false, true]) {
    assert.deepEqual((await project.ask(`GET /gateways/${id}`, undefined, { isLogin })).at(), {
      ...expected,
    });
    const list = await project.ask("GET /gateways", undefined, { isLogin });
    assert.deepEqual(list.at("items"), [expected]);
    assert.equal(list.at("total_count"), 1);
  }

  fixture.pass(60);
  const changed = await project.ask(`PATCH /gateways/${id}`, {
    status: "inactive",
    description: null,
    tool_filter: null,
    auth_type: "arcade_header",
  });
  const { tool_filter: _all, ...others } = expected;
  assert.deepEqual(changed.at(), {
    ...others,
    description: null,
    status: "inactive",
    auth_type: "arcade_header",
    updated_at: "2026-11-20T14:01:00.000Z",
  });
  await fixture.restart();
  const again = await call(`${fixture.url}/v1/gateways/${id}`, { token: project.token });
  assert.deepEqual(again.at(), changed.at());

  assert.equal((await project.ask(`DELETE /gateways/${id}`)).status, 204);
  assert.equal((await project.ask(`GET /gateways/${id}`)).status, 404);
  assert.equal((await project.ask(`DELETE /gateways/${id}`)).status, 404);
  assert.equal((await project.ask("GET /gateways")).at("total_count"), 0);
});

Deno.test("a gateway without a slug gets one, and a slug is taken in any case", async () => {
  await using fixture = await start();
  const project = await ApiProject.of(fixture);
  const other = await ApiProject.of(fixture, "bob@example.com");
  const first = await project.ask("POST /gateways", { name: "First", slug: "" });
  assert.equal(first.textAt("slug"), first.textAt("id").replace("_", "-"));
  await project.ask("POST /gateways", { name: "Second", slug: "taken" });
  for (const slug of ["taken", "Taken"]) {
    const answers = [
      await other.ask("POST /gateways", { name: "Third", slug }),
      await project.ask(`PATCH /gateways/${first.textAt("id")}`, { slug }),
    ];
    for (const answer of answers) {
      assert.equal(answer.status, 409);
      assert.equal(answer.at("name"), "conflict");
      assert.equal(answer.headers.get("x-should-retry"), "false");
      assert.equal(answer.at("field_errors", 0, "field"), "slug");
    }
  }
  const renamed = await project.ask(`PATCH /gateways/${first.textAt("id")}`, { slug: "first" });
  assert.equal(renamed.at("slug"), "first");
});

Deno.test("an invalid description of a gateway is refused, with the invalid field", async () => {
  await using fixture = await start();
  const project = await ApiProject.of(fixture);
  const cases: readonly [body: unknown, field: string][] = [
    [{}, "name"],
    [{ name: "" }, "name"],
    [{ name: "a\nb" }, "name"],
    [{ name: "x".repeat(101) }, "name"],
    [{ name: "a", slug: "a/b" }, "slug"],
    [{ name: "a", slug: ".." }, "slug"],
    [{ name: "a", slug: "x".repeat(101) }, "slug"],
    [{ name: "a", status: "open" }, "status"],
    [{ name: "a", auth_type: "none" }, "auth_type"],
    [{ name: "a", tool_filter: {} }, "tool_filter.allowed_tools"],
    [{ name: "a", tool_filter: { allowed_tools: ["A.B", 1] } }, "tool_filter.allowed_tools.1"],
    [{ name: "a", tool_filter: { allowed_tools: ["A\0"] } }, "tool_filter.allowed_tools.0"],
    [
      { name: "a", tool_filter: { allowed_tools: Array.from({ length: 10_001 }, () => "A.B") } },
      "tool_filter.allowed_tools",
    ],
  ];
  for (const [body, field] of cases) {
    const answer = await project.ask("POST /gateways", body);
    assert.equal(answer.status, 422, JSON.stringify(body));
    assert.equal(answer.at("field_errors", 0, "field"), field, JSON.stringify(body));
  }
  const source = await project.ask("POST /gateways", { name: "a", auth_type: "user_source" });
  assert.equal(source.status, 501);
  assert.equal((await project.ask("GET /gateways")).at("total_count"), 0);
});

Deno.test("a gateway belongs to its project, and is removed with it", async () => {
  await using fixture = await start();
  const ada = await ApiProject.of(fixture);
  const bob = await ApiProject.of(fixture, "bob@example.com");
  const id = (await ada.ask("POST /gateways", { name: "Ada's", slug: "ada" })).textAt("id");
  for (const line of ["GET", "PATCH", "DELETE"]) {
    const body = line === "PATCH" ? { status: "inactive" } : undefined;
    assert.equal((await bob.ask(`${line} /gateways/${id}`, body)).status, 404, line);
  }
  assert.equal((await bob.ask("GET /gateways")).at("total_count"), 0);
  assert.equal((await ada.ask(`GET /gateways/${id}`)).at("status"), "active");

  const projects = `${fixture.url}/api/v1/orgs/${ada.org}/projects`;
  await call(projects, { method: "POST", token: ada.access, json: { name: "Another" } });
  const form = { kind: "project", id: ada.project };
  assert.equal((await call(`${fixture.url}/dashboard/remove`, { form })).status, 303);
  assert.equal((await bob.ask("POST /gateways", { name: "Bob's", slug: "ada" })).status, 201);
});
