import assert from "node:assert/strict";
import {
  type Answer,
  call,
  challengeOf,
  CODE_VERIFIER,
  post,
  SCOPE,
  start,
  whoAmI,
} from "../harness.ts";

const CLIENT = { client_id: "arcade-cli" };

function authorizeDevice(url: string): Promise<Answer> {
  return post(`${url}/oauth2/device_authorization`, { ...CLIENT, scope: SCOPE });
}

function poll(
  url: string,
  device: Answer,
  verifier: Record<string, string> = {},
): Promise<Answer> {
  return post(`${url}/oauth2/token`, {
    ...CLIENT,
    grant_type: "urn:ietf:params:oauth:grant-type:device_code",
    device_code: device.textAt("device_code"),
    ...verifier,
  });
}

function decide(url: string, user_code: string, decision: string): Promise<Answer> {
  return post(`${url}/device/decision`, { user_code, decision, email: "ada@example.com" });
}

Deno.test("a device gets a device code and a user code", async () => {
  await using fixture = await start();
  const device = await authorizeDevice(fixture.url);
  assert.equal(device.status, 200);
  assert.match(device.textAt("user_code"), /^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/);
  assert.equal(device.at("verification_uri"), `${fixture.url}/device`);
  assert.equal(
    device.at("verification_uri_complete"),
    `${fixture.url}/device?user_code=${device.textAt("user_code")}`,
  );
  assert.equal(device.at("expires_in"), 600);
  assert.equal(device.at("interval"), 5);
  const unknown = await post(`${fixture.url}/oauth2/device_authorization`, { client_id: "x" });
  assert.equal(unknown.at("error"), "invalid_client");
});

Deno.test("an approved device gets tokens once", async () => {
  await using fixture = await start();
  const { url } = fixture;
  const device = await authorizeDevice(url);
  assert.equal((await poll(url, device)).at("error"), "authorization_pending");

  assert((await call(`${url}/device`)).text.includes('name="user_code"'));
  const confirm = await call(device.textAt("verification_uri_complete"));
  assert(confirm.text.includes(device.textAt("user_code")));
  // As a user may type it: without the dash, in lower case.
  const typed = device.textAt("user_code").replace("-", " ").toLowerCase();
  assert.equal((await call(`${url}/device?user_code=${encodeURIComponent(typed)}`)).status, 200);
  // A redirect, so that a reload does not decide again.
  const approved = await decide(url, typed, "approve");
  assert.equal(approved.status, 303);
  assert.match((await call(url + approved.headers.get("location"))).text, /You&#39;re signed in/);
  assert.equal((await decide(url, typed, "deny")).status, 404);

  const tokens = await poll(url, device);
  assert.equal(tokens.status, 200);
  const who = await whoAmI(url, tokens.textAt("access_token"));
  assert.equal(who.at("data", "email"), "ada@example.com");
  assert.equal(tokens.at("scope"), SCOPE);
  assert.equal((await poll(url, device)).at("error"), "invalid_grant");
});

Deno.test("a device that sent a code challenge gets tokens with its verifier only (RFC 7636)", async () => {
  await using fixture = await start();
  const { url } = fixture;
  const challenge = challengeOf(CODE_VERIFIER);
  const ask = (parameters: Record<string, string>) =>
    post(`${url}/oauth2/device_authorization`, { ...CLIENT, scope: SCOPE, ...parameters });
  for (const code_challenge_method of ["plain", ""]) {
    const refused = await ask({ code_challenge: challenge, code_challenge_method });
    assert.deepEqual([refused.status, refused.at("error")], [400, "invalid_request"]);
  }
  const device = await ask({ code_challenge: challenge, code_challenge_method: "S256" });
  await decide(url, device.textAt("user_code"), "approve");
  for (const verifier of [{}, { code_verifier: `${CODE_VERIFIER}x` }]) {
    assert.equal((await poll(url, device, verifier)).at("error"), "invalid_grant");
  }
  assert.equal((await poll(url, device, { code_verifier: CODE_VERIFIER })).status, 200);
});

Deno.test("a denied device gets access_denied", async () => {
  await using fixture = await start();
  const device = await authorizeDevice(fixture.url);
  const denied = await decide(fixture.url, device.textAt("user_code"), "deny");
  assert.equal(denied.status, 303);
  const page = await call(fixture.url + denied.headers.get("location"));
  assert.match(page.text, /The device has no access/);
  const refused = await poll(fixture.url, device);
  assert.equal(refused.status, 400);
  assert.equal(refused.at("error"), "access_denied");
});

Deno.test("polling too fast slows down by five seconds each time", async () => {
  await using fixture = await start();
  const { url } = fixture;
  const device = await authorizeDevice(url);
  const polled = async () => (await poll(url, device)).at("error");
  assert.equal(await polled(), "authorization_pending");
  fixture.pass(4);
  assert.equal(await polled(), "slow_down");
  fixture.pass(9);
  assert.equal(await polled(), "slow_down");
  fixture.pass(15);
  assert.equal(await polled(), "authorization_pending");
  fixture.pass(14);
  assert.equal(await polled(), "slow_down");
});

Deno.test("a device code expires after ten minutes, also on the page", async () => {
  await using fixture = await start();
  const device = await authorizeDevice(fixture.url);
  fixture.pass(600);
  assert.equal((await poll(fixture.url, device)).at("error"), "expired_token");
  assert.equal((await call(device.textAt("verification_uri_complete"))).status, 404);
  assert.equal((await decide(fixture.url, device.textAt("user_code"), "approve")).status, 404);
});

Deno.test("an unknown user code is not found, and an unknown device code is an invalid grant", async () => {
  await using fixture = await start();
  assert.equal((await call(`${fixture.url}/device?user_code=BBBB-BBBB`)).status, 404);
  const guess = await post(`${fixture.url}/oauth2/token`, {
    ...CLIENT,
    grant_type: "urn:ietf:params:oauth:grant-type:device_code",
    device_code: "guess",
  });
  assert.equal(guess.at("error"), "invalid_grant");
});

Deno.test("the device page asks again after an invalid e-mail address", async () => {
  await using fixture = await start();
  const device = await authorizeDevice(fixture.url);
  const user_code = device.textAt("user_code");
  const form = { user_code, decision: "approve", email: "nobody" };
  assert.equal((await post(`${fixture.url}/device/decision`, form)).status, 422);
  assert.equal((await poll(fixture.url, device)).at("error"), "authorization_pending");
});

Deno.test("with autoApprove a device is signed in immediately", async () => {
  await using fixture = await start({ autoApprove: true });
  const tokens = await poll(fixture.url, await authorizeDevice(fixture.url));
  const who = await whoAmI(fixture.url, tokens.textAt("access_token"));
  assert.equal(who.at("data", "email"), "developer@arcade.local");
});
