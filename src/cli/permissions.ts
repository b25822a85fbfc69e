import type { Os } from "../system/os.ts";

/** A permission of Deno. */
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
