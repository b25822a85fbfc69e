import { printableJson } from "../../terminal/safe_text.ts";
import type { Context } from "../context.ts";

/** Prints JSON for programs. */
export function writeJson(context: Context, data: unknown): void {
  context.stdout.write(`${printableJson(data)}\n`);
}
