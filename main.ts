import { CHILD_MS, EVENT_VARIABLE } from "./src/telemetry/event.ts";
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
if (Deno.args.length === 0 && Deno.env.has(EVENT_VARIABLE)) {
  // This is the child that sends an event; a user who has the variable set by accident still has every command.
  setTimeout(() => Deno.exit(0), CHILD_MS - performance.now());
  const [{ runTelemetryChild }, { processContext }] = await Promise.all([
    import("./src/telemetry/child.ts"),
    import("./src/commands/process_context.ts"),
  ]);
  await runTelemetryChild(processContext({ debug: false, color: false }));
  Deno.exit(0);
}
const [{ run }, { ROUTES }, { processContext: makeContext }, { watchCommand: watch }] =
  await Promise
    .all([
      import("./src/cli/run.ts"),
      import("./src/commands/routes.ts"),
      import("./src/commands/process_context.ts"),
      import("./src/telemetry/watch.ts"),
    ]);
Deno.exit(await run(Deno.args, ROUTES, { makeContext, watch }));
