import { printable } from "./safe_text.ts";
import type { Output } from "./streams.ts";
import { styleFor } from "./style.ts";

/** As wide as the longest name that is in use. */
const NAME_WIDTH = 12;

/** Writes what there is to say of one thing, a line for each name and its value. */
export function writeFields(
  output: Output,
  fields: readonly (readonly [name: string, value: string])[],
): void {
  const { bold } = styleFor(output);
  const lines = fields.map(([name, value]) =>
    `${bold(name.padEnd(NAME_WIDTH))}  ${printable(value)}\n`
  );
  output.write(lines.join(""));
}
