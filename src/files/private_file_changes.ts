/**
 * Writes and removes private files (docs/contracts.md, Files): folder mode 0700, file mode 0600 from the first byte, and atomic
 * replacement. Separate from reading, because most commands only read.
 */

import { fileFailure } from "../system/system_failure.ts";
import { splitPath } from "../system/paths.ts";
import { Failure } from "../failure.ts";
import { MAX_FILE_BYTES, regularFile, tooLarge } from "./private_file.ts";
import { removeIfThere, replaceFile, TEMPORARY, untilFree } from "./replace_file.ts";

const encoder = new TextEncoder();

/**
 * Replaces a private file. The caller holds the lock that guards it, so that leftovers of a killed writer can be
 * removed here.
 *
 * @throws {Failure} of kind `file`; the old content is kept then.
 */
export function writePrivateFile(
  path: string,
  text: string,
  { isSynced = true }: { readonly isSynced?: boolean } = {},
): void {
  regularFile(path);
  removeLeftovers(path);
  const bytes = encoder.encode(text);
  requireReadable(path, bytes.length);
  replaceFile(path, bytes, { mode: 0o600, isSynced });
}

/**
 * Creates a private folder if it is missing. Removes the access of other users to an existing folder, unless it also contains other
 * files, as `/tmp` or a home folder does.
 *
 * @throws {Failure} of kind `file`.
 */
export function ensurePrivateFolder(folder: string): void {
  try {
    Deno.mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw fileFailure("create", folder, error);
  }
  if (Deno.build.os === "windows") return; // owner_only.ts
  try {
    const { mode } = Deno.statSync(folder);
    if (mode === null || (mode & 0o077) === 0 || isShared(folder, mode)) return;
    Deno.chmodSync(folder, 0o700);
  } catch (error) {
    throw fileFailure("write", folder, error);
  }
}

/** The sticky bit of shared folders such as `/tmp`. */
const STICKY = 0o1000;
/** The files that this program, the Python CLI and Muse keep in their folders. */
const OWN_FILES =
  /^(?:\.?(?:clients|credentials|identity|mcp-logins|usage|update)[.-].+|update_cache\.json|cache|local|running|logins\.json|\d{1,5}\.json)$/;

function isShared(folder: string, mode: number): boolean {
  return (mode & STICKY) !== 0 || holdsOtherFiles(Deno.realPathSync(folder));
}

/**
 * Whether a folder, by its path without links, can contain files of the user or of other programs.
 *
 * @param also the names of more files of this program.
 */
export function holdsOtherFiles(folder: string, also?: RegExp): boolean {
  // A hidden folder, such as `.arcade` or `.muse`, belongs to one program.
  if (splitPath(folder).name.startsWith(".")) return false;
  for (const { name } of Deno.readDirSync(folder)) {
    if (!OWN_FILES.test(name) && !also?.test(name)) return true;
  }
  return false;
}

/**
 * Checks that a private file can be written, before work whose result must be stored in it.
 *
 * @param text the current content; the result may be longer.
 * @throws {Failure} of kind `file`.
 */
export function ensureWritable(path: string, text = ""): void {
  regularFile(path);
  const bytes = encoder.encode(text).length;
  requireReadable(path, bytes + ROOM_BYTES);
  const probe = `${path}.${crypto.randomUUID()}${TEMPORARY}`;
  try {
    const room = new Uint8Array(Math.max(2 * bytes, ROOM_BYTES));
    Deno.writeFileSync(probe, room, { createNew: true, mode: 0o600 });
  } catch (error) {
    throw fileFailure("write", path, error);
  } finally {
    removeIfThere(probe);
  }
}

/** Removes a private file and the temporary files of killed writers. */
export function removePrivateFile(path: string): void {
  try {
    removeLeftovers(path);
    if (regularFile(path)) untilFree(() => Deno.removeSync(path));
  } catch (error) {
    throw error instanceof Failure ? error : fileFailure("remove", path, error);
  }
}

/**
 * Renames an unreadable file, so that a new one can take its path and its content is not lost.
 *
 * @returns the new path.
 */
export function moveAside(path: string, now: Date): string {
  const aside = `${path}.unreadable-${now.toISOString().replace(/[:.]/g, "-")}`;
  try {
    untilFree(() => Deno.renameSync(path, aside));
    Deno.chmodSync(aside, 0o600);
  } catch (error) {
    throw fileFailure("move", path, error);
  }
  return aside;
}

/** Larger than a credentials file, to detect a full disk in time. */
const ROOM_BYTES = 32 * 1024;

function removeLeftovers(path: string): void {
  const { folder, name } = splitPath(path);
  let entries: Deno.DirEntry[];
  try {
    entries = [...Deno.readDirSync(folder)];
  } catch {
    return; // the write that follows fails too, and reports it
  }
  for (const entry of entries) {
    if (entry.isFile && entry.name.startsWith(`${name}.`) && entry.name.endsWith(TEMPORARY)) {
      removeIfThere(`${folder}/${entry.name}`);
    }
  }
}

/** Rejects a file that could be written but not read again. */
function requireReadable(path: string, bytes: number): void {
  if (bytes > MAX_FILE_BYTES) throw tooLarge(`${path} would be larger than 1 MiB`);
}
