import assert from "node:assert/strict";
import fc from "fast-check";
import measure from "fast-string-truncated-width";
import { statusLine } from "../../src/terminal/status_line.ts";
import { fit, writeTable } from "../../src/terminal/table.ts";

async function table(rows: string[][], columns?: number, hasColor = false): Promise<string[]> {
  let text = "";
  const output = {
    ...statusLine((more) => void (text += more), false),
    isTerminal: columns !== undefined,
    hasColor,
    columns: () => columns,
  };
  const headings = (rows[0] ?? []).map((_, i) => `H${i}`);
  await writeTable(output, headings, rows);
  return text.split("\n").slice(0, -1);
}

Deno.test("writeTable() aligns columns by what is seen, not by code units", async () => {
  assert.deepEqual(await table([["漢字", "x"], ["a\u0301", "y"], ["👍", "z"]]), [
    "H0    H1",
    "漢字  x",
    "a\u0301     y",
    "👍    z",
  ]);
});

Deno.test("writeTable() cuts with an ellipsis on a terminal, and nothing in a pipe", async () => {
  const row = ["key", "a very long description that does not fit"];
  assert.deepEqual(await table([row], 20), ["H0   H1", "key  a very long de…"]);
  assert.deepEqual(await table([row]), ["H0   H1", row.join("  ")]);
});

Deno.test("writeTable() colours the headings where there are colours", async () => {
  assert.deepEqual(await table([["a"]], 20, true), ["\x1b[1mH0\x1b[22m", "a"]);
});

Deno.test("writeTable() never exceeds a terminal that has room for its columns", async () => {
  const grapheme = fc.constantFrom(
    "a",
    "Z",
    "0",
    " ",
    "-",
    "é",
    "a\u0301",
    "ж",
    "漢",
    "ｶ",
    "한",
    "👍",
    "👩‍👩‍👧",
  );
  const cell = fc.string({ unit: grapheme, maxLength: 60 });
  const rows = fc.array(fc.tuple(cell, cell, cell), { minLength: 1, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(rows, fc.integer({ min: 20, max: 120 }), async (cells, columns) => {
      for (const line of await table(cells, columns)) assert(measure(line).width <= columns, line);
    }),
  );
});

Deno.test("fit() narrows the widest first", () => {
  assert.deepEqual(fit([10, 30, 5], 30), [10, 15, 5]);
  assert.deepEqual(fit([10, 30, 5], 15), [5, 5, 5]);
  assert.deepEqual(fit([10, 10], 50), [10, 10]);
  assert.deepEqual(fit([10, 10], 2), [4, 4]);
});
