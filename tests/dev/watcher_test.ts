import assert from "node:assert/strict";
import { watch } from "../../src/dev/watcher.ts";
import { settlesWithin, sleep } from "../../src/system/waiting.ts";
import { patiently } from "../support/patience.ts";
import { ProjectFolder } from "../support/project_folder.ts";

/** The changes of a folder. */
class Watched implements AsyncDisposable {
  readonly folder = new ProjectFolder({ "server.py": "1", "package/module.py": "1" });
  readonly #over = new AbortController();
  readonly #changes: AsyncGenerator<readonly string[]>;
  #next: Promise<IteratorResult<readonly string[]>>;

  private constructor() {
    this.#changes = watch(this.folder.path, {
      ignores: () => (path) => path === "ignored",
      signal: this.#over.signal,
      sleep,
    });
    this.#next = this.#changes.next();
  }

  static async start(): Promise<Watched> {
    const watched = new Watched();
    // The first change tells that the folder is watched.
    while (true) {
      watched.folder.write("begin", crypto.randomUUID());
      if (await settlesWithin(300, watched.#next)) break;
    }
    watched.#next = watched.#changes.next();
    return watched;
  }

  async next(): Promise<readonly string[]> {
    const { value } = await patiently("a change", this.#next);
    this.#next = this.#changes.next();
    return value ?? [];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#over.abort();
    await patiently("the end", this.#next);
    this.folder[Symbol.dispose]();
  }
}

const CHANGES: readonly (readonly [what: string, (folder: ProjectFolder) => void, string[]])[] = [
  ["a file that is written", (folder) => folder.write("server.py", "22"), ["server.py"]],
  ["a file that is replaced by rename", ({ path }) => {
    Deno.writeTextFileSync(`${path}/.server.py.swp`, "2");
    Deno.renameSync(`${path}/.server.py.swp`, `${path}/server.py`);
  }, ["server.py"]],
  ["a file that is removed", ({ path }) => Deno.removeSync(`${path}/server.py`), ["server.py"]],
  ["a file in a folder", (folder) => folder.write("package/module.py", "22"), [
    "package/module.py",
  ]],
  ["files in new folders", (folder) => {
    folder.write("a/b/c.py", "");
    folder.write("a/d.py", "");
  }, ["a/b/c.py", "a/d.py"]],
  [".env", (folder) => folder.write(".env", "KEY=value"), [".env"]],
  ["a folder that is renamed", ({ path }) => Deno.renameSync(`${path}/package`, `${path}/other`), [
    "other/module.py",
    "package/module.py",
  ]],
  ["several files at once", (folder) => {
    folder.write("one.py", "");
    folder.write("two.py", "");
  }, ["one.py", "two.py"]],
];
for (const [what, change, expected] of CHANGES) {
  Deno.test(`a change is seen: ${what}`, async () => {
    await using watched = await Watched.start();
    change(watched.folder);
    assert.deepEqual(await watched.next(), expected);
  });
}

Deno.test("what does not count is not seen, and changes after it are", async () => {
  await using watched = await Watched.start();
  const { folder } = watched;
  folder.write("environment/pyvenv.cfg", "");
  folder.write("environment/a.py", "");
  for (
    const path of [
      ".git/index",
      ".venv/a.py",
      ".hidden",
      "node_modules/a.js",
      "package/__pycache__/a.pyc",
      "package/.env",
      "target/debug/server",
      "logs/a.txt",
      "server.log",
      "server.log.1",
      "data.sqlite3-wal",
      "data.db",
      "server.py~",
      "#server.py#",
      "4913",
      "ignored",
    ]
  ) folder.write(path, "");
  folder.write("seen.py", "");
  assert.deepEqual(
    (await watched.next()).filter((path) => path !== "data.sqlite3-wal"),
    ["seen.py"],
  );
  folder.write("environment/a.py", "2");
  folder.write("seen.py", "2");
  assert.deepEqual(await watched.next(), ["seen.py"]);
});

Deno.test("a folder is watched again after it is renamed and recreated", async () => {
  await using watched = await Watched.start();
  const { path } = watched.folder;
  Deno.renameSync(path, `${path}-renamed`);
  assert((await watched.next()).includes("server.py"), "it is gone");
  Deno.mkdirSync(path);
  watched.folder.write("server.py", "2");
  assert.deepEqual(await watched.next(), ["server.py"]);
  watched.folder.write("server.py", "three");
  assert.deepEqual(await watched.next(), ["server.py"]);
});

Deno.test("a comparison of many ignored files ends when the watch does", async () => {
  const files = Array.from({ length: 2000 }, (_, i) => [`file_${i}.py`, ""] as const);
  using folder = new ProjectFolder(Object.fromEntries(files));
  const over = new AbortController();
  let asked = 0;
  const ignores = () => () => {
    asked++;
    for (const start = performance.now(); performance.now() - start < 1;); // many rules
    return true;
  };
  setTimeout(() => over.abort(new Error("over")), 1);
  const watching = watch(folder.path, { ignores, signal: over.signal, sleep });
  assert.equal((await patiently("the end", watching.next())).done, true);
  assert(asked < files.length, "every file was compared");
});
