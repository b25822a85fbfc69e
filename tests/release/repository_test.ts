import assert from "node:assert/strict";
import { downloadUrl, readRepository } from "../../scripts/repository.ts";

Deno.test("the addresses of the tap, the bucket and the downloads are derived from the repository", () => {
  const repository = readRepository("https://github.com/Some-One/arcade/");
  assert.deepEqual(repository, {
    url: "https://github.com/Some-One/arcade",
    path: "Some-One/arcade",
    tap: "Some-One/tap",
    tapUrl: "https://github.com/Some-One/homebrew-tap",
    bucketUrl: "https://github.com/Some-One/scoop-bucket",
  });
  assert.equal(
    downloadUrl(repository, "1.2.3", "install.sh"),
    "https://github.com/Some-One/arcade/releases/download/v1.2.3/install.sh",
  );
});

Deno.test("a repository on this machine can have an http address", () => {
  const { url } = readRepository("http://127.0.0.1:8080/owner/arcade");
  assert.equal(url, "http://127.0.0.1:8080/owner/arcade");
});

for (
  const text of [
    "",
    "owner/arcade",
    "http://github.com/owner/arcade",
    "https://github.com/owner",
    "https://github.com/owner/arcade/tree/main",
    "https://github.com/owner/arcade?tab=readme",
    "https://user@github.com/owner/arcade",
    'https://github.com/owner/"; rm -rf /',
    "git@github.com:owner/arcade.git",
  ]
) {
  Deno.test(`${JSON.stringify(text)} is not the address of a repository`, () => {
    assert.throws(() => readRepository(text), /is not the address of a repository, such as/);
  });
}
