/** Access rights of folders on Windows, which has no modes: the owner only (docs/contracts.md, Files). */

import { Failure } from "../failure.ts";
import { fileFailure } from "../system/system_failure.ts";
import { pathIn } from "../system/paths.ts";
import { readPrivateFile } from "./private_file.ts";
import { holdsOtherFiles, removePrivateFile, writePrivateFile } from "./private_file_changes.ts";

/** What changes access rights on Windows. */
export interface WindowsSystem {
  /** The folder of Windows (SYSTEMROOT). */
  readonly root: string | undefined;
  /** The home folder (USERPROFILE), which Windows itself closes to other users. */
  readonly profile: string | undefined;
  /** The folder of program data in the home folder (LOCALAPPDATA). */
  readonly localData: string | undefined;
  /** Runs a program by its full path, without a shell. Throws when it cannot start. */
  readonly run: (
    program: string,
    args: readonly string[],
  ) => Promise<{ readonly success: boolean; readonly output: string }>;
}

/**
 * In a restricted folder: a random id. The home folder has a file with this id for its name, and the path of the folder for its
 * content. Other users can write no such pair, and a copy of the folder elsewhere has none.
 */
const MARK = ".owner-only";
const RECORDS = "private-folders";
const ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const DEFAULT_ROOT = "C:\\Windows";
const SID = /\bS-1-\d+(?:-\d+)+\b/g;

/**
 * Restricts a folder to the current user, once: new files then have these rights from their first byte. Must precede each write
 * of something secret. A folder that also holds other files is left alone in the home folder, and refused elsewhere.
 *
 * @throws {Failure} of kind `file` when Windows refuses.
 */
export async function restrictToOwner(folder: string, windows: WindowsSystem): Promise<void> {
  let path: string;
  try {
    path = Deno.realPathSync(folder);
  } catch (error) {
    throw fileFailure("read", folder, error);
  }
  if (isRestricted(path, windows)) return;
  if (isRoot(path) || holdsOtherFiles(path, OTHER_OWN_FILES)) {
    if (isWithin(path, windows.profile)) return;
    throw new Failure(
      "file",
      `Other users may be able to read ${path}, which contains other files`,
      {
        next: "Use an empty folder, or a folder in your home folder",
      },
    );
  }
  const user = await run(windows, "whoami.exe", ["/user", "/fo", "csv", "/nh"], path);
  const sid = user.match(SID)?.at(-1);
  if (sid === undefined) throw refused(path, new Error("whoami.exe gave no SID"));
  const rights = ["/inheritance:r", "/grant:r", `*${sid}:(OI)(CI)F`];
  await run(windows, "icacls.exe", [path, ...rights, "/q"], path);
  remember(path, windows);
}

/** The files of a local Arcade, and the mark. */
const OTHER_OWN_FILES =
  /^(?:arcade\.(?:address|lock|sock|db(?:-\w+)?)|encryption\.key|env\.json|ephemeral|home|servers|\.owner-only)$/;

function isRestricted(path: string, windows: WindowsSystem): boolean {
  const records = recordsFolder(windows);
  if (records === undefined) return false;
  const id = readPrivateFile(pathIn(path, MARK));
  return id !== undefined && ID.test(id) && readPrivateFile(pathIn(records, id)) === path;
}

/** Without a home folder nothing is remembered, and the folder is restricted each time. */
function remember(path: string, windows: WindowsSystem): void {
  const records = recordsFolder(windows);
  if (records === undefined) return;
  const id = crypto.randomUUID();
  try {
    Deno.mkdirSync(records, { recursive: true });
  } catch (error) {
    throw fileFailure("create", records, error);
  }
  forgetMissing(records);
  writePrivateFile(pathIn(records, id), path);
  writePrivateFile(pathIn(path, MARK), id);
}

/** Removes the records of folders that no longer exist, such as after `local serve --ephemeral`. */
function forgetMissing(records: string): void {
  for (const { name } of Deno.readDirSync(records)) {
    if (!ID.test(name)) continue; // another process may be writing it
    const record = pathIn(records, name);
    try {
      Deno.statSync(Deno.readTextFileSync(record));
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) removePrivateFile(record);
    }
  }
}

function recordsFolder({ localData, profile }: WindowsSystem): string | undefined {
  const folder = localData || (profile && pathIn(pathIn(profile, "AppData"), "Local"));
  return folder ? pathIn(pathIn(folder, "arcade"), RECORDS) : undefined;
}

/** The output of a program of Windows. Its full path keeps PATH and the working directory out. */
async function run(
  windows: WindowsSystem,
  program: string,
  args: readonly string[],
  folder: string,
): Promise<string> {
  const root = windows.root || DEFAULT_ROOT;
  let cause: unknown;
  try {
    const { success, output } = await windows.run(`${root}\\System32\\${program}`, args);
    if (success) return output;
    cause = new Error(`${program}: ${output.trim()}`);
  } catch (error) {
    cause = error;
  }
  throw refused(folder, cause);
}

function refused(folder: string, cause?: unknown): Failure {
  return new Failure("file", `Cannot restrict ${folder} to you`, {
    next: "Use a folder on a local NTFS drive, or run again with `--debug` to see why",
    cause,
  });
}

/** The root of a drive or of a share. */
function isRoot(path: string): boolean {
  return /^(?:[a-z]:|[/\\]{2}[^/\\]+[/\\][^/\\]+)?[/\\]*$/i.test(path);
}

function isWithin(path: string, parent: string | undefined): boolean {
  if (!parent) return false;
  let real: string;
  try {
    real = Deno.realPathSync(parent);
  } catch {
    return false;
  }
  const [inner, outer] = [path, real].map((one) =>
    `${one.toLowerCase().replaceAll("\\", "/").replace(/\/+$/, "")}/`
  );
  return inner !== undefined && outer !== undefined && inner.startsWith(outer);
}
