/** The input and output of `arcade secret list` and nothing else. */

import { projectUrl, readCredentials, type Secrets } from "./fixture.ts";

const credentials = readCredentials();
const answer = await fetch(`${projectUrl(credentials)}/secrets`, {
  headers: { authorization: `Bearer ${credentials.access_token}` },
});
const { items }: Secrets = JSON.parse(await answer.text());
const lines = items.map(({ key, binding, description, hint, created_at }) =>
  `${key}  ${binding.type}  ${description}  ...${hint}  Never  ${created_at}\n`
);
Deno.stdout.writeSync(new TextEncoder().encode(`Key\n${lines.join("")}`));
Deno.exit(0);
