import assert from "node:assert/strict";
import { runPythonCli, withoutPythonCli as ignore } from "../../support/python_cli.ts";
import { TestMachine } from "../../support/test_machine.ts";
import { PYTHON_ENVIRONMENT, writeServer } from "../../support/test_server.ts";

Deno.test({
  name: "the Python CLI deploys, updates, follows and deletes a server of the local Arcade",
  ignore,
}, async () => {
  await using machine = new TestMachine();
  machine.env.PATH = PYTHON_ENVIRONMENT.PATH;
  const { url } = await machine.serve();
  await machine.logIn();
  const folder = `${machine.path}/project`;
  writeServer(folder);
  const python = async (...args: string[]) => {
    const options = { cwd: folder, env: { TEST_SECRET: "first second" } };
    const { code, stdout, stderr } = await runPythonCli(machine, args, options);
    assert.equal(code, 0, `${args.join(" ")}: ${stdout}${stderr}`);
    return stdout;
  };
  for (const done of [/Creating deployment package/, /Deployment successful/]) {
    assert.match(await python("deploy", "--entrypoint", "server.py"), done);
  }
  assert.match(await python("server", "list"), /TestServer .* True .* http:\/\/127\.0\.0\.1:\d+ /);
  assert.match(await python("server", "get", "TestServer"), /True .* True .* http:/);
  assert.match(await python("server", "logs", "TestServer"), /TestServer 1\.0\.0 starts/);
  const { port } = new URL(url);
  assert.match(await python("show", "--host", "127.0.0.1", "--port", port), /TestServer\.Greet/);
  const { stdout } = await machine.run(["secret", "list", "--json"]);
  assert.equal(JSON.parse(stdout).secrets[0].key, "TEST_SECRET");
  await python("server", "disable", "TestServer");
  await python("server", "enable", "TestServer");
  assert.match(await python("server", "delete", "TestServer"), /deleted successfully/);
});
