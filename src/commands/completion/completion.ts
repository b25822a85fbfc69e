import { closest } from "../../text/closest.ts";
import { Failure } from "../../failure.ts";
import type { Context } from "../context.ts";
import { SHELLS } from "./shells/shell.ts";
import { loadShell } from "./load_shell.ts";

/** Prints the script of a shell. */
export async function printScript(
  context: Context,
  _flags: Record<never, never>,
  name: string,
): Promise<void> {
  const shell = SHELLS.find((one) => one === name);
  if (shell === undefined) {
    const near = closest(name, SHELLS);
    throw new Failure("usage", `There is no completion script for "${name}"`, {
      next: `${near === undefined ? "" : `Did you mean "${near}"? `}Choose one of ${
        SHELLS.join(", ")
      }`,
    });
  }
  context.io.stdout.write((await loadShell(shell)).script);
}
