/** Where `identity.toml` is. */

import { type FolderEnvironment, fromHome } from "./arcade_folder.ts";
import { withLock } from "./lock.ts";
import { mayExist, splitPath } from "./private_file.ts";

/** Where the identities are kept. */
export interface IdentityFile {
  readonly path: string;
}

/**
 * The file that `ARCADE_IDENTITY_FILE` names, or `identity.toml` in the Arcade folder. It need not exist yet.
 *
 * @param context.folder gives the Arcade folder; called only when it is needed.
 */
export function identityFile({ env, folder }: {
  readonly env: FolderEnvironment & { readonly ARCADE_IDENTITY_FILE?: string | undefined };
  readonly folder: () => string;
}): IdentityFile {
  const { ARCADE_IDENTITY_FILE: named, HOME, USERPROFILE } = env;
  if (!named) return { path: `${folder()}/identity.toml` };
  return { path: fromHome(named, HOME || USERPROFILE).replace(/^[^/\\]+$/, "./$&") };
}

/** Whether there is such a file; hardly anybody has one. */
export function hasIdentities({ path }: IdentityFile): boolean {
  return mayExist(path);
}

/** Runs `work` while no other process, Muse's among them, can change the identities. */
export function withIdentityLock<T>(file: IdentityFile, work: () => Promise<T>): Promise<T> {
  // Muse locks the same file, in the same folder.
  return withLock(splitPath(file.path).folder, ".identity.lock", work);
}
