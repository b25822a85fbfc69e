import assert from "node:assert/strict";
import fc from "fast-check";
import measure from "fast-string-truncated-width";
import { statusLine } from "../../src/terminal/status_line.ts";
import { type Cell, type Column, fit, writeTable } from "../../src/terminal/table.ts";

async function table(rows: string[][], columns?: number, hasColor = false): Promise<string[]> {
  let text = "";
  const output = {
    ...statusLine((more) => void (text += more), false),
    isTerminal: columns !== undefined,
    hasColor,
    canErase: true,
    writeBytes: () => {},
    isClosed: () => false,
    columns: () => columns,
  };
  const headings = (rows[0] ?? []).map((_, i) => ({ heading: `H${i}` }));
  await writeTable(output, headings, rows);
  return text.split("\n").slice(0, -1);
}

Deno.test("writeTable() aligns columns by display width, not code units", async () => {
  assert.deepEqual(await table([["漢字", "x"], ["a\u0301", "y"], ["👍", "z"]]), [
    "H0    H1",
    "漢字  x",
    "a\u0301     y",
    "👍    z",
  ]);
});

Deno.test("writeTable() truncates with an ellipsis on a terminal, but not in a pipe", async () => {
  const row = ["key", "a very long description that does not fit"];
  assert.deepEqual(await table([row], 20), ["H0   H1", "key  a very long de…"]);
  assert.deepEqual(await table([row]), ["H0   H1", row.join("  ")]);
});

Deno.test("writeTable() colors the headings if colors are on", async () => {
  assert.deepEqual(await table([["a"]], 20, true), ["\x1b[1mH0\x1b[22m", "a"]);
});

Deno.test("writeTable() never exceeds the width of a terminal that can fit its columns", async () => {
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

const SECRETS: Column[] = [
  { heading: "Key", isWhole: true },
  { heading: "Type" },
  { heading: "Description" },
  { heading: "Last Accessed" },
  { heading: "Created At" },
];
const time = (long: string, short: string) => ({ long, short });

async function shown(columns: Column[], rows: Cell[][], width: number): Promise<string[]> {
  let text = "";
  const output = {
    ...statusLine((more) => void (text += more), false),
    isTerminal: true,
    hasColor: false,
    canErase: true,
    writeBytes: () => {},
    isClosed: () => false,
    columns: () => width,
  };
  await writeTable(output, columns, rows);
  return text.split("\n").slice(0, -1);
}

Deno.test("writeTable() omits constant columns, then shortens times, then truncates, but never a key", async () => {
  const rows = ["FIRST", "SECOND"].map((name, i) => [
    `VERY_LONG_KEY_OF_A_SECRET_${name}`,
    "project",
    `Description ${i} that is long`,
    "Never",
    time(`2026-11-1${i} 15:04`, `${9 - i}d ago`),
  ]);
  const [head = "", first = ""] = await shown(SECRETS, rows, 200);
  assert.match(head, /^Key +Type +Description +Last Accessed +Created At$/);
  assert.match(first, /project +Description 0 that is long +Never +2026-11-10 15:04$/);
  const [fewer = ""] = await shown(SECRETS, rows, 90);
  assert.match(fewer, /^Key +Type +Description +Created At$/);
  const without = await shown(SECRETS, rows, 82);
  assert.match(without[0] ?? "", /^Key +Description +Created At$/);
  assert.match(without[1] ?? "", /Description 0 that is long +2026-11-10 15:04$/);
  assert.match((await shown(SECRETS, rows, 75))[1] ?? "", /Description 0 that is long +9d ago$/);
  const cut = await shown(SECRETS, rows, 60);
  assert.match(cut[1] ?? "", /^VERY_LONG_KEY_OF_A_SECRET_FIRST +Descri.*… +9d ago$/);
  assert(cut.every((line) => line.length <= 60));
  const narrow = await shown(SECRETS, rows, 20);
  for (const name of ["FIRST", "SECOND"]) {
    assert(
      narrow.some((line) => line.endsWith(`  VERY_LONG_KEY_OF_A_SECRET_${name}`)),
      narrow.join(),
    );
  }
});

Deno.test("writeTable() gives each cell a line where whole columns are too wide together", async () => {
  const columns: Column[] = [
    { heading: " ", isWhole: true },
    { heading: "ID", isWhole: true },
    { heading: "User", isWhole: true },
    { heading: "State" },
  ];
  const rows = [["*", "a".repeat(15), "b".repeat(18), "on"], [" ", "c".repeat(15), "d", "off"]];
  assert.deepEqual(await shown(columns, rows, 30), [
    "       *",
    `ID     ${"a".repeat(15)}`,
    `User   ${"b".repeat(18)}`,
    "State  on",
    "",
    `ID     ${"c".repeat(15)}`,
    "User   d",
    "State  off",
  ]);
  assert.equal((await shown(columns, rows, 50)).length, 3);
});

Deno.test("writeTable() leaves out a spare column first", async () => {
  const columns: Column[] = [{ heading: "Slug", isWhole: true }, { heading: "Name" }, {
    heading: "Address",
    isWhole: true,
    isSpare: true,
  }];
  const rows = ["first", "second"].map((slug) => [slug, `The ${slug} one`, `https://a/${slug}`]);
  assert.deepEqual((await shown(columns, rows, 30))[2], "second  The second one");
  assert.match((await shown(columns, rows, 60))[2] ?? "", /https:\/\/a\/second$/);
});

Deno.test("writeTable() omits no column for a single row", async () => {
  const row = ["KEY", "project", "x".repeat(80), "Never", "now"];
  assert.match(
    (await shown(SECRETS, [row], 60))[0] ?? "",
    /^Key +Type +Description +Last Accessed +Created At$/,
  );
});

Deno.test("fit() narrows the widest columns first, but never unbreakable ones", () => {
  const plain = { heading: "" };
  const whole = { heading: "", isWhole: true } as const;
  assert.deepEqual(fit([10, 30, 5], [plain, plain, plain], 34), [10, 15, 5]);
  assert.deepEqual(fit([10, 30, 5], [plain, plain, plain], 19), [5, 5, 5]);
  assert.deepEqual(fit([10, 10], [plain, plain], 50), [10, 10]);
  assert.deepEqual(fit([10, 10], [plain, plain], 2), [4, 4]);
  assert.deepEqual(fit([10, 10], [whole, plain], 18), [10, 6]);
  assert.deepEqual(fit([10, 10], [whole, plain], 2), [10, 4]);
});

Deno.test("writeTable() drops only as many constant columns as it must, the widest first", async () => {
  const columns = ["A", "B", "C", "D"].map((heading) => ({ heading }));
  const rows = [["1", "same", "a longer constant", "x"], ["2", "same", "a longer constant", "x"]];
  const heading = async (width: number) => (await shown(columns, rows, width))[0]?.split(/ +/);
  assert.deepEqual(await heading(80), ["A", "B", "C", "D"]);
  assert.deepEqual(await heading(20), ["A", "B", "D"]);
  assert.deepEqual(await heading(8), ["A", "D"]);
});

Deno.test("writeTable() isolates names that are written from right to left, on terminals only", async () => {
  const row = ["שלום", "3"];
  assert.deepEqual(await table([row], 40), ["H0    H1", "\u2068שלום\u2069  3"]);
  assert.deepEqual(await table([row]), ["H0    H1", "שלום  3"]);
  assert.deepEqual((await table([["שלום לכולם", "3"]], 12))[1], "\u2068שלום לכ…\u2069  3");
});
