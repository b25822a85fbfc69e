import assert from "node:assert/strict";
import { processContext } from "../../src/process/context.ts";
import { Failure } from "../../src/failure.ts";
import { withLock } from "../../src/files/lock.ts";
import { restrictToOwner } from "../../src/files/owner_only.ts";
import { writePrivateFile } from "../../src/files/private_file_changes.ts";
import { dataFiles } from "../../src/local/model/data_folder.ts";
import { splitPath } from "../../src/system/paths.ts";
import { FakeWindows, SID } from "../support/fake_windows.ts";

const RIGHTS = ["/inheritance:r", "/grant:r", `*${SID}:(OI)(CI)F`, "/q"];

/** A home folder, and a folder on another drive. */
class Machine implements Disposable {
  readonly path = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "arcade-owner-" }));
  readonly home = `${this.path}/home`;
  readonly drive = `${this.path}/drive`;
  readonly windows = new FakeWindows({ profile: this.home });

  constructor() {
    Deno.mkdirSync(this.home);
    Deno.mkdirSync(this.drive);
  }

  /** Creates a folder with empty files. */
  folder(path: string, ...files: readonly string[]): string {
    const folder = `${this.path}/${path}`;
    Deno.mkdirSync(folder, { recursive: true });
    for (const file of files) Deno.writeTextFileSync(`${folder}/${file}`, "");
    return folder;
  }

  /** The failure with which a folder is refused. */
  async refusal(folder: string): Promise<Failure> {
    try {
      await restrictToOwner(folder, this.windows);
    } catch (error) {
      assert(error instanceof Failure && error.kind === "file");
      return error;
    }
    assert.fail("The folder was not refused");
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}

/** Runs a test with fake Windows programs and the paths of another system. */
function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ignore: Deno.build.os === "windows", fn });
}

test("a folder is restricted to the user's SID once, by Windows' own programs", async () => {
  using machine = new Machine();
  const folder = machine.folder("drive/.arcade", "credentials.yaml");
  await restrictToOwner(folder, machine.windows);
  assert.deepEqual(machine.windows.calls, [
    ["whoami.exe", "/user", "/fo", "csv", "/nh"],
    ["icacls.exe", folder, ...RIGHTS],
  ]);
  await restrictToOwner(folder, machine.windows);
  assert.equal(machine.windows.calls.length, 2);
});

test("a recreated or copied folder is restricted again", async () => {
  using machine = new Machine();
  const folder = machine.folder("drive/.arcade");
  await restrictToOwner(folder, machine.windows);
  const copy = machine.folder("drive/copy");
  Deno.copyFileSync(`${folder}/.owner-only`, `${copy}/.owner-only`);
  await restrictToOwner(copy, machine.windows);
  Deno.removeSync(folder, { recursive: true });
  machine.folder("drive/.arcade");
  await restrictToOwner(folder, machine.windows);
  assert.deepEqual(machine.windows.restricted.map(([path]) => path), [folder, copy, folder]);
});

test("folders that no longer exist are forgotten", async () => {
  using machine = new Machine();
  for (const name of ["one", "two", "three"]) {
    const folder = machine.folder(`drive/.${name}`);
    await restrictToOwner(folder, machine.windows);
    if (name !== "two") Deno.removeSync(folder, { recursive: true });
  }
  await restrictToOwner(machine.folder("drive/.last"), machine.windows);
  const records = `${machine.home}/AppData/Local/arcade/private-folders`;
  const paths = [...Deno.readDirSync(records)].map(({ name }) =>
    Deno.readTextFileSync(`${records}/${name}`)
  );
  assert.deepEqual(paths.sort(), [`${machine.drive}/.last`, `${machine.drive}/.two`]);
});

test("a mark left in a folder by another user is ignored", async () => {
  using machine = new Machine();
  const known = machine.folder("drive/.known");
  await restrictToOwner(known, machine.windows);
  const id = Deno.readTextFileSync(`${known}/.owner-only`);
  for (const mark of [id, crypto.randomUUID(), "../../../drive/path", ""]) {
    const folder = machine.folder("drive/.arcade");
    Deno.writeTextFileSync(`${folder}/.owner-only`, mark);
    Deno.writeTextFileSync(`${machine.drive}/path`, folder);
    const before = machine.windows.restricted.length;
    await restrictToOwner(folder, machine.windows);
    assert.equal(machine.windows.restricted.length, before + 1, mark);
  }
});

test("without a home folder, a folder is restricted each time", async () => {
  using machine = new Machine();
  const windows = new FakeWindows();
  const folder = machine.folder("drive/.arcade");
  await restrictToOwner(folder, windows);
  await restrictToOwner(folder, windows);
  assert.equal(windows.restricted.length, 2);
  assert.deepEqual([...Deno.readDirSync(folder)], []);
});

test("a folder with other files keeps its rights inside the home folder, and is rejected elsewhere", async () => {
  using machine = new Machine();
  await restrictToOwner(machine.folder("home/work", "notes.txt"), machine.windows);
  await restrictToOwner(machine.home, machine.windows);
  for (const path of ["drive/work", "homeless"]) {
    const { message, next } = await machine.refusal(machine.folder(path, "notes.txt"));
    assert.match(message, /^Other users may be able to read .*, which contains other files$/);
    assert.match(next ?? "", /an empty folder/);
  }
  Deno.symlinkSync(machine.drive, `${machine.home}/link`);
  machine.folder("drive/linked", "notes.txt");
  await machine.refusal(`${machine.home}/link/linked`);
  await machine.refusal("/");
  assert.deepEqual(machine.windows.calls, []);
});

test("the folder of a local Arcade is restricted with its files", async () => {
  using machine = new Machine();
  const folder = machine.folder("drive/data");
  const files = Object.values(dataFiles(folder)).map((path) => splitPath(path).name);
  machine.folder("drive/data", ...files, "arcade.db-wal");
  await restrictToOwner(folder, machine.windows);
  assert.equal(machine.windows.restricted.length, 1);
});

test("if Windows refuses, nothing counts as restricted, and the error has a next step", async () => {
  for (const program of ["whoami.exe", "icacls.exe"]) {
    using machine = new Machine();
    const folder = machine.folder("drive/.arcade");
    machine.windows.failing.add(program);
    const { message, next } = await machine.refusal(folder);
    assert.equal(message, `Cannot restrict ${folder} to you`);
    assert.match(next ?? "", /NTFS/);
    assert.deepEqual([...Deno.readDirSync(folder)], []);
    machine.windows.failing.clear();
    await restrictToOwner(folder, machine.windows);
    assert.equal(machine.windows.restricted.at(-1)?.[0], folder);
  }
});

test("withLock() restricts the folder before the work; a removal runs even if that fails", async () => {
  using machine = new Machine();
  const { windows } = machine;
  const folder = `${machine.drive}/.arcade`;
  await withLock(folder, ".credentials.lock", () => {
    assert.deepEqual(windows.restricted, [[folder, ...RIGHTS]]);
  }, { windows });
  const other = `${machine.drive}/.other`;
  windows.failing.add("icacls.exe");
  await assert.rejects(
    withLock(
      other,
      ".credentials.lock",
      () => assert.fail("The work ran in an unrestricted folder"),
      { windows },
    ),
    /Cannot restrict/,
  );
  const options = { windows, isRemoval: true };
  assert.equal(await withLock(other, ".credentials.lock", () => "removed", options), "removed");
});

Deno.test({
  name: "on Windows only the user has rights to the folder and its files",
  ignore: Deno.build.os !== "windows",
  fn: async () => {
    const path = Deno.realPathSync(Deno.makeTempDirSync());
    const real = processContext({ debug: false, color: false, json: false }).files.windows;
    assert(real);
    const windows = { ...real, localData: path };
    const folder = `${path}\\.arcade`;
    const file = `${folder}\\credentials.yaml`;
    try {
      await withLock(folder, ".credentials.lock", () => writePrivateFile(file, "text"), {
        windows,
      });
      for (const [place, rights] of [[folder, "(OI)(CI)(F)"], [file, "(I)(F)"]] as const) {
        const { output } = await windows.run(`${real.root}\\System32\\icacls.exe`, [place]);
        assert.deepEqual(output.match(/(?<=:)\([^ \r\n]*/g), [rights], output);
      }
    } finally {
      Deno.removeSync(path, { recursive: true });
    }
  },
});
