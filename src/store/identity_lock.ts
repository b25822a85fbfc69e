import { type LockOptions, withLock } from "../files/lock.ts";
import { splitPath } from "../system/paths.ts";
import type { IdentityFile } from "./identity_file.ts";

/** Runs `work` while holding the lock of the identities, which Muse uses too. */
export function withIdentityLock<T>(
  { path, windows }: IdentityFile,
  work: () => Promise<T>,
  options: Pick<LockOptions, "isRemoval"> = {},
): Promise<T> {
  // Muse locks the same file, in the same folder.
  return withLock(splitPath(path).folder, ".identity.lock", work, { ...options, windows });
}
