/** The input and output of `arcade secret list` and nothing else. */

import { fetchJson, type Secrets } from "./fixture.ts";

const { items } = await fetchJson<Secrets>("secrets");
const lines = items.map(({ key, binding, description, hint, created_at }) =>
  `${key}  ${binding.type}  ${description}  ...${hint}  Never  ${created_at}\n`
);
Deno.stdout.writeSync(new TextEncoder().encode(`Key\n${lines.join("")}`));
Deno.exit(0);
