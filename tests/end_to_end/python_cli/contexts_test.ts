import assert from "node:assert/strict";
import { runPython, runPythonCli, withoutPythonCli as ignore } from "../../support/python_cli.ts";
import { addressOf, browserOf, open, TestMachine } from "../../support/test_machine.ts";

/** A machine with a local Arcade, without variables that refer to it. */
async function withLocalArcade(): Promise<TestMachine> {
  const machine = new TestMachine();
  await machine.serve();
  delete machine.env.ARCADE_COORDINATOR_URL;
  delete machine.env.ARCADE_ENGINE_URL;
  return machine;
}

async function logIn(machine: TestMachine, ...flags: string[]): Promise<void> {
  const args = ["login", "--url", machine.server.url, "--callback-port", "0", "--no-browser"];
  const login = machine.start([...args, ...flags]);
  await open(await addressOf(login));
  const { code, stderr } = await login.end();
  assert.equal(code, 0, stderr);
}

/** The name, kind and active state of each context, as `arcade` reads them. */
async function contextsOf(machine: TestMachine): Promise<unknown[]> {
  const { stdout } = await machine.run(["context", "list", "--json"]);
  const { contexts }: { contexts: { name: string; kind: string; active: boolean }[] } = JSON.parse(
    stdout,
  );
  return contexts.map(({ name, kind, active }) => [name, kind, active]);
}

Deno.test({
  name: "the Python CLI uses a login of arcade, switches contexts and deletes one",
  ignore,
}, async () => {
  await using machine = await withLocalArcade();
  const python = async (...args: string[]) => {
    const { code, stdout, stderr } = await runPythonCli(machine, args);
    assert.equal(code, 0, `${args.join(" ")}: ${stdout}${stderr}`);
    return stdout;
  };
  await logIn(machine);
  await logIn(machine, "--context", "second");
  assert.match(await python("whoami"), /Active context: second \(self_hosted\)/);
  await python("secret", "set", "KEY=value");
  const { stdout } = await machine.run(["secret", "list", "--json"]);
  assert.equal(JSON.parse(stdout).secrets[0].key, "KEY");

  await python("context", "set", "127.0.0.1");
  assert.deepEqual(await contextsOf(machine), [
    ["127.0.0.1", "self_hosted", true],
    ["second", "self_hosted", false],
  ]);
  // The Python CLI renews the login of another context, and arcade uses it.
  machine.makeTokenDue();
  await python("--context", "second", "secret", "list");
  assert.equal((await machine.run(["secret", "list", "--context", "second"])).code, 0);
  assert.equal((await machine.run(["secret", "list"])).code, 0);
  await python("secret", "list");

  await python("context", "delete", "second");
  assert.deepEqual(await contextsOf(machine), [["127.0.0.1", "self_hosted", true]]);
  await python("logout");
  assert.match((await machine.run(["whoami"])).stderr, /Not logged in/);
});

Deno.test({
  name: "the Python CLI uses a login of arcade that has no refresh token",
  ignore,
}, async () => {
  await using machine = await withLocalArcade();
  await logIn(machine);
  const text = Deno.readTextFileSync(machine.credentials);
  Deno.writeTextFileSync(
    machine.credentials,
    text.replaceAll(/refresh_token: .*/g, "refresh_token: ''"),
  );
  // arcade writes the file again, with an empty refresh token.
  assert.equal((await machine.run(["project", "set", "Default project"])).code, 0);
  assert.equal(machine.stored("refresh_token"), "");
  const { code, stdout, stderr } = await runPythonCli(machine, ["secret", "list"]);
  assert.equal(code, 0, stdout + stderr);
});

Deno.test({
  name: "arcade uses a login of the Python CLI, renews it, switches contexts and logs out",
  ignore,
}, async () => {
  await using machine = await withLocalArcade();
  machine.env.BROWSER = browserOf(machine);
  for (const more of [[], ["--context", "second"]]) {
    const { code, stdout, stderr } = await runPythonCli(machine, [
      "login",
      "--browser",
      "--url",
      machine.server.url,
      ...more,
    ]);
    assert.equal(code, 0, stdout + stderr);
  }
  assert.deepEqual(await contextsOf(machine), [
    ["127.0.0.1", "self_hosted", false],
    ["second", "self_hosted", true],
  ]);
  machine.makeTokenDue();
  for (const flags of [[], ["--context", "127.0.0.1"]]) {
    const { code, stderr } = await machine.run(["secret", "list", ...flags]);
    assert.equal(code, 0, stderr);
  }
  const python = async (...args: string[]) => (await runPythonCli(machine, args)).stdout;
  assert.equal((await machine.run(["context", "set", "127.0.0.1"])).code, 0);
  assert.match(await python("whoami"), /Active context: 127\.0\.0\.1 \(self_hosted\)/);
  assert.match(await python("secret", "list"), /No secrets|Key/);
  assert.equal((await machine.run(["logout"])).code, 0);
  assert.match(await python("whoami"), /Active context: second \(self_hosted\)/);
});

Deno.test({ name: "Arcade's SDK reads secrets from a local Arcade", ignore }, async () => {
  await using machine = await TestMachine.loggedIn();
  assert.equal((await machine.run(["secret", "set", "KEY=value"])).code, 0);
  const { api_key = "" } = await machine.post(
    `/api/v1/orgs/${machine.stored("org_id")}/projects/${machine.stored("project_id")}/api_keys`,
    {},
  );
  const script = `
import sys
from arcadepy import Arcade
client = Arcade(base_url=sys.argv[1], api_key=sys.argv[2])
print([secret.key for secret in client.admin.secrets.list().items])
`;
  const { code, stdout, stderr } = await runPython(machine, script, [machine.server.url, api_key]);
  assert.equal(code, 0, stderr);
  assert.equal(stdout, "['KEY']\n");
});
