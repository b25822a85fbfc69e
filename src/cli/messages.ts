import type { Failure } from "../failure.ts";
import { printable } from "../terminal/safe_text.ts";

/** What failed and what to do now, on one line: for lists of failures. */
export function formatFailure({ message, next }: Pick<Failure, "message" | "next">): string {
  const stop = message.endsWith("?") ? "" : ".";
  return printable(next === undefined ? message : `${message}${stop} ${next}`);
}
