import assert from "node:assert/strict";
import { TestMachine } from "../../support/test_machine.ts";
import { MARK } from "../../support/watch.ts";

Deno.test("corrupt credentials are not shown", async () => {
  await using machine = new TestMachine();
  await machine.serveInProcess();
  Deno.mkdirSync(machine.folder, { recursive: true });
  const contents = [
    `cloud: [${MARK}`,
    `${MARK}`,
    `cloud:\n  auth:\n    access_token: [${MARK}]\n    expires_at: ${MARK}\n`,
    `cloud:\n  auth:\n    access_token: ${MARK}\n    expires_at: ${MARK}\n`,
    `cloud: "${MARK}"\n${MARK}: *${MARK}\n`,
    `cloud:\n  api:\n    key: ${MARK}\n`,
    `\t${MARK}: !!js/function ${MARK}`,
  ];
  for (const content of contents) {
    for (const args of [["whoami"], ["secret", "list"], ["org", "set", "x"], ["logout"]]) {
      await Deno.writeTextFile(machine.credentials, content);
      const { stdout, stderr } = await machine.run([...args, "--debug"]);
      assert(!(stdout + stderr).includes(MARK), stdout + stderr);
    }
  }
});
