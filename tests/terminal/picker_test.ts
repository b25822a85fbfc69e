import assert from "node:assert/strict";
import { Keyboard } from "../../src/terminal/keyboard.ts";
import { type Item, pick } from "../../src/terminal/picker.ts";
import { statusLine } from "../../src/terminal/status_line.ts";
import { sleep } from "../../src/system/waiting.ts";
import { screenOf } from "../support/screen.ts";

const UP = "\x1b[A";
const DOWN = "\x1b[B";
const QUESTION = "Which project?";

/** Types keys at a list, and returns what was chosen and each screen that was shown. */
async function choose(
  items: readonly Item[],
  keys: readonly string[],
  { columns = 60, isMultiple = false, ends = false } = {},
) {
  const pieces = keys.map((key) => new TextEncoder().encode(key));
  const modes: boolean[] = [];
  let shown = "";
  const screens: string[][] = [];
  const input = {
    isTerminal: true,
    async read() {
      screens.push(screenOf(shown, columns));
      const piece = pieces.shift();
      return piece === undefined && !ends ? await new Promise<never>(() => {}) : piece ?? null;
    },
    setRaw: (on: boolean, { keepsSignals } = { keepsSignals: false }) =>
      void modes.push(on && !keepsSignals),
  };
  const chosen = await pick({
    keyboard: new Keyboard(input, (_, signal) => sleep(0, signal)),
    output: {
      ...statusLine((text) => void (shown += text), true),
      isTerminal: true,
      hasColor: false,
      canErase: true,
      writeBytes: () => {},
      isClosed: () => false,
      columns: () => columns,
    },
  }, { question: QUESTION, items, isMultiple });
  assert.deepEqual(modes, [true, false]);
  return { chosen, screens, end: screenOf(shown, columns) };
}

const named = (...names: string[]): Item[] => names.map((name) => ({ name }));
const PROJECTS = named("alpha", "Beta", "beta test", "2024");

const cases: [what: string, keys: string[], chosen: number[] | undefined][] = [
  ["Enter chooses the first item", ["\r"], [0]],
  ["the arrow keys move", [DOWN, DOWN, UP, "\r"], [1]],
  ["the arrow keys of another mode move", ["\x1bOB", "\r"], [1]],
  ["an arrow key in two pieces moves", ["\x1b", "[B\r"], [1]],
  ["the cursor stops at both ends", [UP, ...Array(9).fill(DOWN), "\r"], [3]],
  ["a part of a name filters", ["test", "\r"], [2]],
  ["upper and lower case are the same", ["BETA T\r"], [2]],
  ["a whole name comes before the beginning of another one", ["beta", "\r"], [1]],
  ["a number chooses", ["3\r"], [2]],
  ["a name of digits is found too", ["2024\r"], [3]],
  ["Backspace removes a letter", ["bx", "\x7f", "\r"], [1]],
  ["Ctrl-U removes all", ["zzz", "\x15", "\r"], [0]],
  ["Enter does nothing where nothing matches", ["zzz\r", "\x15", "\r"], [0]],
  ["other keys are ignored", ["\x1b[15~", "\x00", "\r"], [0]],
  ["Ctrl-C cancels", ["be", "\x03"], undefined],
  ["Ctrl-D cancels an empty search", ["\x04"], undefined],
  ["Tab marks nothing where one item is chosen", [DOWN, "\t", UP, "\r"], [0]],
];
for (const [what, keys, expected] of cases) {
  Deno.test(`at a list, ${what}`, async () => {
    assert.deepEqual((await choose(PROJECTS, keys)).chosen, expected);
  });
}

Deno.test("a list is cancelled when the terminal is closed", async () => {
  assert.equal((await choose(PROJECTS, ["b"], { ends: true })).chosen, undefined);
});

Deno.test("a list starts at the active item, and becomes one line at the end", async () => {
  const items = [{ name: "alpha", note: "p_1" }, { name: "beta", note: "p_2", isActive: true }];
  const { chosen, screens, end } = await choose(items, ["\r"]);
  assert.deepEqual(chosen, [1]);
  assert.deepEqual(screens[0], [
    "  1  alpha (p_1)",
    "> 2  beta (active, p_2)",
    QUESTION,
  ]);
  assert.deepEqual(end, [`${QUESTION} beta`]);
});

Deno.test("a long list shows the items around the cursor, and how many more there are", async () => {
  const items = named(...Array.from({ length: 25 }, (_, i) => `project ${i + 1}`));
  const { screens } = await choose(items, [...Array(11).fill(DOWN), "5", "\r"]);
  assert.deepEqual(screens[0]?.slice(-3), [
    "  10  project 10",
    "  and 15 more; type to search",
    QUESTION,
  ]);
  assert.equal(screens[11]?.[0], "   3  project 3");
  assert.equal(screens[11]?.[9], "> 12  project 12");
  assert.deepEqual(screens[12], [
    ">  5  project 5",
    "  15  project 15",
    "  25  project 25",
    `${QUESTION} 5`,
  ]);
});

Deno.test("several items are marked with Tab, whatever the search", async () => {
  const { chosen, screens, end } = await choose(PROJECTS, ["test", "\t", "\x15", "\t", "\r"], {
    isMultiple: true,
  });
  assert.deepEqual(chosen, [0, 2]);
  assert.equal(screens.at(-1)?.[0], "> [x] 1  alpha");
  assert.equal(screens.at(-1)?.[2], "  [x] 3  beta test");
  assert.deepEqual(end, [`${QUESTION} alpha, beta test`]);
});

Deno.test("a list on a narrow terminal never wraps, whatever the script of the names", async () => {
  const items = named(
    "a very long name of a project that ends late",
    "项目项目项目项目项目项目项目",
    "é".repeat(60),
  );
  const { screens } = await choose(items, [DOWN, "项", "\r"], { columns: 24 });
  for (const rows of screens) assert(rows.length <= 4, rows.join("\n"));
  assert.deepEqual(screens[0], [
    "> 1  a very long name …",
    "  2  项目项目项目项目…",
    `  3  ${"é".repeat(17)}…`,
    QUESTION,
  ]);
});

Deno.test("a list cannot change the terminal with a name", async () => {
  const { screens, end } = await choose(named("a\x1b[2Jb\r\n", "c"), ["\r"]);
  assert.deepEqual(screens[0]?.slice(0, 2), ["> 1  a�[2Jb��", "  2  c"]);
  assert.deepEqual(end, [`${QUESTION} a�[2Jb��`]);
});
