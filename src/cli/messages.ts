import type { Failure } from "../failure.ts";
import { printable } from "../terminal/safe_text.ts";
import { styleFor } from "../terminal/style.ts";
import type { CliContext } from "./context.ts";

/** A message to the user, on one line whatever is in it. */
export function info(context: Pick<CliContext, "stderr">, line: string): void {
  context.stderr.write(`${printable(line)}\n`);
}

/** A warning to the user, on one line whatever is in it. */
export function warn(context: Pick<CliContext, "stderr">, line: string): void {
  const { yellow } = styleFor(context.stderr);
  context.stderr.write(`${yellow("Warning:")} ${printable(line)}\n`);
}

/** What failed and what to do now, on one line: for lists of failures. */
export function formatFailure({ message, next }: Pick<Failure, "message" | "next">): string {
  const stop = message.endsWith("?") ? "" : ".";
  return printable(next === undefined ? message : `${message}${stop} ${next}`);
}
