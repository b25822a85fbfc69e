import { indented, replaceTexts } from "../../text/json_text.ts";
import { isNameField, redactData, redactName } from "../../secrecy/sensitive.ts";
import { escapedJson } from "../../terminal/safe_text.ts";
import type { Context } from "../context.ts";

/**
 * Prints JSON of a service: as it was written, and indented and escaped on a terminal. Hides tokens, and values outside of keys,
 * names and ids.
 */
export function writeJsonAsWritten({ io: { stdout } }: Context, json: string): void {
  const shown = replaceTexts(
    json,
    (text, field) =>
      field === undefined || isNameField(field) ? redactName(text) : redactData(text),
  );
  stdout.write(stdout.isTerminal ? `${escapedJson(indented(shown))}\n` : shown);
}
