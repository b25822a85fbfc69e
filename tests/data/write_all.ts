/** Writes texts of all kinds to the stream that its argument names. */

import { writeAll } from "../../src/system/write_all.ts";

export const TEXTS = [
  lines(500),
  "a text without a line end",
  "\n",
  "a".repeat(1023),
  "b".repeat(1024),
  "c".repeat(1025),
  "\n\n\n",
  "d".repeat(100_000),
  "",
  lines(500),
  "short lines\n".repeat(100_000), // after so much that larger pieces are written
  lines(500),
];

/** Lines of all lengths around the runtime's buffer, and empty ones. */
function lines(count: number): string {
  return Array.from(
    { length: count },
    (_, i) => `${"x".repeat(i * 37 % 3000)}${"ü€".repeat(i % 50)}${"\n".repeat(i % 4)}`,
  ).join("");
}

if (import.meta.main) {
  const to = Deno.args[0] === "stderr" ? Deno.stderr : Deno.stdout;
  for (const text of TEXTS) writeAll(to, new TextEncoder().encode(text));
}
