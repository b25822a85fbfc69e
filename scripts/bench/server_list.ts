/** The input and output of `arcade server list` and nothing else. */

import { fetchJson, type Servers } from "./fixture.ts";

const { items } = await fetchJson<Servers>("workers?limit=100");
const lines = items.map(({ id, type, enabled, managed, http }) =>
  `${id}  ${type}  ${enabled ? "yes" : "no"}  ${managed ? "yes" : "no"}  ${http.uri}\n`
);
Deno.stdout.writeSync(new TextEncoder().encode(`Name\n${lines.join("")}`));
Deno.exit(0);
