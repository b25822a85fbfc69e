import { VERSION } from "./src/version.ts";

if (Deno.args.length === 1 && Deno.args[0] === "--version") {
  // Scripts ask this often, and it needs nothing of what follows.
  try {
    Deno.stdout.writeSync(new TextEncoder().encode(`${VERSION}\n`));
    Deno.exit(0);
  } catch {
    // What follows finds out what is wrong with the output, and says so.
  }
}
const [{ run }, { processContext }] = await Promise.all([
  import("./src/cli/run.ts"),
  import("./src/cli/process_context.ts"),
]);
Deno.exit(await run(Deno.args, processContext));
