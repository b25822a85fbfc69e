/** What `arcade --version` does and nothing else. */

import { VERSION } from "../../src/version.ts";

Deno.stdout.writeSync(new TextEncoder().encode(`${VERSION}\n`));
Deno.exit(0);
