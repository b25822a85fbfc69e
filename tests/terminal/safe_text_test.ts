import assert from "node:assert/strict";
import fc from "fast-check";
import { printable, printableJson } from "../../src/terminal/safe_text.ts";

Deno.test("printable() keeps harmless text unchanged", () => {
  for (
    const text of ["plain", "Zoë Müller", "漢字", "👩‍👩‍👧 family", "a\u0301", "نص", "dash–ellipsis…"]
  ) {
    assert.equal(printable(text), text);
  }
});

Deno.test("printable() replaces control, escape, direction and line characters", () => {
  for (
    const text of [
      "\x1b",
      "\x00",
      "\x07",
      "\n",
      "\r",
      "\t",
      "\x7f",
      "\x9b",
      "\u2028",
      "\u202e",
      "\u2066",
      "\u200b",
      "\ufeff",
      "\ud800",
    ]
  ) {
    assert.equal(printable(`a${text}b`), "a\uFFFDb");
  }
});

Deno.test("printable() prevents any text from moving the cursor or breaking the line", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
    const shown = printable(text);
    // deno-lint-ignore no-control-regex
    assert.doesNotMatch(shown, /[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/);
    assert.equal(printable(shown), shown);
  }));
});

Deno.test("printableJson() escapes unsafe characters, and a parser reads back the same value", () => {
  fc.assert(fc.property(fc.jsonValue(), fc.string({ unit: "binary" }), (value, text) => {
    const data = { value, text };
    const shown = printableJson(data);
    assert.equal(printable(shown.replaceAll("\n", "")), shown.replaceAll("\n", ""));
    assert.deepEqual(JSON.parse(shown), JSON.parse(JSON.stringify(data)));
  }));
});
