import assert from "node:assert/strict";
import { TestMachine } from "../../support/test_machine.ts";

const REFRESHED = "200 POST /oauth2/token";
const NO_SECRETS = "No secrets yet. Store one with `arcade secret set KEY`\n";
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

Deno.test("ten commands with a new token of five minutes do not renew it", async () => {
  await using machine = await TestMachine.loggedIn({ tokenTtl: 300 });
  const before = await machine.server.count(REFRESHED);
  const runs = await runTogether(machine, 10, ["secret", "list"]);
  for (const { code, stderr } of runs) assert.deepEqual([code, stderr], [0, NO_SECRETS]);
  assert.equal(await machine.server.count(REFRESHED), before);
});

Deno.test("commands that wait while another process renews use its token, even if it expires soon", async () => {
  await using machine = await TestMachine.loggedIn({ tokenTtl: 30 });
  const forgetLifetime = () => {
    const text = Deno.readTextFileSync(machine.credentials);
    // As the Python CLI leaves the file: every token of 30 s is due.
    Deno.writeTextFileSync(machine.credentials, text.replaceAll(/^ +lifetime_seconds: .*\n/gm, ""));
  };
  forgetLifetime();
  const before = await machine.server.count(REFRESHED);
  const lock = Deno.openSync(`${machine.folder}/.credentials.lock`, { write: true });
  lock.lockSync(true);
  const waiting = [1, 2, 3].map(() => machine.start(["secret", "list"]));
  for (const one of waiting) await one.isKeptWaiting();
  const body = new URLSearchParams({
    grant_type: "refresh_token",
    refresh_token: machine.stored("refresh_token"),
    client_id: "arcade-cli",
  });
  const answer = await fetch(`${machine.server.url}/oauth2/token`, { method: "POST", body });
  const tokens: { access_token: string; refresh_token: string } = await answer.json();
  Deno.writeTextFileSync(
    machine.credentials,
    Deno.readTextFileSync(machine.credentials)
      .replaceAll(machine.stored("access_token"), tokens.access_token)
      .replaceAll(machine.stored("refresh_token"), tokens.refresh_token)
      .replaceAll(
        /expires_at: .*/g,
        `expires_at: '${new Date(Date.now() + 30_000).toISOString()}'`,
      ),
  );
  lock.close();
  for (const one of waiting) {
    const { code, stderr } = await one.end();
    assert.deepEqual([code, stderr], [0, NO_SECRETS]);
  }
  assert.equal(await machine.server.count(REFRESHED), before + 1);
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
  assert.match(
    stderr,
    /^Error: The login at http\S+ has expired[^\n]*\n {2}[^\n]*`arcade login`\n$/,
  );
  assert.equal(await Deno.readTextFile(machine.credentials), before);
});
