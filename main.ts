import { CHILD_MS, EVENT_VARIABLE } from "./src/telemetry/event.ts";
import { COMPLETE } from "./src/commands/completion/word.ts";
import { CHECK, CHECK_MS } from "./src/update/word.ts";
import { VERSION } from "./src/version.ts";

if (Deno.args.length === 1 && Deno.args[0] === "--version") {
  // Fast path: scripts call this often, and it needs none of the modules below.
  try {
    Deno.stdout.writeSync(new TextEncoder().encode(`${VERSION}\n`));
    Deno.exit(0);
  } catch {
    // The normal path below reports the error.
  }
}
if (Deno.args[0] === CHECK) {
  setTimeout(() => Deno.exit(0), CHECK_MS);
  const [{ checkForUpdate }, { processContext }] = await Promise.all([
    import("./src/update/check.ts"),
    import("./src/commands/process_context.ts"),
  ]);
  await checkForUpdate(processContext({ debug: false, color: false }), Deno.args[1] ?? "");
  Deno.exit(0);
}
if (Deno.args.length === 0 && Deno.env.has(EVENT_VARIABLE)) {
  // The child that sends an event. With arguments the variable is ignored, in case a user has set it by accident.
  setTimeout(() => Deno.exit(0), CHILD_MS - performance.now());
  const [{ runTelemetryChild }, { processContext }] = await Promise.all([
    import("./src/telemetry/child.ts"),
    import("./src/commands/process_context.ts"),
  ]);
  await runTelemetryChild(processContext({ debug: false, color: false }));
  Deno.exit(0);
}
if (Deno.args[0] === COMPLETE) {
  // The script of a shell asks. An error would be printed into the line that the user types.
  try {
    const { answerShell } = await import("./src/commands/completion/complete.ts");
    const answer = await answerShell(Deno.args.slice(1), async () => {
      const { processContext } = await import("./src/commands/process_context.ts");
      return processContext({ debug: false, color: false });
    });
    for (let bytes = new TextEncoder().encode(answer); bytes.length > 0;) {
      bytes = bytes.subarray(await Deno.stdout.write(bytes));
    }
    Deno.exit(0);
  } catch {
    Deno.exit(1);
  }
}
const { start } = await import("./src/commands/start.ts");
Deno.exit(await start(Deno.args));
