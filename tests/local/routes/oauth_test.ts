import assert from "node:assert/strict";
import { codeFor, exchange, post, refresh, rowCounts, signIn, start, whoAmI } from "../harness.ts";

function assertRefused(
  answer: { status: number; at: (name: string) => unknown; headers: Headers },
  error: string,
): void {
  assert.equal(answer.status, 400);
  assert.equal(answer.at("error"), error);
  assert.equal(typeof answer.at("error_description"), "string");
  assert.equal(answer.headers.get("cache-control"), "no-store");
}

Deno.test("a code used twice is refused, and its tokens are revoked", async () => {
  await using fixture = await start();
  const code = await codeFor(fixture.url);
  const tokens = await exchange(fixture.url, code);
  assert.equal((await whoAmI(fixture.url, tokens.textAt("access_token"))).status, 200);
  assertRefused(await exchange(fixture.url, code), "invalid_grant");
  assert.equal((await whoAmI(fixture.url, tokens.textAt("access_token"))).status, 401);
  assertRefused(await refresh(fixture.url, tokens.textAt("refresh_token")), "invalid_grant");
});

Deno.test("a code used again much later still revokes its tokens", async () => {
  await using fixture = await start();
  const code = await codeFor(fixture.url);
  const tokens = await exchange(fixture.url, code);
  fixture.pass(30 * 24 * 3600);
  await signIn(fixture.url);
  const renewed = await refresh(fixture.url, tokens.textAt("refresh_token"));
  assert.equal(renewed.status, 200);
  assertRefused(await exchange(fixture.url, code), "invalid_grant");
  assert.equal((await whoAmI(fixture.url, renewed.textAt("access_token"))).status, 401);
});

Deno.test("a code expires after 60 seconds", async () => {
  await using fixture = await start();
  const [early, late] = [await codeFor(fixture.url), await codeFor(fixture.url)];
  fixture.pass(59);
  assert.equal((await exchange(fixture.url, early)).status, 200);
  fixture.pass(1);
  assertRefused(await exchange(fixture.url, late), "invalid_grant");
});

Deno.test("a code is bound to its client, verifier and redirect address", async () => {
  await using fixture = await start();
  const { url } = fixture;
  const code = await codeFor(url);
  const otherVerifier = { code_verifier: "x".repeat(43) };
  assertRefused(await exchange(url, code, otherVerifier), "invalid_grant");
  const otherRedirect = { redirect_uri: "http://127.0.0.1:9906/callback" };
  assertRefused(await exchange(url, code, otherRedirect), "invalid_grant");
  assertRefused(await exchange(url, code, { code_verifier: "short" }), "invalid_request");
  assertRefused(await exchange(url, code, { code_verifier: "" }), "invalid_request");
  assertRefused(await exchange(url, code, { client_id: "someone-else" }), "invalid_client");
  assertRefused(await exchange(url, "arcl_ac_guess"), "invalid_grant");
  assert.equal((await exchange(url, code)).status, 200);
});

Deno.test("the token endpoint refuses what OAuth does not allow", async () => {
  await using fixture = await start();
  const token = `${fixture.url}/oauth2/token`;
  assertRefused(await post(token, { grant_type: "refresh_token" }), "invalid_client");
  const client_id = "arcade-cli";
  assertRefused(await post(token, { client_id }), "invalid_request");
  assertRefused(await post(token, { client_id, grant_type: "password" }), "unsupported_grant_type");
  assertRefused(await post(token, { client_id, grant_type: "refresh_token" }), "invalid_request");
  const body = "client_id=arcade-cli&grant_type=refresh_token&refresh_token=a&refresh_token=b";
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  const twice = await fetch(token, { method: "POST", headers, body });
  assert.equal((await twice.json()).error, "invalid_request");
});

Deno.test("a refresh token is issued only with offline_access", async () => {
  await using fixture = await start();
  const code = await codeFor(fixture.url, { overrides: { scope: "openid unknown" } });
  const tokens = await exchange(fixture.url, code);
  assert.equal(tokens.at("refresh_token"), undefined);
  assert.equal(tokens.at("scope"), "openid");
});

Deno.test("refreshing rotates, and a retired refresh token revokes the whole family", async () => {
  await using fixture = await start();
  const { url } = fixture;
  const first = await signIn(url);
  const other = await signIn(url);
  const second = await refresh(url, first.refresh);
  assert.notEqual(second.textAt("refresh_token"), first.refresh);
  const third = await refresh(url, second.textAt("refresh_token"));
  assert.equal(
    (await whoAmI(url, third.textAt("access_token"))).at("data", "account_id"),
    first.account,
  );

  assertRefused(await refresh(url, first.refresh), "invalid_grant");
  assertRefused(await refresh(url, third.textAt("refresh_token")), "invalid_grant");
  for (
    const access of [first.access, second.textAt("access_token"), third.textAt("access_token")]
  ) {
    assert.equal((await whoAmI(url, access)).status, 401);
  }
  assert.equal((await whoAmI(url, other.access)).status, 200);
});

Deno.test("an expired access token is refused as such, and its refresh token still works", async () => {
  await using fixture = await start({ tokenTtlSeconds: 60 });
  const session = await signIn(fixture.url);
  fixture.pass(59);
  assert.equal((await whoAmI(fixture.url, session.access)).status, 200);
  fixture.pass(1);
  const refused = await whoAmI(fixture.url, session.access);
  assert.equal(refused.status, 401);
  assert.match(refused.headers.get("www-authenticate") ?? "", /^Bearer error="invalid_token"/);
  assert.equal(typeof refused.at("message"), "string");
  const renewed = await refresh(fixture.url, session.refresh);
  assert.equal(renewed.at("expires_in"), 60);
  assert.equal((await whoAmI(fixture.url, renewed.textAt("access_token"))).status, 200);
});

Deno.test("a refresh token expires after 90 days", async () => {
  await using fixture = await start();
  const session = await signIn(fixture.url);
  fixture.pass(90 * 24 * 3600);
  assertRefused(await refresh(fixture.url, session.refresh), "invalid_grant");
});

Deno.test("a sign-in is deleted once its last token has expired", async () => {
  await using fixture = await start();
  await signIn(fixture.url);
  const first = rowCounts(fixture);
  for (let i = 0; i < 3; i++) {
    fixture.pass(90 * 24 * 3600);
    await signIn(fixture.url);
    assert.deepEqual(rowCounts(fixture), first);
  }
});

Deno.test("revoking a refresh token revokes its family; revoking an access token revokes only itself", async () => {
  await using fixture = await start();
  const { url } = fixture;
  const revoke = (token: string, client_id = "arcade-cli") =>
    post(`${url}/oauth2/revoke`, { token, client_id });
  const session = await signIn(url);
  const other = await signIn(url);

  assert.equal((await revoke(session.access)).status, 200);
  assert.equal((await whoAmI(url, session.access)).status, 401);
  const renewed = await refresh(url, session.refresh);
  assert.equal((await revoke(renewed.textAt("refresh_token"))).status, 200);
  assert.equal((await whoAmI(url, renewed.textAt("access_token"))).status, 401);
  assertRefused(await refresh(url, renewed.textAt("refresh_token")), "invalid_grant");

  assert.equal((await revoke("unknown")).status, 200);
  assertRefused(await revoke(other.access, "someone-else"), "invalid_client");
  assertRefused(await revoke(""), "invalid_request");
  assert.equal((await whoAmI(url, other.access)).status, 200);
});
