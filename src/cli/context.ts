import type { Os } from "../system/os.ts";
import type { Signals } from "../system/signals.ts";
import type { Io } from "../terminal/io.ts";
import type { Permission } from "./permissions.ts";

/** The context to run a command. Commands need more (src/commands/context.ts). */
export interface CliContext {
  readonly io: Pick<Io, "stdout" | "stderr" | "keyboard" | "debug" | "json" | "warn">;
  readonly signals: Pick<Signals, "prepare">;
  readonly machine: { readonly os: Os };
  /** Drops permissions for the rest of the process. */
  readonly dropPermissions: (permissions: readonly Permission[]) => void;
}
