import type { Os } from "../system/os.ts";
import type { Capability } from "../contract/capability.ts";
import type { Keyboard } from "../terminal/keyboard.ts";
import type { Output } from "../terminal/streams.ts";
import type { Permission } from "./permissions.ts";

/** The context to run a command. Commands need more (src/commands/context.ts). */
export interface CliContext {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly keyboard: Keyboard;
  /** Whether causes of failures are shown. */
  readonly debug: boolean;
  /** Whether a program reads the output: warnings and failures are JSON on stderr, and notices are left out. */
  readonly json: boolean;
  /**
   * Checks whether this process should survive a closed terminal, as under `nohup`. Needs the `run` permission, so it must
   * precede {@link dropPermissions}. Without this call, a closed terminal ends the process.
   */
  readonly expectHangup: () => void;
  /** Drops permissions for the rest of the process. */
  readonly dropPermissions: (permissions: readonly Permission[]) => void;
  readonly os: Os;
  readonly result: Result;
}

/** The result of a command that does not fail, and data from its declaration. */
export interface Result {
  /** 0 unless the command sets it: one of exit_code.ts, or that of a program that the command runs. */
  exitCode?: number;
  /** The capabilities that an agent needs for the command. */
  capabilities?: readonly Capability[];
  /** The stored context that the command names; undefined for the active one. */
  contextName?: string;
}
