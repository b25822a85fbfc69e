/**
 * Reading and writing files that only their owner may see (docs/contracts.md, Files): folder 0700, file
 * 0600 from the first byte, and either the old or the new content at any moment.
 */

import { Failure } from "../failure.ts";

const encoder = new TextEncoder();

/** More than any file of ours has. */
const MAX_FILE_BYTES = 1024 * 1024;

/**
 * The text of a private file, or undefined when there is none.
 *
 * @throws {Failure} of kind `file` when it is a symlink, a folder, unreadable, too large or not UTF-8, and when another user
 * owns it or can write it.
 */
export function readPrivateFile(path: string): string | undefined {
  const info = regularFile(path);
  if (!info) return undefined;
  requireOwn(path, info);
  if (info.size > MAX_FILE_BYTES) throw tooLarge(`${path} is larger than 1 MiB`);
  try {
    const text = Deno.readTextFileSync(path);
    // U+FFFD may be genuine, so decode strictly to be sure.
    if (text.includes("\uFFFD")) {
      new TextDecoder("utf-8", { fatal: true }).decode(Deno.readFileSync(path));
    }
    return text;
  } catch (error) {
    if (!(error instanceof TypeError)) throw fileFailure("read", path, error);
    throw new Failure("file", `${path} is not UTF-8 text`, {
      next: "Move it away and try again",
      cause: error,
    });
  }
}

function tooLarge(message: string): Failure {
  return new Failure("file", message, { next: "Move it away and try again" });
}

/** A file that is larger could be written, but not read again. */
function requireReadable(path: string, bytes: number): void {
  if (bytes > MAX_FILE_BYTES) throw tooLarge(`${path} would be larger than 1 MiB`);
}

/** As ssh does with its files: what another user can write is not to be trusted. */
function requireOwn(path: string, { uid, mode }: Deno.FileInfo): void {
  if (uid === null || mode === null) return; // Windows
  const owner = uid === 0 || uid === Deno.uid();
  if (owner && (mode & 0o022) === 0) return;
  throw new Failure(
    "file",
    owner ? `Other users can write ${path}` : `${path} belongs to another user`,
    {
      next: owner
        ? `Check its content, then run \`chmod 600 ${path}\``
        : "Move it away, or take it over with `chown` if you trust its content",
    },
  );
}

/**
 * Whether there is a file, or may be one that cannot be seen. For files that hardly anybody has: a common command pays three
 * times as much for the error about a missing file as for a list of the folder.
 */
export function mayExist(path: string): boolean {
  const { folder, name } = splitPath(path);
  try {
    for (const entry of Deno.readDirSync(folder)) if (entry.name === name) return true;
    return false;
  } catch (error) {
    return !(error instanceof Deno.errors.NotFound);
  }
}

/**
 * Replaces a private file. The caller holds the lock that guards it, so that leftovers of a killed writer can be
 * removed here.
 *
 * @throws {Failure} of kind `file`; the old content is still there then.
 */
export function writePrivateFile(path: string, text: string): void {
  regularFile(path);
  removeLeftovers(path);
  const bytes = encoder.encode(text);
  requireReadable(path, bytes.length);
  const temporary = `${path}.${crypto.randomUUID()}${TEMPORARY}`;
  try {
    const file = Deno.openSync(temporary, { write: true, createNew: true, mode: 0o600 });
    try {
      for (let written = 0; written < bytes.length;) {
        written += file.writeSync(bytes.subarray(written));
      }
      file.syncSync();
    } finally {
      file.close();
    }
    Deno.renameSync(temporary, path);
    syncFolder(path);
  } catch (error) {
    removeIfThere(temporary);
    throw fileFailure("write", path, error);
  }
}

/** Brings the new name of a file to the disk: a crash could undo it otherwise. */
export function syncFolder(path: string): void {
  if (Deno.build.os === "windows") return; // no folder can be opened there
  const folder = Deno.openSync(splitPath(path).folder);
  try {
    folder.syncSync();
  } finally {
    folder.close();
  }
}

/**
 * Creates the folder for private files where it is missing. An existing one is closed to others, unless it holds other
 * things too, such as `/tmp` or a home folder.
 *
 * @throws {Failure} of kind `file`.
 */
export function ensurePrivateFolder(folder: string): void {
  try {
    Deno.mkdirSync(folder, { recursive: true, mode: 0o700 });
    const { mode } = Deno.statSync(folder);
    if (mode === null || (mode & 0o077) === 0 || isShared(folder, mode)) return;
    Deno.chmodSync(folder, 0o700);
  } catch (error) {
    throw fileFailure("create", folder, error);
  }
}

/** Such as `/tmp`: everybody may write in it, and remove only what is theirs. */
const STICKY = 0o1000;
/** What this program, the Python CLI and Muse keep in their folders. */
const OWN_FILES = /^(?:\.?(?:credentials|identity|usage)[.-].+|update_cache\.json|cache|local)$/;

function isShared(folder: string, mode: number): boolean {
  if ((mode & STICKY) !== 0) return true;
  // A hidden folder, such as `.arcade` or `.muse`, is that of a program.
  if (splitPath(Deno.realPathSync(folder)).name.startsWith(".")) return false;
  for (const { name } of Deno.readDirSync(folder)) if (!OWN_FILES.test(name)) return true;
  return false;
}

/**
 * Finds out whether a private file could be written, before work is done whose result must be stored in it.
 *
 * @param text what the file would hold by now; the result may be longer.
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

/** Removes a private file and what a killed writer may have left of it. */
export function removePrivateFile(path: string): void {
  try {
    removeLeftovers(path);
    if (regularFile(path)) Deno.removeSync(path);
  } catch (error) {
    throw error instanceof Failure ? error : fileFailure("remove", path, error);
  }
}

/**
 * Renames a file that cannot be understood, so that nothing of it is lost and it is out of the way.
 *
 * @returns the new path.
 */
export function moveAside(path: string, now: Date): string {
  const aside = `${path}.unreadable-${now.toISOString().replace(/[:.]/g, "-")}`;
  try {
    Deno.renameSync(path, aside);
    Deno.chmodSync(aside, 0o600);
  } catch (error) {
    throw fileFailure("move", path, error);
  }
  return aside;
}

const TEMPORARY = ".tmp";
/** More than a credentials file takes, to find a full disk before it matters. */
const ROOM_BYTES = 32 * 1024;

/**
 * The metadata of a file; undefined without one. Anything else at that path is refused, with a {@link Failure} of
 * kind `file`.
 */
export function regularFile(path: string): Deno.FileInfo | undefined {
  let info: Deno.FileInfo;
  try {
    info = Deno.lstatSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw fileFailure("read", path, error);
  }
  if (info.isFile) return info;
  const what = info.isSymlink ? "a symlink" : info.isDirectory ? "a folder" : "not a regular file";
  throw new Failure("file", `${path} is ${what}, where a private file is expected`, {
    next: info.isSymlink
      ? "Put the file itself there, or set ARCADE_WORK_DIR to the folder that holds .arcade"
      : "Move it away and try again",
  });
}

/** The folder of a path, which is `/` for what lies right in that, and the name within it. */
export function splitPath(path: string): { folder: string; name: string } {
  const cut = Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\"));
  return { folder: path.slice(0, cut) || path.slice(0, cut + 1), name: path.slice(cut + 1) };
}

function removeLeftovers(path: string): void {
  const { folder, name } = splitPath(path);
  let entries: Deno.DirEntry[];
  try {
    entries = [...Deno.readDirSync(folder)];
  } catch {
    return; // the write that follows meets the same obstacle and reports it
  }
  for (const entry of entries) {
    if (entry.isFile && entry.name.startsWith(`${name}.`) && entry.name.endsWith(TEMPORARY)) {
      removeIfThere(`${folder}/${entry.name}`);
    }
  }
}

function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch {
    // it was never created, or the folder refuses: the failure that led here is the one to report
  }
}

/** Turns an error of the operating system about a path into a sentence and a next step. */
export function fileFailure(
  verb: "read" | "write" | "create" | "remove" | "move" | "lock",
  path: string,
  error: unknown,
): Failure {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  const [reason, next] = error instanceof Deno.errors.PermissionDenied
    ? ["permission denied", "Check its owner and permissions"]
    : error instanceof Deno.errors.NotFound
    ? ["it does not exist", verb === "read" ? "Check the path" : "Check that its folder exists"]
    : code === "ENOSPC" || code === "EDQUOT"
    ? ["the disk is full", "Free some space and try again"]
    : code === "EROFS"
    ? ["the file system is read-only", "Set ARCADE_WORK_DIR to a writable folder"]
    : error instanceof Deno.errors.NotADirectory || error instanceof Deno.errors.AlreadyExists
    ? ["something else is in its place", "Move that away and try again"]
    : code === "EISDIR" || error instanceof Deno.errors.IsADirectory
    ? ["it is a folder", "Name a file"]
    : ["the system refused", "Run again with `--debug` to see why"];
  return new Failure("file", `Cannot ${verb} ${path}: ${reason}`, { next, cause: error });
}
