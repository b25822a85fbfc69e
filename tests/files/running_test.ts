import assert from "node:assert/strict";
import { readRunning, register } from "../../src/files/running.ts";

Deno.test("a local Arcade that ends removes its own registration only", () => {
  const folder = Deno.makeTempDirSync();
  const arcade = { address: "http://127.0.0.1:5123", socket: undefined, pid: 1, data: "/" };
  const remove = register(folder, { ...arcade, key: "first" });
  const removeNext = register(folder, { ...arcade, key: "second" });
  remove();
  assert.equal(readRunning(folder, 5123)?.key, "second");
  removeNext();
  assert.equal(readRunning(folder, 5123), undefined);
  Deno.removeSync(folder, { recursive: true });
});
