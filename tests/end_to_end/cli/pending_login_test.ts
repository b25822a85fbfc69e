import assert from "node:assert/strict";
import { TestMachine } from "../../support/test_machine.ts";

Deno.test("a coding agent starts a login, a user approves it, and another process finishes it", async () => {
  await using machine = new TestMachine();
  const server = await machine.serve({ autoApprove: false });
  const env = { CLAUDECODE: "1", ARCADE_OUTPUT: "json" };
  const begun = await machine.run(["login", "--no-wait"], { env });
  assert.equal(begun.code, 0, begun.stderr);
  const { url, code } = JSON.parse(begun.stdout);

  const early = await machine.run(["login", "--resume"], { env });
  assert.equal(early.code, 4, early.stderr);
  assert.match(early.stderr, /"retryable":true/);

  assert.match(await (await server.visit(url)).text(), new RegExp(code));
  const decision = { user_code: code, decision: "approve", email: "ada@example.com" };
  const approved = await server.visit(`${server.url}/device/decision`, {
    method: "POST",
    headers: { origin: server.url },
    body: new URLSearchParams(decision),
  });
  assert.match(await approved.text(), /Return to your device/);

  const resumed = await machine.run(["login", "--resume"], { env });
  assert.equal(resumed.code, 0, resumed.stderr);
  assert.equal(JSON.parse(resumed.stdout).email, "ada@example.com");
  assert.equal((await machine.run(["secret", "list"])).code, 0);
  const files = [...Deno.readDirSync(machine.folder)].map(({ name }) => name);
  assert(!files.includes("credentials-pending.json"), files.join(", "));
});
