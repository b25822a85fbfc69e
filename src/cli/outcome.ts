import type { EndedLogin } from "../usage/event.ts";
import type { Permission } from "./permissions.ts";
import type { Tracking } from "../usage/tracking.ts";

/** What became of a command line, for telemetry. Nothing becomes of one that asks for help or the version. */
export interface Outcome {
  ended?: { readonly kind: "succeeded" } | { readonly kind: "failed"; readonly message: string };
  /** Whether it is reported: decided before it runs, and again by the commands that change that. */
  tracking?: Tracking;
  /** The permissions that its report needs besides those of the command. */
  reportPermissions?: readonly Permission[];
  /** The login that the command ended, if it did. */
  endedLogin?: EndedLogin | undefined;
}
