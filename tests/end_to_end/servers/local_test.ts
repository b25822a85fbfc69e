import assert from "node:assert/strict";
import { ProjectFolder } from "../../support/project_folder.ts";
import { Project } from "../../support/project.ts";
import { TestMachine } from "../../support/test_machine.ts";
import { PYTHON_ENVIRONMENT, serverFiles, withoutPython } from "../../support/test_server.ts";

Deno.test({
  name: "a server is deployed, called, followed, changed, deployed again and deleted",
  ignore: withoutPython,
}, async () => {
  await using machine = new TestMachine();
  machine.env.PATH = PYTHON_ENVIRONMENT.PATH;
  await machine.serve();
  await machine.logIn();
  const project = Project.of(machine);
  using folder = new ProjectFolder({
    ...serverFiles(),
    ".env": "TEST_SECRET=first words\n",
    "id_rsa": "a key",
  });
  const deploy = (...args: string[]) => machine.run(["deploy", ...args], { cwd: folder.path });

  const created = await deploy("--json");
  assert.equal(created.code, 0, created.stderr);
  assert.deepEqual(JSON.parse(created.stdout), {
    name: "TestServer",
    version: "1.0.0",
    action: "created",
    status: "running",
    secrets: { uploaded: ["TEST_SECRET"], failed: [], skipped: [] },
  });
  assert.match(created.stderr, /Skipped, may contain keys: .*id_rsa/);
  assert(!created.stderr.includes("first words"));

  const list = await machine.run(["server", "list"]);
  assert.match(list.stdout, /^TestServer +http +yes +yes +http:\/\/127\.0\.0\.1:\d+\n/m);
  const tools = await machine.run(["tool", "list"]);
  assert.match(tools.stdout, /^TestServer\.WordOfSecret +1\.0\.0 +TEST_SECRET /m);
  const word = await project.call("WordOfSecret");
  assert.equal(word.at("output", "value"), "first");
  const greeting = await project.call("Greet", { name: "Ada" });
  assert.equal(greeting.at("output", "value"), "Hello, Ada! (1.0.0)");
  const log = await machine.run(["server", "logs", "TestServer"]);
  assert.match(log.stdout, /\] TestServer 1\.0\.0 starts\n/);

  // A change, and the same command line again.
  for (const [path, text] of Object.entries(serverFiles({ version: "1.1.0" }))) {
    folder.write(path, text);
  }
  const updated = await deploy("--json");
  assert.equal(updated.code, 0, updated.stderr);
  const { version, action } = JSON.parse(updated.stdout);
  assert.deepEqual([version, action], ["1.1.0", "updated"]);
  const again = await project.call("Greet", { name: "Ada" });
  assert.equal(again.at("output", "value"), "Hello, Ada! (1.1.0)");

  // A release that does not start leaves the previous one running.
  folder.write("misbehave", "exit");
  const names = ["--server-name", "TestServer", "--server-version", "1.2.0"];
  const broken = await deploy("--skip-validate", ...names);
  assert.equal(broken.code, 1, broken.stdout);
  assert.match(
    broken.stderr,
    /did not start \(status degraded\); the previous release keeps serving/,
  );
  const still = await project.call("Greet", { name: "Ada" });
  assert.equal(still.at("output", "value"), "Hello, Ada! (1.1.0)");
  const invalid = await deploy();
  assert.equal(invalid.code, 1);
  assert.match(invalid.stderr, /exited with code \d+ before it was validated/);

  assert.equal((await machine.run(["server", "delete", "TestServer", "--yes"])).code, 0);
  const { stderr } = await machine.run(["server", "list"]);
  assert.match(stderr, /No servers in this project yet/);
});
