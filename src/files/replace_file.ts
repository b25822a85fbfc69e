/** Writes files so that a reader, a crash or a full disk never leaves half of one. */

import { fileFailure } from "../system/system_failure.ts";
import { pause, writeAll } from "../system/write_all.ts";
import { splitPath } from "../system/paths.ts";

/** The end of the names of files that are not complete yet. */
export const TEMPORARY = ".tmp";

/**
 * Replaces or creates a file: a new file next to it replaces it when it is complete and synced to disk.
 *
 * @param options.isSynced false for a file that need not survive a system crash.
 * @param options.like the replaced file, if the new file should get its mode and its owner.
 * @throws {Failure} of kind `file`; the old content is kept then.
 */
export function replaceFile(
  path: string,
  content: Uint8Array,
  { mode, isSynced = true, like }: {
    readonly mode: number;
    readonly isSynced?: boolean;
    readonly like?: Deno.FileInfo | undefined;
  },
): void {
  const temporary = `${path}.${crypto.randomUUID()}${TEMPORARY}`;
  try {
    writeNewFile(temporary, content, { mode, isSynced });
    if (like) makeLike(temporary, like);
    untilFree(() => Deno.renameSync(temporary, path));
    if (isSynced) syncFolder(path);
  } catch (error) {
    removeIfThere(temporary);
    throw fileFailure("write", path, error);
  }
}

/** Gives a file the mode and the owner of another one. Windows has neither. */
function makeLike(path: string, { mode, uid, gid }: Deno.FileInfo): void {
  if (mode === null || uid === null || gid === null) return;
  const own = Deno.statSync(path);
  // This user may not be a member of the group.
  if (own.uid !== uid) Deno.chownSync(path, uid, gid);
  else if (own.gid !== gid) ignoreDenied(() => Deno.chownSync(path, null, gid));
  if (own.mode !== mode) Deno.chmodSync(path, mode & 0o7777);
}

function ignoreDenied(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof Deno.errors.PermissionDenied)) throw error;
  }
}

/** Creates a file, which is on the disk when this returns, if it is synced. Throws what the system refuses. */
export function writeNewFile(
  path: string,
  content: Uint8Array,
  { mode, isSynced = true }: { readonly mode: number; readonly isSynced?: boolean },
): void {
  const file = Deno.openSync(path, { write: true, createNew: true, mode });
  try {
    writeAll(file, content);
    if (isSynced) file.syncSync();
  } finally {
    file.close();
  }
}

/** How long another program can keep a file open on Windows, which then cannot be replaced or removed. */
const BUSY_MS = 2000;
const BUSY_PAUSE_MS = 10;

/** Replaces or removes a file as soon as no other program has it open. */
export function untilFree(work: () => void): void {
  const end = performance.now() + BUSY_MS;
  while (true) {
    try {
      return work();
    } catch (error) {
      const isBusy = Deno.build.os === "windows" && error instanceof Deno.errors.PermissionDenied;
      if (!isBusy || performance.now() > end) throw error;
      pause(BUSY_PAUSE_MS);
    }
  }
}

/** Syncs the folder of a file, so that a rename survives a crash, if the system supports that. */
export function syncFolder(path: string): void {
  try {
    using folder = Deno.openSync(splitPath(path).folder);
    folder.syncSync();
  } catch {
    // Windows cannot open folders, and some file systems do not sync them. The file is complete anyway.
  }
}

/** Removes a file if it is there and can be removed. */
export function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch {
    // the original failure is the one to report
  }
}
