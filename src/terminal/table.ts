import measure from "fast-string-truncated-width";
import { printable } from "./safe_text.ts";
import type { Output } from "./streams.ts";
import { styleFor } from "./style.ts";

const GAP = 2;
const NARROWEST = 4;
const ELLIPSIS = "…";

/**
 * Prints rows under headings. On a terminal the table fits its width: the widest columns give way first, and what is cut
 * ends in an ellipsis. Elsewhere nothing is cut. Cells are made safe to print here.
 */
export function writeTable(
  output: Output,
  headings: readonly string[],
  rows: readonly (readonly string[])[],
): void {
  const { bold } = styleFor(output);
  const cells = [headings, ...rows].map((row) => row.map(printable));
  const natural = headings.map((_, column) =>
    Math.max(...cells.map((row) => measure(row[column] ?? "").width))
  );
  const available = output.columns();
  const widths = available === undefined
    ? natural
    : fit(natural, available - GAP * (headings.length - 1));
  const lines = cells.map((row) =>
    row.map((cell, column) => pad(cell, widths[column] ?? 0)).join(" ".repeat(GAP)).trimEnd()
  );
  const [head = "", ...body] = lines;
  output.write([bold(head), ...body].map((line) => `${line}\n`).join(""));
}

/** Narrows the widest columns, step by step, until all fit or none can give way. */
export function fit(natural: readonly number[], available: number): number[] {
  const widths = [...natural];
  for (let excess = sum(widths) - available; excess > 0; excess--) {
    const widest = Math.max(...widths);
    if (widest <= NARROWEST) break;
    widths[widths.lastIndexOf(widest)] = widest - 1;
  }
  return widths;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function pad(text: string, width: number): string {
  const shown = cut(text, width);
  return shown + " ".repeat(Math.max(0, width - measure(shown).width));
}

/** Cuts at the end of a grapheme. The measuring library cuts too, but one character late behind some scripts. */
function cut(text: string, width: number): string {
  if (measure(text).width <= width) return text;
  let shown = "";
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    if (measure(shown + segment).width > width - 1) break;
    shown += segment;
  }
  return shown + ELLIPSIS;
}
