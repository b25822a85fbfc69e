/** The location of `identity.toml`. */

import { pathIn } from "../system/paths.ts";
import { type FolderEnvironment, fromHome, homeFolder } from "../files/arcade_folder.ts";
import type { WindowsSystem } from "../files/owner_only.ts";
import { mayExist } from "../files/private_file.ts";

/** The file of identities. */
export interface IdentityFile {
  readonly path: string;
  readonly windows?: WindowsSystem | undefined;
}

/**
 * The file that `ARCADE_IDENTITY_FILE` names, or `identity.toml` in the Arcade folder. It may not exist yet.
 *
 * @param context.files.folder returns the Arcade folder; called only if needed.
 */
export function identityFile({ env, files: { folder, windows } }: {
  readonly env: FolderEnvironment & { readonly ARCADE_IDENTITY_FILE?: string | undefined };
  readonly files: {
    readonly folder: () => string;
    readonly windows?: WindowsSystem | undefined;
  };
}): IdentityFile {
  const named = env.ARCADE_IDENTITY_FILE;
  if (!named) return { path: pathIn(folder(), "identity.toml"), windows };
  return { path: fromHome(named, homeFolder(env)).replace(/^[^/\\]+$/, "./$&"), windows };
}

/** Whether the file may exist. Most users have none. */
export function hasIdentities({ path }: IdentityFile): boolean {
  return mayExist(path);
}
