import type { Context } from "../context.ts";
import { decodeText, readNamedFile, readStandardInput } from "../shared/input.ts";

/**
 * Reads the text of `@file`, or of `-`, which is standard input.
 *
 * @throws {Failure} of kind `file`, or `usage` when it is too long or no text.
 */
export async function readContent(context: Context, named: string): Promise<string> {
  const isInput = named === "-";
  const what = isInput ? "Standard input" : named.slice(1);
  const bytes = await (isInput ? readStandardInput(context) : readNamedFile(what));
  return decodeText(bytes, { what, next: "Save it as UTF-8" });
}
