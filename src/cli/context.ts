import type { SessionContext } from "../auth/session.ts";
import type { Input, Output } from "../terminal/streams.ts";
import type { UsageContext } from "../telemetry/report.ts";
import type { Environment } from "./environment.ts";
import type { Outcome } from "./outcome.ts";
import type { Permission } from "./permissions.ts";

/** Everything a command touches outside itself. A test hands in its own. */
export interface Context extends SessionContext, UsageContext {
  readonly env: Environment;
  readonly stdin: Input;
  readonly stdout: Output;
  readonly stderr: Output;
  /** Whether causes of failures are shown. */
  readonly debug: boolean;
  /**
   * Finds out whether a closed terminal is to end this process, for `nohup` has it go on. That takes `run`, so it comes
   * before permissions are given up; without it the terminal's end is that of the process.
   */
  readonly expectHangup: () => void;
  /**
   * Aborted, with a {@link Failure} as its reason, when the user presses Ctrl-C, closes the terminal, or the process is
   * asked to end.
   */
  readonly interruption: () => AbortSignal;
  /** Starts a program without waiting for it; false when it could not be started or failed at once. */
  readonly launch: (command: string, args: readonly string[]) => Promise<boolean>;
  /** Drops permissions for the rest of the process. */
  readonly giveUp: (permissions: readonly Permission[]) => void;
  readonly os: "linux" | "darwin" | "windows" | "other";
  /** What becomes of the command line. */
  readonly outcome: Outcome;
}
