/** The temporary folders of ephemeral local Arcades. */

import { Failure } from "../../failure.ts";
import { lockFile } from "../../files/lock.ts";
import { pathIn, splitPath } from "../../system/paths.ts";
import { fileFailure } from "../../system/system_failure.ts";
import { regularFile } from "../../files/private_file.ts";
import { dataFiles, grants } from "../../local/model/data_folder.ts";
import type { Context } from "../context.ts";

const PREFIX = "arcade-local-";
/** A free lock is granted immediately. Running local Arcades hold their locks, and must not delay a short command. */
const LOCK_WAIT_MS = 50;

/** An unused path for the folder of one local Arcade. It is short, because the folder contains a socket. */
export function ephemeralPath({ env, machine: { os } }: Context): string {
  return pathIn(temporaryFolder(env, os), PREFIX + crypto.randomUUID().slice(-12));
}

function temporaryFolder({ TMPDIR, LOCALAPPDATA }: Context["env"], os: string): string {
  if (os !== "windows") return TMPDIR?.startsWith("/") ? TMPDIR.replace(/\/+$/, "") : "/tmp";
  if (LOCALAPPDATA !== undefined) return pathIn(LOCALAPPDATA, "Temp");
  throw new Failure("usage", "LOCALAPPDATA is not set", { next: "Set it, or use `--data`" });
}

/** Creates the folder. Throws a {@link Failure} of kind `file`, also if something exists there. */
export function makeEphemeralFolder(path: string): void {
  try {
    Deno.mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    throw fileFailure("create", path, error);
  }
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
  await Promise.all(others.map((other) => removeIfAbandoned(pathIn(parent, other), uid)));
}

async function removeIfAbandoned(folder: string, uid: number | null): Promise<void> {
  let file: Deno.FsFile | undefined;
  try {
    const info = Deno.lstatSync(folder);
    if (!info.isDirectory || info.uid !== uid || grants(info, 0o077)) return;
    // The mark is made under the lock: if it exists and the lock is free, its local Arcade is gone.
    const { lock, mark } = dataFiles(folder);
    if (![mark, lock].every((path) => regularFile(path))) return;
    file = await lockFile(lock, { waitMs: LOCK_WAIT_MS });
    if (file) Deno.removeSync(folder, { recursive: true });
  } catch {
    // Not one of ours, or another start is removing it.
  } finally {
    file?.close();
  }
}
