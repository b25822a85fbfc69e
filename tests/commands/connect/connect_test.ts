import assert from "node:assert/strict";
import { json, type Seen } from "../../support/answers.ts";
import { type Routes, ScriptedEngine } from "../../support/services.ts";

const gateway = (slug: string, tools: readonly string[] | undefined, changes = {}) => ({
  id: `gw_${slug}`,
  slug,
  name: slug,
  status: "active",
  auth_type: "arcade",
  ...(tools && { tool_filter: { allowed_tools: tools } }),
  ...changes,
});
const TOOLS = ["Github.Star", "Github.Fork", "Slack.Send"].map((whole) => {
  const [toolkit = "", name = ""] = whole.split(".");
  return {
    name,
    qualified_name: whole,
    fully_qualified_name: `${whole}@1`,
    toolkit: { name: toolkit, version: "1" },
    input: {},
  };
});

/** An engine with gateways and tools, and the gateways that it was asked to create. */
function engineWith(gateways: readonly unknown[] = [], routes: Routes = {}) {
  const created: Record<string, unknown>[] = [];
  const engine = new ScriptedEngine({
    "GET /gateways": () => json({ items: gateways, total_count: gateways.length }),
    "GET /tools": () => json({ items: TOOLS, total_count: TOOLS.length }),
    "POST /gateways": ({ body }: Seen) => {
      created.push(JSON.parse(body));
      return json({ slug: "gw-made", ...JSON.parse(body), id: "gw_2" }, { status: 201 });
    },
    ...routes,
  });
  const { home } = engine;
  home.env = { ...home.env, HOME: home.path, PATH: "/usr/bin:/bin" };
  const read = (path: string) => Deno.readTextFileSync(`${home.path}/${path}`);
  const run = (...args: readonly string[]) => home.run(["connect", ...args]);
  return { engine, created, read, run };
}

Deno.test("connect creates a gateway with the tools, and adds its address to the client", async () => {
  const { engine: opened, created, read, run } = engineWith();
  await using engine = opened;
  const { code, stderr } = await run("claude-code", "--server", "github", "--tool", "slack.send");
  assert.equal(code, 0, stderr);
  assert.deepEqual(created, [{
    name: "github-slack",
    status: "active",
    auth_type: "arcade",
    tool_filter: { allowed_tools: ["Github.Fork", "Github.Star", "Slack.Send"] },
  }]);
  assert.deepEqual(JSON.parse(read(".claude.json")), {
    mcpServers: { "github-slack": { type: "http", url: `${engine.answers.url}/mcp/gw-made` } },
  });
  assert.match(stderr, /^Added github-slack to /);
  assert.match(stderr, /Log in with `\/mcp`, or `claude mcp login github-slack`/);
  const removed = await run("claude-code", "--remove", "--name", "github-slack");
  assert.equal(removed.code, 0, removed.stderr);
  assert.deepEqual(JSON.parse(read(".claude.json")), { mcpServers: {} });
});

Deno.test("connect uses the active gateway that has the wanted tools and the fewest others", async () => {
  const all = ["Github.Star", "Github.Fork", "Slack.Send"];
  const { engine: opened, created, read, run } = engineWith([
    gateway("everything", undefined),
    gateway("large", all),
    gateway("closed", all.slice(0, 2), { status: "inactive" }),
    gateway("with-key", all.slice(0, 2), { auth_type: "arcade_header" }),
    gateway("small", all.slice(0, 2)),
    gateway("other", ["Slack.Send"]),
  ]);
  await using engine = opened;
  assert.equal((await run("cursor", "--server", "Github")).code, 0);
  assert.equal((await run("cursor", "--all")).code, 0);
  assert.equal((await run("cursor", "--preset", "communication")).code, 0);
  const url = `${engine.answers.url}/mcp`;
  assert.deepEqual(JSON.parse(read(".cursor/mcp.json")).mcpServers, {
    small: { url: `${url}/small` },
    large: { url: `${url}/large` },
    other: { url: `${url}/other` },
  });
  assert.deepEqual(created, []);
  assert.equal((await run("cursor", "--server", "Github", "--slug", "mine")).code, 0);
  assert.deepEqual(created.map(({ slug }) => slug), ["mine"]);
});

Deno.test("connect finds a gateway by its slug or its name, and writes keys as references only", async () => {
  const { engine: opened, read, run } = engineWith([
    gateway("gw-1", ["Slack.Send"], { name: "Support", auth_type: "arcade_header" }),
    gateway("all", undefined),
  ]);
  await using engine = opened;
  const url = `${engine.answers.url}/mcp/gw-1`;
  const headers = (key: string, user: string) => ({
    Authorization: `Bearer ${key}`,
    "Arcade-User-ID": user,
  });
  const proxy = { command: "/usr/local/bin/arcade", args: ["mcp", "proxy", url] };
  const expected = {
    "claude-code": [".claude.json", {
      type: "http",
      url,
      headers: headers("${ARCADE_API_KEY}", "${ARCADE_USER_ID}"),
    }],
    cursor: [".cursor/mcp.json", {
      url,
      headers: headers("${env:ARCADE_API_KEY}", "${env:ARCADE_USER_ID}"),
    }],
    opencode: [".config/opencode/opencode.jsonc", {
      type: "remote",
      url,
      headers: headers("{env:ARCADE_API_KEY}", "{env:ARCADE_USER_ID}"),
    }],
    cline: [".cline/data/settings/cline_mcp_settings.json", proxy],
    "claude-desktop": [".config/Claude/claude_desktop_config.json", proxy],
  } as const;
  for (const [client, [file, entry]] of Object.entries(expected)) {
    const { code, stderr } = await run(
      client,
      "--gateway",
      client === "cursor" ? "Support" : "gw-1",
    );
    assert.equal(code, 0, stderr);
    const { mcpServers, mcp = mcpServers } = JSON.parse(read(file));
    assert.deepEqual(mcp, { support: entry }, client);
    const isByKey = !("command" in entry);
    assert.equal(/Set ARCADE_API_KEY and ARCADE_USER_ID/.test(stderr), isByKey, client);
  }
  assert.equal((await run("codex", "--gateway", "gw-1")).code, 0);
  assert.match(
    (await run("claude-desktop", "--gateway", "all")).stderr,
    /Log in with `arcade gateway test all`/,
  );
  assert.match(read(".codex/config.toml"), /bearer_token_env_var = "ARCADE_API_KEY"/);
  assert.match(read(".codex/config.toml"), /Arcade-User-ID = "ARCADE_USER_ID"/);
  const unknown = await run("codex", "--gateway", "gw-2");
  assert.equal(unknown.code, 1);
  assert.match(unknown.stderr, /Did you mean "gw-1"\?/);
});

Deno.test("a dry run of connect creates nothing", async () => {
  const { engine: opened, created, read, run } = engineWith();
  await using _engine = opened;
  const line = ["cursor", "--server", "Github", "--dry-run"];
  const { code, stdout, stderr } = await run(...line);
  assert.deepEqual([code, stdout], [0, ""]);
  assert.match(stderr, /Would create the gateway github with 2 tools/);
  const named = await run(...line, "--slug", "desk");
  assert.match(named.stdout, /^\+ +"desk": \{$/m);
  assert.match(named.stdout, /\/mcp\/desk"/);
  assert.deepEqual(created, []);
  assert.throws(() => read(".cursor/mcp.json"), Deno.errors.NotFound);
});

Deno.test("connect prints the text for a client whose files arcade does not write", async () => {
  const { engine: opened, run } = engineWith([gateway("all", undefined)]);
  await using engine = opened;
  const { code, stdout, stderr } = await run("warp", "--gateway", "all", "--print");
  assert.equal(code, 0, stderr);
  assert.deepEqual(JSON.parse(stdout), {
    mcpServers: { all: { url: `${engine.answers.url}/mcp/all` } },
  });
  assert.match(stderr, /Add it to .*\.warp\/\.mcp\.json/);
  const refused = await run("warp", "--gateway", "all");
  assert.match(refused.stderr, /`arcade connect warp --print`/);
  const remote = await run("chatgpt", "--gateway", "all", "--print");
  assert.deepEqual([remote.code, remote.stdout], [2, ""]);
  assert.match(remote.stderr, /can only reach servers with a public https address/);
});

Deno.test("connect warns about more tools than a client supports", async () => {
  const many = Array.from({ length: 41 }, (_, i) => `Github.Tool${i}`);
  const { engine: opened, run } = engineWith([gateway("many", many)]);
  await using _engine = opened;
  const { stderr } = await run("cursor", "--gateway", "many");
  assert.match(stderr, /Cursor supports at most 40 tools, and this gateway has 41/);
});

for (
  const [what, args, expected] of [
    ["no tools", ["cursor"], /Which tools\?/],
    [
      "a preset without servers",
      ["cursor", "--preset", "creative"],
      /none of these servers: spotify, figma, notion/,
    ],
    ["an unknown server", ["cursor", "--server", "githubb"], /Did you mean "Github"\?/],
    ["no name to remove", ["cursor", "--remove"], /Which server\?/],
  ] as const
) {
  Deno.test(`connect with ${what} is an error, and creates nothing`, async () => {
    const { engine: opened, created, read, run } = engineWith();
    await using _engine = opened;
    const { code, stderr } = await run(...args);
    assert.notEqual(code, 0);
    assert.match(stderr, expected);
    assert.deepEqual(created, []);
    assert.throws(() => read(".cursor/mcp.json"), Deno.errors.NotFound);
  });
}
