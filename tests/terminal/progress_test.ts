import assert from "node:assert/strict";
import { statusLine } from "../../src/terminal/status_line.ts";
import { ProgressBar } from "../../src/terminal/progress.ts";

function drawn(isTerminal: boolean, columns?: number): string {
  let text = "";
  const output = {
    ...statusLine((more) => void (text += more), isTerminal),
    isTerminal,
    hasColor: false,
    canErase: true,
    writeBytes: () => {},
    isClosed: () => false,
    columns: () => columns,
  };
  const bar = new ProgressBar(output, "Storing secrets", 4);
  for (let i = 0; i < 4; i++) bar.advance();
  bar.clear();
  return text;
}

Deno.test("ProgressBar shows the progress and is removed at the end", () => {
  const text = drawn(true, 80);
  assert.match(text, /░{30} 0\/4/);
  assert.match(text, /█{15}░{15} 2\/4/);
  assert.match(text, /█{30} 4\/4/);
  assert(text.endsWith("\r\x1b[2K"));
});

Deno.test("ProgressBar shows nothing without a terminal", () => {
  assert.equal(drawn(false), "");
});

Deno.test("ProgressBar fits a narrow terminal", () => {
  for (const frame of drawn(true, 40).split("\r\x1b[2K")) assert(frame.length <= 40, frame);
});
