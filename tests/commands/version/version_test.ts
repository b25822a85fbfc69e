import assert from "node:assert/strict";
import { InProcess } from "../../support/in_process.ts";
import { VERSION } from "../../../src/version.ts";

const { deno, v8 } = Deno.version;

for (const args of [["version"], ["--version"]]) {
  Deno.test(`\`arcade ${args} --json\` has the details of this build`, async () => {
    using home = new InProcess();
    const { code, stdout, stderr } = await home.run([...args, "--json"]);
    assert.deepEqual([code, stderr], [0, ""]);
    assert.deepEqual(JSON.parse(stdout), {
      version: VERSION,
      commit: null,
      deno,
      v8,
      target: Deno.build.target,
      repository: null,
      release_keys: [],
    });
  });
}

Deno.test("`arcade version --verbose` shows the same for humans", async () => {
  using home = new InProcess();
  const { code, stdout } = await home.run(["version", "--verbose"]);
  assert.equal(code, 0);
  assert.deepEqual(stdout.trimEnd().split("\n").map((line) => line.split(/ {2,}/)), [
    ["Version", VERSION],
    ["Commit", "unknown"],
    ["Deno", deno],
    ["V8", v8],
    ["Target", Deno.build.target],
    ["Repository", "none"],
    ["Release keys", "none"],
  ]);
});
