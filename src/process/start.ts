import { run } from "../cli/run.ts";
import { observeCommand } from "../telemetry/observer.ts";
import { observeForUpdates } from "../update/observer.ts";
import { processContext } from "./context.ts";
import { readEnvironment } from "./environment.ts";
import { PROGRAM } from "../commands/program.ts";

/** Runs a command line in this process. Returns the exit code, as {@link run} does. */
export function start(args: readonly string[]): Promise<number> {
  const environment = readEnvironment();
  return run(args, PROGRAM, {
    makeContext: (options) => processContext(options, environment),
    output: { name: "ARCADE_OUTPUT", value: environment.env.ARCADE_OUTPUT },
    observers: [observeCommand, observeForUpdates],
  });
}
