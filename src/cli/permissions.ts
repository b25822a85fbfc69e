import type { Os } from "../system/os.ts";
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

export type Permission = "read" | "write" | "net" | "run" | "env" | "sys";

/** All permissions except the environment, which the context has already read. */
const ALL: readonly Permission[] = ["read", "write", "net", "run", "sys"];

/**
 * The permissions that a command with these needs can drop. On Windows, a command that writes also runs the programs that restrict a
 * folder to its owner (src/files/owner_only.ts). When it needs them is only known then, and a program that may write any file could
 * replace one that is run later.
 */
export function unneeded(needs: readonly Permission[], os?: Os): Permission[] {
  const kept = os === "windows" && needs.includes("write") ? [...needs, "run"] : needs;
  return ALL.filter((permission) => !kept.includes(permission));
}
