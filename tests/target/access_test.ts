import assert from "node:assert/strict";
import { Sensitive } from "../../src/secrecy/sensitive.ts";
import { type IdentityChange, saveIdentity } from "../../src/store/hub_identities_changes.ts";
import type { Environment } from "../../src/contract/variables.ts";
import { Answers, json, type Seen } from "../support/answers.ts";
import { Services } from "../support/services.ts";
import { InProcess, InProcessArcade } from "../support/in_process.ts";

/** Both services, with two organizations and no other data. */
function emptyArcade(): Services {
  const organizations = [
    { org_id: "org_1", name: "First" },
    { org_id: "org_2", name: "Second", is_default: true },
  ];
  return new Services(({ path }) =>
    path === "/api/v1/orgs" ? json({ data: { items: organizations } }) : undefined
  );
}

async function store(home: InProcess, hub: string, change: IdentityChange = {}): Promise<void> {
  const file = { path: `${home.folder}/identity.toml` };
  await saveIdentity(file, hub, { token: new Sensitive("tok-of-the-hub"), ...change });
}

/** A home with a login at a server; its token is `access-token-of-the-test`. */
function homeAt(url: string): InProcess {
  const home = new InProcess();
  home.writeCredentials();
  home.moveLogin({ coordinator: url, engine: url });
  home.env = { ARCADE_ENGINE_URL: url, ARCADE_COORDINATOR_URL: url };
  return home;
}

const LOGIN = "Bearer access-token-of-the-test";
const SCOPED = "/v1/orgs/org_1/projects/proj_1/secrets";
const UNSCOPED = "/v1/admin/secrets";
const KEY = { ARCADE_API_KEY: "key" };
const TOKEN = { ARCADE_TOKEN: "tok" };

interface Resolution {
  readonly env: Environment;
  readonly isStored: boolean;
  readonly secretList: [authorization: string, path: string];
  readonly orgList: string;
  readonly sources: [engine: string, coordinator: string];
}
const HUB = "Bearer tok-of-the-hub";
const resolutions: Resolution[] = [
  {
    env: { ...KEY, ...TOKEN },
    isStored: true,
    secretList: ["Bearer key", UNSCOPED],
    orgList: "Bearer tok",
    sources: ["ARCADE_API_KEY", "ARCADE_TOKEN"],
  },
  {
    env: KEY,
    isStored: true,
    secretList: ["Bearer key", UNSCOPED],
    orgList: HUB,
    sources: ["ARCADE_API_KEY", "identity"],
  },
  {
    env: KEY,
    isStored: false,
    secretList: ["Bearer key", UNSCOPED],
    orgList: LOGIN,
    sources: ["ARCADE_API_KEY", "login"],
  },
  {
    env: TOKEN,
    isStored: true,
    secretList: ["Bearer tok", UNSCOPED],
    orgList: "Bearer tok",
    sources: ["ARCADE_TOKEN", "ARCADE_TOKEN"],
  },
  {
    env: {},
    isStored: true,
    secretList: [HUB, UNSCOPED],
    orgList: HUB,
    sources: ["identity", "identity"],
  },
  {
    env: { ARCADE_API_KEY: " ", ARCADE_TOKEN: "" },
    isStored: false,
    secretList: [LOGIN, SCOPED],
    orgList: LOGIN,
    sources: ["login", "login"],
  },
];
for (const { env, isStored, secretList, orgList, sources } of resolutions) {
  const given = [...Object.keys(env), ...(isStored ? ["an identity"] : []), "a login"].join(", ");
  Deno.test(`with ${given} the first applicable credential is used, and whoami shows it`, async () => {
    await using server = emptyArcade();
    using home = homeAt(server.url);
    if (isStored) await store(home, new URL(server.url).host);
    assert.equal((await home.run(["secret", "list"], { env })).code, 0);
    assert.equal((await home.run(["org", "list"], { env })).code, 0);
    const [secrets, orgs] = server.seen;
    assert.deepEqual([secrets?.authorization, secrets?.path], secretList);
    assert.equal(orgs?.authorization, orgList);
    const whoami = JSON.parse((await home.run(["whoami", "--json"], { env })).stdout);
    assert.deepEqual([whoami.source, whoami.coordinator_source], sources);
    assert.equal(whoami.email, "someone@example.com");
    assert.equal(whoami.identity === null, sources[0] !== "identity");
    const text = await home.run(["whoami"], { env });
    assert.equal(/^Credential/.test(text.stdout), sources[0] !== "login");
  });
}

Deno.test("`whoami` without a login shows the credential of requests, and fails without any", async () => {
  using home = new InProcess();
  for (const env of [KEY, TOKEN]) {
    const { code, stdout } = await home.run(["whoami"], { env });
    assert.equal(code, 0);
    const engine = "Engine        https://api.arcade.dev\n";
    assert.equal(stdout, `Credential    ${Object.keys(env)[0]}\n${engine}`);
  }
  const json = JSON.parse((await home.run(["whoami", "--json"], { env: KEY })).stdout);
  assert.deepEqual([json.source, json.coordinator_source, json.email], [
    "ARCADE_API_KEY",
    null,
    null,
  ]);
  assert.equal((await home.run(["whoami"])).code, 4);
  await store(home, "api.arcade.dev", {
    type: "agent",
    name: "composer",
    capabilities: ["read:*"],
  });
  const agent = await home.run(["whoami"]);
  assert.equal(
    agent.stdout,
    "Credential    the identity for api.arcade.dev: agent composer\n" +
      "Engine        https://api.arcade.dev\n",
  );
  const { identity } = JSON.parse((await home.run(["whoami", "--json"])).stdout);
  assert.deepEqual(identity, {
    hub: "api.arcade.dev",
    type: "agent",
    name: "composer",
    id: null,
    capabilities: ["read:*"],
    expires_at: null,
    token: "set",
  });
});

Deno.test("an identity applies to exactly its host, and only with a token", async () => {
  await using server = emptyArcade();
  const { hostname, port } = new URL(server.url);
  for (const hub of [hostname, `${hostname}:${Number(port) + 1}`, `localhost:${port}`]) {
    using home = homeAt(server.url);
    await store(home, hub);
    assert.equal((await home.run(["secret", "list"])).code, 0);
    assert.equal(server.seen.at(-1)?.authorization, LOGIN, hub);
  }
  using home = homeAt(server.url);
  await store(home, `${hostname}:${port}`);
  await store(home, `${hostname}:${port}`, { token: new Sensitive("") });
  assert.equal((await home.run(["secret", "list"])).code, 0);
  assert.equal(server.seen.at(-1)?.authorization, LOGIN);
});

const agents: [capabilities: string[], args: string[], missing: RegExp | undefined][] = [
  [["secrets:read"], ["secret", "list"], undefined],
  [["secrets:*"], ["secret", "list"], undefined],
  [["*"], ["secret", "set", "A=1"], undefined],
  [["secrets:read", "secrets:write"], ["secret", "unset", "A"], undefined],
  [["secrets:read"], ["secret", "set", "A=1", "--dry-run"], undefined],
  [[], ["secret", "list"], /lacks secrets:read on/],
  [["secrets"], ["secret", "list"], /lacks secrets:read/],
  [["secrets:readonly"], ["secret", "list"], /lacks secrets:read/],
  [["read:*"], ["secret", "list"], /lacks secrets:read/],
  [["secrets:read"], ["secret", "set", "A=1"], /lacks secrets:write/],
  [["secrets:write"], ["secret", "unset", "A"], /lacks secrets:read on/],
  [[], ["secret", "set", "A=1"], /lacks secrets:read and secrets:write/],
  [["secrets:*"], ["org", "list"], /lacks orgs:read/],
  [["orgs:read"], ["org", "list"], undefined],
  [["servers:read"], ["server", "list"], undefined],
  [["servers:read"], ["server", "enable", "x"], /lacks servers:write/],
  [["servers:read"], ["tool", "list"], /lacks tools:read/],
  [["orgs:read"], ["project", "list"], /lacks projects:read/],
  [["projects:read"], ["project", "list"], undefined],
];
for (const [capabilities, args, missing] of agents) {
  const allowed = missing ? "rejected before any request" : "allowed";
  Deno.test(`an agent with [${capabilities}] is ${allowed}: ${args.join(" ")}`, async () => {
    await using server = emptyArcade();
    using home = homeAt(server.url);
    await store(home, new URL(server.url).host, { type: "agent", name: "composer", capabilities });
    const { code, stderr } = await home.run(args);
    if (!missing) {
      assert.equal(code, 0, stderr);
      assert(server.seen.every(({ authorization }) => authorization === HUB));
      return;
    }
    assert.equal(code, 4);
    assert.match(stderr, /^Error: The agent "composer" /m);
    assert.match(stderr, missing);
    assert.deepEqual(server.seen, []);
  });
}

Deno.test("humans are not restricted by capabilities", async () => {
  await using server = emptyArcade();
  using home = homeAt(server.url);
  await store(home, new URL(server.url).host, { type: "human", capabilities: ["nothing"] });
  assert.equal((await home.run(["secret", "list"])).code, 0);
  assert.equal(server.seen[0]?.authorization, HUB);
});

for (const type of ["human", "agent"] as const) {
  Deno.test(`an expired token of ${type === "human" ? "a human" : "an agent"} is rejected before any request`, async () => {
    await using server = emptyArcade();
    using home = homeAt(server.url);
    const expiresAt = new Date("2026-01-01T00:00:00Z");
    await store(home, new URL(server.url).host, { type, capabilities: ["*"], expiresAt });
    const { code, stderr } = await home.run(["secret", "list"]);
    assert.equal(code, 4);
    assert.match(
      stderr,
      /The token for 127\.0\.0\.1:\d+ expired on 2026-01-01 00:00 UTC\n {2}Store one with `arcade/,
    );
    assert.deepEqual(server.seen, []);
    const before = () => new Date("2025-12-31T00:00:00Z");
    assert.equal((await home.run(["secret", "list"], { now: before })).code, 0);
  });
}

for (const env of [KEY, TOKEN, {}]) {
  const what = Object.keys(env)[0] ?? "an identity";
  Deno.test(`the token of ${what} is not sent after a redirect to another port`, async () => {
    const strangers: Seen[] = [];
    await using stranger = new Answers((seen) => {
      strangers.push(seen);
      return json({ items: [] });
    });
    await using server = new Answers(() =>
      new Response(null, { status: 307, headers: { location: `${stranger.url}/v1/secrets` } })
    );
    using home = homeAt(server.url);
    await store(home, new URL(server.url).host);
    await store(home, new URL(stranger.url).host, { token: new Sensitive("of-the-stranger") });
    const { code, stderr } = await home.run(["secret", "list"], { env });
    assert.equal(code, 7);
    assert.match(stderr, /which was not followed/);
    assert.deepEqual(strangers, []);
  });

  Deno.test(`the token of ${what} is not sent to another machine without encryption`, async () => {
    using home = new InProcess();
    home.writeCredentials();
    home.moveLogin({ engine: "http://arcade.invalid" });
    await store(home, "arcade.invalid:80");
    await store(home, "arcade.invalid");
    const engine = { ARCADE_ENGINE_URL: "http://arcade.invalid" };
    const { code, stderr } = await home.run(["secret", "list"], { env: { ...env, ...engine } });
    assert.equal(code, 2);
    assert.match(stderr, /Refusing to send a token to http:\/\/arcade\.invalid without encryption/);
  });
}

const refusals: [env: Environment, isStored: boolean, advice: RegExp][] = [
  [KEY, false, /Check ARCADE_API_KEY/],
  [TOKEN, false, /Check ARCADE_TOKEN/],
  [{}, true, /arcade identity add --hub 127\.0\.0\.1:\d+/],
];
for (const [env, isStored, advice] of refusals) {
  Deno.test(`the error for a refused token names its source: ${advice.source}`, async () => {
    await using server = new Answers(() => json({ message: "no" }, { status: 401 }));
    using home = homeAt(server.url);
    if (isStored) await store(home, new URL(server.url).host);
    const { code, stderr } = await home.run(["secret", "list"], { env });
    assert.equal(code, 4);
    assert.match(stderr, advice);
  });
}

Deno.test("without a login the default organization's projects are listed", async () => {
  await using server = emptyArcade();
  using home = homeAt(server.url);
  const { stdout } = await home.run(["project", "list", "--json"], { env: TOKEN });
  assert.deepEqual(JSON.parse(stdout).organization, { id: "org_2", name: "Second" });
  assert.deepEqual(server.seen.map(({ path }) => path), [
    "/api/v1/orgs",
    "/api/v1/orgs/org_2/projects",
  ]);
});

Deno.test("a token from the environment needs no home and no files", async () => {
  await using server = emptyArcade();
  using home = homeAt(server.url);
  home.write("not credentials");
  for (const env of [KEY, TOKEN]) {
    assert.equal((await home.run(["secret", "list"], { env })).code, 0);
  }
  assert.equal((await home.run(["org", "list"], { env: TOKEN })).code, 0);
});

Deno.test("`org set` and `project set` change the login, whatever other credential exists", async () => {
  await using playground = await InProcessArcade.loggedIn();
  const { home } = playground;
  const { code, stderr } = await home.run(["project", "set", "Default project"], { env: TOKEN });
  assert.equal(code, 0, stderr);
});

Deno.test("the login of a self-hosted Arcade is used only for its own engine", async () => {
  await using playground = await InProcessArcade.loggedIn();
  const { home, arcade } = playground;
  const elsewhere = { ARCADE_COORDINATOR_URL: "", ARCADE_ENGINE_URL: "" };
  assert.equal((await home.run(["secret", "list"], { env: elsewhere })).code, 0);
  home.write(home.read().replaceAll(/^ +engine_url: .*\n/gm, ""));
  const { code, stderr } = await home.run(["secret", "list"], { env: elsewhere });
  assert.equal(code, 2);
  assert.match(stderr, new RegExp(`The engine of ${arcade.url} is unknown`));
});

Deno.test("`org list` with an API key and without a login reports that it needs a login", async () => {
  using home = new InProcess();
  const { code, stderr } = await home.run(["org", "list"], { env: { ARCADE_API_KEY: "arc_key" } });
  assert.equal(code, 4);
  assert.match(
    stderr,
    /^Error: ARCADE_API_KEY .* cannot list organizations.*\n {2}.*`arcade login`/,
  );
});

Deno.test("ARCADE_URL is the engine for ARCADE_API_KEY, after --host and ARCADE_ENGINE_URL", async () => {
  await using named = emptyArcade();
  await using other = emptyArcade();
  const env = { ARCADE_API_KEY: "arc_key", ARCADE_URL: named.url };
  using home = new InProcess();
  const list = ["secret", "list"];
  assert.equal((await home.run(list, { env })).code, 0);
  assert.deepEqual([named.seen.length, other.seen.length], [1, 0]);
  assert.equal((await home.run(list, { env: { ...env, ARCADE_ENGINE_URL: other.url } })).code, 0);
  const { host } = new URL(other.url);
  assert.equal((await home.run([...list, "--host", host, "--no-tls"], { env })).code, 0);
  assert.deepEqual([named.seen.length, other.seen.length], [1, 2]);
  // The default scheme is https, as in the Python CLI.
  const urls: string[] = [];
  const fetch = (input: RequestInfo | URL) => {
    urls.push(input instanceof Request ? input.url : String(input));
    return Promise.resolve(Response.json({ items: [] }));
  };
  await home.run(list, { env: { ...env, ARCADE_URL: "engine.example/" }, fetch });
  assert.match(urls[0] ?? "", /^https:\/\/engine\.example\/v1\/admin\/secrets/);
  const wrong = await home.run(list, { env: { ...env, ARCADE_URL: "ftp://engine.example" } });
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /ARCADE_URL is not an http or https address/);
});

Deno.test("ARCADE_URL does not affect the requests of a login", async () => {
  await using playground = await InProcessArcade.loggedIn();
  await using other = emptyArcade();
  const env = { ARCADE_URL: other.url };
  assert.equal((await playground.home.run(["secret", "list"], { env })).code, 0);
  assert.deepEqual(other.seen, []);
});

Deno.test("a terminal shows once that ARCADE_API_KEY is used instead of a login", async () => {
  await using server = emptyArcade();
  using home = new InProcess();
  const env = { ARCADE_API_KEY: "arc_key", ARCADE_URL: server.url };
  const notice = "Using ARCADE_API_KEY instead of your login\n";
  const list = (terminal: boolean) => home.run(["secret", "list"], { env, terminal });
  assert(!(await list(true)).stderr.includes(notice), "The notice appears without a login");
  home.writeCredentials();
  assert.equal((await list(true)).stderr.split(notice).length, 2);
  assert(!(await list(false)).stderr.includes(notice));
});
