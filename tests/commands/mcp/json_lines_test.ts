import assert from "node:assert/strict";
import { linesOf } from "../../../src/commands/mcp/json_lines.ts";

/** The lines of a text that arrives in pieces of this many bytes. */
async function read(text: string, size: number, maxBytes = 1000): Promise<(string | undefined)[]> {
  const bytes = new TextEncoder().encode(text);
  let at = 0;
  const next = () => {
    const piece = bytes.subarray(at, at += size);
    return Promise.resolve(piece.length === 0 ? null : piece);
  };
  return await Array.fromAsync(linesOf(next, maxBytes));
}

Deno.test("lines are whole, wherever their bytes are split", async () => {
  const text = '{"a":"Zürich"}\r\n\n  \n{"b":"😀"}\n{"c":1}';
  for (let size = 1; size <= 12; size++) {
    assert.deepEqual(await read(text, size), ['{"a":"Zürich"}\r', '{"b":"😀"}', '{"c":1}']);
  }
});

Deno.test("a line that is too long is dropped, and the next one is read", async () => {
  for (const size of [1, 7, 1000]) {
    assert.deepEqual(await read(`${"x".repeat(11)}\nshort\n${"y".repeat(30)}`, size, 10), [
      undefined,
      "short",
      undefined,
    ]);
  }
});

Deno.test("an empty input has no lines", async () => {
  assert.deepEqual(await read("", 1), []);
  assert.deepEqual(await read("\n\n", 1), []);
});
