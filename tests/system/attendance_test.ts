import assert from "node:assert/strict";
import { programOf, whyUnattended } from "../../src/system/attendance.ts";
import { AGENT_VARIABLES } from "../../src/contract/variables.ts";

const TERMINAL = { isTerminal: true };
const PIPE = { isTerminal: false };

Deno.test("a user is present if all streams are terminals and no program runs the command", () => {
  assert.equal(whyUnattended({}, TERMINAL, TERMINAL), undefined);
  assert.equal(whyUnattended({}, TERMINAL, PIPE), "this is not a terminal");
  assert.equal(whyUnattended({ CI: "true" }, PIPE), "this is not a terminal");
  for (const name of ["CI", ...AGENT_VARIABLES] as const) {
    assert.equal(whyUnattended({ [name]: "1" }, TERMINAL), `${name} is set`);
    assert.equal(whyUnattended({ [name]: "0" }, TERMINAL), undefined, name);
    assert.equal(programOf({ [name]: "some-agent" }), name);
  }
});
