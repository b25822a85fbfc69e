import { isolated, printable } from "./safe_text.ts";
import type { Output } from "./streams.ts";
import { styleFor } from "./style.ts";

/** The width of the longest name in use. */
const NAME_WIDTH = 12;

/** Writes the fields of an object, one per line. */
export function writeLabeledLines(
  output: Output,
  fields: readonly (readonly [name: string, value: string])[],
): void {
  const { bold } = styleFor(output);
  const shown = (value: string) =>
    output.isTerminal ? isolated(printable(value)) : printable(value);
  const lines = fields.map(([name, value]) =>
    `${bold(name.padEnd(NAME_WIDTH))}  ${shown(value)}\n`
  );
  output.write(lines.join(""));
}
