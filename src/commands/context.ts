import type { AuthContext } from "../auth/context.ts";
import type { CliContext } from "../cli/context.ts";
import type { TelemetryContext } from "../telemetry/context.ts";
import type { Input, Output } from "../terminal/streams.ts";
import type { Environment } from "../contract/variables.ts";

/** Everything a command uses from outside. Tests pass their own. */
export interface Context extends CliContext, AuthContext, TelemetryContext {
  readonly env: Environment;
  readonly stdin: Input;
  readonly stderr: Output;
  /**
   * Aborted on Ctrl-C, a closed terminal or a termination signal. The reason is a {@link Failure}.
   */
  readonly interruption: () => AbortSignal;
  /** Starts a program without waiting for it; false when it fails to start or exits with an error at once. */
  readonly launch: (command: string, args: readonly string[]) => Promise<boolean>;
  /** Calls a listener for each signal that asks this process to end, which then does not end by itself. Settles when it listens. */
  readonly onSignal: (listener: (signal: Deno.Signal) => void) => Promise<void>;
  /** The working directory. */
  readonly cwd: () => string;
  /** Variables of the environment that arcade itself does not use, by name: those that are set. */
  readonly variables: (names: readonly string[]) => Promise<ReadonlyMap<string, string>>;
  /** Starts a process that looks for a newer version. */
  readonly startUpdateCheck: () => Promise<void>;
}
