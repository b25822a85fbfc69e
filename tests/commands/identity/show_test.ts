import assert from "node:assert/strict";
import { AGENT_AND_HUMAN, BARE, HUB, Identities, NOW, TOKEN } from "./support.ts";
import { errorTextIn } from "../../support/error_object.ts";

/** The human of {@link AGENT_AND_HUMAN} in `--json`. */
const HUMAN = { ...BARE, hub: "person.example", expired: false };

Deno.test("`identity show` shows an identity without its token", async () => {
  using home = Identities.of(AGENT_AND_HUMAN);
  const { code, stdout, stderr } = await home.identity(["show", "--hub", "https://MuseHub.ai/x"]);
  assert.equal(code, 0);
  assert.equal(stderr, "");
  assert.equal(
    stdout,
    [
      "Hub           musehub.ai",
      "Type          agent",
      "Name          composer-v2",
      "ID            agt_def456",
      "Token         set (Bearer ***)",
      "Capabilities  read:*, write:midi, commit",
      "Expires       -",
      "",
    ].join("\n"),
  );
});

Deno.test("`identity show` shows which fields are not set", async () => {
  using home = Identities.of(`["musehub.ai"]\ntype = "human"\ntoken = ""\n`);
  const { stdout } = await home.identity(["show"]);
  assert.match(stdout, /^Name +-\nID +-\nToken +not set\nCapabilities +-\nExpires +-\n$/m);
});

Deno.test("`identity show --json` has stable keys", async () => {
  using home = Identities.of(AGENT_AND_HUMAN);
  const shown = async (hub: string) =>
    JSON.parse((await home.identity(["show", "--hub", hub, "--json"])).stdout);
  assert.deepEqual(await shown(HUB), {
    hub: HUB,
    type: "agent",
    name: "composer-v2",
    id: "agt_def456",
    capabilities: ["read:*", "write:midi", "commit"],
    expires_at: null,
    token: "set",
    expired: false,
  });
  assert.deepEqual(await shown("person.example"), HUMAN);
});

Deno.test("`identity show` reports an expired token", async () => {
  using home = Identities.of(
    `["musehub.ai"]\ntoken = "${TOKEN}"\nexpires_at = "${NOW.toISOString()}"\n`,
  );
  const { code, stdout } = await home.identity(["show"]);
  assert.equal(code, 0);
  assert.match(stdout, /^Expires +2026-11-20 12:00 UTC \(expired\)$/m);
  assert.equal(JSON.parse((await home.identity(["show", "--json"])).stdout).expired, true);
  const before = { now: () => new Date(NOW.getTime() - 1) };
  assert.doesNotMatch((await home.identity(["show"], before)).stdout, /expired/);
});

Deno.test("`identity show` exits with 4 without an identity", async () => {
  using home = new Identities();
  for (
    const args of [["show"], ["show", "--json"], ["show", "--hub", HUB], [
      "show",
      "--hub",
      HUB,
      "--json",
    ]]
  ) {
    const { code, stdout, stderr } = await home.identity(args);
    assert.equal(code, 4);
    assert.equal(stdout, "");
    const text = args.includes("--json") ? errorTextIn(stderr) : stderr;
    assert.match(text, /^Error: No identity .*\n {2}.*`arcade identity add --hub \S+`\n$/);
  }
  assert.throws(() => Deno.statSync(home.folder), Deno.errors.NotFound);
});

Deno.test("`identity show` without a hub shows the only identity, or else Arcade's", async () => {
  using home = Identities.of('["b.example"]\ntoken = "b"\n');
  const hub = async (env = {}) =>
    JSON.parse((await home.identity(["show", "--json"], { env })).stdout).hub;
  assert.equal(await hub(), "b.example");
  home.writeFile('["b.example"]\ntoken = "b"\n["api.arcade.dev"]\ntoken = "a"\n');
  assert.equal(await hub(), "api.arcade.dev");
  home.writeFile(
    `${home.readFile()}["cloud.arcade.dev"]\ntoken = "c"\n["127.0.0.1:8000"]\ntoken = "d"\n`,
  );
  assert.equal(await hub(), "cloud.arcade.dev");
  assert.equal(await hub({ ARCADE_COORDINATOR_URL: "http://127.0.0.1:8000" }), "127.0.0.1:8000");

  home.writeFile(AGENT_AND_HUMAN);
  const { code, stderr } = await home.identity(["show"]);
  assert.equal(code, 2);
  assert.match(stderr, /Choose one with `--hub`: musehub\.ai, person\.example\n$/);
});

Deno.test("`identity show` reports a corrupt entry", async () => {
  using home = Identities.of('["musehub.ai"]\ntoken = ["CANARY"]\n');
  for (const args of [["show"], ["show", "--hub", HUB]]) {
    const { code, stderr } = await home.identity(args);
    assert.equal(code, 1);
    assert.match(
      stderr,
      /identity\.toml is corrupt \(musehub\.ai\.token is missing or invalid\)/,
    );
    assert(!stderr.includes("CANARY"));
  }
});

Deno.test("`identity show` and `identity list` escape hostile names", async () => {
  using home = Identities.of(`["musehub.ai"]
type = "agent"
name = "e\\u001b[2J\\n\\u202e"
id = "\\u009b31m"
token = "${TOKEN}"
capabilities = ["\\r\\u0007"]
`);
  for (
    const args of [["show"], ["list"], ["can", "x", "--hub", HUB], ["can", "\x1b[2J", "--hub", HUB]]
  ) {
    const { stdout, stderr } = await home.identity(args);
    // deno-lint-ignore no-control-regex
    assert.doesNotMatch(stdout + stderr, /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/);
  }
});

Deno.test("`identity list` lists all identities", async () => {
  using home = Identities.of(
    `${AGENT_AND_HUMAN}expires_at = "2026-11-20T11:00:00Z"\n["no.example"]\nname = "N"\n`,
  );
  const { code, stdout, stderr } = await home.identity(["list"]);
  assert.equal(code, 0);
  assert.equal(stderr, "");
  assert.deepEqual(stdout.split("\n").map((line) => line.split(/ {2,}/)), [
    ["Hub", "Type", "Name", "ID", "Token", "Capabilities", "Expires"],
    [
      "musehub.ai",
      "agent",
      "composer-v2",
      "agt_def456",
      "set (Bearer ***)",
      "read:*, write:midi, commit",
    ],
    ["person.example", "human", "set (Bearer ***)", "expired"],
    ["no.example", "human", "N", "not set"],
    [""],
  ]);
});

Deno.test("`identity list --json` has stable keys", async () => {
  using home = Identities.of(`${AGENT_AND_HUMAN}["odd.example"]\ntoken = 1\n`);
  const { stdout } = await home.identity(["list", "--json"]);
  const list = JSON.parse(stdout);
  assert.deepEqual(Object.keys(list), ["identities", "unusable"]);
  assert.deepEqual(list.identities[1], HUMAN);
  assert.deepEqual(list.unusable, [
    { hub: "odd.example", problem: "odd.example.token is missing or invalid" },
  ]);
});

Deno.test("`identity list` reports corrupt entries and lists the others", async () => {
  using home = Identities.of(`["odd.example"]\ntoken = 1\n${AGENT_AND_HUMAN}`);
  const { code, stdout, stderr } = await home.identity(["list"]);
  assert.equal(code, 0);
  assert.match(stdout, /^musehub\.ai /m);
  assert.equal(
    stderr,
    "Warning: the entry for odd.example cannot be used: odd.example.token is missing or invalid\n",
  );
});

Deno.test("`identity list` without identities explains how to add one", async () => {
  using home = new Identities();
  const { code, stdout, stderr } = await home.identity(["list"]);
  assert.equal(code, 0);
  assert.equal(stdout, "");
  assert.match(stderr, /^No identities yet\. Store one with `arcade identity add/);
  assert.deepEqual(JSON.parse((await home.identity(["list", "--json"])).stdout), {
    identities: [],
    unusable: [],
  });
});
