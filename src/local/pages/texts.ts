/** Texts of servers for a page: names, descriptions, results and lines of logs. */

import { type Html, named } from "./layout.ts";

/** How much of a name, a description or a line is shown. */
const SHOWN_CHARACTERS = 2000;

/** A text without the characters that a browser does not show, or that reorder others. The joiners of scripts and emoji are kept. */
export function visible(text: string): string {
  return text.replaceAll(HIDDEN, "\ufffd");
}

/** A name in the same way, or its beginning. */
export function shownName(name: string): string {
  return visible(shortened(name, 200));
}

/** The same for a text of several lines. */
export function visibleLines(text: string): string {
  return text.replaceAll("\r\n", "\n").split(/([\n\t]+)/)
    .map((piece, i) => i % 2 === 0 ? visible(piece) : piece).join("");
}

const HIDDEN = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]|(?![\u200C\u200D])\p{Cf}/gu;

/** A text, truncated if it is long. */
export function shortened(text: string, most = SHOWN_CHARACTERS): string {
  return text.length > most ? `${text.slice(0, most)}…` : text;
}

/** A text on one line. */
export function told(text: string, most?: number): Html {
  const line = shortened(text, MOST_READ).replace(/\s+/g, " ").trim();
  return named(visible(shortened(line, most)));
}

/** A piece of a line in one style: the names of its classes in the stylesheet, such as `sgr-red`. */
export type Piece = readonly [text: string, classes: string];

/**
 * A line of a log with its colors (ECMA-48 8.3.117, SGR). All other escape sequences are dropped, as a terminal would not show
 * them as text either, and so is what a carriage return has overwritten.
 */
export function piecesOf(line: string): Piece[] {
  // The last piece that is not empty: a program writes "\r" before or after what should be overwritten.
  const last = shortened(line, MOST_READ).split("\r").findLast((piece) => piece !== "") ?? "";
  const style = new Style();
  const pieces: Piece[] = [];
  let length = 0;
  last.replace(OTHER_SEQUENCES, "").split(SGR).forEach((piece, i) => {
    if (i % 2 === 1) return style.apply(piece);
    const text = shortened(piece, Math.max(0, SHOWN_CHARACTERS - length));
    length += piece.length;
    if (text !== "" && text !== "…") pieces.push([visibleLines(text), style.classes]);
  });
  return pieces;
}

/** How much of a text is looked at. */
const MOST_READ = 64 * 1024;
// deno-lint-ignore no-control-regex
const SGR = /\x1b\[([0-9;:]{0,64})m/;
/** CSI (but SGR), OSC and other strings to their end, and escapes of two characters. */
const OTHER_SEQUENCES =
  // deno-lint-ignore no-control-regex
  /\x1b\[(?![0-9;:]{0,64}m)[0-?]{0,64}[ -/]{0,8}[@-~]|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[ -/]{0,8}[0-Z\\`-~]/g;

const COLORS = ["quiet", "red", "green", "yellow", "blue", "magenta", "cyan", undefined];
const MARKS: Readonly<Record<number, string>> = {
  1: "bold",
  2: "dim",
  3: "italic",
  4: "underline",
};

/** The style of a text in a terminal. */
class Style {
  readonly #marks = new Set<string>();
  #color: string | undefined;

  get classes(): string {
    const color = this.#color === undefined ? [] : [this.#color];
    return [...this.#marks, ...color].map((name) => `sgr-${name}`).join(" ");
  }

  apply(parameters: string): void {
    const codes = parameters.split(/[;:]/).map(Number);
    for (let code = codes.shift(); code !== undefined; code = codes.shift()) {
      const mark = MARKS[code];
      if (code === 0) this.#reset();
      else if (mark !== undefined) this.#marks.add(mark);
      else if (code === 22) ["bold", "dim"].forEach((one) => this.#marks.delete(one));
      else if (code === 23) this.#marks.delete("italic");
      else if (code === 24) this.#marks.delete("underline");
      else if (code >= 30 && code <= 37) this.#color = COLORS[code - 30];
      else if (code >= 90 && code <= 97) this.#color = COLORS[code - 90];
      else if (code === 39) this.#color = undefined;
      else if (code === 38 || code === 48) {
        // A color of a larger table, in 2 or 4 more parameters.
        const [kind] = codes;
        const [, index = 255] = codes.splice(0, kind === 2 ? 4 : 2);
        if (code === 38) this.#color = kind === 5 && index < 16 ? COLORS[index % 8] : undefined;
      }
    }
  }

  #reset(): void {
    this.#marks.clear();
    this.#color = undefined;
  }
}
