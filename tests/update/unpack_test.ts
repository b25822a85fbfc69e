import assert from "node:assert/strict";
import { type ArchivedFile, tarGz, zip } from "../../scripts/release/archive.ts";
import { fileInZip, filesInTarGz } from "../../src/update/unpack.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const TIME = 1_700_000_000;
const FILES: readonly ArchivedFile[] = [
  { path: "LICENSE", content: bytes("free"), isExecutable: false },
  { path: "arcade.exe", content: bytes("program ".repeat(50_000)), isExecutable: true },
  { path: "man/arcade.1", content: bytes("manual"), isExecutable: false },
];

Deno.test("files are found in the archives of releases", async () => {
  const inTarGz = async (archive: Uint8Array<ArrayBuffer>, path: string) =>
    (await filesInTarGz(archive, "arcade-1")).get(path);
  const archives = [
    [await tarGz("arcade-1", FILES, TIME), inTarGz],
    [zip(FILES, TIME), fileInZip],
  ] as const;
  for (const [archive, find] of archives) {
    for (const { path, content } of FILES) {
      assert.deepEqual(await find(archive, path), content, path);
    }
    assert.equal(await find(archive, "arcade"), undefined);
    for (const length of [0, 1, 30, 100, archive.length >> 1]) {
      const cut = archive.slice(0, length);
      const found = await Promise.try(() => find(cut, "man/arcade.1"))
        .catch(() => undefined);
      assert.equal(found, undefined, `${length} bytes`);
    }
  }
});
