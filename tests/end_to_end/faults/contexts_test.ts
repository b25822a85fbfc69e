import assert from "node:assert/strict";
import { addressOf, open, ServerProcess, TestMachine } from "../../support/test_machine.ts";

const REFRESHED = "200 POST /oauth2/token";

Deno.test("two terminals can use two contexts at once, with 40 processes, without mixing them up", async () => {
  await using machine = new TestMachine();
  const names = ["one", "two"] as const;
  const servers = {
    one: await ServerProcess.start(machine, { data: `${machine.path}/one` }),
    two: await ServerProcess.start(machine, { data: `${machine.path}/two` }),
  };
  for (const name of names) {
    const args = ["login", "--url", servers[name].url, "--callback-port", "0", "--no-browser"];
    const login = machine.start([...args, "--context", name]);
    await open(await addressOf(login));
    const { code, stderr } = await login.end();
    assert.equal(code, 0, stderr);
  }
  const refreshed = async () =>
    await Promise.all(names.map((name) => servers[name].count(REFRESHED)));
  const before = await refreshed();
  machine.makeTokenDue();

  const ran = await Promise.all(Array.from({ length: 40 }, async (_, i) => {
    const name = names[i % 2] ?? "one";
    const env = { ARCADE_CONTEXT: name };
    return await machine.run(["secret", "set", `${name.toUpperCase()}_${i}=value`], { env });
  }));
  for (const { code, stderr } of ran) assert.equal(code, 0, stderr);

  for (const [i, name] of names.entries()) {
    const { stdout } = await machine.run(["secret", "list", "--json", "--context", name]);
    const { secrets }: { secrets: { key: string }[] } = JSON.parse(stdout);
    const expected = Array.from({ length: 20 }, (_, n) => `${name.toUpperCase()}_${2 * n + i}`);
    assert.deepEqual(secrets.map(({ key }) => key).sort(), expected.sort());
    const whoami = JSON.parse((await machine.run(["whoami", "--json", "--context", name])).stdout);
    assert.deepEqual([whoami.context, whoami.coordinator_url], [name, servers[name].url]);
  }
  // Each login was renewed once, and the context of the last login is still the active one.
  assert.deepEqual(await refreshed(), before.map((count) => count + 1));
  assert.match(await Deno.readTextFile(machine.credentials), /active_context: two/);
});
