/** The location of `identity.toml`. */

import { pathIn } from "../paths.ts";
import { type FolderEnvironment, fromHome, homeFolder } from "./arcade_folder.ts";
import { withLock } from "./lock.ts";
import { mayExist, splitPath } from "./private_file.ts";

/** The file of identities. */
export interface IdentityFile {
  readonly path: string;
}

/**
 * The file that `ARCADE_IDENTITY_FILE` names, or `identity.toml` in the Arcade folder. It may not exist yet.
 *
 * @param context.folder returns the Arcade folder; called only if needed.
 */
export function identityFile({ env, folder }: {
  readonly env: FolderEnvironment & { readonly ARCADE_IDENTITY_FILE?: string | undefined };
  readonly folder: () => string;
}): IdentityFile {
  const named = env.ARCADE_IDENTITY_FILE;
  if (!named) return { path: pathIn(folder(), "identity.toml") };
  return { path: fromHome(named, homeFolder(env)).replace(/^[^/\\]+$/, "./$&") };
}

/** Whether the file may exist. Most users have none. */
export function hasIdentities({ path }: IdentityFile): boolean {
  return mayExist(path);
}

/** Runs `work` while holding the lock of the identities, which Muse uses too. */
export function withIdentityLock<T>(file: IdentityFile, work: () => Promise<T>): Promise<T> {
  // Muse locks the same file, in the same folder.
  return withLock(splitPath(file.path).folder, ".identity.lock", work);
}
