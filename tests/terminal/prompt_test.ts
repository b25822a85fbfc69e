import assert from "node:assert/strict";
import { type Answer, ask, askHidden } from "../../src/terminal/prompt.ts";
import { Keyboard } from "../../src/terminal/keyboard.ts";
import { statusLine } from "../../src/terminal/status_line.ts";
import { sleep } from "../../src/system/waiting.ts";
import { screenOf } from "../support/screen.ts";

/** A terminal on which these pieces are typed. It is then silent, unless the input ends. */
function terminal(pieces: (string | Uint8Array)[], { columns = 80, ends = false } = {}) {
  const bytes = pieces.map((piece) =>
    typeof piece === "string" ? new TextEncoder().encode(piece) : piece
  );
  const modes: string[] = [];
  const pauses: number[] = [];
  let shown = "";
  const input = {
    isTerminal: true,
    async read() {
      const piece = bytes.shift();
      return piece === undefined && !ends ? await new Promise<never>(() => {}) : piece ?? null;
    },
    setRaw: (on: boolean, { keepsSignals } = { keepsSignals: false }) =>
      void modes.push(keepsSignals ? "silent" : on ? "keys" : "lines"),
  };
  return {
    modes,
    pauses,
    shown: () => shown,
    keyboard: new Keyboard(input, (milliseconds, signal) => {
      pauses.push(milliseconds);
      return sleep(0, signal);
    }),
    output: {
      ...statusLine((text) => void (shown += text), true),
      isTerminal: true,
      hasColor: false,
      canErase: true,
      writeBytes: () => {},
      isClosed: () => false,
      columns: () => columns,
    },
  };
}

const text = (text: string): Answer => ({ kind: "text", text });
const SEVERAL: Answer = { kind: "several-lines" };
const INTERRUPTED: Answer = { kind: "interrupted" };
const LATIN1 = new Uint8Array([0x70, 0xe9, 0x74]); // "pét" in Latin-1

const answers: [what: string, pieces: (string | Uint8Array)[], expected: Answer, lines?: string][] =
  [
    ["a line", ["secret\r"], text("secret")],
    ["a line in pieces", ["se", "cr", "et", "\r"], text("secret")],
    [
      "characters split between chunks",
      [new Uint8Array([0xc3]), new Uint8Array([0xa9, 0x0d])],
      text("é"),
    ],
    ["backspace", ["sex\x7fcret\r"], text("secret")],
    ["backspace over an emoji", ["a😀\x7fb\r"], text("ab")],
    ["backspace over a combined letter", ["ae\u0301\x7fb\r"], text("ab")],
    ["backspace over a family", ["a👨‍👩‍👧\x7fb\r"], text("ab")],
    ["backspace over a pasted CRLF", ["\x1b[200~a\r\n\x1b[201~\x7fb\r"], text("ab")],
    ["Ctrl-U", ["wrong\x15right\r"], text("right")],
    ["Ctrl-W", ["one two\x17three\r"], text("one three")],
    ["Ctrl-W after blanks", ["one two  \x17three\r"], text("one three")],
    ["arrow keys", ["a\x1b[Db\x1b[1;5Cc\x1bOPd\r"], text("abcd")],
    ["an arrow key in pieces", ["a\x1b", "[", "Db\r"], text("ab")],
    ["keys without a function", ["a\x01b\x1a\r"], text("ab")],
    ["NUL", ["a\0b\r"], text("a\0b")],
    ["a byte order mark", ["\uFEFFa\r"], text("\uFEFFa")],
    ["Escape and Enter", ["abc\x1b\r"], text("abc")],
    ["Enter after the beginning of a sequence", ["abc\x1b[1\r"], text("abc")],
    ["Ctrl-C", ["abc\x03"], INTERRUPTED],
    ["Ctrl-C after the beginning of a sequence", ["abc\x1b[", "\x03"], INTERRUPTED],
    ["Ctrl-C after the beginning of a function key", ["abc\x1bO", "\x03"], INTERRUPTED],
    ["Ctrl-C after Enter", ["abc\r", "\x03"], INTERRUPTED],
    ["Ctrl-D at the start", ["\x04"], INTERRUPTED],
    ["Ctrl-D after text", ["abc\x04"], text("abc")],
    [
      "a bracketed paste of several lines",
      [
        "\x1b[200~a\r\tb\rc\x1b[201~\r",
      ],
      text("a\n\tb\nc"),
      "3 lines",
    ],
    [
      "a bracketed paste in pieces",
      [
        "\x1b[20",
        "0~a\r",
        "b\x1b[",
        "201~",
        "!\r",
      ],
      text("a\nb!"),
      "2 lines",
    ],
    [
      "a bracketed paste with CRLF",
      [
        "\x1b[200~a\r\n\r\nb\r",
        "\nc\n\x1b[201~\r",
      ],
      text("a\n\nb\nc\n"),
      "4 lines",
    ],
    ["a pasted escape sequence", ["\x1b[200~a\x1b[31mb\x1b", "[201~\r"], text("a\x1b[31mb")],
    ["Ctrl-C in a paste without an end", ["\x1b[200~abc\r", "\x03"], INTERRUPTED],
    ["too long a sequence", [`a\x1b[${"1".repeat(65)}b\r`], text("ab")],
    ["Enter as CRLF", ["abc\r\n"], text("abc")],
    ["Enter as CRLF in pieces", ["abc\r", "\n"], text("abc")],
    ["an arrow key after Enter", ["abc\r", "\x1b", "[A"], text("abc")],
    ["an unbracketed paste of several lines", ["a\rb\r"], SEVERAL],
    ["an unbracketed paste that ends without a line end", ["a\rb"], SEVERAL],
    ["an unbracketed paste in pieces", ["a\r", "b", "\r"], SEVERAL],
    ["an unbracketed paste with an empty line", ["a\r\n", "\r\n", "b\r\n"], SEVERAL],
    ["a second paste after Enter", ["\x1b[200~a\x1b[201~\r", "b"], SEVERAL],
    ["Latin-1", [LATIN1, "\r"], { kind: "not-utf8" }],
    ["a pasted line in Latin-1", ["\x1b[200~", LATIN1, "\x1b[201~\r"], { kind: "not-utf8" }],
    ["an incomplete character", [new Uint8Array([0x61, 0xc3, 0x0d])], { kind: "not-utf8" }],
    ["a genuine replacement character", ["\uFFFD\r"], text("\uFFFD")],
    ["too much", [new Uint8Array(16 * 1024 * 1024 + 1).fill(0x61), "\r"], { kind: "too-long" }],
  ];
for (const [what, pieces, expected, lines = "1 line"] of answers) {
  Deno.test(`askHidden() reads ${what}, shows nothing, and drops the rest`, async () => {
    const { keyboard, output, modes, shown } = terminal(pieces);
    assert.deepEqual(await askHidden({ keyboard, output }, "Value: "), expected);
    const counted = expected.kind === "text" ? lines : "";
    assert.equal(shown(), `\x1b[?2004hValue: \x1b[?2004l${counted}\n`);
    assert.equal(await keyboard.release(), false, "Something was left");
    assert.deepEqual(modes, ["keys", "silent", "lines"]);
  });
}

const waits: [what: string, pieces: string[], pauses: number[]][] = [
  ["a short while after keys", [..."secret\r"], [300]],
  ["a short while after a wide key", ["😀", "\r"], [300]],
  ["longer after letters that came at once", ["secret", "\r"], [1000]],
  ["longer after each piece", ["a", "\r", "b", "\r"], [300, 1000, 1000]],
  ["not at all after a marked paste", ["\x1b[200~a\rb\x1b[201~", "\r"], [0]],
];
for (const [what, pieces, expected] of waits) {
  Deno.test(`askHidden() waits for another line ${what}`, async () => {
    const { keyboard, output, pauses } = terminal(pieces);
    await askHidden({ keyboard, output }, "Value: ");
    assert.deepEqual(pauses, expected);
  });
}

for (
  const [what, pieces, expected] of [
    ["nothing", [], INTERRUPTED],
    ["text", ["abc"], text("abc")],
    ["half a character", [new Uint8Array([0x61, 0xc3])], { kind: "not-utf8" }],
  ] as const
) {
  Deno.test(`askHidden() reads ${what} up to the end of input`, async () => {
    const { keyboard, output, modes } = terminal([...pieces], { ends: true });
    assert.deepEqual(await askHidden({ keyboard, output }, "Value: "), expected);
    await keyboard.release();
    assert.equal(modes.at(-1), "lines");
  });
}

Deno.test("input after an answer is dropped, whether a prompt follows or the command ends", async () => {
  const late = Promise.withResolvers<Uint8Array>();
  const later = Promise.withResolvers<Uint8Array>();
  const { output, shown } = terminal([]);
  const reads = [Promise.resolve(new TextEncoder().encode("first\r")), late.promise, later.promise];
  const input = {
    isTerminal: true,
    read: () => reads.shift() ?? new Promise<never>(() => {}),
    setRaw: () => {},
  };
  const keyboard = new Keyboard(input, (_milliseconds, signal) => sleep(0, signal));
  assert.deepEqual(await askHidden({ keyboard, output }, "One: "), text("first"));
  assert.equal(await keyboard.hasMore(), false);
  late.resolve(new TextEncoder().encode("second\r"));
  assert.deepEqual(await askHidden({ keyboard, output }, "Two: "), SEVERAL);
  assert.doesNotMatch(shown(), /Two/);
  later.resolve(new TextEncoder().encode("third\r"));
  assert.equal(await keyboard.release(), true);
  assert.equal(await keyboard.release(), false);
});

const rows: [what: string, columns: number, typed: string[], expected: string[]][] = [
  ["what is typed", 80, ["yes"], ["Name? yes"]],
  ["a correction", 80, ["yx\x7fes"], ["Name? yes"]],
  ["wide letters that are erased", 80, ["a組", "織b", "\x7f\x7f", "c"], ["Name? a組c"]],
  ["combining letters that are erased", 80, ["ae", "\u0301", "\x7f", "b"], ["Name? ab"]],
  ["an emoji of several characters that is erased", 80, ["a👨‍👩‍👧", "\x7f", "b"], ["Name? ab"]],
  ["all erased", 80, ["組織", "\x15"], ["Name?"]],
  ["the end of what is too long", 20, ["abcdefghijklmnopqrstuvwxyz"], ["Name? …opqrstuvwxyz"]],
  [
    "a long text that is erased",
    20,
    ["abcdefghijklmnopqrstuvwxyz", ..."\x7f".repeat(20)],
    ["Name? abcdef"],
  ],
  ["the end of what is too wide", 20, ["組織組織組織組織組織"], ["Name? …組織組織組織"]],
  ["a row of its own if the question is too wide", 14, ["組織", "\x7f"], ["Name?", "> 組"]],
  ["no control characters", 80, ["\x9ba\u202e"], ["Name? �a�"]],
];
for (const [what, columns, typed, expected] of rows) {
  Deno.test(`ask() shows ${what}`, async () => {
    const { keyboard, output, shown } = terminal([...typed, "\r"], { columns });
    assert.equal((await ask({ keyboard, output }, "Name? ")).kind, "text");
    assert.deepEqual(screenOf(shown(), columns), expected);
  });
}

Deno.test("an interruption ends a prompt and restores the terminal", async () => {
  for (const prompt of [ask, askHidden]) {
    const { keyboard, output, modes } = terminal([]);
    const ended = new AbortController();
    const answer = prompt({ keyboard, output, signal: ended.signal }, "Value: ");
    ended.abort();
    assert.deepEqual(await answer, INTERRUPTED);
    await keyboard.release();
    assert.deepEqual(modes, ["keys", "silent", "lines"]);
  }
});

for (const [what, isTyping] of [["silent", false], ["never silent", true]] as const) {
  Deno.test(`an interruption ends a prompt that waits for another line, on a terminal that is ${what}`, async () => {
    const { output } = terminal([]);
    const ended = new AbortController();
    const waits = Promise.withResolvers<void>();
    let reads = 0;
    const input = {
      isTerminal: true,
      async read() {
        if (reads++ === 0) return new TextEncoder().encode("answer\r");
        waits.resolve();
        if (!isTyping) return await new Promise<never>(() => {});
        await sleep(0);
        return new TextEncoder().encode("more");
      },
      setRaw: () => {},
    };
    const keyboard = new Keyboard(input, (_milliseconds, signal) => sleep(2 ** 30, signal));
    const answer = askHidden({ keyboard, output, signal: ended.signal }, "Value: ");
    await waits.promise;
    ended.abort();
    assert.deepEqual(await answer, INTERRUPTED);
    await sleep(0); // the read that has begun
  });
}

Deno.test("closing the terminal between prompts does not end a command", async () => {
  const { output } = terminal([]);
  const closed = Promise.withResolvers<Uint8Array>();
  const reads = [Promise.resolve(new TextEncoder().encode("first\r")), closed.promise];
  const input = {
    isTerminal: true,
    read: () => reads.shift() ?? Promise.resolve(null),
    setRaw: () => {},
  };
  const keyboard = new Keyboard(input, (_milliseconds, signal) => sleep(0, signal));
  assert.deepEqual(await askHidden({ keyboard, output }, "One: "), text("first"));
  closed.reject(new Error("Input/output error"));
  await sleep(0);
  assert.equal(await keyboard.release(), false);
});
