import assert from "node:assert/strict";
import { WORDS } from "../../src/cli/command_line.ts";
import { HELP_TEXTS } from "../../src/commands/help_texts.ts";
import { ROUTES } from "../../src/commands/routes.ts";

Deno.test("the help of the program lists every first word once", () => {
  const listed = HELP_TEXTS.groups.flatMap(([, words]) => words);
  const words = [...ROUTES.keys(), ...WORDS.keys()];
  assert.deepEqual(listed.toSorted(), words.toSorted());
});
