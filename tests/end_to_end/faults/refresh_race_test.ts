import assert from "node:assert/strict";
import { TestMachine } from "../../support/test_machine.ts";

const REFRESHED = "200 POST /oauth2/token";
const REFUSED = "400 POST /oauth2/token";

/** Runs a command several times at once. */
async function runTogether(machine: TestMachine, count: number, args: readonly string[]) {
  return await Promise.all(Array.from({ length: count }, () => machine.run(args)));
}

/** Fails if the login's family of tokens was revoked: it must still work and be renewable. */
async function assertStillLoggedIn(machine: TestMachine): Promise<void> {
  assert.equal((await machine.run(["whoami"])).code, 0);
  machine.makeTokenDue();
  const list = await machine.run(["secret", "list"]);
  assert.equal(list.code, 0, list.stderr);
  assert.equal(await machine.server.count(REFUSED), 0);
}

for (const count of [2, 10]) {
  Deno.test(`${count} processes with the same due token refresh it exactly once`, async () => {
    await using machine = await TestMachine.loggedIn();
    const token = machine.stored("refresh_token");
    machine.makeTokenDue();
    const before = await machine.server.count(REFRESHED);
    const runs = await runTogether(machine, count, ["org", "list"]);
    for (const { code, stdout, stderr } of runs) {
      assert.equal(code, 0, stderr);
      assert.match(stdout, /^\* +Default organization /m);
    }
    assert.equal(await machine.server.count(REFRESHED), before + 1);
    assert.notEqual(machine.stored("refresh_token"), token);
    await assertStillLoggedIn(machine);
  });
}

Deno.test("ten processes with an always due token refresh it one after the other", async () => {
  // A lifetime below five minutes, so that each token is due immediately.
  await using machine = await TestMachine.loggedIn({ tokenTtl: 60 });
  const before = await machine.server.count(REFRESHED);
  const runs = await runTogether(machine, 10, ["secret", "list"]);
  for (const { code, stderr } of runs) assert.equal(code, 0, stderr);
  // Each process renews the token, or warns that it timed out waiting for the lock and uses the current token.
  const late = runs.filter(({ stderr }) => /^Warning: Could not renew the login/m.test(stderr));
  assert(late.length < 10);
  assert(await machine.server.count(REFRESHED) >= before + 10 - late.length);
  await assertStillLoggedIn(machine);
});

Deno.test("parallel requests in one process share one refresh", async () => {
  await using machine = await TestMachine.loggedIn();
  machine.makeTokenDue();
  const before = await machine.server.count(REFRESHED);
  const secrets = Array.from({ length: 12 }, (_, i) => `KEY_${i}=${i}`);
  const { code, stderr } = await machine.run(["secret", "set", ...secrets]);
  assert.equal(code, 0, stderr);
  assert.equal(await machine.server.count(REFRESHED), before + 1);
  await assertStillLoggedIn(machine);
});

Deno.test("a refresh token that was used elsewhere ends the login, with a next step", async () => {
  await using machine = await TestMachine.loggedIn();
  const body = new URLSearchParams({
    grant_type: "refresh_token",
    refresh_token: machine.stored("refresh_token"),
    client_id: "arcade-cli",
  });
  const stolen = await fetch(`${machine.server.url}/oauth2/token`, { method: "POST", body });
  await stolen.body?.cancel();
  assert.equal(stolen.status, 200);
  machine.makeTokenDue();
  const before = await Deno.readTextFile(machine.credentials);
  const { code, stderr } = await machine.run(["secret", "list"]);
  assert.equal(code, 4);
  assert.match(stderr, /^Error: The login has expired[^\n]*\n {2}[^\n]*`arcade login`\n$/);
  assert.equal(await Deno.readTextFile(machine.credentials), before);
});
