/** The input and output of `arcade server logs NAME` and nothing else: it copies the lines. */

import { type BenchLogLine, fetchJson } from "./fixture.ts";

const lines = await fetchJson<BenchLogLine[]>(`deployments/${Deno.args[2]}/logs`);
const text = new TextEncoder().encode(
  lines.map(({ timestamp, line }) => `[${timestamp}] ${line}\n`).join(""),
);
for (let written = 0; written < text.length;) {
  written += Deno.stdout.writeSync(text.subarray(written));
}
Deno.exit(0);
