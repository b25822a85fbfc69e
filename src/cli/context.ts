import type { Capability } from "../capability.ts";
import type { Output } from "../terminal/streams.ts";
import type { ExitCode } from "./exit_code.ts";
import type { Permission } from "./permissions.ts";

/** What running a command needs from outside. Commands need more (src/commands/context.ts). */
export interface CliContext {
  readonly stdout: Output;
  readonly stderr: Output;
  /** Whether causes of failures are shown. */
  readonly debug: boolean;
  /**
   * Finds out whether a closed terminal is to end this process, for `nohup` has it go on. That takes `run`, so it comes
   * before permissions are given up; without it the terminal's end is that of the process.
   */
  readonly expectHangup: () => void;
  /** Drops permissions for the rest of the process. */
  readonly dropPermissions: (permissions: readonly Permission[]) => void;
  readonly result: Result;
}

/** What a command that does not fail leaves behind, and what it was declared with. */
export interface Result {
  /** 0 unless the command sets it. */
  exitCode?: ExitCode;
  /** What an agent has to be capable of for the command. */
  capabilities?: readonly Capability[];
}
