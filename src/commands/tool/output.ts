/** What a call prints. */

import type { AnsweredCall } from "../../api/tools.ts";
import type { Tool } from "../../contract/tools.ts";
import { indented } from "../../text/json_text.ts";
import { escapedJson, printable } from "../../terminal/safe_text.ts";
import type { Context } from "../context.ts";
import { writeJsonAsWritten } from "../shared/json_as_written.ts";
import type { CallFlags } from "./ready.ts";

/** Prints the answer: the value to stdout, and the rest to stderr. Throws a {@link Failure} when the tool failed. */
export async function report(
  context: Context,
  flags: CallFlags,
  tool: Pick<Tool, "name">,
  answer: AnsweredCall,
): Promise<void> {
  const { io } = context;
  const format = flags.json ? "json" : flags.output ?? "value";
  if (!io.json) { for (const { level, message } of answer.logs) io.info(`${level}: ${message}`); }
  if (format === "json") writeJsonAsWritten(context, `${answer.asWritten.trimEnd()}\n`);
  if (!answer.isSuccess) throw (await import("./tool_failure.ts")).toolFailure(tool, answer);
  if (format !== "json") writeValue(context, answer.value, format === "raw");
}

function writeValue(
  { io: { stdout } }: Context,
  value: string | undefined,
  isRaw: boolean,
): void {
  if (value === undefined) return;
  const text: unknown = value.startsWith('"') ? JSON.parse(value) : undefined;
  if (typeof text !== "string") {
    return stdout.write(`${stdout.isTerminal && !isRaw ? escapedJson(indented(value)) : value}\n`);
  }
  if (isRaw) return stdout.write(text);
  const shown = stdout.isTerminal ? text.split("\n").map(printableLine).join("\n") : text;
  stdout.write(shown.endsWith("\n") || shown === "" ? shown : `${shown}\n`);
}

/** A line of a text that is safe to show on a terminal. */
function printableLine(line: string): string {
  return line.split("\t").map(printable).join("\t");
}
