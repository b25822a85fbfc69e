import assert from "node:assert/strict";
import { TestMachine } from "../../support/test_machine.ts";

const KEPT: [args: string[], permissions: string][] = [
  [["completion", "bash"], "none"],
  [["whoami"], "read"],
  [["identity", "list"], "read"],
  [["telemetry", "disable"], "read, write"],
  [["secret", "list"], "read, write, net"],
  [["deploy", "--dry-run"], "read, write, net, run"],
];

Deno.test("the executable drops the permissions that a command does not need", async () => {
  await using machine = new TestMachine();
  for (const [args, permissions] of KEPT) {
    const { stderr } = await machine.run([...args, "--debug"]);
    const shown = stderr.split("\n").filter((line) => line.startsWith("Permissions: "));
    assert.deepEqual(shown, [`Permissions: ${permissions}`], args.join(" "));
  }
});
