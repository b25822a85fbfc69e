/** Lists to choose from, on a real terminal. */

import assert from "node:assert/strict";
import { onTerminal, withoutTerminal as ignore } from "../../support/terminal.ts";
import { TestMachine } from "../../support/test_machine.ts";

const CONTEXTS = ["default", "staging", "中文"];

function machineWithContexts(): TestMachine {
  const machine = new TestMachine();
  const contexts = CONTEXTS.map((name) => `    ${name}: { kind: cloud }\n`).join("");
  Deno.mkdirSync(machine.folder, { recursive: true, mode: 0o700 });
  Deno.writeTextFileSync(
    `${machine.folder}/credentials.yaml`,
    `cloud:\n  active_context: default\n  contexts:\n${contexts}`,
    { mode: 0o600 },
  );
  return machine;
}

const active = async (machine: TestMachine) => {
  const { stdout } = await machine.run(["context", "list", "--json"]);
  const { contexts }: { contexts: { name: string; active: boolean }[] } = JSON.parse(stdout);
  return contexts.find((one) => one.active)?.name;
};

for (
  const [what, keys, chosen] of [
    ["the arrow keys", "\x1b[B\x1b[B\r", "中文"],
    ["typing", "stag\r", "staging"],
    ["a number", "3\r", "中文"],
  ] as const
) {
  Deno.test({ name: `a context is chosen from a list with ${what}`, ignore }, async () => {
    await using machine = machineWithContexts();
    const running = onTerminal(machine, "arcade context set; echo code=$?; stty -a", {
      columns: 40,
    });
    await running.printed(/> 1 {2}default \(active\).*Which context\? /s);
    await running.type(keys);
    const { stdout } = await running.end();
    assert.match(stdout, new RegExp(`Which context\\? ${chosen}\r\n.*Switched to .*code=0`, "s"));
    assert.match(stdout, /[^-]icanon.*[^-]echo /s, "The terminal was not given back");
    assert.equal(await active(machine), chosen);
  });
}

Deno.test({ name: "Ctrl-C at a list changes nothing", ignore }, async () => {
  await using machine = machineWithContexts();
  const running = onTerminal(machine, "arcade context set; echo code=$?");
  await running.printed(/Which context\? /);
  await running.type("\x03");
  assert.match((await running.end()).stdout, /Cancelled; nothing was changed\r\ncode=130/);
  assert.equal(await active(machine), "default");
});

Deno.test(
  { name: "a terminal that cannot erase lines gets a list with numbers", ignore },
  async () => {
    await using machine = machineWithContexts();
    const running = onTerminal(machine, "arcade context set; echo code=$?", {
      env: { TERM: "dumb" },
    });
    await running.printed(
      / 1 {2}default\r\n 2 {2}staging\r\n 3 {2}中文\r\nWhich context\? \(1-3\) $/,
    );
    await running.type("2\r");
    assert.match((await running.end()).stdout, /Switched to the context "staging"\r\ncode=0/);
  },
);
