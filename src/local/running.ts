/**
 * Which local Arcade uses a data folder. A lock says whether one does, and a file next to it has its address. Clients look up
 * the registration instead (src/files/running.ts).
 */

import { lockFile } from "../files/lock.ts";
import { readPrivateFile } from "../files/private_file.ts";
import { removePrivateFile, writePrivateFile } from "../files/private_file_changes.ts";
import { endpointOf } from "../hosts/address.ts";
import { settlesWithin } from "../system/waiting.ts";
import { LocalArcadeError } from "./error.ts";
import { dataFiles, ensurePrivateFile } from "./model/data_folder.ts";

/** A free lock is granted immediately. */
const FREE_LOCK_MS = 200;
/** How long a start waits for a local Arcade that is stopping. */
const STOPPING_MS = 2000;
const CONNECT_MS = 1000;

/**
 * Acquires the exclusive lock of the data folder. Closing the file or the end of the process releases it.
 * Throws a {@linkcode LocalArcadeError} when another local Arcade runs, or does not stop within about two seconds.
 */
export async function lockDataFolder(dataDir: string): Promise<Deno.FsFile> {
  const { lock } = dataFiles(dataDir);
  await ensurePrivateFile(lock);
  const free = await lockFile(lock, { waitMs: FREE_LOCK_MS });
  if (free !== undefined) return free;
  const address = readAddress(dataDir);
  if (address === undefined || !await isListening(address)) {
    const freed = await lockFile(lock, { waitMs: STOPPING_MS });
    if (freed !== undefined) return freed;
  }
  throw inUse(dataDir, readAddress(dataDir));
}

function inUse(dataDir: string, address: string | undefined): LocalArcadeError {
  return address === undefined
    ? new LocalArcadeError(
      "data-in-use",
      `The data folder ${dataDir} is in use by another local Arcade`,
    )
    : new LocalArcadeError("data-in-use", `A local Arcade is already running at ${address}`, {
      address,
    });
}

/**
 * Stores the address of this server in its data folder. The caller holds the lock.
 *
 * @returns a function that removes it again, once. Errors are ignored on purpose, because the lock decides.
 * @throws {Failure} of kind `file`.
 */
export function storeAddress(dataDir: string, address: string): () => void {
  writePrivateFile(dataFiles(dataDir).address, `${address}\n`);
  let isStored = true;
  return () => {
    if (!isStored) return;
    isStored = false;
    try {
      removeAddress(dataDir);
    } catch {
      // the folder may be gone
    }
  };
}

/** Removes the address of a local Arcade that was killed. The caller holds the lock. */
export function removeAddress(dataDir: string): void {
  removePrivateFile(dataFiles(dataDir).address);
}

const ADDRESS = /^http:\/\/(?:[\w.-]+|\[[\da-f:.]+\]):\d{1,5}$/i;

function readAddress(dataDir: string): string | undefined {
  const text = readPrivateFile(dataFiles(dataDir).address)?.trim() ?? "";
  return ADDRESS.test(text) && URL.canParse(text) ? text : undefined;
}

/** Whether a server accepts connections at an address. */
async function isListening(address: string): Promise<boolean> {
  const connected = Deno.connect(endpointOf(address)).then((connection) => connection.close());
  return await settlesWithin(CONNECT_MS, connected).catch(() => false);
}
