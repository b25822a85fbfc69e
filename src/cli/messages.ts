import type { Failure } from "../failure.ts";
import { printable, printableJson } from "../terminal/safe_text.ts";
import { styleFor } from "../terminal/style.ts";
import type { CliContext } from "./context.ts";

/** A message to the user, on one line whatever is in it. */
export function info(context: Pick<CliContext, "stderr">, line: string): void {
  context.stderr.write(`${printable(line)}\n`);
}

/** A warning to the user, on one line whatever is in it; for a program, as JSON. */
export function warn({ stderr, json }: Pick<CliContext, "stderr" | "json">, line: string): void {
  const { yellow } = styleFor(stderr);
  const shown = json
    ? printableJson({ warning: { message: line } }, 0)
    : `${yellow("Warning:")} ${printable(line)}`;
  stderr.write(`${shown}\n`);
}

/** What failed and what to do now, on one line: for lists of failures. */
export function formatFailure({ message, next }: Pick<Failure, "message" | "next">): string {
  const stop = message.endsWith("?") ? "" : ".";
  return printable(next === undefined ? message : `${message}${stop} ${next}`);
}
