import assert from "node:assert/strict";
import { Answers, json } from "../support/answers.ts";
import { InProcess, InProcessArcade } from "../support/in_process.ts";

const CHALLENGE = 'Bearer realm="arcade", error="insufficient_user_authentication", ' +
  'error_description="Log in with a passkey", error_uri="https://example.com/passkeys"';

function refusal(challenge: string): Response {
  return json({ message: "no" }, { status: 401, headers: { "www-authenticate": challenge } });
}

Deno.test("a login that is too weak is not renewed: the reason is shown, and the login is removed", async () => {
  await using playground = await InProcessArcade.loggedIn();
  const { home, arcade } = playground;
  await using engine = new Answers(() => refusal(CHALLENGE));
  home.moveLogin({ engine: engine.url });
  home.env = {};
  const renewals = () => playground.requests.filter(({ path }) => path === "/oauth2/token").length;
  const before = renewals();
  const { code, stderr } = await home.run(["secret", "list"]);
  assert.equal(code, 4);
  assert.equal(
    stderr,
    "Error: Log in with a passkey\n  Set one up in your account settings, then run " +
      "`arcade login`. Learn more: https://example.com/passkeys\n",
  );
  assert.equal(engine.seen.length, 1);
  assert.equal(renewals(), before);
  assert.doesNotMatch(home.read(), /access_token|refresh_token/);
  assert.match((await home.run(["whoami"])).stderr, /Not logged in/);
  // The context is kept, with its addresses.
  const { contexts } = JSON.parse((await home.run(["context", "list", "--json"])).stdout);
  assert.deepEqual([contexts[0].coordinator_url, contexts[0].email], [arcade.url, null]);
});

Deno.test("a challenge without a reason has a next step, also for a token from the environment", async () => {
  await using engine = new Answers(() => refusal("Bearer error=insufficient_user_authentication"));
  using home = new InProcess();
  const env = { ARCADE_TOKEN: "CANARY-token", ARCADE_ENGINE_URL: engine.url };
  const { code, stderr } = await home.run(["secret", "list"], { env });
  assert.equal(code, 4);
  assert.match(stderr, /requires a login with a passkey or an authenticator app/);
});

Deno.test("a reason that contains the token is not shown", async () => {
  await using engine = new Answers(({ authorization }) =>
    refusal(
      `Bearer error=insufficient_user_authentication, error_description="for ${authorization}"`,
    )
  );
  using home = new InProcess();
  const env = { ARCADE_TOKEN: "CANARY-token", ARCADE_ENGINE_URL: engine.url };
  const { stderr } = await home.run(["secret", "list"], { env });
  assert(!stderr.includes("CANARY"), stderr);
});

Deno.test("a login whose account needs stronger authentication is refused and revoked", async () => {
  await using playground = await InProcessArcade.start();
  const { home, requests } = playground;
  const weak: typeof fetch = async (input, init) => {
    const response = await fetch(input, init);
    if (!String(input).endsWith("/api/v1/auth/whoami")) return response;
    const { data } = await response.json();
    return Response.json({ data: { ...data, mfa: { status: "unmet" } } });
  };
  const { code, stderr } = await home.run(["login", "--callback-port", "0"], { fetch: weak });
  assert.equal(code, 4);
  assert.match(stderr, /Error: The organization requires a login with a passkey/);
  assert.deepEqual(home.files(), [".credentials.lock"]);
  assert(requests.some(({ path }) => path === "/oauth2/revoke"));
});

for (
  const [uri, isShown] of [
    ["https://example.com/why", true],
    ["javascript:alert(1)", false],
    ["file:///etc/passwd", false],
  ] as const
) {
  Deno.test(`the error_uri ${uri} of the token endpoint is ${isShown ? "" : "not "}shown`, async () => {
    await using playground = await InProcessArcade.start();
    const { home } = playground;
    const refusing: typeof fetch = async (input, init) => {
      if (!String(input).endsWith("/oauth2/token")) return await fetch(input, init);
      const body = { error: "invalid_grant", error_description: "Too old", error_uri: uri };
      return Response.json(body, { status: 400 });
    };
    const { code, stderr } = await home.run(["login", "--callback-port", "0"], { fetch: refusing });
    assert.equal(code, 4);
    assert.match(stderr, /The server refused the login: Too old/);
    assert.equal(stderr.includes(uri), isShown);
  });
}

Deno.test("a web page with 401 or 403 ends no login, whatever it requires, and renews none", async () => {
  for (const status of [401, 403]) {
    await using playground = await InProcessArcade.loggedIn();
    const { home, requests } = playground;
    const headers = { "www-authenticate": CHALLENGE, "content-type": "text/html" };
    await using gateway = new Answers(() => new Response("<html>Log in", { status, headers }));
    home.moveLogin({ engine: gateway.url });
    home.env = {};
    const [before, count] = [home.read(), requests.length];
    const { code, stderr } = await home.run(["secret", "list"]);
    assert.equal(code, 7);
    assert.match(stderr, /answered with a web page instead of JSON/);
    assert.doesNotMatch(stderr, /arcade login|arcade logout/);
    assert.equal(home.read(), before);
    assert.deepEqual([gateway.seen.length, requests.length], [1, count]);
  }
});

Deno.test("a login that another process has renewed is not removed", async () => {
  using home = new InProcess();
  home.writeCredentials();
  await using engine = new Answers(() => {
    home.write(home.read().replace("access-token-of-the-test", "access-token-of-another-process"));
    return refusal(CHALLENGE);
  });
  home.moveLogin({ engine: engine.url });
  assert.equal((await home.run(["secret", "list"])).code, 4);
  assert.match(home.read(), /access_token: access-token-of-another-process\n/);
});
