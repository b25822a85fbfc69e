import { ENVIRONMENT_VARIABLES } from "../contract/variables.ts";

/** The permissions of the binary. A command drops those that it does not need before its code is loaded. */
export const PERMISSION_FLAGS: readonly string[] = [
  "--no-prompt",
  "--allow-read",
  "--allow-write",
  "--allow-net",
  "--allow-run",
  "--allow-sys=osRelease,osUptime,uid",
  `--allow-env=${ENVIRONMENT_VARIABLES.join(",")}`,
];
