import assert from "node:assert/strict";
import { createFolder } from "../../src/files/new_folder.ts";
import { Failure } from "../../src/failure.ts";
import { SmallDisk, withoutMounts } from "../support/small_disk.ts";
import { ProjectFolder } from "../support/project_folder.ts";

const FILES = [["one", "1"], ["in/two", "2"]] as const;
const { signal: never } = new AbortController();

function namesIn(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
}

Deno.test("a new folder has its files, and nothing is left next to it", async () => {
  using folder = new ProjectFolder({});
  assert.equal(await createFolder(`${folder.path}/new`, FILES, never), true);
  assert.deepEqual(namesIn(folder.path), ["new"]);
  assert.equal(Deno.readTextFileSync(`${folder.path}/new/one`), "1");
  assert.equal(Deno.readTextFileSync(`${folder.path}/new/in/two`), "2");
});

for (
  const [what, make] of [
    ["a folder", (path) => Deno.mkdirSync(path)],
    ["a file", (path) => Deno.writeTextFileSync(path, "")],
    ["a link to nothing", (path) => Deno.symlinkSync("/nowhere", path)],
  ] satisfies [string, (path: string) => void][]
) {
  for (const when of ["before", "in the meantime"] as const) {
    Deno.test(`no folder is created where there is ${what} ${when}`, async () => {
      using folder = new ProjectFolder({});
      const path = `${folder.path}/new`;
      function* files() {
        yield* FILES;
        if (when === "in the meantime") make(path);
      }
      if (when === "before") make(path);
      const { ino } = when === "before" ? Deno.lstatSync(path) : { ino: undefined };
      assert.equal(await createFolder(path, files(), never), false);
      assert.deepEqual(namesIn(folder.path), ["new"]);
      if (ino !== undefined) assert.equal(Deno.lstatSync(path).ino, ino);
      if (what === "a folder") assert.deepEqual(namesIn(path), []);
    });
  }
}

Deno.test("if several folders with one name are created at once, one succeeds and is complete", async () => {
  using folder = new ProjectFolder({});
  const path = `${folder.path}/new`;
  const created = await Promise.all(
    ["a", "b", "c"].map((text) => createFolder(path, [["one", text], ["two", text]], never)),
  );
  assert.equal(created.filter(Boolean).length, 1);
  assert.deepEqual(namesIn(folder.path), ["new"]);
  const [one, two] = ["one", "two"].map((name) => Deno.readTextFileSync(`${path}/${name}`));
  assert.equal(one, two);
});

for (let before = 0; before <= FILES.length; before++) {
  Deno.test(`an interruption after ${before} files leaves nothing of a new folder`, async () => {
    using folder = new ProjectFolder({});
    const interruption = new AbortController();
    const reason = new Failure("interrupted", "Cancelled");
    const beside: string[][] = [];
    function* files() {
      yield* FILES.slice(0, before);
      beside.push(namesIn(folder.path));
      interruption.abort(reason);
      yield* FILES.slice(before);
    }
    await assert.rejects(
      createFolder(`${folder.path}/new`, files(), interruption.signal),
      (error) => error === reason,
    );
    assert.match(beside.join(), /^\.new\.[0-9a-f-]+\.tmp$/);
    assert.deepEqual(namesIn(folder.path), []);
  });
}

Deno.test("no new folder is created in a missing folder", async () => {
  using folder = new ProjectFolder({});
  await assert.rejects(
    createFolder(`${folder.path}/none/new`, FILES, never),
    (error) => error instanceof Failure && error.kind === "file",
  );
  assert.deepEqual(namesIn(folder.path), []);
});

Deno.test({
  name: "a full disk leaves nothing of a new folder",
  ignore: withoutMounts,
  async fn() {
    using folder = new ProjectFolder({});
    using disk = new SmallDisk(folder.path);
    disk.fill({ kibibytesLeft: 8 });
    const large = "x".repeat(64 * 1024);
    await assert.rejects(
      createFolder(`${folder.path}/new`, [...FILES, ["large", large]], never),
      /the disk is full/,
    );
    assert.deepEqual(namesIn(folder.path), ["filler"]);
  },
});
