import assert from "node:assert/strict";
import { json } from "../../support/answers.ts";
import { ScriptedEngine } from "../../support/services.ts";

const weather = {
  id: "weather",
  type: "http",
  enabled: true,
  managed: true,
  binding: { id: "proj_1", type: "project" },
  http: { uri: "https://weather.example.com", retry: 1, timeout: 5, secret: { value: "x" } },
};
/** The same in JSON. */
const WEATHER = {
  name: "weather",
  type: "http",
  enabled: true,
  managed: true,
  url: "https://weather.example.com",
  binding: "project",
};
const notes = {
  id: "notes",
  type: "mcp",
  enabled: false,
  mcp: { uri: "https://notes.example/mcp" },
};
const later = { id: "later", type: "quantum", something: { new: 1 } };
const items = [weather, notes, later, {}];
const list = () => json({ items, total_count: items.length, offset: 0, limit: 100 });

Deno.test("`server list` shows servers of every type, also with missing fields", async () => {
  await using engine = new ScriptedEngine({ "GET /workers": list });
  const { code, stdout } = await engine.home.run(["server", "list"]);
  assert.equal(code, 0);
  assert.deepEqual(stdout.trimEnd().split("\n").map((line) => line.split(/ {2,}/)), [
    ["Name", "Type", "Enabled", "Managed", "Address"],
    ["weather", "http", "yes", "yes", "https://weather.example.com"],
    ["notes", "mcp", "no", "no", "https://notes.example/mcp"],
    ["later", "quantum", "no", "no", "-"],
    ["-", "-", "no", "no", "-"],
  ]);
  assert.deepEqual(engine.asked, ["GET /workers?limit=100"]);
  const [{ authorization } = {}] = engine.answers.seen;
  assert.equal(authorization, "Bearer access-token-of-the-test");
});

Deno.test("`server list --json` has stable keys and nothing else on stdout", async () => {
  await using engine = new ScriptedEngine({ "GET /workers": list });
  const { stdout } = await engine.home.run(["server", "list", "--json"]);
  const missing = { type: null, enabled: false, managed: false, url: null, binding: null };
  assert.deepEqual(JSON.parse(stdout), {
    servers: [
      WEATHER,
      { ...missing, name: "notes", type: "mcp", url: "https://notes.example/mcp" },
      { ...missing, name: "later", type: "quantum" },
      { ...missing, name: null },
    ],
  });
});

for (const empty of [{ items: [] }, { items: null, total_count: 0 }, {}]) {
  Deno.test(`\`server list\` reads ${JSON.stringify(empty)} as a project without servers`, async () => {
    await using engine = new ScriptedEngine({ "GET /workers": () => json(empty) });
    const { code, stdout, stderr } = await engine.home.run(["server", "list"]);
    assert.deepEqual([code, stdout, stderr], [0, "", "No servers in this project yet\n"]);
  });
}

/** A list of servers in pages with a maximum size. */
function paged(count: number, most: number, total: number | undefined = count) {
  return ({ path }: { path: string }) => {
    const query = new URL(path, "http://x").searchParams;
    const offset = Number(query.get("offset") ?? 0);
    const limit = Math.min(most, Number(query.get("limit")));
    const all = Array.from({ length: count }, (_, i) => ({ id: `server-${i}` }));
    return json({ items: all.slice(offset, offset + limit), total_count: total, offset, limit });
  };
}

for (
  const [what, route] of [
    ["of the requested size", paged(250, 100)],
    ["smaller than requested", paged(250, 90)],
    ["without a total", paged(250, 100, undefined)],
  ] as const
) {
  Deno.test(`\`server list\` shows all pages: ${what}`, async () => {
    await using engine = new ScriptedEngine({ "GET /workers": route });
    const { stdout } = await engine.home.run(["server", "list", "--json"]);
    const names: string[] = JSON.parse(stdout).servers.map(({ name }: { name: string }) => name);
    assert.deepEqual(names, Array.from({ length: 250 }, (_, i) => `server-${i}`));
    assert.equal(engine.asked.length, 3);
  });
}

Deno.test("`server list` stops at repeated pages and shows each server once", async () => {
  const same = () => json({ items: [weather, notes], total_count: 1_000_000 });
  await using engine = new ScriptedEngine({ "GET /workers": same });
  const { code, stdout } = await engine.home.run(["server", "list", "--json"]);
  assert.equal(code, 0);
  assert.equal(JSON.parse(stdout).servers.length, 2);
  assert.equal(engine.asked.length, 2);
});

Deno.test("`server list` gives up on endless pages", async () => {
  let count = 0;
  const more = () => json({ items: [{ id: `server-${count++}` }], total_count: 1_000_000 });
  await using engine = new ScriptedEngine({ "GET /workers": more });
  const { code, stderr } = await engine.home.run(["server", "list"]);
  assert.equal(code, 1);
  assert.match(stderr, /returns a list that never ends/);
});

Deno.test("`server list` escapes hostile names", async () => {
  const hostile = { ...weather, id: "\x1b]0;owned\x07\n", type: "\u202e", http: { uri: "\x9b2J" } };
  await using engine = new ScriptedEngine({ "GET /workers": () => json({ items: [hostile] }) });
  const { stdout } = await engine.home.run(["server", "list"]);
  // deno-lint-ignore no-control-regex
  assert.doesNotMatch(stdout, /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/);
  assert.equal(stdout.trimEnd().split("\n").length, 2);
});

Deno.test("`server list` reports what is wrong with a response", async () => {
  const wrong = () => json({ items: [{ id: 5 }] });
  await using engine = new ScriptedEngine({ "GET /workers": wrong });
  const { code, stderr } = await engine.home.run(["server", "list"]);
  assert.equal(code, 1);
  assert.match(stderr, /unknown format \(items\.0\.id is missing or invalid\)/);
});

Deno.test("`server list` works with an API key and mentions it on a terminal", async () => {
  await using engine = new ScriptedEngine({ "GET /v1/workers": list });
  const env = { ARCADE_API_KEY: "key", ARCADE_URL: engine.answers.url };
  const { code, stderr } = await engine.home.run(["server", "list"], { env, terminal: true });
  assert.equal(code, 0, stderr);
  assert.match(stderr, /Using ARCADE_API_KEY instead of your login/);
  assert.deepEqual(engine.asked, ["GET /v1/workers?limit=100"]);
});

Deno.test("`server get` shows the server and its health", async () => {
  await using engine = new ScriptedEngine({
    "GET /workers/weather": () => json(weather),
    "GET /workers/weather/health": () =>
      json({ id: "weather", enabled: true, healthy: false, message: "timed out\x1b[2J" }),
  });
  const { code, stdout } = await engine.home.run(["server", "get", "weather"]);
  assert.equal(code, 0);
  assert.deepEqual(stdout.trimEnd().split("\n").map((line) => line.split(/ {2,}/)), [
    ["Name", "weather"],
    ["Type", "http"],
    ["Enabled", "yes"],
    ["Managed", "yes, by Arcade"],
    ["Address", "https://weather.example.com"],
    ["Binding", "project"],
    ["Health", "unhealthy: timed out\uFFFD[2J"],
  ]);
  const { stdout: text } = await engine.home.run(["server", "get", "weather", "--json"]);
  assert.deepEqual(JSON.parse(text), {
    ...WEATHER,
    health: { healthy: false, message: "timed out\x1b[2J" },
  });
});

Deno.test("`server get` shows the server even if its health is unavailable", async () => {
  await using engine = new ScriptedEngine({
    "GET /workers/weather": () => json(weather),
    "GET /workers/weather/health": () => json({ message: "worker asleep" }, { status: 503 }),
  });
  const { code, stdout } = await engine.home.run(["server", "get", "weather"]);
  assert.equal(code, 0);
  assert.match(stdout, /^Address +https:\/\/weather\.example\.com$/m);
  assert.match(stdout, /^Health +unknown: http:\S+ failed \(503\): worker asleep$/m);
  const { stdout: text } = await engine.home.run(["server", "get", "weather", "--json"]);
  const { health } = JSON.parse(text);
  assert.equal(health.healthy, null);
  assert.match(health.message, /worker asleep/);
});

for (
  const args of [["get"], ["enable"], ["disable"], ["delete", "--yes"], ["logs"], ["logs", "-f"]]
) {
  const [verb = "", ...flags] = args;
  Deno.test(`\`server ${args.join(" ")}\` suggests a similar name for an unknown server`, async () => {
    await using engine = new ScriptedEngine({ "GET /workers": list });
    const { code, stdout, stderr } = await engine.home.run(["server", verb, "wether", ...flags]);
    assert.equal(code, 1);
    assert.equal(stdout, "");
    assert.equal(
      stderr,
      'Error: No server called "wether"\n' +
        '  Did you mean "weather"? Run `arcade server list` to see them\n',
    );
  });
}

Deno.test("`server get` shows the engine's error when servers cannot be listed", async () => {
  await using engine = new ScriptedEngine({
    "GET /workers": () => json({ message: "not for you" }, { status: 403 }),
  });
  const { code, stderr } = await engine.home.run(["server", "get", "wether"]);
  assert.equal(code, 1);
  assert.match(stderr, /not found \(404\): no such thing/);
});

Deno.test("`server get` sends a name as one path segment, and rejects a name that cannot be one", async () => {
  await using engine = new ScriptedEngine({ "GET /workers": list });
  await engine.home.run(["server", "get", "../a b/c?d#e"]);
  assert(engine.asked.includes("GET /workers/..%2Fa%20b%2Fc%3Fd%23e"));
  const { code } = await engine.home.run(["server", "get", ".."]);
  assert.equal(code, 2);
});

for (
  const [verb, enabled, said] of [
    ["enable", true, "Enabled"],
    ["disable", false, "Disabled"],
  ] as const
) {
  Deno.test(`\`server ${verb}\` changes the server and reports it`, async () => {
    await using engine = new ScriptedEngine({
      "PATCH /workers/weather": () => json({ ...weather, enabled }),
    });
    const { code, stdout, stderr } = await engine.home.run(["server", verb, "weather"]);
    assert.deepEqual([code, stdout, stderr], [0, "", `${said} weather\n`]);
    const [{ body = "" } = {}] = engine.answers.seen;
    assert.deepEqual(JSON.parse(body), { enabled });
    const { stdout: text } = await engine.home.run(["server", verb, "weather", "--json"]);
    assert.deepEqual(JSON.parse(text), { name: "weather", enabled });
  });
}

const deletable = { "DELETE /workers/weather": () => new Response(null, { status: 204 }) };

Deno.test("`server delete` asks for confirmation on a terminal", async () => {
  await using engine = new ScriptedEngine(deletable);
  const no = await engine.home.run(["server", "delete", "weather"], {
    terminal: true,
    stdin: ["n\r"],
  });
  assert.equal(no.code, 0);
  assert.match(no.stderr, /Delete the server weather\? \[y\/N\][^]*Cancelled; nothing was changed/);
  assert.deepEqual(engine.asked, []);
  const yes = await engine.home.run(["server", "delete", "weather"], {
    terminal: true,
    stdin: ["y\r"],
  });
  assert.equal(yes.code, 0);
  assert.match(yes.stderr, /Deleted weather\n$/);
  assert.deepEqual(engine.asked, ["DELETE /workers/weather"]);
});

Deno.test("`server delete` without a terminal needs --yes", async () => {
  await using engine = new ScriptedEngine(deletable);
  const refused = await engine.home.run(["server", "delete", "weather"]);
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /needs confirmation, and this is not a terminal\n {2}Add `--yes`/);
  assert.deepEqual(engine.asked, []);
  const { stdout } = await engine.home.run(["server", "delete", "weather", "--yes", "--json"]);
  assert.deepEqual(JSON.parse(stdout), { deleted: "weather", missing: [] });
});

Deno.test("`server delete` shows why the engine refuses", async () => {
  await using engine = new ScriptedEngine({
    "DELETE /workers/weather": () => json({ message: "a deployment is running" }, { status: 409 }),
  });
  const { code, stderr } = await engine.home.run(["server", "delete", "weather", "-y"]);
  assert.equal(code, 1);
  assert.match(stderr, /conflict \(409\): a deployment is running/);
});
