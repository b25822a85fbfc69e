import assert from "node:assert/strict";
import { writeProgram } from "../../support/executable_files.ts";
import { TestMachine } from "../../support/test_machine.ts";
import { onTerminal, withoutTerminal as ignore } from "../../support/terminal.ts";
import { shellWord } from "../../../src/text/shell_word.ts";

Deno.test("the browser gets no token and no key of the user", {
  ignore,
}, async () => {
  await using machine = new TestMachine();
  const [browser, seen] = [`${machine.path}/browser`, `${machine.path}/seen`];
  const source = `#!/bin/sh\nenv > ${shellWord(`${seen}.part`)}\nmv ${shellWord(`${seen}.part`)} ${
    shellWord(seen)
  }\n`;
  writeProgram(browser, source);
  const env = {
    BROWSER: browser,
    ARCADE_API_KEY: "arc_CANARY",
    ARCADE_TOKEN: "CANARY",
    ARCADE_URL: "https://ci.example",
    KEPT: "yes",
  };
  const { code } = await onTerminal(machine, "arcade dashboard", { env }).end();
  assert.equal(code, 0);
  const variables = await Deno.readTextFile(seen);
  assert.match(variables, /^KEPT=yes$/m);
  assert.doesNotMatch(variables, /CANARY/);
});
