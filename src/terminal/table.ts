import { isolated, printable } from "./safe_text.ts";
import type { Output } from "./streams.ts";
import { styleFor } from "./style.ts";
import { type Measure, measureFor, truncated } from "../text/prose.ts";

const GAP = 2;
const NARROWEST = 4;

/** A column of a table. */
export interface Column {
  readonly heading: string;
  /** Whether it is never truncated, as keys, ids, hubs and addresses are. */
  readonly isWhole?: true;
  /** Whether a terminal that is too narrow leaves it out, because another command shows it. */
  readonly isSpare?: true;
}

/** A cell, and a shorter form of it for narrow terminals. */
export type Cell = string | { readonly long: string; readonly short: string };

/**
 * Prints rows under headings. A terminal that is too narrow first drops columns with the same value in every row, one at a time
 * and the widest first, and then spare ones. Then it uses the short forms of cells, and truncates the widest columns with an
 * ellipsis, but never whole columns. If those alone are too wide, each cell gets a line. Other outputs get everything. Makes cells
 * safe to print.
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
    ...cells.flat().map(longForm),
  ]);
  const available = output.columns() ?? Infinity;
  const layout = layOut({ columns, cells }, { available, measure });
  if (widthOf(layout) > available) {
    const shown = columns.map((_, i) => i).filter((i) => columns[i]?.isSpare !== true);
    const headings = shown.map((i) => columns[i]?.heading.trim() ?? "");
    const width = Math.max(...headings.map(measure));
    const records = cells.map((row) =>
      shown.flatMap((i, at) => {
        const text = longForm(row[i] ?? "").trim();
        const heading = headings[at] ?? "";
        const name = bold(heading) + " ".repeat(width + GAP - measure(heading));
        return text === "" ? [] : [`${name}${output.isTerminal ? isolated(text) : text}\n`];
      }).join("")
    );
    output.write(records.join("\n"));
    return;
  }
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
  { available, measure }: { readonly available: number; readonly measure: Measure },
): Layout {
  const long = layoutOf(table, longForm, measure);
  const dropped = new Set<number>();
  let layout = long;
  const spare = [...table.columns.keys()].filter((i) => table.columns[i]?.isSpare);
  for (const column of [...constantColumns(long), ...spare]) {
    if (widthOf(layout) <= available) return layout;
    layout = without(dropped.add(column), long);
  }
  if (widthOf(layout) <= available) return layout;
  const short = without(dropped, layoutOf(table, shortForm, measure));
  return { ...short, widths: fit(short.widths, short.columns, available) };
}

function layoutOf(
  { columns, cells }: Table,
  form: (cell: Cell) => string,
  measure: Measure,
): Layout {
  const texts = cells.map((row) => row.map(form));
  const widths = columns.map(({ heading }, i) =>
    Math.max(measure(heading), ...texts.map((row) => measure(row[i] ?? "")))
  );
  return { columns, widths, texts };
}

/** The columns that have the same value in every row, the widest first. */
function constantColumns({ columns, widths, texts }: Layout): number[] {
  // With a single row every column is constant, and all of them matter.
  if (texts.length < 2) return [];
  const isConstant = (i: number) => new Set(texts.map((row) => row[i])).size === 1;
  return [...columns.keys()]
    .filter((i) => columns[i]?.isWhole !== true && isConstant(i))
    .sort((one, other) => (widths[other] ?? 0) - (widths[one] ?? 0));
}

/** The layout without some columns. */
function without(dropped: ReadonlySet<number>, { columns, widths, texts }: Layout): Layout {
  const kept = <T>(items: readonly T[]) => items.filter((_, i) => !dropped.has(i));
  return { columns: kept(columns), widths: kept(widths), texts: texts.map(kept) };
}

/** The width of a whole line. */
function widthOf({ widths }: Pick<Layout, "widths">): number {
  return widths.reduce((total, width) => total + width, GAP * (widths.length - 1));
}

/** Narrows the widest columns step by step, until all fit or none can shrink. */
export function fit(
  natural: readonly number[],
  columns: readonly Column[],
  available: number,
): number[] {
  const widths = [...natural];
  for (let excess = widthOf({ widths }) - available; excess > 0; excess--) {
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

function shortForm(cell: Cell): string {
  return typeof cell === "string" ? cell : cell.short;
}

function printableCell(cell: Cell): Cell {
  return typeof cell === "string"
    ? printable(cell)
    : { long: printable(cell.long), short: printable(cell.short) };
}

function pad(
  text: string,
  width: number,
  { measure, isIsolated }: { readonly measure: Measure; readonly isIsolated: boolean },
): string {
  const isolate = isIsolated ? isolated : (shown: string) => shown;
  const shown = truncated(text, width, measure);
  return isolate(shown) + " ".repeat(Math.max(0, width - measure(shown)));
}
