import assert from "node:assert/strict";
import fc from "fast-check";
import { Sensitive } from "../../src/secrecy/sensitive.ts";
import { printable, printableJson, printableLog } from "../../src/terminal/safe_text.ts";
import { freshText } from "../support/fresh_text.ts";

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

const shown = { hasColor: true };
const dropped = { hasColor: false };

for (
  const [line, withColors, without] of [
    ["plain", "plain", "plain"],
    ["\x1b[33mWARN\x1b[0m x", "\x1b[33mWARN\x1b[0m x\x1b[0m", "WARN x"],
    ["\x1b[1;38:2::1:2:3mbold\x1b[m", "\x1b[1;38:2::1:2:3mbold\x1b[m\x1b[0m", "bold"],
    ["a\t\x1b[31mb\r\nc\n", "a\t\x1b[31mb\n    c\x1b[0m", "a\tb\n    c"],
    ["\x1b[2J\x1b[31m\x9b31m", "\uFFFD[2J\x1b[31m\uFFFD31m\x1b[0m", "\uFFFD[2J\uFFFD31m"],
    ["\x1b[3\x1b[1mx", "\uFFFD[3\x1b[1mx\x1b[0m", "\uFFFD[3x"],
    ["\x1b\x1b[1m[2Jx", "\uFFFD\x1b[1m[2Jx\x1b[0m", "\uFFFD[2Jx"],
    [
      "\x1b[>4m \x1b[?1m \x1b[31",
      "\uFFFD[>4m \uFFFD[?1m \uFFFD[31",
      "\uFFFD[>4m \uFFFD[?1m \uFFFD[31",
    ],
  ] as const
) {
  Deno.test(`printableLog() keeps or drops the colors of ${JSON.stringify(line)}`, () => {
    assert.equal(printableLog(line, shown), withColors);
    assert.equal(printableLog(line, dropped), without);
  });
}

Deno.test("printableLog() hides a token or a value whose parts have colors", () => {
  for (const kind of ["token", "value"] as const) {
    const secret = freshText(`a-colored-${kind}`);
    new Sensitive(secret, kind);
    const line = `\x1b[31m${secret.slice(0, 9)}\x1b[32m${secret.slice(9)}\x1b[0m`;
    for (const options of [shown, dropped]) assert.equal(printableLog(line, options), "[hidden]");
  }
});

Deno.test("printableLog() lets through only line ends, tabs and colors", () => {
  const part = fc.constantFrom("\x1b", "[", "31", ";", "m", "J", "\n", "\r", "\t", "x", "\x9b");
  fc.assert(fc.property(fc.array(fc.oneof(part, fc.string({ unit: "binary" }))), (parts) => {
    const line = parts.join("");
    // deno-lint-ignore no-control-regex
    const colored = printableLog(line, shown).replace(/\x1b\[[0-9;:]*m/g, "");
    for (const text of [colored, printableLog(line, dropped)]) {
      assert.equal(printable(text.replaceAll(/[\n\t]/g, "")), text.replaceAll(/[\n\t]/g, ""));
      assert.doesNotMatch(text, /\n(?! {4})/);
    }
  }));
});
