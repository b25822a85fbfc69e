import assert from "node:assert/strict";
import { PERMISSION_FLAGS, unneeded } from "../../src/cli/permissions.ts";

const root = new URL("../..", import.meta.url);

Deno.test("the task `arcade` has the permissions of the binary, and no task has all permissions", async () => {
  const { tasks } = JSON.parse(await Deno.readTextFile(new URL("deno.json", root)));
  assert.equal(tasks.arcade.command, `deno run ${PERMISSION_FLAGS.join(" ")} main.ts`);
  for (const { command } of Object.values<{ command: string }>(tasks)) {
    assert.doesNotMatch(command, /(^| )(-A|--allow-all)( |$)/);
  }
});

Deno.test("unneeded() returns every permission that is not needed", () => {
  assert.deepEqual(unneeded(["read"]), ["write", "net", "run", "sys"]);
  assert.deepEqual(unneeded(["read", "write", "net", "run", "sys"]), []);
});

Deno.test("on Windows a command that writes files can restrict the folder to its owner", () => {
  assert.deepEqual(unneeded(["read", "write"], "windows"), ["net", "sys"]);
  assert.deepEqual(unneeded(["read", "write"], "linux"), ["net", "run", "sys"]);
  assert.deepEqual(unneeded(["read"], "windows"), ["write", "net", "run", "sys"]);
});
