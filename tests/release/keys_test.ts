import assert from "node:assert/strict";
import { allowedSigners, readKeys } from "../../scripts/release/keys.ts";
import { ROOT } from "../support/root.ts";

const [FIRST, SECOND] = ["A", "B"].map((letter) => `ssh-ed25519 ${letter.repeat(68)}`);
const KEYS = [FIRST ?? "", SECOND ?? ""];

Deno.test("the keys of releases are read from the lines of allowed_signers: one, or two", () => {
  assert.deepEqual(readKeys(`# comment\n\n${allowedSigners(KEYS.slice(1))}`), [SECOND]);
  assert.deepEqual(readKeys(allowedSigners(KEYS)), KEYS);
  assert.deepEqual(readKeys("# none yet\n"), []);
  for (const comment of [" ", " me@example.com"]) {
    assert.deepEqual(readKeys(`arcade-release ${FIRST}${comment}\n`), [FIRST]);
  }
  assert.throws(() => readKeys(allowedSigners([...KEYS, ...KEYS])), /more than two keys/);
});

for (
  const [what, line] of [
    ["another identity", `somebody ${FIRST}`],
    ["another type", `arcade-release ssh-rsa ${"A".repeat(68)}`],
    ["an option", `arcade-release cert-authority ${FIRST}`],
    ["half a key", "arcade-release ssh-ed25519 AAAA"],
  ] as const
) {
  Deno.test(`a line of allowed_signers with ${what} is rejected`, () => {
    assert.throws(() => readKeys(`${line}\n`), /A line of allowed_signers is not "arcade-release/);
  });
}

Deno.test("allowed_signers of this repository can be read", () => {
  readKeys(Deno.readTextFileSync(`${ROOT}/scripts/release/allowed_signers`));
});
