/** Tests that only the right servers get the tokens of a login, whatever the flags and variables. */

import assert from "node:assert/strict";
import type { Environment } from "../../src/contract/variables.ts";
import { Answers, json, type Seen } from "../support/answers.ts";
import { InProcess } from "../support/in_process.ts";
import { Services } from "../support/services.ts";

const ACCESS = "access-token-of-the-test";
const REFRESH = "refresh-token-of-the-test";
/** The tokens of a login, which no other server may get. */
const TOKENS = [ACCESS, REFRESH, "renewed-access-token", "renewed-refresh-token"];

/** A coordinator and engine in one, which can refuse one access token. */
function arcade(options: { readonly refuses?: string } = {}): Services {
  return new Services(({ path, authorization }) => {
    if (path === "/token") {
      return json({
        access_token: "renewed-access-token",
        refresh_token: "renewed-refresh-token",
        expires_in: 3600,
        token_type: "Bearer",
      });
    }
    if (options.refuses !== undefined && authorization === `Bearer ${options.refuses}`) {
      return json({ message: "expired" }, { status: 401 });
    }
    if (path === "/api/v1/orgs") return json({ data: { items: [{ org_id: "org_1", name: "F" }] } });
    if (path.startsWith("/api/v1/orgs/")) {
      return json({ data: { items: [{ project_id: "proj_1", name: "P" }] } });
    }
  });
}

/** The tokens that a server received. */
function tokensIn(seen: readonly Seen[]): string[] {
  const all = seen.map(({ path, authorization, body }) => `${path} ${authorization} ${body}`).join(
    "\n",
  );
  return TOKENS.filter((token) => all.includes(token));
}

const ORG = ["org", "list"];
const LIST = ["secret", "list"];
const coordinatorCommands = [ORG, ["org", "set", "F"], ["project", "list"], [
  "project",
  "set",
  "P",
]];
const engineCommands = [LIST, ["secret", "set", "A=b"], ["secret", "unset", "A"]];

const states = { fresh: {}, due: { expiresAt: "2020-01-01T00:00:00" }, refused: {} } as const;

for (const [state, changes] of Object.entries(states)) {
  const start = () => {
    const own = arcade(state === "refused" ? { refuses: ACCESS } : {});
    const stranger = arcade({ refuses: ACCESS });
    const home = new InProcess();
    home.writeCredentials(changes);
    home.moveLogin({ coordinator: own.url, engine: own.url });
    return { own, stranger, home };
  };

  for (const args of [...coordinatorCommands, ...engineCommands]) {
    const isEngine = engineCommands.includes(args);
    const line = `${args.join(" ")}, with a ${state} token`;

    Deno.test(`\`arcade ${line}\`: the tokens are sent to their own servers`, async () => {
      const { own, stranger, home } = start();
      await using _own = own;
      await using _stranger = stranger;
      using _home = home;
      const { code, stderr } = await home.run(args);
      assert.equal(code, 0, stderr);
      assert(tokensIn(own.seen).length > 0);
      assert.equal(own.seen.some(({ path }) => path === "/token"), state !== "fresh");
    });

    const others: [name: string, (url: string) => { env?: Environment; flags?: string[] }][] = [
      ["ARCADE_COORDINATOR_URL", (url) => ({ env: { ARCADE_COORDINATOR_URL: url } })],
      [
        "both variables",
        (url) => ({ env: { ARCADE_COORDINATOR_URL: url, ARCADE_ENGINE_URL: url } }),
      ],
      ...(isEngine
        ? [
          ["ARCADE_ENGINE_URL", (url) => ({ env: { ARCADE_ENGINE_URL: url } })],
          [
            "ARCADE_ENGINE_URL with --no-tls",
            (url) => ({ env: { ARCADE_ENGINE_URL: url }, flags: ["--no-tls"] }),
          ],
        ] satisfies [string, (url: string) => { env?: Environment; flags?: string[] }][]
        : [
          ["--host", (url) => ({ flags: ["--host", new URL(url).host, "--no-tls"] })],
          ["--port", (url) => ({ flags: ["--port", new URL(url).port] })],
        ] satisfies [string, (url: string) => { env?: Environment; flags?: string[] }][]),
    ];
    for (const [what, name] of others) {
      Deno.test(`arcade ${line}: ${what} is rejected before any request`, async () => {
        const { own, stranger, home } = start();
        await using _own = own;
        await using _stranger = stranger;
        using _home = home;
        const before = home.read();
        const { env = {}, flags = [] } = name(stranger.url);
        const { code, stdout, stderr } = await home.run([...args, ...flags], { env });
        assert.equal(code, 4, stderr);
        assert.equal(stdout, "");
        assert.deepEqual([own.seen, stranger.seen], [[], []]);
        assert(stderr.includes(own.url) && stderr.includes(stranger.url), stderr);
        assert.match(stderr, /ARCADE_TOKEN/);
        assert.match(stderr, isEngine && !env.ARCADE_COORDINATOR_URL ? /--host/ : /`arcade login`/);
        assert.equal(home.read(), before);
      });
    }
  }

  for (const args of engineCommands) {
    Deno.test(`\`arcade ${args.join(" ")} --host\`, with a ${state} token: the refresh token is sent to its issuer only`, async () => {
      const { own, stranger, home } = start();
      await using _own = own;
      await using _stranger = stranger;
      using _home = home;
      await using named = arcade(state === "refused" ? { refuses: ACCESS } : {});
      const host = ["--host", new URL(named.url).host, "--no-tls"];
      const { code, stderr } = await home.run([...args, ...host], {
        env: { ARCADE_ENGINE_URL: "http://127.0.0.1:1" },
      });
      assert.equal(code, 0, stderr);
      const seen = tokensIn(named.seen);
      assert.equal(seen.includes(REFRESH) || seen.includes("renewed-refresh-token"), false);
      assert(seen.includes(state === "fresh" ? ACCESS : "renewed-access-token"), seen.join());
      assert.deepEqual(
        own.seen.map(({ path }) => path).filter((path) => path.includes("secrets")),
        [],
      );
      assert.match(home.read(), new RegExp(`coordinator_url: ${own.url}`));
    });
  }

  Deno.test(`\`arcade logout\`, with a ${state} token, revokes at the issuer, whatever the variables`, async () => {
    const { own, stranger, home } = start();
    await using _own = own;
    await using _stranger = stranger;
    using _home = home;
    const env = { ARCADE_COORDINATOR_URL: stranger.url, ARCADE_ENGINE_URL: stranger.url };
    const { code, stderr } = await home.run(["logout"], { env });
    assert.equal(code, 0, stderr);
    assert.deepEqual(stranger.seen, []);
    assert(own.seen.some(({ path, body }) => path === "/revoke" && body.includes(REFRESH)));
  });
}

Deno.test("`logout` has no address flags, so its tokens cannot be sent elsewhere", async () => {
  await using stranger = arcade();
  using home = new InProcess();
  home.writeCredentials();
  const before = home.read();
  const { code } = await home.run(["logout", "--host", new URL(stranger.url).host]);
  assert.equal(code, 2);
  assert.deepEqual(stranger.seen, []);
  assert.equal(home.read(), before);
});

Deno.test("the token of a login without an engine is not sent to an engine from a variable", async () => {
  await using own = arcade();
  await using stranger = arcade();
  using home = new InProcess();
  home.writeCredentials();
  home.moveLogin({ coordinator: own.url });
  const { code, stderr } = await home.run(LIST, { env: { ARCADE_ENGINE_URL: stranger.url } });
  assert.equal(code, 4, stderr);
  assert.deepEqual([own.seen, stranger.seen], [[], []]);
});

Deno.test("variables with another spelling of the login's servers change nothing", async () => {
  await using own = arcade();
  using home = new InProcess();
  home.writeCredentials();
  home.moveLogin({ coordinator: own.url, engine: own.url });
  const env = {
    ARCADE_COORDINATOR_URL: `${own.url.replace("http", "HTTP")}/`,
    ARCADE_ENGINE_URL: ` ${own.url}/ `,
  };
  for (const args of [ORG, LIST]) assert.equal((await home.run(args, { env })).code, 0);
});

for (
  const [what, other] of [
    ["another account", { email: "other@example.com" }],
    ["another coordinator", { coordinator: "http://127.0.0.1:1" }],
  ] as const
) {
  Deno.test(`a command does not continue with a login of ${what}`, async () => {
    using home = new InProcess();
    await using own = arcade({ refuses: ACCESS });
    await using engine = new Answers(({ authorization }) => {
      if (authorization !== `Bearer ${ACCESS}`) return json({ items: [] });
      // Another login replaces this one in the meantime.
      home.writeCredentials({ accessToken: "token-of-the-other-login" });
      home.moveLogin({ coordinator: "coordinator" in other ? other.coordinator : own.url });
      if ("email" in other) home.write(home.read().replace("someone@example.com", other.email));
      return json({}, { status: 401 });
    });
    home.writeCredentials();
    home.moveLogin({ coordinator: own.url, engine: engine.url });
    const { code, stderr } = await home.run(LIST);
    assert.equal(code, 4);
    assert.match(stderr, /The login changed while the command was running/);
    assert.deepEqual(engine.seen.map(({ authorization }) => authorization), [`Bearer ${ACCESS}`]);
  });
}

Deno.test("a command continues with tokens renewed by another process", async () => {
  using home = new InProcess();
  await using own = arcade();
  await using engine = new Answers(({ authorization }) => {
    if (authorization !== `Bearer ${ACCESS}`) return json({ items: [] });
    home.writeCredentials({ accessToken: "renewed-elsewhere" });
    home.moveLogin({ coordinator: own.url, engine: engine.url });
    return json({}, { status: 401 });
  });
  home.writeCredentials();
  home.moveLogin({ coordinator: own.url, engine: engine.url });
  const { code, stderr } = await home.run(LIST);
  assert.equal(code, 0, stderr);
  assert.deepEqual(own.seen, []);
});

Deno.test("`org set` does not change the login of another account", async () => {
  using home = new InProcess();
  await using own: Answers = new Answers(({ path }) => {
    home.write(home.read().replace("someone@example.com", "other@example.com"));
    return json(
      path.endsWith("/orgs")
        ? { data: { items: [{ org_id: "org_9", name: "F" }] } }
        : { data: { items: [{ project_id: "proj_9", name: "P" }] } },
    );
  });
  home.writeCredentials();
  home.moveLogin({ coordinator: own.url });
  const { code } = await home.run(["org", "set", "F"]);
  assert.equal(code, 4);
  assert.doesNotMatch(home.read(), /org_9/);
});

Deno.test("a token in the data of a server is not shown", async () => {
  using home = new InProcess();
  const item = { id: ACCESS, key: ACCESS, binding: { type: ACCESS }, created_at: ACCESS };
  await using own = new Answers(({ path }) =>
    path.endsWith("/orgs")
      ? json({ data: { items: [{ org_id: ACCESS, name: `Org ${ACCESS}` }] } })
      : json({ items: [{ ...item, description: `x${ACCESS}x`, hint: ACCESS }] })
  );
  home.writeCredentials();
  home.moveLogin({ coordinator: own.url, engine: own.url });
  for (const args of [ORG, LIST]) {
    for (const flags of [[], ["--json"], ["--debug"]]) {
      const { code, stdout, stderr } = await home.run([...args, ...flags]);
      assert.equal(code, 0, stderr);
      assert(!(stdout + stderr).includes(ACCESS), stdout + stderr);
      assert.match(stdout, /\[hidden\]/);
    }
  }
});
