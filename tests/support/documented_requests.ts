import { ROOT } from "./root.ts";

/** The requests in the table of docs/local-arcade.md, such as `GET /v1/tools`, and whether each is emulated. */
export function documentedRequests(): Map<string, string> {
  const page = Deno.readTextFileSync(`${ROOT}/docs/local-arcade.md`);
  const rows = page.matchAll(/^\| `([A-Z]+ \/(?:api\/)?v1\/\S*)` +\| (yes|partly|no) +\|/gm);
  return new Map([...rows].map(([, line = "", emulated = ""]) => [line, emulated]));
}
