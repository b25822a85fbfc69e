import { CHECK, CHECK_MS, CHILD_MS, COMPLETE, EVENT_VARIABLE } from "./src/contract/entries.ts";
import { VERSION } from "./src/version.ts";
import { writeAll } from "./src/system/write_all.ts";

const QUIET = { debug: false, color: false, json: false, isQuiet: true };

if (Deno.args.length === 1 && Deno.args[0] === "--version") {
  // Fast path: scripts call this often, and it needs none of the modules below.
  try {
    writeAll(Deno.stdout, `${VERSION}\n`);
    Deno.exit(0);
  } catch {
    // The normal path below reports the error.
  }
}
if (Deno.args[0] === CHECK) {
  setTimeout(() => Deno.exit(0), CHECK_MS);
  const [{ checkForUpdate }, { processContext }] = await Promise.all([
    import("./src/update/check.ts"),
    import("./src/process/context.ts"),
  ]);
  await checkForUpdate(processContext(QUIET), Deno.args[1] ?? "");
  Deno.exit(0);
}
if (Deno.args.length === 0 && hasEvent()) {
  // The child that sends an event. With arguments the variable is ignored, in case a user has set it by accident.
  setTimeout(() => Deno.exit(0), CHILD_MS - performance.now());
  const [{ runTelemetryChild }, { processContext }] = await Promise.all([
    import("./src/telemetry/child.ts"),
    import("./src/process/context.ts"),
  ]);
  await runTelemetryChild(processContext(QUIET));
  Deno.exit(0);
}
if (Deno.args[0] === COMPLETE) {
  // The script of a shell asks. An error would be printed into the line that the user types.
  try {
    const { complete } = await import("./src/process/complete.ts");
    const answer = await complete(Deno.args.slice(1));
    writeAll(Deno.stdout, answer);
    Deno.exit(0);
  } catch {
    Deno.exit(1);
  }
}
const { start } = await import("./src/process/start.ts");
Deno.exit(await start(Deno.args));

function hasEvent(): boolean {
  try {
    return Deno.env.has(EVENT_VARIABLE);
  } catch {
    return false; // it is not UTF-8 text, as every event is
  }
}
