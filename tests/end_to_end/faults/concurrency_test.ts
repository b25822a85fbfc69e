import assert from "node:assert/strict";
import { TestMachine } from "../../support/test_machine.ts";
import { namesIn } from "../../support/in_process.ts";

const COUNT = 20;

Deno.test("20 `secret set` and 20 `org set` at once neither lose nor mix up anything", async () => {
  // The token is always due, so that every process also writes the credentials.
  await using machine = await TestMachine.loggedIn({ tokenTtl: 60 });
  const first = { org: machine.stored("org_id"), project: machine.stored("project_id") };
  const { organization_id: other = "" } = await machine.post("/api/v1/orgs", { name: "Second" });
  const set = await machine.runJson(["org", "set", other]);
  const second = { org: other, project: machine.stored("project_id") };
  assert.notEqual(second.project, first.project, JSON.stringify(set));

  const commands = Array.from({ length: COUNT }, (_, i) => [
    machine.run(["secret", "set", `KEY_${i}=value of ${i}`]),
    machine.run(["org", "set", i % 2 === 0 ? first.org : second.org]),
  ]);
  for (const { code, stderr } of await Promise.all(commands.flat())) assert.equal(code, 0, stderr);

  const active = { org: machine.stored("org_id"), project: machine.stored("project_id") };
  assert.deepEqual(active, active.org === first.org ? first : second);
  const names = { org: machine.stored("org_name"), project: machine.stored("project_name") };
  const name = active.org === first.org ? "Default organization" : "Second";
  assert.deepEqual(names, { org: name, project: "Default project" });
  assert.equal(machine.stored("email"), "developer@arcade.local");
  assert.deepEqual(namesIn(machine.folder), [
    ".credentials.lock",
    "credentials.yaml",
  ]);
  assert.equal(await machine.server.count("400 POST /oauth2/token"), 0);

  // Each secret is in the project that was active when it was set.
  const keys: string[] = [];
  for (const { org } of [first, second]) {
    await machine.runJson(["org", "set", org]);
    const { stdout } = await machine.run(["secret", "list"]);
    keys.push(...stdout.matchAll(/^KEY_\d+/mg).map(([key]) => key));
  }
  assert.deepEqual(keys.sort(), Array.from({ length: COUNT }, (_, i) => `KEY_${i}`).sort());
});
