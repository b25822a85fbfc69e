import assert from "node:assert/strict";
import { onTerminal, withoutTerminal as ignore } from "../../support/terminal.ts";
import { TestMachine } from "../../support/test_machine.ts";

const TOKEN = "typed-CANARY-token";
const ENTER = "\r";

Deno.test(
  { name: "a token typed at the prompt is not shown, and is stored unchanged", ignore },
  async () => {
    await using machine = new TestMachine();
    const running = onTerminal(
      machine,
      "arcade identity add --hub musehub.ai; echo code=$?; stty -a",
    );
    await running.printed(/Token for musehub\.ai \(not shown while you type\): /);
    await running.type(`${TOKEN}x\x7f${ENTER}`);
    const { stdout } = await running.end();
    assert(!/typed|CANARY/.test(stdout), "The token was shown");
    assert.match(stdout, /Added\S* the identity for musehub\.ai\r\ncode=0\r\n/);
    assert.match(stdout, / echo\b/, "Echo is still off");
    const got = await machine.run(["identity", "token", "--hub", "musehub.ai"]);
    assert.equal(got.stdout, `${TOKEN}\n`);
  },
);

Deno.test(
  { name: "a token is printed to a pipe, and to a terminal only with --force", ignore },
  async () => {
    await using machine = new TestMachine();
    const env = { ARCADE_TOKEN: TOKEN };
    await machine.run(["identity", "add", "--hub", "musehub.ai"], { env });
    const print = async (line: string) => (await onTerminal(machine, line).end()).stdout;
    const token = "arcade identity token --hub musehub.ai";
    const refused = await print(`${token}; echo code=$?`);
    assert.match(
      refused,
      /Refusing to print a token to a terminal\r\n {2}.*`--force`\r\ncode=2\r\n/,
    );
    assert(!refused.includes("CANARY"));
    assert.equal(await print(`${token} --force`), `${TOKEN}\r\n`);
    assert.equal(await print(`${token} | cat`), `${TOKEN}\r\n`);
  },
);

Deno.test({ name: "`identity remove --all` asks, and only yes confirms", ignore }, async () => {
  await using machine = new TestMachine();
  await machine.run(["identity", "add", "--hub", "musehub.ai"], { env: { ARCADE_TOKEN: TOKEN } });
  for (const answer of ["n", "", "y"]) {
    const running = onTerminal(machine, "arcade identity remove --all");
    await running.printed(/hubs: musehub\.ai\r\n.*Remove it\? \[y\/N\] /);
    await running.type(`${answer}${ENTER}`);
    const { code, stdout } = await running.end();
    assert.equal(code, 0);
    assert.equal(stdout.includes("nothing was changed"), answer !== "y");
  }
  assert.equal((await machine.run(["identity", "show"])).code, 4);
});
