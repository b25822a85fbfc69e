/**
 * The folder of the local Arcade: private to its owner, and used by one process at a time.
 */

import { LocalArcadeError } from "./error.ts";

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
 * Creates the data folder with mode 0700. One that is there keeps its mode, for it may be the user's own; the files in it
 * are private by themselves.
 */
export async function ensurePrivateFolder(path: string): Promise<void> {
  await Deno.mkdir(path, { recursive: true, mode: 0o700 });
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
  const file = await Deno.open(lock, { write: true });
  const locked = file.lock(true);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<"late">((resolve) => {
    timer = setTimeout(() => resolve("late"), LOCK_WAIT_MS);
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
  throw new LocalArcadeError(
    "data-in-use",
    `The data folder ${dataDir} is in use by another local Arcade`,
  );
}

/**
 * The encryption key at `path`, or nothing when there is none or a crash cut its creation short.
 */
export async function readKey(path: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  let key;
  try {
    key = await Deno.readFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
  if (key.length !== KEY_BYTES) return undefined;
  await restrict(path, 0o600);
  return key;
}

/**
 * A new random encryption key, safely on the disk at `path` before anything is encrypted with it.
 */
export async function createKey(path: string): Promise<Uint8Array<ArrayBuffer>> {
  const key = crypto.getRandomValues(new Uint8Array(KEY_BYTES));
  await Deno.remove(path).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  });
  const file = await Deno.open(path, { write: true, createNew: true, mode: 0o600 });
  try {
    const written = await file.write(key);
    if (written !== KEY_BYTES) throw new Error("The encryption key could not be written");
    await file.sync();
  } finally {
    file.close();
  }
  return key;
}

async function restrict(path: string, mode: number): Promise<void> {
  if (Deno.build.os === "windows") return;
  const current = (await Deno.stat(path)).mode ?? 0;
  if ((current & 0o777) !== mode) await Deno.chmod(path, mode);
}
