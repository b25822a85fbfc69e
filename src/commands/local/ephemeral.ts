/** The temporary folders of `local serve --ephemeral`. */

import { dataFiles, grants, lockFile } from "../../local/model/data_folder.ts";
import { regularFile, splitPath } from "../../store/private_file.ts";

const PREFIX = "arcade-local-";
/** What tells such a folder from one of the user's that is called alike. */
const MARK = "ephemeral";
/** A free lock is granted at once. */
const LOCK_WAIT_MS = 200;

/** Creates a folder for the data of one local Arcade. */
export function makeEphemeralFolder(): string {
  const folder = Deno.makeTempDirSync({ prefix: PREFIX });
  Deno.writeTextFileSync(`${folder}/${MARK}`, "", { createNew: true, mode: 0o600 });
  return folder;
}

/** Removes the folders that lie beside this one and whose local Arcade was killed, as far as that can be done. */
export async function removeAbandonedFolders(own: string): Promise<void> {
  const { folder: parent, name } = splitPath(own);
  const { uid } = Deno.lstatSync(own);
  let others: string[];
  try {
    others = [...Deno.readDirSync(parent)].map((entry) => entry.name).filter((other) =>
      other.startsWith(PREFIX) && other !== name
    );
  } catch {
    return; // it may be closed to everybody
  }
  await Promise.all(others.map((other) => removeIfAbandoned(`${parent}/${other}`, uid)));
}

async function removeIfAbandoned(folder: string, uid: number | null): Promise<void> {
  let file: Deno.FsFile | undefined;
  try {
    const info = Deno.lstatSync(folder);
    if (!info.isDirectory || info.uid !== uid || grants(info, 0o077)) return;
    // The database is made under the lock: where it is and the lock is free, its local Arcade is gone.
    const { lock, database } = dataFiles(folder);
    if (![`${folder}/${MARK}`, database, lock].every((path) => regularFile(path))) return;
    file = await lockFile(lock, LOCK_WAIT_MS);
    if (file) Deno.removeSync(folder, { recursive: true });
  } catch {
    // Not one of ours, or another start removes it at this moment.
  } finally {
    file?.close();
  }
}
