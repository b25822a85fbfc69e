import { run } from "../cli/run.ts";
import { observeCommand } from "../telemetry/observer.ts";
import { observeForUpdates } from "../update/observer.ts";
import { processContext } from "./context.ts";
import { PROGRAM } from "../commands/program.ts";

/** Runs a command line in this process. Returns the exit code, as {@link run} does. */
export function start(args: readonly string[]): Promise<number> {
  return run(args, PROGRAM, {
    makeContext: processContext,
    observers: [observeCommand, observeForUpdates],
  });
}
