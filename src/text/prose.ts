/** Text for people: numbers of things, widths and lines. */

/** A number of things: `1 line`, `2 lines`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** Wraps a text between words, at 80 columns by default. */
export function wrap(text: string, width = 80): string {
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = lines.at(-1) ?? "";
    if (line === "") lines[lines.length - 1] = word;
    else if (line.length + 1 + word.length <= width) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines.join("\n");
}

/** Wraps a text for a terminal below the place where it starts. Other outputs, which have no columns, get one line. */
export function hanging(text: string, indent: number, columns: number | undefined): string {
  if (columns === undefined) return text;
  return wrap(text, columns - indent).replaceAll("\n", `\n${" ".repeat(indent)}`);
}

/** The width of a text in columns. */
export type Measure = (text: string) => number;

/** Most texts are ASCII, which avoids loading the library with its large character sets (2 ms). */
export async function measureFor(texts: readonly string[]): Promise<Measure> {
  if (texts.every((text) => /^[ -~]*$/.test(text))) return (text) => text.length;
  const { default: measure } = await import("fast-string-truncated-width");
  return (text) => measure(text).width;
}

/** A text, or its start with an ellipsis if it is wider than `width` columns. */
export function truncated(text: string, width: number, measure: Measure): string {
  if (measure(text) <= width) return text;
  // The library can truncate too, but is off by one character after some scripts.
  let shown = "";
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    if (measure(shown + segment) > width - 1) break;
    shown += segment;
  }
  return `${shown}…`;
}

/** A complete color sequence (ECMA-48 8.3.117, SGR), as programs print it. */
// deno-lint-ignore no-control-regex
export const COLOR_SEQUENCE = /\x1b\[[0-9;:]*m/g;

/** A text without its color sequences. */
export function withoutColors(text: string): string {
  return text.replace(COLOR_SEQUENCE, "");
}
