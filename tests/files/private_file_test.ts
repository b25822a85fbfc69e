import assert from "node:assert/strict";
import { Failure } from "../../src/failure.ts";
import { readPrivateFile } from "../../src/files/private_file.ts";
import {
  ensurePrivateFolder,
  ensureWritable,
  moveAside,
  removePrivateFile,
  writePrivateFile,
} from "../../src/files/private_file_changes.ts";
import { succeeds } from "../support/test_machine.ts";
import { ORDINARY, withoutOtherOwners } from "../support/users.ts";

const isRoot = Deno.uid() === 0;

function inFolder(name: string, test: (folder: string) => void): void {
  Deno.test(name, () => {
    const folder = Deno.makeTempDirSync();
    try {
      test(folder);
    } finally {
      Deno.chmodSync(folder, 0o700);
      Deno.removeSync(folder, { recursive: true });
    }
  });
}

function names(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
}

function isFileFailure(message: RegExp) {
  return (error: unknown) =>
    error instanceof Failure && error.kind === "file" && message.test(error.message);
}

inFolder("writePrivateFile() creates a file that only its owner can read", (folder) => {
  writePrivateFile(`${folder}/f`, "text");
  assert.equal((Deno.statSync(`${folder}/f`).mode ?? 0) & 0o777, 0o600);
  assert.equal(readPrivateFile(`${folder}/f`), "text");
  assert.deepEqual(names(folder), ["f"]);
});

inFolder("writePrivateFile() makes an existing file private", (folder) => {
  Deno.writeTextFileSync(`${folder}/f`, "old", { mode: 0o644 });
  Deno.chmodSync(`${folder}/f`, 0o644);
  writePrivateFile(`${folder}/f`, "new");
  assert.equal((Deno.statSync(`${folder}/f`).mode ?? 0) & 0o777, 0o600);
});

inFolder("writePrivateFile() removes the leftovers of a killed writer", (folder) => {
  Deno.writeTextFileSync(`${folder}/f.1234.tmp`, "half");
  Deno.writeTextFileSync(`${folder}/other.1234.tmp`, "not ours");
  writePrivateFile(`${folder}/f`, "text");
  assert.deepEqual(names(folder), ["f", "other.1234.tmp"]);
});

inFolder("removePrivateFile() also removes the leftovers of a killed writer", (folder) => {
  writePrivateFile(`${folder}/f`, "text");
  Deno.writeTextFileSync(`${folder}/f.1234.tmp`, "half");
  removePrivateFile(`${folder}/f`);
  assert.deepEqual(names(folder), []);
  Deno.writeTextFileSync(`${folder}/f.1234.tmp`, "half");
  removePrivateFile(`${folder}/f`);
  assert.deepEqual(names(folder), []);
});

inFolder("a file that could not be read again is not written", (folder) => {
  writePrivateFile(`${folder}/f`, "old");
  const large = "\u00e4".repeat(600_000);
  assert.throws(
    () => writePrivateFile(`${folder}/f`, large),
    isFileFailure(/would be larger than/),
  );
  assert.throws(() => ensureWritable(`${folder}/f`, large), isFileFailure(/would be larger than/));
  assert.equal(readPrivateFile(`${folder}/f`), "old");
  assert.deepEqual(names(folder), ["f"]);
});

inFolder("a symlink is neither read nor written", (folder) => {
  Deno.writeTextFileSync(`${folder}/elsewhere`, "precious");
  Deno.symlinkSync(`${folder}/elsewhere`, `${folder}/f`);
  assert.throws(() => writePrivateFile(`${folder}/f`, "text"), isFileFailure(/symlink/));
  assert.throws(() => readPrivateFile(`${folder}/f`), isFileFailure(/symlink/));
  assert.throws(() => ensureWritable(`${folder}/f`), isFileFailure(/symlink/));
  assert.equal(Deno.readTextFileSync(`${folder}/elsewhere`), "precious");
});

inFolder("a folder in place of a file is reported", (folder) => {
  Deno.mkdirSync(`${folder}/f`);
  assert.throws(() => writePrivateFile(`${folder}/f`, "text"), isFileFailure(/folder/));
  assert.throws(() => readPrivateFile(`${folder}/f`), isFileFailure(/folder/));
  assert.throws(() => removePrivateFile(`${folder}/f`), isFileFailure(/folder/));
});

inFolder("a missing file is read as undefined, and removing it succeeds", (folder) => {
  assert.equal(readPrivateFile(`${folder}/f`), undefined);
  removePrivateFile(`${folder}/f`);
});

inFolder("a file that is not UTF-8 is rejected", (folder) => {
  Deno.writeFileSync(`${folder}/f`, new Uint8Array([0xff, 0xfe]));
  assert.throws(() => readPrivateFile(`${folder}/f`), isFileFailure(/UTF-8/));
});

inFolder("a file in place of the folder is reported", (folder) => {
  Deno.writeTextFileSync(`${folder}/f`, "");
  assert.throws(() => ensurePrivateFolder(`${folder}/f`), isFileFailure(/something else/));
  assert.throws(() => ensurePrivateFolder(`${folder}/f/g`), isFileFailure(/something else/));
});

inFolder(
  "ensurePrivateFolder() creates private folders and makes existing ones private",
  (folder) => {
    ensurePrivateFolder(`${folder}/a/.arcade`);
    assert.equal((Deno.statSync(`${folder}/a/.arcade`).mode ?? 0) & 0o777, 0o700);
    Deno.mkdirSync(`${folder}/open`);
    Deno.chmodSync(`${folder}/open`, 0o755);
    ensurePrivateFolder(`${folder}/open`);
    assert.equal((Deno.statSync(`${folder}/open`).mode ?? 0) & 0o777, 0o700);
  },
);

inFolder("moveAside() keeps the content in a private file under another name", (folder) => {
  Deno.writeTextFileSync(`${folder}/f`, "content", { mode: 0o644 });
  const aside = moveAside(`${folder}/f`, new Date(0));
  assert.equal(Deno.readTextFileSync(aside), "content");
  assert.equal((Deno.statSync(aside).mode ?? 0) & 0o777, 0o600);
  assert.deepEqual(names(folder), [aside.slice(folder.length + 1)]);
});

Deno.test({
  name: "a read-only folder is reported, and the old file is kept",
  ignore: isRoot, // root can write anywhere; the end-to-end tests use a read-only mount
  fn() {
    const folder = Deno.makeTempDirSync();
    try {
      Deno.writeTextFileSync(`${folder}/f`, "old");
      Deno.chmodSync(folder, 0o500);
      assert.throws(
        () => writePrivateFile(`${folder}/f`, "new"),
        isFileFailure(/permission denied/),
      );
      assert.equal(readPrivateFile(`${folder}/f`), "old");
    } finally {
      Deno.chmodSync(folder, 0o700);
      Deno.removeSync(folder, { recursive: true });
    }
  },
});

inFolder("the command that makes a file private works for any path", (folder) => {
  const path = `${folder}/it's a blank`;
  Deno.writeTextFileSync(path, "text");
  Deno.chmodSync(path, 0o666);
  assert.throws(() => readPrivateFile(path), (error: unknown) => {
    const [, command = ""] = /`(chmod .*)`/.exec(error instanceof Failure ? `${error.next}` : "") ??
      [];
    return succeeds("/bin/sh", "-c", command);
  });
  assert.equal(readPrivateFile(path), "text");
});

inFolder("a file that others can write is rejected", (folder) => {
  for (const mode of [0o620, 0o602, 0o666, 0o777]) {
    Deno.writeTextFileSync(`${folder}/f`, "text");
    Deno.chmodSync(`${folder}/f`, mode);
    assert.throws(() => readPrivateFile(`${folder}/f`), isFileFailure(/Other users can write/));
  }
  for (const mode of [0o600, 0o644, 0o400]) {
    Deno.chmodSync(`${folder}/f`, mode);
    assert.equal(readPrivateFile(`${folder}/f`), "text");
  }
});

Deno.test({
  name: "a file of another user is rejected, and a file of root is read",
  ignore: withoutOtherOwners,
  fn: () => {
    const folder = Deno.makeTempDirSync();
    try {
      Deno.writeTextFileSync(`${folder}/f`, "text", { mode: 0o600 });
      assert.equal(readPrivateFile(`${folder}/f`), "text");
      Deno.chownSync(`${folder}/f`, ORDINARY, 0);
      assert.throws(() => readPrivateFile(`${folder}/f`), isFileFailure(/belongs to another user/));
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  },
});

const onUnix = Deno.build.os !== "windows";
const modeOf = (path: string) => (Deno.statSync(path).mode ?? 0) & 0o7777;

Deno.test({ name: "new folders are private, and so are those above them", ignore: !onUnix }, () => {
  const parent = Deno.makeTempDirSync();
  ensurePrivateFolder(`${parent}/one/two`);
  assert.deepEqual([modeOf(`${parent}/one`), modeOf(`${parent}/one/two`)], [0o700, 0o700]);
  Deno.removeSync(parent, { recursive: true });
});

Deno.test({ name: "an empty folder that all users share stays shared", ignore: !onUnix }, () => {
  const folder = Deno.makeTempDirSync();
  Deno.chmodSync(folder, 0o1777);
  ensurePrivateFolder(folder);
  assert.equal(modeOf(folder), 0o1777);
  Deno.chmodSync(folder, 0o777);
  ensurePrivateFolder(folder);
  assert.equal(modeOf(folder), 0o700);
  Deno.removeSync(folder, { recursive: true });
});

Deno.test("a private file has at most 1 MiB", () => {
  const folder = Deno.makeTempDirSync();
  const path = `${folder}/file`;
  Deno.writeTextFileSync(path, "x".repeat(1024 * 1024), { mode: 0o600 });
  assert.equal(readPrivateFile(path)?.length, 1024 * 1024);
  Deno.writeTextFileSync(path, "x", { append: true });
  assert.throws(() => readPrivateFile(path), /is larger than 1 MiB/);
  assert.throws(() => writePrivateFile(path, "x".repeat(1024 * 1024 + 1)), /would be larger/);
  Deno.removeSync(folder, { recursive: true });
});
