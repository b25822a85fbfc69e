import assert from "node:assert/strict";
import { logLine } from "../../../src/local/pages/server.ts";
import { piecesOf, told, visible, visibleLines } from "../../../src/local/pages/texts.ts";

Deno.test("a line of a log keeps the colors and marks of SGR as classes, and drops other sequences", () => {
  for (
    const [line, pieces] of [
      ["plain", [["plain", ""]]],
      ["\x1b[1;31mbold red\x1b[22m red\x1b[0m plain", [
        ["bold red", "sgr-bold sgr-red"],
        [" red", "sgr-red"],
        [" plain", ""],
      ]],
      ["\x1b[92mbright\x1b[39m \x1b[90mgray", [
        ["bright", "sgr-green"],
        [" ", ""],
        ["gray", "sgr-quiet"],
      ]],
      // The parameters of a larger color are no colors of their own.
      ["\x1b[38;5;31mindexed\x1b[38;2;31;32;33mtrue\x1b[48;5;1mon\x1b[38:5:4mblue", [
        ["indexed", ""],
        ["true", ""],
        ["on", ""],
        ["blue", "sgr-blue"],
      ]],
      ["\x1b]0;title\x07a\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\\x1b[2J\x1b[1;1Hb\x1bMc\x1b(B", [
        ["alinkbc", ""],
      ]],
      ["\x1b[?25l10 %\r20 %\r", [["20 %", ""]]],
      ["\x1b[999;abcm\x1b[31", [["bcm\ufffd[31", ""]]],
      ["tab\tbell\x07\u202eright", [["tab\tbell\ufffd\ufffdright", ""]]],
    ] as const
  ) assert.deepEqual(piecesOf(line), pieces, JSON.stringify(line));
});

Deno.test("a long line is cut, and hostile ones take no time", () => {
  assert.equal(piecesOf("x".repeat(10_000))[0]?.[0].length, 2001);
  assert.equal(piecesOf("\x1b[31mxy".repeat(5000)).length, 1000);
  for (const part of ["\x1b]", "\x1b[", "\x1b[3", "\x1b[31;", "\x1b[31m", "\x1bP", "\r"]) {
    for (const end of ["", "x", "\x1b"]) piecesOf(part.repeat(1024 * 1024) + end);
    piecesOf(`${part.repeat(20_000)}x`);
  }
});

Deno.test("texts of servers lose what deceives, and keep what scripts and emoji need", () => {
  assert.equal(visible("a\u202eb\x1bc\nd\ud800e\u2028"), "a\ufffdb\ufffdc\ufffdd\ufffde\ufffd");
  for (const text of ["👩‍👩‍👧", "می‌خواهم", "שלום", "日本語"]) assert.equal(visible(text), text);
  assert.equal(visibleLines("a\r\n\tb\x07"), "a\n\tb\ufffd");
});

Deno.test("a hidden text is also hidden where the sequences that split it are dropped", () => {
  const mask = (text: string) => text.replaceAll("a-long-secret", "[hidden]");
  for (
    const line of [
      "a-long\x1b[31m-secret",
      "a-long\x1b[0K-secret",
      "a-long\x1b]0;title\x07-secret",
      "a-long\x1b[1\x1b[K;31m-secret",
      "\x1b]8;;\ra-long\x1b[K-secret",
    ]
  ) {
    const { pieces } = logLine({ time: 0, text: `\x1b[32mkey: ${line}` }, mask);
    const shown = pieces.map(([text]) => text).join("");
    assert.match(shown, /\[hidden\]$/, JSON.stringify(line));
    assert.doesNotMatch(shown, /secret/);
  }
});

Deno.test("a text on one line is its beginning, and only that is looked at", () => {
  assert.equal(String(told("a \n b ".repeat(1000), 5)), "<bdi>a b a…</bdi>");
  assert.equal(String(told(`${" ".repeat(1024 * 1024)}end`)), "<bdi>…</bdi>");
});
