/** The input and output of `arcade server list` and nothing else. */

import { projectUrl, readCredentials, type Servers } from "./fixture.ts";

const credentials = readCredentials();
const answer = await fetch(`${projectUrl(credentials)}/workers?limit=100`, {
  headers: { authorization: `Bearer ${credentials.access_token}` },
});
const { items }: Servers = JSON.parse(await answer.text());
const lines = items.map(({ id, type, enabled, managed, http }) =>
  `${id}  ${type}  ${enabled ? "yes" : "no"}  ${managed ? "yes" : "no"}  ${http.uri}\n`
);
Deno.stdout.writeSync(new TextEncoder().encode(`Name\n${lines.join("")}`));
Deno.exit(0);
