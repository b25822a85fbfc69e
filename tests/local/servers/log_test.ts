import assert from "node:assert/strict";
import * as fc from "fast-check";
import { MAX_LINE, readLines } from "../../../src/text/lines.ts";
import { formatTime, parseTime, ServerLog } from "../../../src/local/servers/log.ts";

/** The lines of a stream with these chunks. */
async function linesOf(...pieces: (string | number[])[]): Promise<string[]> {
  const lines: string[] = [];
  const stream = ReadableStream.from(
    pieces.map((piece) =>
      typeof piece === "string" ? new TextEncoder().encode(piece) : new Uint8Array(piece)
    ),
  );
  await readLines(stream, (line) => lines.push(line), new AbortController());
  return lines;
}

Deno.test("output is split into lines, whatever the chunks", async () => {
  assert.deepEqual(await linesOf("a\nb", "c\n\nd"), ["a", "bc", "", "d"]);
  assert.deepEqual(await linesOf("a\r\n", "\u001b[31mred\n"), ["a", "\u001b[31mred"]);
  assert.deepEqual(await linesOf([0xc3], [0xa9, 0x0a, 0xff, 0x0a]), ["é", "\ufffd"]);
  assert.deepEqual(await linesOf(), []);
});

Deno.test("any text arrives complete, whatever the chunks", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ unit: fc.constantFrom("a", "é", "🙂", "\n") })),
      async (pieces) => {
        const expected = pieces.join("").split("\n");
        if (expected.at(-1) === "") expected.pop();
        const bytes = [...new TextEncoder().encode(pieces.join(""))];
        assert.deepEqual(await linesOf(...bytes.map((byte) => [byte])), expected);
      },
    ),
    { numRuns: 50 },
  );
});

Deno.test("a long line is cut", async () => {
  const long = "x".repeat(MAX_LINE);
  assert.deepEqual(await linesOf(`${long}\n`, `${long}`, "y".repeat(100_000), "\nz"), [
    long,
    `${long}… (line cut)`,
    "z",
  ]);
  const emoji = "🙂".repeat(MAX_LINE);
  const [line = ""] = await linesOf(`x${emoji}`);
  assert(line.isWellFormed());
});

Deno.test("each line of a log has a unique time, even if the clock is set back", () => {
  let now = Date.UTC(2026, 10, 21, 8);
  const log = new ServerLog(() => new Date(now));
  for (const text of ["a", "b", "c"]) {
    log.append(text);
    now -= 1000;
  }
  assert.deepEqual(log.between(0).map(({ time }) => formatTime(time)), [
    "2026-11-21T08:00:00.000000Z",
    "2026-11-21T08:00:00.000001Z",
    "2026-11-21T08:00:00.000002Z",
  ]);
  const [first, second] = log.between(0);
  assert(first && second);
  assert.deepEqual(log.between(second.time).map(({ text }) => text), ["b", "c"]);
  assert.deepEqual(log.between(0, second.time).map(({ text }) => text), ["a"]);
  assert.deepEqual(log.between(first.time + 1, second.time), []);
});

Deno.test("times are read back as written, and in the formats of other clients", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4e15 }), (time) => {
      assert.equal(parseTime(formatTime(time)), time);
    }),
  );
  const time = Date.UTC(2026, 10, 21, 7, 8, 33) * 1000;
  assert.equal(parseTime("2026-11-21T07:08:33.182456+00:00"), time + 182_456);
  assert.equal(parseTime("2026-11-21T08:08:33.5+01:00"), time + 500_000);
  assert.equal(parseTime("2026-11-21T07:08:33.508906574Z"), time + 508_906);
  for (const text of ["", "now", "2026-11-21", "2026-11-21T07:08:33", "2026-99-21T07:08:33Z"]) {
    assert.equal(parseTime(text), undefined, text);
  }
});

Deno.test("a log keeps the newest lines within its limits", () => {
  const log = new ServerLog(() => new Date(0));
  for (let i = 0; i < 45_000; i++) log.append(String(i));
  const lines = log.between(0);
  assert.equal(lines.at(-1)?.text, "44999");
  assert(lines.length >= 10_000 && lines.length <= 20_000, String(lines.length));
  for (let i = 0; i < 1000; i++) log.append("x".repeat(MAX_LINE));
  const size = log.between(0).reduce((sum, { text }) => sum + text.length, 0);
  assert(size >= 7 * 1024 * 1024 && size <= 16 * 1024 * 1024, String(size));
});

Deno.test("a follower gets the kept lines, then each new line, and ends with the log", async () => {
  const log = new ServerLog(() => new Date(0));
  log.append("kept");
  const reader = log.follow(0).getReader();
  const next = async () => (await reader.read()).value?.map(({ text }) => text);
  assert.deepEqual(await next(), ["kept"]);
  const waiting = next();
  log.append("new");
  assert.deepEqual(await waiting, ["new"]);
  log.append("last");
  log.close();
  assert.deepEqual(await next(), ["last"]);
  assert.equal(await next(), undefined);
});
