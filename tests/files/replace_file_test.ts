import assert from "node:assert/strict";
import { replaceFile, writeNewFile } from "../../src/files/replace_file.ts";
import { Failure } from "../../src/failure.ts";

const content = new TextEncoder().encode("new");

Deno.test("a file that cannot be replaced leaves no temporary file", () => {
  const folder = Deno.makeTempDirSync();
  Deno.mkdirSync(`${folder}/taken/inside`, { recursive: true });
  assert.throws(() => replaceFile(`${folder}/taken`, content, { mode: 0o600 }), Failure);
  assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name), ["taken"]);
  Deno.removeSync(folder, { recursive: true });
});

Deno.test("a new file does not open an existing one", () => {
  const folder = Deno.makeTempDirSync();
  Deno.writeTextFileSync(`${folder}/there`, "old");
  assert.throws(
    () => writeNewFile(`${folder}/there`, content, { mode: 0o600 }),
    Deno.errors.AlreadyExists,
  );
  assert.equal(Deno.readTextFileSync(`${folder}/there`), "old");
  Deno.removeSync(folder, { recursive: true });
});

Deno.test("a file is synced before it replaces another, and its new name after that", () => {
  const folder = Deno.makeTempDirSync();
  const { syncSync } = Deno.FsFile.prototype;
  const { renameSync } = Deno;
  const steps: string[] = [];
  Deno.FsFile.prototype.syncSync = function () {
    steps.push("sync");
    syncSync.call(this);
  };
  Deno.renameSync = (from, to) => {
    steps.push("rename");
    renameSync(from, to);
  };
  try {
    replaceFile(`${folder}/file`, content, { mode: 0o600 });
  } finally {
    Deno.FsFile.prototype.syncSync = syncSync;
    Deno.renameSync = renameSync;
  }
  assert.deepEqual(steps, ["sync", "rename", "sync"]);
  Deno.removeSync(folder, { recursive: true });
});
