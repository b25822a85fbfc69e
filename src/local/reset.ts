import { lockDataFolder } from "./running.ts";
import { dataFiles, dataPaths, ensureOwnFolder, unlessNotFound } from "./model/data_folder.ts";
import { regularFile } from "../files/private_file.ts";

/**
 * Removes only the files of a local Arcade from its data folder. Keeps the lock file.
 *
 * @returns whether there was something.
 * @throws {LocalArcadeError} of reason `data-in-use` while a local Arcade uses it.
 */
export async function resetData(path: string): Promise<boolean> {
  if (regularFile(dataFiles(path).database) === undefined) return false;
  const folder = await ensureOwnFolder(path);
  const lock = await lockDataFolder(folder);
  try {
    for (const one of dataPaths(folder)) {
      await Deno.remove(one, { recursive: true }).catch(unlessNotFound);
    }
    return true;
  } finally {
    lock.close();
  }
}
