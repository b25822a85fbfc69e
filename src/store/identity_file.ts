/** Where `identity.toml` is, and whose folder that is. */

import { type FolderEnvironment, fromHome } from "./arcade_folder.ts";
import { withLock } from "./lock.ts";
import { isListed, splitPath } from "./private_file.ts";

/** Where the identities are kept. */
export interface IdentityFile {
  readonly path: string;
  /** Whether the folder is also there for other things, so that it may not be closed to others. */
  readonly isInSharedFolder: () => boolean;
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
  if (!named) {
    return { path: `${folder()}/identity.toml`, isInSharedFolder: () => false };
  }
  const home = HOME || USERPROFILE;
  const path = fromHome(named, home).replace(/^[^/\\]+$/, "./$&");
  return { path, isInSharedFolder: () => isShared(path, home) };
}

/** Whether there is such a file; hardly anybody has one. */
export function hasIdentities({ path }: IdentityFile): boolean {
  return isListed(path);
}

/** Runs `work` while no other process, Muse's among them, can change the identities. */
export function withIdentityLock<T>(file: IdentityFile, work: () => Promise<T>): Promise<T> {
  const { folder } = splitPath(file.path);
  return withLock(folder, LOCK, work, { isShared: file.isInSharedFolder() });
}

/** Muse locks the same file, in the same folder. */
const LOCK = ".identity.lock";

/** Such as `/tmp`: everybody may write in it, and remove only what is theirs. */
const STICKY = 0o1000;

/**
 * Whether the folder of a file is there for other things, too. A hidden folder, such as `.muse`, is that of a program, and
 * so is one that has nothing else in it; the home folder is neither.
 */
function isShared(path: string, home: string | undefined): boolean {
  const { folder, name } = splitPath(path);
  const real = realPath(folder);
  if (real === undefined) return false; // it is not there yet
  if (((Deno.statSync(real).mode ?? 0) & STICKY) !== 0) return true;
  if (home && real === realPath(home)) return true;
  if (splitPath(real).name.startsWith(".")) return false;
  try {
    return [...Deno.readDirSync(real)].some((entry) =>
      entry.name !== LOCK && !entry.name.startsWith(name)
    );
  } catch {
    return true; // what uses it finds out what is wrong with it
  }
}

function realPath(path: string): string | undefined {
  try {
    return Deno.realPathSync(path);
  } catch {
    return undefined; // whoever uses it finds out why
  }
}
