/** The last lines of a server that failed, above the error. */

import { redactData } from "../../secrecy/sensitive.ts";
import { printable, printableLog } from "../../terminal/safe_text.ts";
import { withoutColors } from "../../text/prose.ts";
import type { Context } from "../context.ts";

/** How many lines are shown. */
export const SHOWN_LINES = 20;
/** How much of a line is shown. */
const SHOWN_LENGTH = 500;

/** Shows what a server printed last, with known values hidden. */
export function showLastLines(
  { io: { stderr } }: Pick<Context, "io">,
  lines: readonly string[],
  name?: string,
): void {
  if (lines.length === 0) return stderr.write("The server printed nothing\n");
  const shown = lines.slice(-SHOWN_LINES).map((line) =>
    line.length <= SHOWN_LENGTH
      ? printableLog(line, stderr)
      : printable(redactData(withoutColors(line)).slice(0, SHOWN_LENGTH))
  );
  const all = shown.map((line) => `  ${line}\n`).join("");
  const whose = name === undefined
    ? "The server's last lines"
    : `The last lines of ${printable(name)}`;
  stderr.write(`${whose}:\n${all}`);
}
