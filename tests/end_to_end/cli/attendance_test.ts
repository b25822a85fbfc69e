/** No prompts and no browser without a user: in CI, for a coding agent, and without a terminal. */

import assert from "node:assert/strict";
import { writeProgram } from "../../support/executable_files.ts";
import { onTerminal, withoutTerminal as ignore } from "../../support/terminal.ts";
import { TestMachine } from "../../support/test_machine.ts";

/** A browser that leaves a mark. */
function markingBrowser(
  machine: TestMachine,
): { path: string; wasOpened: () => boolean; forget: () => void } {
  const path = `${machine.path}/marking-browser`;
  const mark = `${machine.path}/opened`;
  writeProgram(path, `#!/bin/sh\ntouch '${mark}'\n`);
  return {
    path,
    wasOpened: () => {
      try {
        return Deno.statSync(mark).isFile;
      } catch {
        return false;
      }
    },
    forget: () => Deno.removeSync(mark),
  };
}

/** Every prompt of the program: the command line, its exit code, and the message instead. */
const QUESTIONS: readonly (readonly [line: string, code: number, said: RegExp])[] = [
  [
    "secret set KEY",
    2,
    /A value is needed, and CLAUDECODE is set\r\n {2}Use `arcade secret set KEY/,
  ],
  ["secret set ONE TWO", 2, /Standard input can hold the value of only one key/],
  ["secret set -f -", 2, /Standard input is a terminal, and CLAUDECODE is set/],
  ["secret set -f /dev/null --prune", 2, /`--prune` needs confirmation, and CLAUDECODE is set/],
  ["identity add --hub hub.example.com", 2, /No token given/],
  ["identity add --hub hub.example.com --token-stdin", 2, /No token given/],
  ["identity remove --all", 2, /`--all` needs confirmation, and CLAUDECODE is set/],
  ["server delete weather", 2, /`server delete` needs confirmation, and CLAUDECODE is set/],
  ["auth revoke uc_1", 2, /`auth revoke` needs confirmation, and CLAUDECODE is set/],
  ["local reset", 2, /`local reset` needs confirmation, and CLAUDECODE is set/],
  ["new", 2, /Which name should the server have\?/],
  ["context set", 2, /Which context\?/],
  ["org set", 2, /Which organization\?/],
  ["project set", 2, /Which project\?/],
  ["api POST /v1/health --input -", 2, /Standard input is a terminal, and CLAUDECODE is set/],
];

Deno.test({ name: "no question is asked on the terminal of a coding agent", ignore }, async (t) => {
  await using machine = new TestMachine();
  await machine.serveInProcess();
  await machine.logIn();
  for (const [line, code, said] of QUESTIONS) {
    await t.step(line, async () => {
      const running = onTerminal(machine, `arcade ${line}; echo code=$?`, {
        env: { CLAUDECODE: "1" },
      });
      const { stdout } = await running.end();
      assert.match(stdout, said);
      assert.match(stdout, new RegExp(`code=${code}\r\n`));
    });
  }
  await t.step("context delete", async () => {
    const line = "arcade context delete default; echo code=$?";
    const { stdout } = await onTerminal(machine, line, { env: { CI: "true" } }).end();
    assert.match(stdout, /Logged out/);
    assert.match(stdout, /code=0\r\n/);
  });
});

const COMMANDS = ["dashboard", "login --context other", "auth start github --scope repo"];

for (const variable of ["CI", "CURSOR_AGENT", undefined]) {
  const where = variable === undefined ? "without a terminal" : `on a terminal with ${variable}`;
  Deno.test({ name: `no browser is opened ${where}`, ignore }, async (t) => {
    await using machine = new TestMachine();
    await machine.serveInProcess();
    await machine.logIn();
    const browser = markingBrowser(machine);
    const env = { BROWSER: browser.path, DISPLAY: ":0" };
    for (const line of COMMANDS) {
      await t.step(line, async () => {
        const { code, stdout, stderr } = await (variable === undefined
          ? machine.run(line.split(" "), { env })
          : onTerminal(machine, `arcade ${line}`, { env: { ...env, [variable]: "1" } }).end());
        assert.equal(code, 0, stdout + stderr);
        assert.match(stdout + stderr, /http:\S+/);
        assert(!browser.wasOpened());
      });
    }
  });
}

Deno.test({ name: "a browser is opened on a user's terminal", ignore }, async (t) => {
  await using machine = new TestMachine();
  await machine.serveInProcess();
  await machine.logIn();
  const browser = markingBrowser(machine);
  for (const line of ["dashboard", "auth start github --scope repo --wait 1"]) {
    await t.step(line, async () => {
      await onTerminal(machine, `arcade ${line}`, { env: { BROWSER: browser.path } }).end();
      assert(browser.wasOpened());
      browser.forget();
    });
  }
});
