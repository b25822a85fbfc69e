import assert from "node:assert/strict";
import { type ArchiveEntry, followLink } from "../../src/files/links.ts";

Deno.test("links are followed up to the same limit as in Linux", () => {
  const chain = (length: number) => {
    const links = Array.from({ length }, (_, i): [string, ArchiveEntry] => [
      `link${i}`,
      { kind: "link", target: i + 1 === length ? "file" : `link${i + 1}` },
    ]);
    return followLink("link0", new Map([...links, ["file", { kind: "file" }]]));
  };
  assert.equal(chain(40), "entry");
  assert.equal(chain(41), "nothing");
});
