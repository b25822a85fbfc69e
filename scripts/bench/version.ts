/** Only the essential work of `arcade --version`. */

import { VERSION } from "../../src/version.ts";

Deno.stdout.writeSync(new TextEncoder().encode(`${VERSION}\n`));
Deno.exit(0);
