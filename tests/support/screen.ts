import measure from "fast-string-truncated-width";

/**
 * The rows that a terminal shows after it has written a text. It knows letters, wide and combined ones too, line ends, carriage
 * return, backspace, the sequences that move up (CUU) and that erase what is below (ED), and wraps as xterm does. Other control
 * characters fail the test.
 */
export function screenOf(text: string, columns: number): string[] {
  const rows: string[][] = [[]];
  let row = 0;
  let column = 0;
  for (const segment of segmentsOf(text.replaceAll("\r\n", "\n"))) {
    const [, lines] = CURSOR_UP.exec(segment) ?? [];
    if (lines !== undefined) row = Math.max(0, row - Number(lines));
    else if (segment === ERASE_BELOW) {
      rows.length = row + 1;
      rows[row]?.splice(column);
    } else if (segment === "\n") {
      row++;
      column = 0;
    } else if (segment === "\r") column = 0;
    else if (segment === "\b") column = Math.max(0, column - 1);
    else if (/\p{Cc}/u.test(segment)) {
      throw new Error(`The terminal does not know ${JSON.stringify(segment)}`);
    } else {
      const { width } = measure(segment);
      if (width === 0) { // combines with the letter before it
        const cells = rows[row] ?? [];
        const before = cells.findLastIndex((cell, i) => i < column && cell !== "");
        if (before >= 0) cells[before] += segment;
        continue;
      }
      if (column + width > columns) {
        row++;
        column = 0;
      }
      const cells = rows[row] ??= [];
      cells[column] = segment;
      if (width === 2) cells[column + 1] = ""; // the second half of a wide letter
      column += width;
    }
    rows[row] ??= [];
  }
  return rows.map((cells) => Array.from(cells, (cell) => cell ?? " ").join("").trimEnd())
    .join("\n").trimEnd().split("\n");
}

// deno-lint-ignore no-control-regex
const CURSOR_UP = /^\x1b\[(\d+)A$/;
const ERASE_BELOW = "\x1b[J";

/** Letters, and the control sequences that the screen knows. */
function segmentsOf(text: string): string[] {
  const letters = (piece: string) =>
    [...new Intl.Segmenter().segment(piece)].map(({ segment }) => segment);
  // deno-lint-ignore no-control-regex
  return text.split(/(\x1b\[(?:\d+A|J))/).flatMap((piece) =>
    CURSOR_UP.test(piece) || piece === ERASE_BELOW ? [piece] : letters(piece)
  );
}
