/** The input and output of `arcade tool call` of a plain tool and nothing else. */

import { fetchJson, readProject, TOOL, type ToolCall } from "./fixture.ts";

const USER = "developer@example.com";

const { url, headers } = readProject();
const query = new URLSearchParams({ user_id: USER });
const tool = await fetchJson<{ readonly qualified_name: string }>(`tools/${TOOL}?${query}`);
const answer = await fetch(`${url}/tools/execute`, {
  method: "POST",
  headers: { ...headers, "content-type": "application/json" },
  body: JSON.stringify({ tool_name: tool.qualified_name, user_id: USER, input: { a: 1, b: 2 } }),
});
const { output }: ToolCall = JSON.parse(await answer.text());
Deno.stdout.writeSync(new TextEncoder().encode(`${output.value}\n`));
Deno.exit(0);
