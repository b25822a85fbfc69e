import { printable } from "./safe_text.ts";
import type { Output } from "./streams.ts";
import { styleFor } from "./style.ts";

const GAP = 2;
const NARROWEST = 4;
const ELLIPSIS = "…";

/** How many columns a text takes. */
type Measure = (text: string) => number;

/**
 * Prints rows under headings. On a terminal the table fits its width: the widest columns give way first, and what is cut
 * ends in an ellipsis. Elsewhere nothing is cut. Cells are made safe to print here.
 */
export async function writeTable(
  output: Output,
  headings: readonly string[],
  rows: readonly (readonly string[])[],
): Promise<void> {
  const { bold } = styleFor(output);
  const cells = [headings, ...rows].map((row) => row.map(printable));
  const measure = await measureFor(cells);
  const natural = headings.map((_, column) =>
    Math.max(...cells.map((row) => measure(row[column] ?? "")))
  );
  const available = output.columns();
  const widths = available === undefined
    ? natural
    : fit(natural, available - GAP * (headings.length - 1));
  const lines = cells.map((row) => {
    const padded = row.map((cell, column) => pad(cell, widths[column] ?? 0, measure));
    return padded.join(" ".repeat(GAP)).trimEnd();
  });
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

/** Most tables are ASCII, and then the library with its large sets of characters, 2 ms to load, is not needed. */
async function measureFor(cells: readonly (readonly string[])[]): Promise<Measure> {
  if (cells.every((row) => row.every((cell) => /^[ -~]*$/.test(cell)))) {
    return (text) => text.length;
  }
  const { default: measure } = await import("fast-string-truncated-width");
  return (text) => measure(text).width;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function pad(text: string, width: number, measure: Measure): string {
  const own = measure(text);
  if (own <= width) return text + " ".repeat(width - own);
  // The measuring library cuts too, but one character late behind some scripts.
  let shown = "";
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    if (measure(shown + segment) > width - 1) break;
    shown += segment;
  }
  return shown + ELLIPSIS + " ".repeat(width - 1 - measure(shown));
}
