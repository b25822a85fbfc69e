import assert from "node:assert/strict";
import {
  authorizeUrl,
  call,
  codeFor,
  exchange,
  hidden,
  post,
  query,
  REDIRECT_URI,
  signIn,
  start,
  whoAmI,
} from "../harness.ts";

Deno.test("the OAuth configuration has absolute endpoints at the requested host", async () => {
  await using fixture = await start();
  const { port } = fixture.arcade;
  for (const host of ["127.0.0.1", "localhost"]) {
    const settings = await call(`http://${host}:${port}/api/v1/auth/cli_config`);
    assert.deepEqual(settings.at(), {
      client_id: "arcade-cli",
      authorization_endpoint: `http://${host}:${port}/oauth2/authorize`,
      token_endpoint: `http://${host}:${port}/oauth2/token`,
      device_authorization_endpoint: `http://${host}:${port}/oauth2/device_authorization`,
      revocation_endpoint: `http://${host}:${port}/oauth2/revoke`,
    });
  }
});

Deno.test("signing in with a new account creates tokens, an organization and a project", async () => {
  await using fixture = await start();
  const { url } = fixture;
  const page = await call(authorizeUrl(url));
  assert.equal(page.status, 200);
  assert.match(page.headers.get("content-type") ?? "", /^text\/html/);
  assert(page.text.includes("developer@arcade.local"), "The default account is not offered");
  const decided = await post(`${url}/oauth2/authorize/decision`, {
    authorization: hidden(page.text, "authorization"),
    account: "new",
    email: " ada@example.com ",
    decision: "approve",
  });
  assert.equal(decided.status, 303);
  assert(decided.headers.get("location")?.startsWith(`${REDIRECT_URI}?`));
  assert.equal(query(decided).get("state"), "the-state");

  const tokens = await exchange(url, query(decided).get("code") ?? "");
  assert.equal(tokens.status, 200);
  assert.equal(tokens.headers.get("cache-control"), "no-store");
  assert.match(tokens.textAt("access_token"), /^arcl_at_[\w-]{43}$/);
  assert.match(tokens.textAt("refresh_token"), /^arcl_rt_[\w-]{43}$/);
  assert.equal(tokens.at("expires_in"), 3600);
  assert.equal(tokens.at("token_type"), "Bearer");
  assert.equal(tokens.at("scope"), "openid offline_access");

  const who = await whoAmI(url, tokens.textAt("access_token"));
  assert.equal(who.at("data", "email"), "ada@example.com");
  assert.equal(who.at("data", "organizations", 0, "is_default"), true);
  assert.equal(who.at("data", "projects", 0, "name"), "Default project");
});

Deno.test("an existing account is offered, and its e-mail address matches in any case", async () => {
  await using fixture = await start();
  const { url } = fixture;
  const first = await signIn(url, "ada@example.com");
  const page = await call(authorizeUrl(url));
  assert(page.text.includes("ada@example.com"));
  const decided = await post(`${url}/oauth2/authorize/decision`, {
    authorization: hidden(page.text, "authorization"),
    account: first.account,
    decision: "approve",
  });
  const tokens = await exchange(url, query(decided).get("code") ?? "");
  const who = await whoAmI(url, tokens.textAt("access_token"));
  assert.equal(who.at("data", "account_id"), first.account);
  assert.equal((await signIn(url, "ADA@example.com")).account, first.account);
});

Deno.test("denying redirects with access_denied and no code", async () => {
  await using fixture = await start();
  const page = await call(authorizeUrl(fixture.url));
  const decided = await post(`${fixture.url}/oauth2/authorize/decision`, {
    authorization: hidden(page.text, "authorization"),
    decision: "deny",
  });
  assert.equal(query(decided).get("error"), "access_denied");
  assert.equal(query(decided).get("state"), "the-state");
  assert.equal(query(decided).get("code"), null);
});

Deno.test("a pending authorization can be decided once, within ten minutes", async () => {
  await using fixture = await start();
  const decide = async (page: { text: string }) =>
    (await post(`${fixture.url}/oauth2/authorize/decision`, {
      authorization: hidden(page.text, "authorization"),
      email: "ada@example.com",
      decision: "approve",
    })).status;
  const once = await call(authorizeUrl(fixture.url));
  const late = await call(authorizeUrl(fixture.url));
  assert.equal(await decide(once), 303);
  assert.equal(await decide(once), 400);
  fixture.pass(600);
  assert.equal(await decide(late), 400);
  const unknown = { authorization: "arcl_pa_guess", decision: "deny" };
  const guessed = await post(`${fixture.url}/oauth2/authorize/decision`, unknown);
  assert.equal(guessed.status, 400);
});

Deno.test("after an invalid e-mail address the page asks again, and the sign-in can continue", async () => {
  await using fixture = await start();
  const { url } = fixture;
  const authorization = hidden((await call(authorizeUrl(url))).text, "authorization");
  const decide = (email: string) =>
    post(`${url}/oauth2/authorize/decision`, { authorization, email, decision: "approve" });
  const bad = ["", "ada", "ada@", "@x", "a@b@c", "a b@c", "ada\u0007@x", `${"a".repeat(254)}@x`];
  for (const email of bad) {
    const again = await decide(email);
    assert.equal(again.status, 422, JSON.stringify(email));
    assert.equal(hidden(again.text, "authorization"), authorization);
  }
  assert.equal((await decide("ada@example.com")).status, 303);
});

Deno.test("an unknown client or redirect address gets an error page, not a redirect", async () => {
  await using fixture = await start({ autoApprove: true });
  const redirects = [
    undefined,
    "https://127.0.0.1:9905/callback",
    "http://127.0.0.1:9905/other",
    "http://127.0.0.1:9905/callback?x=1",
    "http://127.0.0.1:99999/callback",
    "http://127.0.0.1.example.com:9905/callback",
    "http://evil@127.0.0.1:9905/callback",
    "http://10.0.0.1:9905/callback",
    "http://localhost.example.com:9905/callback",
    "javascript:alert(1)",
  ];
  const requests = [
    ...redirects.map((redirect_uri) => authorizeUrl(fixture.url, { redirect_uri })),
    authorizeUrl(fixture.url, { client_id: "someone-else" }),
    authorizeUrl(fixture.url, { client_id: undefined }),
    `${authorizeUrl(fixture.url)}&redirect_uri=${encodeURIComponent("http://[::1]:1/callback")}`,
  ];
  for (const request of requests) {
    const answer = await call(request);
    assert.equal(answer.status, 400, request);
    assert.equal(answer.headers.get("location"), null);
    assert.match(answer.headers.get("content-type") ?? "", /^text\/html/);
  }
});

Deno.test("all loopback redirects are allowed, at any port", async () => {
  await using fixture = await start({ autoApprove: true });
  for (const host of ["127.0.0.1", "[::1]", "localhost"]) {
    const redirect_uri = `http://${host}:51234/callback`;
    const answer = await call(authorizeUrl(fixture.url, { redirect_uri }));
    assert.equal(answer.status, 302);
    assert(answer.headers.get("location")?.startsWith(`${redirect_uri}?code=`));
  }
});

Deno.test("other errors of the client are reported in the redirect", async () => {
  await using fixture = await start({ autoApprove: true });
  const mistakes: [string, Record<string, string | undefined>][] = [
    ["unsupported_response_type", { response_type: "token" }],
    ["invalid_request", { response_type: undefined }],
    ["invalid_request", { code_challenge: undefined }],
    ["invalid_request", { code_challenge: "short" }],
    ["invalid_request", { code_challenge_method: "plain" }],
    ["invalid_request", { code_challenge_method: undefined }],
    ["invalid_request", { state: undefined }],
    ["invalid_scope", { scope: "everything" }],
  ];
  for (const [error, overrides] of mistakes) {
    const answer = await call(authorizeUrl(fixture.url, overrides));
    assert.equal(answer.status, 302, error);
    assert.equal(query(answer).get("error"), error);
    assert.notEqual(query(answer).get("error_description"), null);
    assert.equal(query(answer).get("state"), "state" in overrides ? null : "the-state");
    assert.equal(query(answer).get("code"), null);
  }
  const twice = await call(`${authorizeUrl(fixture.url)}&scope=openid`);
  assert.equal(query(twice).get("error"), "invalid_request");
});

Deno.test("with autoApprove the default account is signed in without a page", async () => {
  await using fixture = await start({ autoApprove: true });
  const answer = await call(authorizeUrl(fixture.url));
  assert.equal(query(answer).get("state"), "the-state");
  const tokens = await exchange(fixture.url, query(answer).get("code") ?? "");
  const who = await whoAmI(fixture.url, tokens.textAt("access_token"));
  assert.equal(who.at("data", "email"), "developer@arcade.local");
});

Deno.test("the policy of the sign-in page allows its form to redirect to the callback, and no scripts", async () => {
  await using fixture = await start();
  const policyOf = async (redirect_uri: string) => {
    const page = await call(authorizeUrl(fixture.url, { redirect_uri }));
    assert.equal(page.headers.get("referrer-policy"), "same-origin");
    assert.equal(page.headers.get("x-frame-options"), "DENY");
    assert.equal(page.headers.get("x-content-type-options"), "nosniff");
    assert.equal(page.headers.get("cache-control"), "no-store");
    const style = /<style>([^]*?)<\/style>/.exec(page.text)?.[1] ?? "";
    const bytes = new Uint8Array(
      await crypto.subtle.digest("SHA-256", new TextEncoder().encode(style)),
    );
    const policy = page.headers.get("content-security-policy") ?? "";
    assert(policy.startsWith("default-src 'none'; "));
    assert(policy.includes(`style-src 'sha256-${btoa(String.fromCharCode(...bytes))}'`));
    return policy;
  };
  assert.match(await policyOf(REDIRECT_URI), /form-action 'self' http:\/\/127\.0\.0\.1:9905;/);
  assert.match(await policyOf("http://[::1]:9905/callback"), /form-action 'self' http:;/);
});

Deno.test("the page escapes hostile e-mail addresses", async () => {
  await using fixture = await start();
  await codeFor(fixture.url, { email: '"><script>alert(1)</script>@x' });
  const page = await call(authorizeUrl(fixture.url));
  assert(!page.text.includes("<script>"));
  assert(page.text.includes("&lt;script&gt;alert(1)&lt;/script&gt;@x"));
});
