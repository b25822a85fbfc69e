import type { ContextFlag } from "../../auth/stored_login.ts";
import type { AddressFlags } from "../../hosts/urls.ts";
import { shellWord } from "../../text/shell_word.ts";

/**
 * The flags that name the same server, context and project again, for the command line of a hint; empty without them.
 *
 * @example
 * ```ts
 * sameProject({ project: "My project", port: 9099 }); // " --project 'My project' --port 9099"
 * ```
 */
export function sameProject(
  flags: AddressFlags & ContextFlag & { readonly org?: string; readonly project?: string },
): string {
  const { context, org, project, host, port, tls } = flags;
  const named = Object.entries({ context, org, project, host, port })
    .map(([name, value]) => value === undefined ? "" : ` --${name} ${shellWord(String(value))}`);
  return named.join("") + (tls === undefined ? "" : tls ? " --tls" : " --no-tls");
}
