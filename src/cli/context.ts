import type { Os } from "../system/os.ts";
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
}
