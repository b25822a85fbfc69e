import { printableJson } from "../../terminal/safe_text.ts";
import type { Context } from "../context.ts";

/** Prints JSON for programs. */
export function writeJson(context: Context, data: unknown): void {
  context.io.stdout.write(`${printableJson(data)}\n`);
}
