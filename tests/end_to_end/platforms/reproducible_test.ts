import assert from "node:assert/strict";
import { sha256 } from "../../../src/secrecy/hash.ts";
import { TARGETS } from "../../../scripts/targets.ts";
import { buildFor, testsPlatforms } from "../../support/platforms.ts";

for (const target of TARGETS) {
  Deno.test({
    name: `two builds for ${target} have the same bytes`,
    ignore: !testsPlatforms,
    fn: async () => {
      const sumOfBuild = async () => await sha256(await Deno.readFile(await buildFor(target)));
      assert.equal(await sumOfBuild(), await sumOfBuild());
    },
  });
}
