import assert from "node:assert/strict";
import { InProcessArcade } from "../../support/in_process.ts";
import { json, type Seen } from "../../support/answers.ts";
import { type Routes, ScriptedEngine } from "../../support/services.ts";

const SUPPORT = {
  id: "gw_1",
  slug: "support",
  name: "Support",
  description: "For the desk",
  status: "active",
  auth_type: "arcade_header",
  tool_filter: { allowed_tools: ["Math.Add", "Zendesk.List"] },
};
const tool = (name: string) => ({ name, qualified_name: name, fully_qualified_name: `${name}@1` });
const TOOLS = ["Math.Add", "Math.Multiply", "Zendesk.List", "Zendesk.Show"].map((name) => {
  const [toolkit = "", own = ""] = name.split(".");
  return { ...tool(name), name: own, toolkit: { name: toolkit, version: "1" }, input: {} };
});

/** An engine with gateways and tools, and what it was asked to create or to change. */
function engineWith(routes: Routes = {}, gateways: readonly unknown[] = [SUPPORT]) {
  const bodies: unknown[] = [];
  const noting = (route: (seen: Seen) => Response) => (seen: Seen) => {
    bodies.push(JSON.parse(seen.body));
    return route(seen);
  };
  const engine = new ScriptedEngine({
    "GET /gateways": () => json({ items: gateways, total_count: gateways.length }),
    "GET /tools": () => json({ items: TOOLS, total_count: TOOLS.length }),
    "POST /gateways": noting(({ body }) =>
      json({ slug: "gw-made", ...JSON.parse(body), id: "gw_2" }, { status: 201 })
    ),
    "PATCH /gateways/gw_1": noting(() => json(SUPPORT)),
    "DELETE /gateways/gw_1": () => new Response(null, { status: 204 }),
    ...routes,
  });
  return { engine, bodies };
}

Deno.test("a slug or a name that the engine refuses is told in one sentence", async () => {
  await using playground = await InProcessArcade.loggedIn();
  const { home } = playground;
  const gateways = "/v1/orgs/{org}/projects/{project}/gateways";
  const fields = ["--field", "name=Desk", "--field", "slug=desk"];
  assert.equal((await home.run(["api", "POST", gateways, ...fields])).code, 0);
  for (
    const [args, message] of [
      [["--slug", "a b"], "slug must be 1 to 100 letters, digits, dashes and underscores"],
      [["--name", "a\tb"], "name must be 1 to 100 characters on one line"],
      [["--description", "x".repeat(1001)], "description must be at most 1000 characters"],
    ] as const
  ) {
    const { code, stderr } = await home.run(["gateway", "edit", "desk", ...args]);
    assert.equal(code, 1);
    const [first = ""] = stderr.split("\n");
    assert.ok(first.endsWith(`rejected the input (422): ${message}`), stderr);
  }
});

Deno.test("gateway list shows each gateway with its address", async () => {
  const { engine: opened } = engineWith();
  await using engine = opened;
  const { code, stdout } = await engine.home.run(["gateway", "list"]);
  assert.equal(code, 0);
  const address = `${engine.answers.url}/mcp/support`;
  assert.match(stdout, /^Slug +Name +Status +Auth +Tools +Address\n/);
  assert.match(stdout, new RegExp(`support +Support +active +header +2 +${address}\n`));
  const { stdout: listed } = await engine.home.run(["gateway", "list", "--json"]);
  assert.deepEqual(JSON.parse(listed), {
    gateways: [{
      id: "gw_1",
      slug: "support",
      name: "Support",
      description: "For the desk",
      status: "active",
      auth: "header",
      tools: ["Math.Add", "Zendesk.List"],
      url: address,
    }],
  });
});

Deno.test("gateway list without gateways says how to create one, in the same project", async () => {
  const { engine: opened } = engineWith({}, []);
  await using engine = opened;
  const { stderr } = await engine.home.run(["gateway", "list", "--context", "default"]);
  assert.match(stderr, /create one with `arcade gateway create --context default`/);
});

Deno.test("gateway get and url find a gateway by its slug in any case, or by its id", async () => {
  const { engine: opened } = engineWith();
  await using engine = opened;
  for (const wanted of ["support", "Support", "gw_1"]) {
    const { stdout } = await engine.home.run(["gateway", "url", wanted]);
    assert.equal(stdout, `${engine.answers.url}/mcp/support\n`);
  }
  const { stdout } = await engine.home.run(["gateway", "get", "support"]);
  assert.match(stdout, /^Slug +support\n/);
  assert.match(stdout, /^Tools +Math\.Add\n +Zendesk\.List\n/m);
});

Deno.test("an unknown slug is an error that suggests a similar one", async () => {
  const { engine: opened } = engineWith();
  await using engine = opened;
  for (const words of [["get"], ["url"], ["edit", "--status", "inactive"], ["delete", "--yes"]]) {
    const args = ["gateway", ...words, "suport", "--context", "default"];
    const { code, stderr } = await engine.home.run(args);
    assert.equal(code, 1);
    assert.match(stderr, /No gateway called "suport"\n {2}Did you mean "support"\?/);
    assert.match(stderr, /Run `arcade gateway list --context default`/);
  }
});

Deno.test("gateway create accepts tools and whole servers, in any case, and prints the address", async () => {
  const { engine: opened, bodies } = engineWith();
  await using engine = opened;
  const args = ["gateway", "create", "Desk", "--slug", "desk", "--tool", "math.add"];
  const { code, stdout, stderr } = await engine.home.run([...args, "--server", "zendesk"]);
  assert.equal(code, 0, stderr);
  assert.equal(stdout, `${engine.answers.url}/mcp/desk\n`);
  assert.match(stderr, /^Created desk\n/);
  assert.deepEqual(bodies, [{
    name: "Desk",
    status: "active",
    auth_type: "arcade",
    tool_filter: { allowed_tools: ["Math.Add", "Zendesk.List", "Zendesk.Show"] },
    slug: "desk",
  }]);
});

Deno.test("gateway create --auth header creates one for API keys, named after its servers", async () => {
  const { engine: opened, bodies } = engineWith();
  await using engine = opened;
  const args = ["gateway", "create", "--server", "Math", "--auth", "header", "--json"];
  const { code, stdout } = await engine.home.run(args);
  assert.equal(code, 0);
  const { existing, auth, slug, url, name } = JSON.parse(stdout);
  assert.deepEqual([existing, auth, slug, name], [[], "header", "gw-made", "Math"]);
  assert.equal(url, `${engine.answers.url}/mcp/gw-made`);
  assert.equal(bodies.length, 1);
});

Deno.test("gateway create asks on a terminal for servers and tools", async () => {
  const { engine: opened, bodies } = engineWith();
  await using engine = opened;
  const answers = ["1\n", "all\n", "2-3\n", "math, zendesk.show\n"];
  for (const [i, answer] of answers.entries()) {
    const world = { terminal: true, stdin: [answer] };
    const { code, stderr } = await engine.home.run(["gateway", "create", "--slug", `s${i}`], world);
    assert.equal(code, 0, stderr);
    assert.match(stderr, / 1 {2}Math \(2 tools\)\n 2 {2}Zendesk \(2 tools\)\n 3 {2}Math\.Add\n/);
  }
  const names = /"(?:Math|Zendesk)\.\w+"/g;
  assert.deepEqual(
    bodies.map((body) => JSON.stringify(body).match(names)?.length),
    [2, 4, 3, 3],
  );
  for (const answer of ["7,9\n", "nothing, here\n"]) {
    const world = { terminal: true, stdin: [answer] };
    const { code, stderr } = await engine.home.run(["gateway", "create"], world);
    assert.equal(code, 2);
    assert.match(stderr, /The list has no such item/);
  }
});

Deno.test("gateway create without a terminal needs tools, and unknown ones are errors", async () => {
  const { engine: opened, bodies } = engineWith();
  await using engine = opened;
  const told = [
    [[], 2, /Which tools\?\n {2}Name them with `--tool` or `--server`/],
    [["--tool", "Math.Ad"], 1, /No tool called "Math\.Ad"\n {2}Did you mean "Math\.Add"\?/],
    [["--server", "Zendeks"], 1, /No server called "Zendeks"\n {2}Did you mean "Zendesk"\?/],
  ] as const;
  for (const [flags, expected, pattern] of told) {
    const { code, stderr } = await engine.home.run(["gateway", "create", ...flags]);
    assert.equal(code, expected);
    assert.match(stderr, pattern);
  }
  assert.deepEqual(bodies, []);
});

Deno.test("gateway create warns about more tools than clients support", async () => {
  const many = Array.from({ length: 81 }, (_, i) => ({
    name: `T${i}`,
    toolkit: { name: "Big", version: "1" },
    qualified_name: `Big.T${i}`,
    fully_qualified_name: `Big.T${i}@1`,
    input: {},
  }));
  const { engine: opened } = engineWith({
    "GET /tools": () => json({ items: many, total_count: many.length }),
  });
  await using engine = opened;
  const { code, stderr } = await engine.home.run(["gateway", "create", "--server", "Big"]);
  assert.equal(code, 0);
  assert.match(stderr, /Warning: a gateway with 81 tools .* at most 80 work well/);
});

Deno.test("a taken slug is an error, and --if-not-exists leaves your own gateway unchanged", async () => {
  const { engine: opened, bodies } = engineWith({
    "POST /gateways": () => json({ name: "conflict", message: "taken" }, { status: 409 }),
  });
  await using engine = opened;
  const args = ["gateway", "create", "--server", "Math"];
  const taken = await engine.home.run([...args, "--slug", "support"]);
  assert.equal(taken.code, 1);
  assert.match(taken.stderr, /The slug "support" is taken\n {2}Choose another with `--slug`/);
  assert.equal(engine.asked.filter((one) => one === "POST /gateways").length, 1, "sent once");
  const mine = await engine.home.run([...args, "--slug", "support", "--if-not-exists"]);
  assert.equal(mine.code, 0);
  assert.equal(mine.stdout, `${engine.answers.url}/mcp/support\n`);
  const others = await engine.home.run([...args, "--slug", "other", "--if-not-exists"]);
  assert.equal(others.code, 1);
  const neither = await engine.home.run([...args, "--if-not-exists"]);
  assert.equal(neither.code, 2);
  assert.deepEqual(bodies, []);
});

Deno.test("gateway edit changes only what is named", async () => {
  const { engine: opened, bodies } = engineWith();
  await using engine = opened;
  const edit = async (...flags: string[]) => {
    const { code, stderr } = await engine.home.run(["gateway", "edit", "support", ...flags]);
    assert.equal(code, 0, stderr);
    return stderr;
  };
  assert.match(await edit("--status", "inactive"), /^Changed support: status\n$/);
  await edit("--tool", "Math.Multiply", "--auth", "oauth", "--description", "");
  assert.deepEqual(bodies, [
    { status: "inactive" },
    {
      description: null,
      auth_type: "arcade",
      tool_filter: { allowed_tools: ["Math.Multiply"] },
    },
  ]);
  const { code, stderr } = await engine.home.run(["gateway", "edit", "support"]);
  assert.equal(code, 2);
  assert.match(stderr, /Nothing to change/);
});

Deno.test("gateway delete asks, and --ignore-missing counts a missing one as deleted", async () => {
  const { engine: opened } = engineWith();
  await using engine = opened;
  const run = (args: readonly string[], stdin?: string[]) =>
    engine.home.run(["gateway", "delete", ...args], stdin ? { terminal: true, stdin } : {});
  const deleted = () => engine.asked.filter((one) => one.startsWith("DELETE")).length;
  assert.equal((await run(["support"])).code, 2);
  assert.match((await run(["support"], ["n\n"])).stderr, /Cancelled; nothing was changed/);
  assert.equal(deleted(), 0);
  assert.match((await run(["support"], ["y\n"])).stderr, /Deleted support/);
  assert.equal((await run(["support", "--yes"])).code, 0);
  assert.equal(deleted(), 2);
  assert.equal((await run(["none", "--yes"])).code, 1);
  const { code, stdout } = await run(["none", "--yes", "--ignore-missing", "--json"]);
  assert.equal(code, 0);
  assert.deepEqual(JSON.parse(stdout), { deleted: null, missing: ["none"] });
});

Deno.test("if an engine cannot change gateways, the hint names the dashboard", async () => {
  const noRoute = () => json({ name: "route_not_found", message: "no" }, { status: 404 });
  const { engine: opened } = engineWith({
    "PATCH /gateways/gw_1": noRoute,
    "DELETE /gateways/gw_1": noRoute,
  });
  await using engine = opened;
  for (const words of [["edit", "--status", "inactive"], ["delete", "--yes", "--ignore-missing"]]) {
    const { code, stderr } = await engine.home.run(["gateway", ...words, "support"]);
    assert.equal(code, 1);
    assert.match(
      stderr,
      /gateways can be changed only on the dashboard\n {2}Open it with `arcade dashboard`/,
    );
  }
});

Deno.test("slugs are completed", async () => {
  const { engine: opened } = engineWith();
  await using engine = opened;
  for (const words of [["gateway", "get"], ["gateway", "url"], ["mcp", "proxy"]]) {
    const { stdout } = await engine.home.complete(["fish", ...words, "sup"]);
    assert.match(stdout, /support/, words.join(" "));
  }
});
