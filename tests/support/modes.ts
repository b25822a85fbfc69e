import assert from "node:assert/strict";

/** Asserts who may read and write a file or a folder, by its mode. Windows has none. */
export function assertMode(path: string, mode: number): void {
  if (Deno.build.os === "windows") return;
  assert.equal((Deno.statSync(path).mode ?? 0) & 0o777, mode);
}
