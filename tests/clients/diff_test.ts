import assert from "node:assert/strict";
import { unifiedDiff } from "../../src/clients/diff.ts";

const diff = (before: string | undefined, after: string) =>
  unifiedDiff("f", { before, after, shownBefore: before ?? "", shownAfter: after });

Deno.test("a diff has three lines around a change", () => {
  const lines = (text: string) => text.split("").join("\n") + "\n";
  assert.equal(
    diff(lines("abcdefgh"), lines("abcdXefgh")),
    "--- f\n+++ f\n@@ -2,6 +2,7 @@\n b\n c\n d\n+X\n e\n f\n g\n",
  );
  assert.equal(diff(lines("ab"), lines("a")), "--- f\n+++ f\n@@ -1,2 +1,1 @@\n a\n-b\n");
});

Deno.test("a diff of a new file starts from no file, and equal texts have no diff", () => {
  assert.equal(diff(undefined, "a\n"), "--- /dev/null\n+++ f\n@@ -0,0 +1,1 @@\n+a\n");
  assert.equal(diff("a\n", "a\n"), "");
});

Deno.test("a diff can show other texts than it compares", () => {
  const texts = { before: "x\n1\n", after: "x\n2\n", shownBefore: "*\n*\n", shownAfter: "*\n2\n" };
  assert.equal(unifiedDiff("f", texts), "--- f\n+++ f\n@@ -1,2 +1,2 @@\n *\n-*\n+2\n");
});
