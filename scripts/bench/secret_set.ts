/** The input and output of `arcade secret set --from-env` and nothing else. */

import { fetchJson, readProject, type Secrets } from "./fixture.ts";

const CONCURRENCY = 8;

const project = readProject();
const headers = { ...project.headers, "content-type": "application/json" };
const lines = Deno.readTextFileSync(".env").trimEnd().split("\n");
const { items } = await fetchJson<Secrets>("secrets");
const known = new Set(items.map(({ key }) => key));

const waiting = lines.values();
async function storeOneByOne(): Promise<void> {
  for (const line of waiting) {
    const [key = "", value = ""] = line.split("=");
    const body = JSON.stringify({ description: "Secret set via CLI", value });
    const answer = await fetch(`${project.url}/secrets/${key}`, { method: "PUT", headers, body });
    await answer.text();
    if (!answer.ok || known.has(key)) throw new Error("The server is not the one of the benchmark");
  }
}
await Promise.all(Array.from({ length: CONCURRENCY }, storeOneByOne));

const encoder = new TextEncoder();
for (const line of lines) {
  Deno.stderr.writeSync(encoder.encode(`Created ${line.split("=")[0]}\n`));
}
Deno.exit(0);
