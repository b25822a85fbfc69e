import assert from "node:assert/strict";
import { output, programFile } from "../../scripts/process.ts";

Deno.test("npm programs have different names on Windows", () => {
  assert.deepEqual(["npm", "npx", "tar"].map((one) => programFile(one, "windows")), [
    "npm.cmd",
    "npx.cmd",
    "tar",
  ]);
  assert.equal(programFile("npm", "linux"), "npm");
});

Deno.test("output() fails with what the program wrote to stderr", async () => {
  await assert.rejects(
    output(Deno.execPath(), ["eval", "console.error('why'); Deno.exit(3)"]),
    /why/,
  );
});
