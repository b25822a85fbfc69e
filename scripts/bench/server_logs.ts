/** The input and output of `arcade server logs NAME` and nothing else: it copies the lines. */

import { type BenchLogLine, projectUrl, readCredentials } from "./fixture.ts";

const credentials = readCredentials();
const answer = await fetch(`${projectUrl(credentials)}/deployments/${Deno.args[2]}/logs`, {
  headers: { authorization: `Bearer ${credentials.access_token}` },
});
const lines: BenchLogLine[] = JSON.parse(await answer.text());
const text = new TextEncoder().encode(
  lines.map(({ timestamp, line }) => `[${timestamp}] ${line}\n`).join(""),
);
for (let written = 0; written < text.length;) {
  written += Deno.stdout.writeSync(text.subarray(written));
}
Deno.exit(0);
