import assert from "node:assert/strict";
import { Failure } from "../../src/failure.ts";
import { readClientFile, writeClientFile } from "../../src/clients/client_file.ts";
import { ProjectFolder } from "../support/project_folder.ts";

const options = { mode: 0o600, keepsMark: true };

Deno.test("a file that another program has changed since it was read is not replaced", () => {
  using folder = new ProjectFolder({ "a.json": "{}" });
  const path = `${folder.path}/a.json`;
  for (const other of ["{ }", "[]"]) {
    Deno.writeTextFileSync(path, "{}");
    const file = readClientFile(path);
    Deno.writeTextFileSync(path, other);
    assert.throws(() => writeClientFile(file, "new", options), (error) => {
      assert(error instanceof Failure && error.isRetryable, String(error));
      assert.match(error.message, /Another program has changed/);
      return true;
    });
    assert.equal(Deno.readTextFileSync(path), other);
  }
  const missing = readClientFile(`${folder.path}/b.json`);
  Deno.writeTextFileSync(`${folder.path}/b.json`, "of another program");
  assert.throws(() => writeClientFile(missing, "new", options), Failure);
});

Deno.test("a byte order mark is not part of the text, and is kept only if the client reads it", () => {
  using folder = new ProjectFolder({ "a.json": "\uFEFF{}" });
  const path = `${folder.path}/a.json`;
  const file = readClientFile(path);
  assert.deepEqual([file.text, file.hasMark], ["{}", true]);
  writeClientFile(file, "[]", options);
  assert.equal(
    new TextDecoder("utf-8", { ignoreBOM: true }).decode(Deno.readFileSync(path)),
    "\uFEFF[]",
  );
  writeClientFile(readClientFile(path), "{}", { ...options, keepsMark: false });
  assert.equal(new TextDecoder("utf-8", { ignoreBOM: true }).decode(Deno.readFileSync(path)), "{}");
});

Deno.test("a folder, or a file that is too large, is refused", () => {
  using folder = new ProjectFolder({ "a/": "", "large.json": "" });
  Deno.truncateSync(`${folder.path}/large.json`, 65 * 1024 * 1024);
  for (const [name, what] of [["a", "a folder"], ["large.json", "too large"]]) {
    assert.throws(() => readClientFile(`${folder.path}/${name}`), new RegExp(`is ${what}`));
  }
});
