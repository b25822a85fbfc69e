import type { Permission } from "../cli/permissions.ts";

/** Drops permissions for the rest of the process. */
export function dropPermissions(permissions: readonly Permission[]): void {
  for (const name of permissions) {
    if (name !== "sys") Deno.permissions.revokeSync({ name });
    else for (const kind of SYS_OF_REPORTS) Deno.permissions.revokeSync({ name, kind });
  }
}

/** System information that only the telemetry report needs. `uid` is kept, to check the owner of a private file. */
const SYS_OF_REPORTS = ["osRelease", "osUptime"] as const;

/** The permissions that this process has now, except those that no command drops. */
export function keptPermissions(): string {
  const kinds = ["read", "write", "net", "run"] as const;
  const descriptors = [
    ...kinds.map((name) => ({ name })),
    ...SYS_OF_REPORTS.map((kind) => ({ name: "sys", kind } as const)),
  ];
  const kept = descriptors.filter((one) => Deno.permissions.querySync(one).state === "granted");
  return kept.map((one) => "kind" in one ? one.kind : one.name).join(", ") || "none";
}
