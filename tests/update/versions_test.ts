import assert from "node:assert/strict";
import { isNewer, isVersion } from "../../src/update/versions.ts";

// The order in SemVer 2.0.0, section 11, and more versions.
const ORDER = [
  "0.0.1",
  "0.1.0",
  "0.9.0",
  "0.10.0",
  "1.0.0-alpha",
  "1.0.0-alpha.1",
  "1.0.0-alpha.beta",
  "1.0.0-beta",
  "1.0.0-beta.2",
  "1.0.0-beta.11",
  "1.0.0-rc.1",
  "1.0.0",
  "1.0.1",
  "2.0.0",
];

Deno.test("versions are compared according to Semantic Versioning", () => {
  for (const [i, one] of ORDER.entries()) {
    for (const [j, other] of ORDER.entries()) {
      assert.equal(isNewer(one, other), i > j, `${one} after ${other}`);
    }
  }
});

for (
  const text of ["", "1", "1.2", "v1.2.3", "1.2.3.4", "1.2.3+4", "1.2.x", "1.2.3-", "../1.2.3"]
) {
  Deno.test(`"${text}" is not a version, and neither newer nor older than one`, () => {
    assert.equal(isVersion(text), false);
    assert.deepEqual([isNewer(text, "0.0.1"), isNewer("9.0.0", text)], [false, false]);
  });
}
