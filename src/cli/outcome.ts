import type { EndedLogin } from "../telemetry/event.ts";
import type { Capability } from "../auth/access.ts";
import type { ExitCode } from "./exit_code.ts";
import type { Permission } from "./permissions.ts";
import type { Tracking } from "../telemetry/tracking.ts";

/** What became of a command line, for telemetry. Nothing becomes of one that asks for help or the version. */
export interface Outcome {
  ended?: { readonly kind: "succeeded" } | { readonly kind: "failed"; readonly message: string };
  /** The exit code when nothing failed, if not 0. */
  exitCode?: ExitCode;
  /** What an agent has to be capable of. */
  capabilities?: readonly Capability[];
  /** Whether it is reported: decided before it runs, and again by the commands that change that. */
  tracking?: Tracking;
  /** The permissions that its report needs besides those of the command. */
  reportPermissions?: readonly Permission[];
  /** The login that the command ended, if it did. */
  endedLogin?: EndedLogin | undefined;
}
