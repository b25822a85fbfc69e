import { isolated, printable } from "./safe_text.ts";
import type { Output } from "./streams.ts";
import { styleFor } from "./style.ts";
import { type Measure, measureFor } from "../text/prose.ts";

const GAP = 2;
const NARROWEST = 4;
const ELLIPSIS = "…";

/** A column of a table. */
export interface Column {
  readonly heading: string;
  /** Whether it is never truncated, as keys, ids, hubs and addresses are. */
  readonly isWhole?: true;
}

/** A cell, and a shorter form of it for narrow terminals. */
export type Cell = string | { readonly long: string; readonly short: string };

/**
 * Prints rows under headings. A terminal that is too narrow first drops columns with the same value in every row, one at a time
 * and the widest first, then uses the short forms of cells, then truncates the widest columns with an ellipsis, but never whole
 * columns. Other outputs get everything. Makes cells safe to print.
 */
export async function writeTable(
  output: Output,
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
): Promise<void> {
  const { bold } = styleFor(output);
  const cells = rows.map((row) => row.map(printableCell));
  const measure = await measureFor([
    ...columns.map(({ heading }) => heading),
    ...cells.flatMap(longForms),
  ]);
  const layout = layOut({ columns, cells }, { available: output.columns(), measure });
  const line = (texts: readonly string[]) => {
    const padded = texts.map((text, i) =>
      pad(text, layout.widths[i] ?? 0, { measure, isIsolated: output.isTerminal })
    );
    return `${padded.join(" ".repeat(GAP)).trimEnd()}\n`;
  };
  const head = line(layout.columns.map(({ heading }) => heading)).trimEnd();
  output.write(`${bold(head)}\n${layout.texts.map(line).join("")}`);
}

interface Table {
  readonly columns: readonly Column[];
  readonly cells: readonly (readonly Cell[])[];
}

/** The layout of a table: its columns, their widths, and the texts of the cells. */
interface Layout {
  readonly columns: readonly Column[];
  readonly widths: readonly number[];
  readonly texts: readonly (readonly string[])[];
}

function layOut(
  table: Table,
  { available = Infinity, measure }: {
    readonly available: number | undefined;
    readonly measure: Measure;
  },
): Layout {
  const whole = widthsOf(table, longForms, measure);
  const needed = (widths: readonly number[]) => sum(widths) + GAP * (widths.length - 1);
  if (needed(whole.widths) <= available) return whole;
  let less = table;
  for (let dropped = widestConstant(less, measure); dropped >= 0;) {
    less = without(dropped, less);
    const layout = widthsOf(less, longForms, measure);
    if (needed(layout.widths) <= available) return layout;
    dropped = widestConstant(less, measure);
  }
  const short = widthsOf(less, shortForms, measure);
  return { ...short, widths: fit(short.widths, short.columns, available) };
}

function widthsOf(
  { columns, cells }: Table,
  form: (row: readonly Cell[]) => readonly string[],
  measure: Measure,
): Layout {
  const texts = cells.map(form);
  const widths = columns.map(({ heading }, i) =>
    Math.max(measure(heading), ...texts.map((row) => measure(row[i] ?? "")))
  );
  return { columns, widths, texts };
}

/** The widest column that has the same value in every row; -1 without one. */
function widestConstant(table: Table, measure: Measure): number {
  const { columns, cells } = table;
  // With a single row every column is constant, and all of them matter.
  if (cells.length < 2) return -1;
  const { widths } = widthsOf(table, longForms, measure);
  const constant = columns.map(({ isWhole }, i) =>
    isWhole !== true && new Set(cells.map((row) => longForm(row[i] ?? ""))).size === 1
      ? widths[i] ?? 0
      : -1
  );
  const widest = Math.max(...constant);
  return widest < 0 ? -1 : constant.indexOf(widest);
}

/** The table without one column. */
function without(column: number, { columns, cells }: Table): Table {
  const kept = <T>(items: readonly T[]) => items.filter((_, i) => i !== column);
  return { columns: kept(columns), cells: cells.map(kept) };
}

/** Narrows the widest columns step by step, until all fit or none can shrink. */
export function fit(
  natural: readonly number[],
  columns: readonly Column[],
  available: number,
): number[] {
  const widths = [...natural];
  const gaps = GAP * (widths.length - 1);
  for (let excess = sum(widths) + gaps - available; excess > 0; excess--) {
    const narrowable = widths.map((width, i) => columns[i]?.isWhole ? 0 : width);
    const widest = Math.max(...narrowable);
    if (widest <= NARROWEST) break;
    widths[narrowable.lastIndexOf(widest)] = widest - 1;
  }
  return widths;
}

function longForm(cell: Cell): string {
  return typeof cell === "string" ? cell : cell.long;
}

function longForms(row: readonly Cell[]): string[] {
  return row.map(longForm);
}

function shortForms(row: readonly Cell[]): string[] {
  return row.map((cell) => typeof cell === "string" ? cell : cell.short);
}

function printableCell(cell: Cell): Cell {
  return typeof cell === "string"
    ? printable(cell)
    : { long: printable(cell.long), short: printable(cell.short) };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function pad(
  text: string,
  width: number,
  { measure, isIsolated }: { readonly measure: Measure; readonly isIsolated: boolean },
): string {
  const isolate = isIsolated ? isolated : (shown: string) => shown;
  const own = measure(text);
  if (own <= width) return isolate(text) + " ".repeat(width - own);
  // The library can truncate too, but is off by one character after some scripts.
  let shown = "";
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    if (measure(shown + segment) > width - 1) break;
    shown += segment;
  }
  return isolate(shown + ELLIPSIS) + " ".repeat(width - 1 - measure(shown));
}
