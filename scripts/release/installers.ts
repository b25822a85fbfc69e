import { TARGETS } from "../targets.ts";
import { allowedSigners } from "./keys.ts";
import type { Archives, Release } from "./release.ts";

/** The installers by name: the templates in this folder, filled with the version, the repository and the checksums. */
export function installers(release: Release, archives: Archives): Record<string, string> {
  const values: Record<string, string> = {
    VERSION: release.version,
    REPOSITORY: release.repository.url,
    ALLOWED_SIGNERS: allowedSigners(release.publicKeys).trimEnd(),
    ...Object.fromEntries(TARGETS.map((target) => [target, archives[target].sha256])),
  };
  return Object.fromEntries(["install.sh", "install.ps1"].map((name) => {
    const template = Deno.readTextFileSync(new URL(name, import.meta.url));
    return [name, template.replaceAll(/@([\w-]+)@/g, (mark, key) => values[key] ?? mark)];
  }));
}
