import { run } from "../cli/run.ts";
import { watchCommand } from "../telemetry/watch.ts";
import { watchForUpdates } from "../update/watch.ts";
import { processContext } from "./context.ts";
import { PROGRAM } from "../commands/program.ts";

/** Runs a command line in this process. Returns the exit code, as {@link run} does. */
export function start(args: readonly string[]): Promise<number> {
  return run(args, PROGRAM, {
    makeContext: processContext,
    watches: [watchCommand, watchForUpdates],
  });
}
