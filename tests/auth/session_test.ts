import assert from "node:assert/strict";
import { Failure } from "../../src/failure.ts";
import { parseExpiry } from "../../src/store/expiry.ts";
import { Answers, closedPort, json, RawAnswers } from "../support/answers.ts";
import { InProcess, InProcessArcade } from "../support/in_process.ts";
import { oauthSettings, Services } from "../support/services.ts";
import { AwaitedLocks } from "../support/locks.ts";

const DUE = "2020-01-01T00:00:00.000000+00:00";

/** A coordinator and engine with the given token endpoint. */
function services(token: (form: URLSearchParams) => Response): Services {
  return new Services(({ path, body, authorization }) => {
    if (path === "/token") return token(new URLSearchParams(body));
    if (path === "/revoke") return json({}, { status: 404 });
    if (path.endsWith("/secrets") && authorization === "Bearer old") {
      return json({}, { status: 401 });
    }
  });
}

function pointAt(home: InProcess, { url }: Answers | { url: string }): void {
  home.moveLogin({ coordinator: url, engine: url });
}

const renewed = {
  access_token: "new",
  refresh_token: "new-refresh",
  expires_in: 3600,
  token_type: "bearer",
};

/** The stored lifetime, how long the token is still valid, and whether it is renewed. All in seconds. */
const DUE_TIMES = [
  [3600, 301, false],
  [3600, 299, true],
  [300, 31, false], // the default of Keycloak
  [300, 29, true],
  [undefined, 61, false], // as the Python CLI leaves it
  [undefined, 59, true],
  ["'soon'", 61, false],
  ["'soon'", 59, true],
  [-5, 61, false],
] as const;
for (const [lifetime, left, isRenewed] of DUE_TIMES) {
  const ends = `of ${lifetime ?? "unknown"} s that ends in ${left} s`;
  Deno.test(`an access token ${ends} is ${isRenewed ? "" : "not "}renewed`, async () => {
    using home = new InProcess();
    const now = new Date("2026-11-20T12:00:00Z");
    const end = new Date(now.getTime() + left * 1000);
    home.writeCredentials({ expiresAt: end.toISOString() });
    if (lifetime !== undefined) setLifetime(home, lifetime);
    await using server = services((form) => {
      assert.equal(form.get("grant_type"), "refresh_token");
      assert.equal(form.get("refresh_token"), "refresh-token-of-the-test");
      assert.equal(form.get("client_id"), "arcade-cli");
      return json(renewed);
    });
    pointAt(home, server);
    const { code, stderr } = await home.run(["secret", "list"], { now: () => now });
    assert.equal(code, 0, stderr);
    assert.equal(server.seen.filter(({ path }) => path === "/token").length, isRenewed ? 1 : 0);
    const used = server.seen.find(({ path }) => path.endsWith("/secrets"))?.authorization;
    assert.equal(used, isRenewed ? "Bearer new" : "Bearer access-token-of-the-test");
    assert.equal(/refresh_token: new-refresh/.test(home.read()), isRenewed);
    if (isRenewed) assert.match(home.read(), /^ +lifetime_seconds: 3600$/m);
    assert.equal(
      parseExpiry(/expires_at: '(.*)'/.exec(home.read())?.[1] ?? "")?.getTime(),
      isRenewed ? now.getTime() + 3_600_000 : end.getTime(),
    );
  });
}

function setLifetime(home: InProcess, lifetime: string | number): void {
  home.write(
    home.read().replace(/^( +)(expires_at: .*)$/m, `$1$2\n$1lifetime_seconds: ${lifetime}`),
  );
}

for (const stored of ["refresh_token: ''", "other: x"]) {
  Deno.test(`a login with \`${stored}\` is used until its token ends, and not renewed`, async () => {
    using home = new InProcess();
    home.writeCredentials({ expiresAt: "2026-11-20T12:00:01.000Z" });
    home.write(home.read().replace(/refresh_token: .*/, stored));
    await using server = services(() => json(renewed));
    pointAt(home, server);
    const list = (time: string) =>
      home.run(["secret", "list"], { now: () => new Date(`2026-11-20T${time}Z`) });
    const before = await list("12:00:00");
    assert.deepEqual([before.code, before.stderr.includes("Warning")], [0, false], before.stderr);
    const after = await list("12:00:01");
    assert.equal(after.code, 4);
    assert.match(after.stderr, /The login at http\S+ has expired/);
    assert.deepEqual(server.seen.filter(({ path }) => path === "/token"), []);
  });
}

Deno.test("a response without a refresh token keeps the old one", async () => {
  using home = new InProcess();
  home.writeCredentials({ expiresAt: DUE });
  await using server = services(() => json({ ...renewed, refresh_token: undefined }));
  pointAt(home, server);
  assert.equal((await home.run(["secret", "list"])).code, 0);
  assert.match(home.read(), /access_token: new\n/);
  assert.match(home.read(), /refresh_token: refresh-token-of-the-test/);
});

Deno.test("a refused refresh asks to log in again and keeps the file", async () => {
  using home = new InProcess();
  home.writeCredentials({ expiresAt: DUE });
  await using server = services(() => json({ error: "invalid_grant" }, { status: 400 }));
  pointAt(home, server);
  const before = home.read();
  const { code, stderr } = await home.run(["secret", "list"]);
  assert.equal(code, 4);
  assert.match(stderr, /Run `arcade login`/);
  assert.equal(home.read(), before);
});

Deno.test("a network failure during a refresh is reported and keeps the file", async () => {
  using home = new InProcess();
  home.writeCredentials({ expiresAt: DUE });
  using server = new RawAnswers("");
  pointAt(home, server);
  const before = home.read();
  const { code, stderr } = await home.run(["secret", "list"]);
  assert.equal(code, 7);
  assert.match(stderr, /Cannot reach/);
  assert.doesNotMatch(stderr, /Log in again/);
  assert.equal(home.read(), before);
});

Deno.test("a server failure during a refresh does not count as a refusal", async () => {
  using home = new InProcess();
  home.writeCredentials({ expiresAt: DUE });
  await using server = services(() => new Response("<html>", { status: 503 }));
  pointAt(home, server);
  const before = home.read();
  const { code, stderr } = await home.run(["secret", "list"]);
  assert.equal(code, 7);
  assert.match(stderr, /failed \(503\)/);
  assert.equal(home.read(), before);
});

Deno.test("a web page as the response to a refresh is reported and keeps the file", async () => {
  using home = new InProcess();
  home.writeCredentials({ expiresAt: DUE });
  await using server = services(() => new Response("<html>Sign in to the network"));
  pointAt(home, server);
  const before = home.read();
  const { code, stderr } = await home.run(["secret", "list"]);
  assert.equal(code, 7);
  assert.match(stderr, /web page instead of JSON/);
  assert.equal(home.read(), before);
});

Deno.test("a refused token that is not due is renewed once", async () => {
  using home = new InProcess();
  home.writeCredentials({ accessToken: "old" });
  await using server = services(() => json(renewed));
  pointAt(home, server);
  const { code, stderr } = await home.run(["secret", "list"]);
  assert.equal(code, 0, stderr);
  assert.equal(server.seen.filter(({ path }) => path === "/token").length, 1);
});

Deno.test("a refused new token is a failure, not a loop", async () => {
  using home = new InProcess();
  home.writeCredentials({ accessToken: "old" });
  await using server = services(() => json({ ...renewed, access_token: "old" }));
  pointAt(home, server);
  const { code, stderr } = await home.run(["secret", "list"]);
  assert.equal(code, 4);
  assert.match(stderr, /\(401\)/);
  assert.equal(server.seen.filter(({ path }) => path === "/token").length, 1);
});

Deno.test("parallel requests share one renewal", async () => {
  await using playground = await InProcessArcade.loggedIn({ tokenTtlSeconds: 600 });
  const { home } = playground;
  const later = () => new Date(Date.now() + 590_000);
  const keys = Array.from({ length: 20 }, (_, i) => `KEY${i}=v${i}`);
  const { code, stderr } = await home.run(["secret", "set", ...keys], { now: later });
  assert.equal(code, 0, stderr);
  const again = await home.run(["secret", "list", "--json"], { now: later });
  assert.equal(JSON.parse(again.stdout).secrets.length, 20);
});

Deno.test("two commands that refresh at once do not invalidate each other's token", async () => {
  await using playground = await InProcessArcade.loggedIn({ tokenTtlSeconds: 600 });
  const { home } = playground;
  const due = () => new Date(Date.now() + 590_000);
  const results = await Promise.all(
    [1, 2, 3, 4].map(() => home.run(["org", "list"], { now: due })),
  );
  assert.deepEqual(results.map(({ code }) => code), [0, 0, 0, 0], results[0]?.stderr);
  assert.equal((await home.run(["org", "list"])).code, 0);
});

const legacy = "cloud:\n  api:\n    key: arc_legacy\n  user:\n    email: e\n";
for (
  const command of [["whoami"], ["org", "list"], ["project", "set", "p"], ["secret", "list"], [
    "secret",
    "unset",
    "A",
  ]]
) {
  Deno.test(`${command.join(" ")} with the older kind of credentials explains the next step`, async () => {
    using home = new InProcess();
    home.write(legacy);
    const { code, stderr } = await home.run(command);
    assert.equal(code, 4);
    assert.match(stderr, /arcade logout` .*deletes the key.*arcade login/);
    assert(!stderr.includes("arc_legacy"));
    assert.equal(home.read(), legacy);
  });
  Deno.test(`${command.join(" ")} without a login asks to log in`, async () => {
    using home = new InProcess();
    const { code, stderr, stdout } = await home.run(command);
    assert.equal(code, 4);
    const inCi = command[0] === "secret" ? ", or set ARCADE_API_KEY in CI" : "";
    assert.equal(stderr, `Error: Not logged in\n  Run \`arcade login\`${inCi}\n`);
    assert.equal(stdout, "");
  });
}

/** Token responses with invalid optional fields; all required fields are valid. */
const SLOPPY: Record<string, Record<string, unknown>> = {
  "refresh_token null": { refresh_token: null },
  "an empty refresh_token": { refresh_token: "" },
  "refresh_token of another type": { refresh_token: 5 },
  "scope null": { scope: null },
  "scope as a list": { scope: ["openid"] },
  "expires_in null": { expires_in: null },
  "expires_in as text": { expires_in: "3600" },
  "an invalid expires_in": { expires_in: "soon" },
  "a negative lifetime": { expires_in: -1 },
  "a lifetime of 0": { expires_in: 0 },
  "a lifetime of 8000 years": { expires_in: 2.5e11 },
  "an infinite lifetime": { expires_in: 1e300 },
  "token_type null": { token_type: null },
  "no token_type": { token_type: undefined },
  "an invalid ID token": { id_token: 5 },
  "other fields": { error: null, extra: { a: [1] } },
};
for (const [what, fields] of Object.entries(SLOPPY)) {
  Deno.test(`a token response with ${what} keeps the login`, async () => {
    using home = new InProcess();
    home.writeCredentials({ expiresAt: DUE });
    await using server = services(() => json({ ...renewed, ...fields }));
    pointAt(home, server);
    const { code, stderr } = await home.run(["secret", "list"]);
    assert.equal(code, 0, stderr);
    assert.match(home.read(), /access_token: new\n/);
    const isNew = fields.refresh_token === undefined && !("refresh_token" in fields);
    const kept = isNew ? "new-refresh" : "refresh-token-of-the-test";
    assert.match(home.read(), new RegExp(`refresh_token: ${kept}\n`));
    const whoami = await home.run(["whoami", "--json"]);
    assert.equal(whoami.code, 0, whoami.stderr);
    const end = Date.parse(JSON.parse(whoami.stdout).token_expires_at);
    assert(end > Date.now() + 1000_000, "The new token is due immediately");
    assert(end < Date.parse("2100-01-01"));
  });
}

const ANCHORS: Record<string, string> = {
  "a mapping that contains itself": "extra: &loop\n  self: *loop\n",
  "an anchor within the login": "extra: &a {b: 1}\nagain: *a\n",
  "aliases that would expand to 9^11 strings": [
    "a0: &a0 [x, x, x, x, x, x, x, x, x]",
    ...Array.from(
      { length: 11 },
      (_, i) => `a${i + 1}: &a${i + 1} [${Array(9).fill(`*a${i}`).join(", ")}]`,
    ),
    "",
  ].join("\n"),
};
for (const [what, more] of Object.entries(ANCHORS)) {
  for (const place of ["outside the login", "inside the login"]) {
    Deno.test(`a credentials file with ${what} ${place} survives a renewal`, async () => {
      using home = new InProcess();
      home.writeCredentials({ expiresAt: DUE });
      await using server = services(() => json(renewed));
      pointAt(home, server);
      home.write(
        place === "outside the login"
          ? home.read() + more
          : home.read() + more.replaceAll(/^(?=.)/gm, "  "),
      );
      const { code, stderr } = await home.run(["secret", "list"]);
      assert.equal(code, 0, stderr);
      assert(home.read().length < 10_000);
      assert.match(home.read(), /access_token: new\n/);
      const again = await home.run(["project", "set", "nothing"]);
      assert.equal(again.code, 1, again.stderr); // the file was read, and the project is unknown
      assert.equal((await home.run(["logout"])).code, 0);
    });
  }
}

/** Credentials below 1 MiB that exceed it when written: quotes in a string with U+0085 are escaped. */
function growing(credentials: string): string {
  return `${credentials}extra: '\u0085${'"'.repeat(600_000)}'\n`;
}

Deno.test("a refresh token is not used if the new one cannot be stored", async () => {
  using home = new InProcess();
  home.writeCredentials({ expiresAt: DUE });
  await using server = services(() => json(renewed));
  pointAt(home, server);
  home.write(growing(home.read()));
  const before = home.read();
  const { code, stderr } = await home.run(["secret", "list"]);
  assert.equal(code, 1);
  assert.match(stderr, /credentials\.yaml would be larger than 1 MiB/);
  assert.deepEqual(server.seen, []);
  assert.equal(home.read(), before);
  assert.deepEqual(home.files(), [".credentials.lock", "credentials.yaml"]);
});

const SOON = () => new Date("2999-01-01T00:00:00Z").getTime() - 30_000;
const OUTAGES: Record<string, () => Response> = {
  "a failing token endpoint": () => json({ message: "down" }, { status: 500 }),
  "a web page": () => new Response("<html>"),
  "a response without a token": () => json({ token_type: "Bearer" }),
  "404": () => json({}, { status: 404 }),
};
for (const [what, answer] of Object.entries(OUTAGES)) {
  Deno.test(`a valid token is still used when its renewal fails with ${what}`, async () => {
    using home = new InProcess();
    home.writeCredentials();
    await using server = services(answer);
    pointAt(home, server);
    const before = home.read();
    const args = ["secret", "set", "-f", "-"];
    const { code, stderr } = await home.run(args, {
      stdin: ["A=b\nC=d\n"],
      now: () => new Date(SOON()),
    });
    assert.equal(code, 0, stderr);
    assert.match(stderr, /Warning: Could not renew the login/);
    assert.equal(stderr.match(/Warning/g)?.length, 1);
    assert.equal(server.seen.filter(({ path }) => path === "/token").length, 1);
    const { authorization } = server.seen.find(({ path }) => path.endsWith("/secrets")) ?? {};
    assert.equal(authorization, "Bearer access-token-of-the-test");
    assert.equal(home.read(), before);
  });
}

Deno.test("a valid token is still used when its issuer is unreachable", async () => {
  using home = new InProcess();
  home.writeCredentials();
  await using server = services(() => json(renewed));
  pointAt(home, server);
  home.moveLogin({ coordinator: `http://127.0.0.1:${closedPort()}` });
  const now = () => new Date(SOON());
  const { code, stderr } = await home.run(["secret", "list"], { now });
  assert.equal(code, 0, stderr);
  assert.match(
    stderr,
    /Warning: Could not renew the login, which expires at .*Nothing is listening/,
  );
});

Deno.test("a valid token is still used when the new one could not be stored", async () => {
  using home = new InProcess();
  home.writeCredentials();
  await using server = services(() => json(renewed));
  pointAt(home, server);
  home.write(growing(home.read()));
  const now = () => new Date(SOON());
  const { code, stderr } = await home.run(["secret", "list"], { now });
  assert.equal(code, 0, stderr);
  assert.match(stderr, /Warning: Could not renew the login, which expires at .*1 MiB/);
  assert.deepEqual(server.seen.map(({ path }) => path.replace(/.*\//, "")), ["secrets"]);
});

for (const [isValid, asked] of [[true, 1], [false, 3]] as const) {
  const token = isValid ? "is still valid" : "has expired";
  Deno.test(`an issuer that is down gets ${asked} requests when the token ${token}`, async () => {
    using home = new InProcess();
    home.writeCredentials(isValid ? {} : { expiresAt: DUE });
    await using server = new Answers(({ path }) =>
      path.endsWith("/secrets")
        ? json({ items: [] })
        : json({}, { status: 503, headers: { "retry-after": "7" } })
    );
    pointAt(home, server);
    const now = () => new Date(SOON());
    const { code, pauses } = await home.run(["secret", "list"], { now });
    assert.equal(code, isValid ? 0 : 7);
    assert.equal(server.seen.filter(({ path }) => path.endsWith("/cli_config")).length, asked);
    assert.equal(pauses.length, asked - 1);
  });
}

Deno.test("a renewal waits for the lock for two and a half response timeouts", async () => {
  await using _locks = new AwaitedLocks();
  using home = new InProcess();
  home.writeCredentials({ expiresAt: DUE });
  using held = Deno.openSync(`${home.folder}/.credentials.lock`, { create: true, write: true });
  held.lockSync(true);
  const { code, stderr } = await home.run(["secret", "list"], { timeoutMs: 100 });
  assert.equal(code, 1);
  assert.match(stderr, /Another process has held .*\.credentials\.lock for more than 0\.25 s/);
});

Deno.test("a renewal in progress is stored even if the command is interrupted", async () => {
  using home = new InProcess();
  home.writeCredentials({ expiresAt: DUE });
  const interruption = new AbortController();
  await using server = services(() => {
    interruption.abort(new Failure("interrupted", "Cancelled"));
    return json(renewed);
  });
  pointAt(home, server);
  const { code } = await home.run(["secret", "set", "A=b"], { interruption: interruption.signal });
  assert.equal(code, 130);
  assert.match(home.read(), /refresh_token: new-refresh\n/);
  assert.deepEqual(server.seen.map(({ path }) => path), ["/api/v1/auth/cli_config", "/token"]);
});

Deno.test("`org set` keeps the tokens that another process renewed in the meantime", async () => {
  using home = new InProcess();
  home.writeCredentials();
  await using server = new Answers(({ path }) => {
    if (path.endsWith("/projects")) {
      home.write(home.read().replaceAll("-of-the-test", "-of-another-process"));
    }
    const item = { name: "Second", is_default: true, organization_id: "org_2", project_id: "p_2" };
    return json({ data: { items: [item] } });
  });
  pointAt(home, server);
  const { code, stderr } = await home.run(["org", "set", "Second"]);
  assert.equal(code, 0, stderr);
  assert.match(home.read(), /org_id: org_2\n/);
  assert.match(home.read(), /refresh_token: refresh-token-of-another-process\n/);
  assert.doesNotMatch(home.read(), /of-the-test/);
});

Deno.test("a refresh token is not sent without TLS if its issuer uses TLS", async () => {
  using home = new InProcess();
  home.writeCredentials({ expiresAt: DUE });
  await using server = services(() => json(renewed));
  home.moveLogin({ coordinator: "https://issuer.example", engine: server.url });
  const before = home.read();
  // The issuer is reached over TLS, but has endpoints without it.
  const fetchFromIssuer: typeof fetch = (input, init) =>
    fetch(String(input).replace("https://issuer.example", server.url), init);
  const { code, stderr } = await home.run(["secret", "list"], { fetch: fetchFromIssuer });
  assert.equal(code, 1);
  assert.match(stderr, /https:\/\/issuer\.example offers a login address without TLS/);
  assert.deepEqual(server.seen.map(({ path }) => path), ["/api/v1/auth/cli_config"]);
  assert.equal(home.read(), before);
});

Deno.test("a refusal ends a login although its token is still valid", async () => {
  using home = new InProcess();
  home.writeCredentials();
  await using server = services(() => json({ error: "invalid_grant" }, { status: 400 }));
  pointAt(home, server);
  const now = () => new Date(SOON());
  const { code, stderr } = await home.run(["secret", "list"], { now });
  assert.equal(code, 4, stderr);
  assert.match(stderr, /The login at http\S+ has expired/);
});

Deno.test("tokens renewed by the Python CLI at the same time are used", async () => {
  using home = new InProcess();
  home.writeCredentials({ expiresAt: DUE });
  await using server = services(() => {
    // The Python CLI uses no lock. It was first, and its tokens are in the file.
    home.writeCredentials({ accessToken: "of-python", refreshToken: "of-python" });
    pointAt(home, server);
    return json({ error: "invalid_grant" }, { status: 400 });
  });
  pointAt(home, server);
  const { code, stderr } = await home.run(["secret", "list"]);
  assert.equal(code, 0, stderr);
  assert.match(home.read(), /access_token: of-python/);
});

Deno.test("a refresh token is sent only to the server that issued it", async () => {
  for (const command of [["secret", "list"], ["logout"]]) {
    using home = new InProcess();
    home.writeCredentials({ expiresAt: DUE });
    await using other = new Answers(() => json(renewed));
    await using server: Answers = new Answers(() =>
      json({
        ...oauthSettings(other.url),
      })
    );
    pointAt(home, server);
    const issued = "authorization_server: https://sso.example.com";
    home.write(home.read().replace(/^( +)(expires_at: .*)$/m, `$1$2\n$1${issued}`));
    const { code, stderr } = await home.run(command);
    const [expected, said] = command[0] === "logout"
      ? [0, /Warning: Could not revoke the login/]
      : [1, /now names http:\S+ for logins, but yours is from https:\/\/sso\.example\.com/];
    assert.equal(code, expected, stderr);
    assert.match(stderr, said);
    assert.deepEqual(other.seen, []);
  }
});

/** Endpoints of a login that do not belong together. `own` is the coordinator. */
const MIXED: Record<string, (own: string) => Record<string, string>> = {
  "another token endpoint": () => ({ token_endpoint: "http://127.0.0.1:1/token" }),
  "a token endpoint of the cloud": (own) => ({
    authorization_endpoint: `${own}/authorize`,
    token_endpoint: "https://cloud.arcade.dev/token",
  }),
  "all endpoints of the cloud": () => ({
    authorization_endpoint: "https://cloud.arcade.dev/authorize",
    token_endpoint: "https://cloud.arcade.dev/token",
    revocation_endpoint: "https://cloud.arcade.dev/revoke",
  }),
  "another revocation endpoint": () => ({ revocation_endpoint: "http://127.0.0.1:1/revoke" }),
  "another device endpoint": () => ({ device_authorization_endpoint: "http://127.0.0.1:1/device" }),
  "another authorization endpoint": () => ({ authorization_endpoint: "http://127.0.0.1:1/a" }),
};
for (const [what, change] of Object.entries(MIXED)) {
  for (const command of [["secret", "list"], ["logout"], ["login", "--device"], ["login"]]) {
    Deno.test(`\`${command.join(" ")}\` sends nothing to a coordinator with ${what}`, async () => {
      using home = new InProcess();
      await using server: Answers = new Answers(() =>
        json({
          ...oauthSettings(server.url),
          ...change(server.url),
        })
      );
      if (command[0] !== "login") {
        home.writeCredentials({ expiresAt: DUE });
        pointAt(home, server);
      }
      const { code, stderr } = await home.run(command, {
        env: { ARCADE_COORDINATOR_URL: server.url },
        browse: () => assert.fail("opened"),
      });
      assert.equal(code, command[0] === "logout" ? 0 : 1, stderr);
      if (command[0] !== "logout") assert.match(stderr, /login addresses of/);
      assert.deepEqual(server.seen.map(({ path }) => path), ["/api/v1/auth/cli_config"]);
    });
  }
}
