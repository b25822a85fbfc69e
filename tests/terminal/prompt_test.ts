import assert from "node:assert/strict";
import { type Answer, askHidden, confirm } from "../../src/terminal/prompt.ts";
import { statusLine } from "../../src/terminal/status_line.ts";

function terminal(pieces: (string | Uint8Array)[]) {
  const bytes = pieces.map((piece) =>
    typeof piece === "string" ? new TextEncoder().encode(piece) : piece
  );
  const raw: boolean[] = [];
  let shown = "";
  return {
    raw,
    shown: () => shown,
    input: {
      isTerminal: true,
      read: () => Promise.resolve(bytes.shift() ?? null),
      setRaw: (on: boolean) => void raw.push(on),
    },
    output: {
      ...statusLine((text) => void (shown += text), true),
      isTerminal: true,
      hasColor: false,
      writeBytes: () => {},
      isClosed: () => false,
      columns: () => 80,
    },
  };
}

const answers: [what: string, pieces: (string | Uint8Array)[], expected: Answer][] = [
  ["a line", ["secret\r"], { kind: "text", text: "secret" }],
  ["a line in pieces", ["se", "cr", "et", "\r"], { kind: "text", text: "secret" }],
  ["characters split between chunks", [new Uint8Array([0xc3]), new Uint8Array([0xa9, 0x0d])], {
    kind: "text",
    text: "é",
  }],
  ["backspace", ["sex\x7fcret\r"], { kind: "text", text: "secret" }],
  ["backspace over an emoji", ["a😀\x7fb\r"], { kind: "text", text: "ab" }],
  ["Ctrl-U", ["wrong\x15right\r"], { kind: "text", text: "right" }],
  ["Ctrl-W", ["one two\x17three\r"], { kind: "text", text: "one three" }],
  ["arrow keys", ["a\x1b[Db\x1b[1;5Cc\x1bOPd\r"], { kind: "text", text: "abcd" }],
  ["an arrow key in pieces", ["a\x1b", "[", "Db\r"], { kind: "text", text: "ab" }],
  ["keys without a function", ["a\x01b\x1a\r"], { kind: "text", text: "ab" }],
  ["Escape and Enter", ["abc\x1b\r"], { kind: "text", text: "abc" }],
  ["Ctrl-C", ["abc\x03"], { kind: "interrupted" }],
  ["Ctrl-D at the start", ["\x04"], { kind: "interrupted" }],
  ["Ctrl-D after text", ["abc\x04"], { kind: "text", text: "abc" }],
  ["the end of input", [], { kind: "interrupted" }],
  ["a bracketed paste of several lines", ["\x1b[200~a\r\tb\rc\x1b[201~\r"], {
    kind: "text",
    text: "a\n\tb\nc",
  }],
  ["a bracketed paste in pieces", ["\x1b[20", "0~a\r", "b\x1b[", "201~", "!\r"], {
    kind: "text",
    text: "a\nb!",
  }],
  ["an unbracketed paste of several lines", ["a\rb\r"], { kind: "several-lines" }],
];
for (const [what, pieces, expected] of answers) {
  Deno.test(`askHidden() reads ${what}, shows nothing, and restores the terminal`, async () => {
    const { input, output, raw, shown } = terminal(pieces);
    assert.deepEqual(await askHidden({ input, output }, "Value: "), expected);
    assert.equal(shown(), "\x1b[?2004hValue: \x1b[?2004l\n");
    assert.deepEqual(raw, [true, false]);
  });
}

for (
  const [typed, expected] of [["y\r", "yes"], ["YES\r", "yes"], ["n\r", "no"], ["\r", "no"], [
    "yess\r",
    "no",
  ], ["\x03", "interrupted"]] as const
) {
  Deno.test(`confirm() reads ${JSON.stringify(typed)} as ${expected}`, async () => {
    const { input, output, raw } = terminal([typed]);
    assert.equal(await confirm({ input, output }, "Sure?"), expected);
    assert.deepEqual(raw, [true, false]);
  });
}

Deno.test("confirm() shows the typed text", async () => {
  const { input, output, shown } = terminal(["yx\x7f\r"]);
  await confirm({ input, output }, "Sure?");
  assert.equal(shown(), "Sure? [y/N] y\b \byx\b \b\b \by\n");
});

Deno.test("an interruption ends a prompt and restores the terminal", async () => {
  const { input, output, raw } = terminal([]);
  const ended = new AbortController();
  const silent = { ...input, read: () => new Promise<null>(() => {}) };
  const question = { input: silent, output, signal: ended.signal };
  const answers = Promise.all([askHidden(question, "Value: "), confirm(question, "Sure?")]);
  ended.abort();
  assert.deepEqual(await answers, [{ kind: "interrupted" }, "interrupted"]);
  assert.deepEqual(raw.toSorted(), [false, false, true, true]);
});
