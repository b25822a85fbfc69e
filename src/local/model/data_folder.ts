/**
 * The folder of the local Arcade: private to its owner, and used by one process at a time.
 */

import { regularFile, syncFolder } from "../../store/private_file.ts";
import { LocalArcadeError } from "../error.ts";

const LOCK_WAIT_MS = 2000;
const KEY_BYTES = 32;

/** The files in the data folder. */
export function dataFiles(dataDir: string): { database: string; key: string; lock: string } {
  return {
    database: `${dataDir}/arcade.db`,
    key: `${dataDir}/encryption.key`,
    lock: `${dataDir}/arcade.lock`,
  };
}

/**
 * Creates the data folder with mode 0700. One that is there keeps its mode, for it may be the
 * user's own; the files in it are private by themselves. Throws when somebody else may decide what
 * is in it, or did: by a link a file elsewhere would be opened and closed to others, a pipe would
 * be waited for, and a key could be known to whoever put it there.
 *
 * @returns its path without links.
 */
export async function ensureOwnFolder(path: string): Promise<string> {
  await Deno.mkdir(path, { recursive: true, mode: 0o700 });
  const folder = await Deno.realPath(path);
  const info = await Deno.lstat(folder);
  if (grants(info, 0o022)) {
    throw new Error(`other users can write to it; run \`chmod go-w ${folder}\``);
  }
  const uid = await ownUid(folder);
  requireOwner(folder, { info, uid });
  const { database, key, lock } = dataFiles(folder);
  const files = [lock, key, ...["", "-wal", "-shm", "-journal"].map((end) => database + end)];
  for (const file of files) {
    if (!regularFile(file)) continue;
    const info = await Deno.lstat(file);
    requireOwner(file, { info, uid });
    if ((info.nlink ?? 1) > 1) throw new Error(`${file} is a hard link`);
  }
  const home = `${folder}/home`;
  const homeInfo = await Deno.lstat(home).catch(unlessNotFound);
  if (homeInfo !== undefined) {
    if (!homeInfo.isDirectory) throw new Error(`${home} is not a folder`);
    requireOwner(home, { info: homeInfo, uid });
  }
  return folder;
}

/** The user that new files in a folder belong to: that takes no permission, and holds on network file systems too. */
async function ownUid(folder: string): Promise<number | null> {
  const path = await Deno.makeTempFile({ dir: folder, prefix: ".owner-" });
  try {
    return (await Deno.lstat(path)).uid;
  } finally {
    await Deno.remove(path);
  }
}

/** Whether a file or folder grants one of these permissions. On Windows modes mean nothing. */
export function grants({ mode }: Deno.FileInfo, permissions: number): boolean {
  return Deno.build.os !== "windows" && ((mode ?? 0) & permissions) !== 0;
}

function requireOwner(
  path: string,
  { info, uid }: { info: Deno.FileInfo; uid: number | null },
): void {
  if (info.uid !== uid) throw new Error(`${path} belongs to another user`);
}

function unlessNotFound(error: unknown): undefined {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}

/** Creates an empty file with mode 0600, or takes other people's access to an existing one away. */
export async function ensurePrivateFile(path: string): Promise<void> {
  try {
    (await Deno.open(path, { write: true, createNew: true, mode: 0o600 })).close();
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    await restrict(path, 0o600);
  }
}

/**
 * Takes the exclusive lock on the data folder; closing the file lets it go, and so does the death
 * of the process. Throws a {@linkcode LocalArcadeError} when another process holds it for longer
 * than about two seconds.
 */
export async function lockDataFolder(dataDir: string): Promise<Deno.FsFile> {
  const { lock } = dataFiles(dataDir);
  await ensurePrivateFile(lock);
  const file = await lockFile(lock, LOCK_WAIT_MS);
  if (file !== undefined) return file;
  throw new LocalArcadeError(
    "data-in-use",
    `The data folder ${dataDir} is in use by another local Arcade`,
  );
}

/** Takes the exclusive lock on a file; nothing when another process holds it for longer than this. */
export async function lockFile(path: string, waitMs: number): Promise<Deno.FsFile | undefined> {
  const file = await Deno.open(path, { write: true });
  const locked = file.lock(true);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<"late">((resolve) => {
    timer = setTimeout(() => resolve("late"), waitMs);
  });
  try {
    if (await Promise.race([locked, timeout]) !== "late") return file;
  } catch (error) {
    file.close();
    throw error;
  } finally {
    clearTimeout(timer);
  }
  // A wait for a lock cannot be called off: should it be granted one day, it is let go at once.
  locked.catch(() => {}).finally(() => file.close());
}

/**
 * The encryption key at `path`, or nothing when there is none or a crash cut its creation short.
 */
export async function readKey(path: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const key = await Deno.readFile(path).catch(unlessNotFound);
  if (key?.length !== KEY_BYTES) return undefined;
  await restrict(path, 0o600);
  return key;
}

/**
 * A new random encryption key, safely on the disk at `path` before anything is encrypted with it.
 */
export async function createKey(path: string): Promise<Uint8Array<ArrayBuffer>> {
  const key = crypto.getRandomValues(new Uint8Array(KEY_BYTES));
  await Deno.remove(path).catch(unlessNotFound);
  const file = await Deno.open(path, { write: true, createNew: true, mode: 0o600 });
  try {
    const written = await file.write(key);
    if (written !== KEY_BYTES) throw new Error("The encryption key could not be written");
    await file.sync();
  } finally {
    file.close();
  }
  syncFolder(path);
  return key;
}

async function restrict(path: string, mode: number): Promise<void> {
  if (Deno.build.os === "windows") return;
  const current = (await Deno.stat(path)).mode ?? 0;
  if ((current & 0o777) !== mode) await Deno.chmod(path, mode);
}
