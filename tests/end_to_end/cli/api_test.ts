import assert from "node:assert/strict";
import { Answers } from "../../support/answers.ts";
import { BINARY, TestMachine } from "../../support/test_machine.ts";

Deno.test("`api` writes the bytes that the service sent", async () => {
  await using machine = new TestMachine();
  const binary = Uint8Array.from({ length: 100_000 }, (_, i) => i * 7 % 256);
  const json = new TextEncoder().encode(`{ "n": 12345678901234567890,\r\n"2":1E+400, "1": "é" }`);
  for (const bytes of [binary, json]) {
    await using service = new Answers(() => new Response(bytes));
    const { code, stdout } = await new Deno.Command(BINARY, {
      args: ["api", "GET", "/v1/x"],
      env: { ...machine.env, ARCADE_TOKEN: "token-of-the-api", ARCADE_ENGINE_URL: service.url },
      clearEnv: true,
    }).output();
    assert.equal(code, 0);
    assert.deepEqual(stdout, bytes);
  }
});

Deno.test("`secret set --prune` understands the whole file, or changes nothing", async () => {
  await using machine = await TestMachine.loggedIn();
  const set = (stdin: string, ...args: string[]) =>
    machine.run(["secret", "set", "-f", "-", ...args], { stdin });
  const keys = async () => (await machine.run(["secret", "list"])).stdout.match(/^[AB](?= )/gm);
  assert.equal((await set("A=1\rB=2\r", "--prune", "--yes")).code, 0);
  assert.deepEqual(await keys(), ["A", "B"]);
  assert.equal((await set("A: 1\nB=2\n", "--prune", "--yes")).code, 2);
  assert.deepEqual(await keys(), ["A", "B"]);
});
