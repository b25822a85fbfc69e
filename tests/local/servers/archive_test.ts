import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import * as fc from "fast-check";
import { packTar, type TarEntry } from "modern-tar";
import { unpack, UnusableArchive } from "../../../src/local/servers/archive.ts";
import { archiveOf, fileEntry, gzipped } from "../../support/test_server.ts";
import { isAvailable, succeeds } from "../../support/test_machine.ts";

const onUnix = Deno.build.os !== "windows";
const withoutTar = !isAvailable("tar", () => succeeds("tar", "--version"));

/** A folder to unpack into, within a folder that must not change. */
class Fixture implements Disposable {
  readonly path = Deno.makeTempDirSync({ prefix: "arcade-test-" });
  readonly folder = `${this.path}/outer/release`;

  readonly #limits: Parameters<typeof unpack>[2];

  constructor(limits?: Parameters<typeof unpack>[2]) {
    this.#limits = limits;
    Deno.mkdirSync(this.folder, { recursive: true });
    Deno.writeTextFileSync(`${this.path}/outer/secret`, "secret");
  }

  async unpack(base64: string): Promise<void> {
    const archive = new Blob([new Uint8Array(Buffer.from(base64, "base64"))]);
    await unpack(archive.stream(), this.folder, this.#limits);
  }

  /** Fails unless an archive is refused, and nothing outside the folder was written. */
  async refuse(base64: string, reason: RegExp): Promise<void> {
    await assert.rejects(this.unpack(base64), (error) => {
      assert(error instanceof UnusableArchive, String(error));
      assert.match(error.message, reason);
      return true;
    });
    assert.deepEqual(
      [...Deno.readDirSync(`${this.path}/outer`)].map(({ name }) => name).sort(),
      ["release", "secret"],
    );
    assert.equal(Deno.readTextFileSync(`${this.path}/outer/secret`), "secret");
    assert.deepEqual([...Deno.readDirSync(this.path)].map(({ name }) => name), ["outer"]);
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}

function linkEntry(path: string, linkname: string, type: "symlink" | "link" = "symlink"): TarEntry {
  return { header: { name: `project/${path}`, size: 0, type, linkname } };
}

Deno.test("an archive is unpacked without its top folder, with access for its owner only", async () => {
  using fixture = new Fixture();
  await fixture.unpack(
    await archiveOf([
      { header: { name: "project/", size: 0, type: "directory", mode: 0o777 } },
      fileEntry("a.py", "a"),
      { header: { name: "project/tool", size: 1, type: "file", mode: 0o755 }, body: "t" },
      { header: { name: "project/empty/", size: 0, type: "directory" } },
      fileEntry("deep/er/./b.py", "b"),
      fileEntry("ü/🙂.txt", ""),
      linkEntry("link.py", "deep/er/b.py"),
      linkEntry("deep/up", "../a.py"),
      linkEntry("deep/chain", "up"),
      linkEntry("folder", "deep/er"),
      linkEntry("through", "folder/../../link.py"),
      linkEntry("here", "."),
      linkEntry("hard.py", "project/a.py", "link"),
    ]),
  );
  const read = (path: string) => Deno.readTextFileSync(`${fixture.folder}/${path}`);
  assert.deepEqual(
    [
      "a.py",
      "tool",
      "deep/er/b.py",
      "ü/🙂.txt",
      "link.py",
      "deep/up",
      "hard.py",
      "deep/chain",
      "through",
    ].map(read),
    ["a", "t", "b", "", "b", "a", "a", "a", "b"],
  );
  if (!onUnix) return;
  const mode = (path: string) => (Deno.statSync(`${fixture.folder}/${path}`).mode ?? 0) & 0o777;
  assert.deepEqual(["a.py", "tool", "empty", "deep/er"].map(mode), [0o600, 0o700, 0o700, 0o700]);
});

Deno.test({ name: "archives in all formats of tar are unpacked", ignore: withoutTar }, async () => {
  for (const format of ["gnu", "ustar", "pax", "v7"]) {
    using fixture = new Fixture();
    const name = `${"long-".repeat(format === "gnu" || format === "pax" ? 30 : 5)}name.py`;
    Deno.mkdirSync(`${fixture.path}/project`);
    Deno.writeTextFileSync(`${fixture.path}/project/${name}`, format);
    const { stdout } = await new Deno.Command("tar", {
      args: [`--format=${format}`, "-cz", "-C", fixture.path, "project"],
    }).output();
    await fixture.unpack(Buffer.from(stdout).toString("base64"));
    assert.equal(Deno.readTextFileSync(`${fixture.folder}/${name}`), format);
  }
});

const hostile: Readonly<Record<string, [TarEntry[], RegExp]>> = {
  "a path with `..`": [[fileEntry("../../secret", "x")], /points outside/],
  "a path that goes up and down again": [[fileEntry("a/../b", "x")], /points outside/],
  "an absolute path": [
    [{ header: { name: "/tmp/x", size: 1, type: "file" }, body: "x" }],
    /points outside/,
  ],
  "two top folders": [
    [fileEntry("a", ""), { header: { name: "other/a", size: 0, type: "file" } }],
    /more than one top folder/,
  ],
  "a file twice": [[fileEntry("a", "1"), fileEntry("a", "2")], /twice/],
  "a file over a folder": [[fileEntry("a/b", "1"), fileEntry("a", "2")], /twice/],
  "a symlink to an absolute path": [[linkEntry("l", "/etc/passwd")], /link l points outside/],
  "a symlink that leads out": [[linkEntry("d/l", "../../secret")], /link d\/l points outside/],
  "a symlink that leads out through another symlink": [
    [fileEntry("d/e/x", ""), linkEntry("in", "d/e"), linkEntry("out", "in/../../../secret")],
    /link out points outside/,
  ],
  "a symlink through which another symlink leads out": [
    [fileEntry("d/e/x", ""), linkEntry("d/up", "../d"), linkEntry("l", "d/up/../../secret")],
    /link l points outside/,
  ],
  "a symlink to nothing": [[linkEntry("d/l", "../missing")], /link d\/l points to nothing/],
  "a symlink to a symlink to nothing": [
    [linkEntry("a", "b"), linkEntry("b", "c")],
    /link a points to nothing/,
  ],
  "symlinks in a circle": [
    [linkEntry("a", "b"), linkEntry("b", "a")],
    /link a points to nothing/,
  ],
  "a symlink to something in a file": [
    [fileEntry("f", "x"), linkEntry("l", "f/.")],
    /link l points to nothing/,
  ],
  "a symlink through a folder that is not there": [
    [fileEntry("f", "x"), linkEntry("l", "no/../f")],
    /link l points to nothing/,
  ],
  "a symlink through a symlink to the folder above": [
    [linkEntry("d/up", ".."), linkEntry("l", "d/up/../secret")],
    /link l points outside/,
  ],
  "a file behind a symlink": [[linkEntry("d", "e"), fileEntry("d/x", "x")], /twice/],
  "a hard link that leads out": [
    [linkEntry("l", "project/../../secret", "link")],
    /points outside/,
  ],
  "a hard link to a symlink": [
    [linkEntry("s", "a"), linkEntry("l", "project/s", "link")],
    /link project\/l points to nothing/,
  ],
  "a device": [
    [{ header: { name: "project/null", size: 0, type: "character-device" } }],
    /is a character-device/,
  ],
  "a pipe": [[{ header: { name: "project/p", size: 0, type: "fifo" } }], /is a fifo/],
};
for (const [what, [entries, reason]] of Object.entries(hostile)) {
  Deno.test({ name: `an archive is refused with ${what}`, ignore: !onUnix }, async () => {
    using fixture = new Fixture();
    await fixture.refuse(await archiveOf(entries), reason);
  });
}

Deno.test("a truncated or invalid archive is refused", async () => {
  using fixture = new Fixture();
  const whole = Buffer.from(await archiveOf([fileEntry("a", "x".repeat(10_000))]), "base64");
  const cut = (count: number) => whole.subarray(0, whole.length - count).toString("base64");
  const tar = await packTar([fileEntry("a", "x".repeat(10_000))]);
  const broken = [
    "",
    Buffer.from("no archive").toString("base64"),
    cut(1),
    cut(whole.length - 20),
    await gzipped(tar.slice(0, 700)),
    await gzipped(new TextEncoder().encode("no tar".repeat(1000))),
  ];
  for (const base64 of broken) {
    await fixture.refuse(base64, /not a complete tar\.gz archive/);
    Deno.removeSync(fixture.folder, { recursive: true });
    Deno.mkdirSync(fixture.folder);
  }
});

Deno.test("an archive that unpacks to too much data is refused", async () => {
  const archive = await archiveOf([fileEntry("zeros", "\0".repeat(2 * 1024 * 1024))]);
  using fixture = new Fixture({ mebibytes: 1, entries: 10 });
  await fixture.refuse(archive, /larger than 1 MiB when unpacked/);
  using other = new Fixture({ mebibytes: 3, entries: 10 });
  await other.unpack(archive);
});

Deno.test("an archive with hard links to too much data is refused", async () => {
  const link = (name: string) => ({
    header: { name: `project/${name}`, linkname: "project/zeros", type: "link", size: 0 },
  } as const);
  const zeros = fileEntry("zeros", "\0".repeat(600 * 1024));
  using fixture = new Fixture({ mebibytes: 1, entries: 10 });
  await fixture.refuse(
    await archiveOf([zeros, link("a"), link("b")]),
    /larger than 1 MiB when unpacked/,
  );
  using other = new Fixture({ mebibytes: 1, entries: 10 });
  await other.unpack(await archiveOf([zeros, link("a")]));
});

Deno.test("an archive with impossible paths is refused", async () => {
  const link = (linkname: string) => ({
    header: { name: "project/a", linkname, type: "symlink", size: 0 },
  } as const);
  for (
    const entries of [
      [link("")],
      [link("x".repeat(5000))],
      [fileEntry("a", ""), fileEntry("a/b", "")],
      [fileEntry("n".repeat(300), "")],
    ]
  ) {
    using fixture = new Fixture();
    await fixture.refuse(
      await archiveOf(entries),
      /a path that cannot exist|a path twice|is not a complete|points to nothing/,
    );
  }
});

Deno.test("an archive with too many entries is refused", async () => {
  const entries = Array.from({ length: 11 }, (_, i) => fileEntry(String(i), ""));
  using fixture = new Fixture({ mebibytes: 1, entries: 10 });
  await fixture.refuse(await archiveOf(entries), /more than 10 entries/);
});

Deno.test("no archive writes outside its folder", async () => {
  const part = fc.constantFrom("..", ".", "a", "b", "project", "", "secret");
  const path = fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => parts.join("/"));
  const entry = fc.record({
    name: path,
    linkname: path,
    type: fc.constantFrom("file", "directory", "symlink", "link"),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(entry, { maxLength: 6 }), async (entries) => {
      using fixture = new Fixture();
      const tar: TarEntry[] = entries.map((header) => ({ header: { ...header, size: 0 } }));
      try {
        await fixture.unpack(await archiveOf(tar));
      } catch (error) {
        assert(error instanceof UnusableArchive, String(error));
      }
      assert.deepEqual(
        [...Deno.readDirSync(`${fixture.path}/outer`)].map(({ name }) => name).sort(),
        ["release", "secret"],
      );
      assert.equal(Deno.readTextFileSync(`${fixture.path}/outer/secret`), "secret");
    }),
    { numRuns: 100 },
  );
});
