import assert from "node:assert/strict";
import { gone, runs } from "../../support/processes.ts";
import { Project } from "../../support/project.ts";
import {
  type ProcessServeOptions,
  type ServerProcess,
  TestMachine,
} from "../../support/test_machine.ts";
import { withTemporaryFolder } from "../../support/temporary_folder.ts";
import { PYTHON_ENVIRONMENT, withoutPython as ignore } from "../../support/test_server.ts";

/** A machine with a local Arcade, and the project of its login. */
async function machineWithProject(
  options: ProcessServeOptions = {},
): Promise<
  { machine: TestMachine; server: ServerProcess; project: Project; temporary: string }
> {
  const { machine, temporary } = withTemporaryFolder();
  machine.env.PATH = PYTHON_ENVIRONMENT.PATH;
  const server = await machine.serve(options);
  await machine.logIn();
  const scope = `${server.url}/v1/orgs/${machine.stored("org_id")}/projects/${
    machine.stored("project_id")
  }`;
  return {
    machine,
    server,
    temporary,
    project: new Project(scope, machine.stored("access_token")),
  };
}

for (
  const [signal, misbehave] of [
    ["SIGINT", ""],
    ["SIGHUP", ""],
    ["SIGTERM", "ignore-sigterm fork"],
    ["SIGKILL", "ignore-sigterm fork"],
  ] as const
) {
  Deno.test({
    name: `no server outlives a local Arcade ended by ${signal}`,
    ignore,
  }, async () => {
    const { machine: own, server, project, temporary } = await machineWithProject({
      args: ["--ephemeral"],
    });
    await using machine = own;
    await project.deployed({ misbehave });
    const log = (await project.log()).join("\n");
    const pids = [...log.matchAll(/^(?:Process|Forked) (\d+)$/mg)].map(([, pid = ""]) => pid);
    assert.equal(pids.length, misbehave ? 2 : 1);
    assert(pids.every(runs));

    server.process.kill(signal);
    const { code, stderr } = await server.process.end();
    if (signal === "SIGKILL") {
      await gone(...pids);
      // The next local Arcade removes the folder of the killed one.
      await machine.serve({ args: ["--ephemeral"] });
      assert.equal([...Deno.readDirSync(temporary)].length, 1);
    } else {
      assert.equal(code, 0, stderr);
      assert(!pids.some(runs));
      assert.deepEqual([...Deno.readDirSync(temporary)], []);
    }
  });
}

Deno.test({
  name: "no server runs while everyone on the network can sign in",
  ignore,
}, async () => {
  const { machine: own, server, project } = await machineWithProject({
    args: ["--bind", "0.0.0.0", "--ephemeral"],
  });
  await using _ = own;
  const refused = await project.deploy();
  assert.equal(refused.status, 403, refused.text);
  assert.match(refused.text, /--auto-approve/);
  assert.deepEqual((await project.request("GET /workers")).at("total_count"), 0);
  const document = await (await fetch(`${server.url}/.well-known/arcade`)).json();
  assert.equal(document.deployments.enabled, false);
  assert.match(document.deployments.reason, /--auto-approve/);
});

Deno.test(
  { name: "a local Arcade killed during a deployment recovers", ignore },
  async () => {
    const { machine: own, server, project } = await machineWithProject();
    await using machine = own;
    const { data } = server;
    await project.deployed();
    // Killed during an update that was already acknowledged.
    assert.equal((await project.update({ version: "2.0.0" })).status, 200);
    server.process.kill("SIGKILL");
    await server.process.end();
    Deno.mkdirSync(`${data}/servers/unpacking-x`);

    const { url } = await machine.serve({ data });
    const again = new Project(project.scope.replace(/^http:\/\/[^/]+/, url), project.token);
    await again.logged(/^TestServer 2\.0\.0 starts$/);
    for await (const { Line } of again.follow("1970-01-01T00:00:00Z")) {
      if (Line === "arcade: Stopped" || await again.status() === "running") break;
    }
    const greeting = await again.call("Greet", { name: "Ada" });
    assert.equal(greeting.at("output", "value"), "Hello, Ada! (2.0.0)");
    assert.deepEqual([...Deno.readDirSync(`${data}/servers`)].length, 1);
    assert.equal(await machine.server.stop(), 0);
  },
);
