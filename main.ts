import { processContext } from "./src/cli/process_context.ts";
import { run } from "./src/cli/run.ts";

Deno.exit(await run(Deno.args, processContext));
