/** The temporary folders of `local serve --ephemeral`. */

import { lockFile } from "../../files/lock.ts";
import { splitPath } from "../../system/paths.ts";
import { regularFile } from "../../files/private_file.ts";
import { dataFiles, grants } from "../../local/model/data_folder.ts";

const PREFIX = "arcade-local-";
/** The file that distinguishes such a folder from a user's folder with a similar name. */
const MARK = "ephemeral";
/** A free lock is granted immediately. */
const LOCK_WAIT_MS = 200;

/** Creates a folder for the data of one local Arcade. */
export function makeEphemeralFolder(): string {
  const folder = Deno.makeTempDirSync({ prefix: PREFIX });
  Deno.writeTextFileSync(`${folder}/${MARK}`, "", { createNew: true, mode: 0o600 });
  return folder;
}

/** Removes folders next to this one whose local Arcade was killed. Errors are ignored on purpose. */
export async function removeAbandonedFolders(own: string): Promise<void> {
  const { folder: parent, name } = splitPath(own);
  const { uid } = Deno.lstatSync(own);
  let others: string[];
  try {
    others = [...Deno.readDirSync(parent)].map((entry) => entry.name).filter((other) =>
      other.startsWith(PREFIX) && other !== name
    );
  } catch {
    return; // the folder may be unreadable
  }
  await Promise.all(others.map((other) => removeIfAbandoned(`${parent}/${other}`, uid)));
}

async function removeIfAbandoned(folder: string, uid: number | null): Promise<void> {
  let file: Deno.FsFile | undefined;
  try {
    const info = Deno.lstatSync(folder);
    if (!info.isDirectory || info.uid !== uid || grants(info, 0o077)) return;
    // The database is created under the lock: if it exists and the lock is free, its local Arcade is gone.
    const { lock, database } = dataFiles(folder);
    if (![`${folder}/${MARK}`, database, lock].every((path) => regularFile(path))) return;
    file = await lockFile(lock, { waitMs: LOCK_WAIT_MS });
    if (file) Deno.removeSync(folder, { recursive: true });
  } catch {
    // Not one of ours, or another start is removing it.
  } finally {
    file?.close();
  }
}
