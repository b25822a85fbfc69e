/** The input and output of `arcade identity token --hub` and nothing else. */

import { readIdentity } from "./identity_fixture.ts";

Deno.stdout.writeSync(new TextEncoder().encode(`${readIdentity().token?.slice(1, -1)}\n`));
Deno.exit(0);
