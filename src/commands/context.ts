import type { AuthContext } from "../auth/context.ts";
import type { CliContext, Result } from "../cli/context.ts";
import type { TelemetryContext } from "../telemetry/report.ts";
import type { TelemetryRecord } from "../telemetry/watch.ts";
import type { Input, Output } from "../terminal/streams.ts";
import type { Environment } from "../variables.ts";

/** Everything a command touches outside itself. A test hands in its own. */
export interface Context extends CliContext, AuthContext, TelemetryContext {
  readonly env: Environment;
  readonly result: Result;
  readonly stdin: Input;
  readonly stderr: Output;
  /**
   * Aborted, with a {@link Failure} as its reason, when the user presses Ctrl-C, closes the terminal, or the process is
   * asked to end.
   */
  readonly interruption: () => AbortSignal;
  /** Starts a program without waiting for it; false when it could not be started or failed at once. */
  readonly launch: (command: string, args: readonly string[]) => Promise<boolean>;
  readonly os: "linux" | "darwin" | "windows" | "other";
  /** What telemetry has to know of the command. */
  readonly telemetry: TelemetryRecord;
}
