import assert from "node:assert/strict";
import { scriptOf } from "../../../src/commands/configure/server.ts";

Deno.test("on Windows a script on PATH is found, which only the command processor can start", () => {
  const files = new Set(["C:\\nodejs\\npx.cmd", "D:\\tools\\run.bat", "C:\\nodejs\\npx"]);
  const find = (program: string) =>
    scriptOf(program, "C:\\Windows;C:\\nodejs\\;D:\\tools;relative", (path) => files.has(path));
  assert.equal(find("npx"), "C:\\nodejs\\npx.cmd");
  assert.equal(find("npx.cmd"), "C:\\nodejs\\npx.cmd");
  assert.equal(find("run"), "D:\\tools\\run.bat");
  assert.equal(find("node"), undefined);
  assert.equal(scriptOf("npx", undefined, () => true), undefined);
});
