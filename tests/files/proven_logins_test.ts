import assert from "node:assert/strict";
import { isProven, noteProof } from "../../src/files/proven_logins.ts";

Deno.test("a proof counts for the context and the coordinator that it was made with", () => {
  const folder = Deno.makeTempDirSync();
  const login = { contextName: "work", coordinatorUrl: "http://127.0.0.1:5123" };
  noteProof(folder, login, true);
  assert.equal(isProven(folder, login), true);
  // The Python CLI changes logins without a note.
  assert.equal(isProven(folder, { ...login, coordinatorUrl: "http://127.0.0.1:5124" }), false);
  assert.equal(isProven(folder, { ...login, coordinatorUrl: undefined }), false);
  assert.equal(isProven(folder, { ...login, contextName: "default" }), false);
  noteProof(folder, login, false);
  assert.equal(isProven(folder, login), false);
  Deno.removeSync(folder, { recursive: true });
});
