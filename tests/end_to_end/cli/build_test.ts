import assert from "node:assert/strict";
import { bundle } from "../../../scripts/bundle.ts";
import { commitOf } from "../../../scripts/build_settings.ts";
import { componentsOf, noticesOf } from "../../../scripts/components.ts";
import { TestMachine } from "../../support/test_machine.ts";
import { ROOT } from "../../support/root.ts";

Deno.test("the executable knows its commit, its runtime and its platform", async () => {
  await using machine = new TestMachine();
  const { code, stdout, stderr } = await machine.run(["version", "--json"]);
  assert.deepEqual([code, stderr], [0, ""]);
  const { commit, deno, v8, target } = JSON.parse(stdout);
  const source = await commitOf(ROOT);
  // The source may have been changed since.
  if (source === undefined) assert.equal(commit, null);
  else assert.match(commit, /^[0-9a-f]{40}(?:-dirty)?$/);
  assert.match(deno, /^\d+\.\d+\.\d+$/);
  assert.match(v8, /^\d+(?:\.\d+){3}-rusty$/);
  assert.equal(target, Deno.build.target);
});

Deno.test("`arcade help licenses` prints the notices of exactly what the executable contains", async () => {
  await using machine = new TestMachine();
  const { code, stdout, stderr } = await machine.run(["help", "licenses"]);
  assert.deepEqual([code, stderr], [0, ""]);
  const runtime = JSON.parse((await machine.run(["version", "--json"])).stdout);
  const folder = await Deno.makeTempDir();
  try {
    const { packages } = await bundle(`${ROOT}/main.ts`, folder);
    assert.equal(stdout, noticesOf(componentsOf(packages, runtime)));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
