import assert from "node:assert/strict";
import { counted, measureFor, withoutColors, wrap } from "../../src/text/prose.ts";

Deno.test("counted() has the plural for every number but one", () => {
  assert.deepEqual([0, 1, 2].map((n) => counted(n, "line")), ["0 lines", "1 line", "2 lines"]);
});

Deno.test("wrap() breaks between words, and keeps a long word whole", () => {
  assert.equal(wrap("one two three", 7), "one two\nthree");
  assert.equal(wrap("incomprehensible a", 7), "incomprehensible\na");
});

Deno.test("measureFor() counts columns, not characters", async () => {
  const measure = await measureFor(["ab", "漢字"]);
  assert.deepEqual([measure("ab"), measure("漢字")], [2, 4]);
  assert.equal((await measureFor(["ab"]))("ab"), 2);
});

Deno.test("withoutColors() removes only colors", () => {
  assert.equal(withoutColors("\x1b[1;31mred\x1b[0m \x1b[2J"), "red \x1b[2J");
});
