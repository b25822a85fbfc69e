/** Prints the permissions of the executable as flags of `deno run`, for the task `arcade`. */

import { PERMISSION_FLAGS } from "../src/process/permission_flags.ts";
import { writeAll } from "../src/system/write_all.ts";

writeAll(Deno.stdout, new TextEncoder().encode(`${PERMISSION_FLAGS.join(" ")}\n`));
