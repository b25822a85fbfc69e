/** Reads private files (docs/contracts.md, Files). */

import { Failure } from "../failure.ts";
import { fileFailure } from "../system/system_failure.ts";
import { splitPath } from "../system/paths.ts";
import { shellWord } from "../text/shell_word.ts";

/** Larger than any of our files. */
export const MAX_FILE_BYTES = 1024 * 1024;

/**
 * The text of a private file, or undefined if it does not exist.
 *
 * @throws {Failure} of kind `file` when it is a symlink, a folder, unreadable, too large or not UTF-8, and when another user
 * owns it or can write to it.
 */
export function readPrivateFile(path: string): string | undefined {
  const info = regularFile(path);
  if (!info) return undefined;
  requireOwn(path, info);
  if (info.size > MAX_FILE_BYTES) throw tooLarge(`${path} is larger than 1 MiB`);
  let bytes: Uint8Array;
  try {
    const text = Deno.readTextFileSync(path);
    if (!text.includes("\uFFFD")) return text;
    bytes = Deno.readFileSync(path);
  } catch (error) {
    throw fileFailure("read", path, error);
  }
  try {
    // U+FFFD may be genuine, so decode strictly to be sure.
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    throw new Failure("file", `${path} is not UTF-8 text`, {
      next: "Move it away and try again",
      cause: error,
    });
  }
}

/** The failure for a file that is too large. */
export function tooLarge(message: string): Failure {
  return new Failure("file", message, { next: "Move it away and try again" });
}

/**
 * Rejects a folder in which other users can remove or rename files. It may not exist.
 *
 * @throws {Failure} of kind `file`.
 */
export function requireOwnFolder(path: string): void {
  let info: Deno.FileInfo;
  try {
    info = Deno.lstatSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw fileFailure("read", path, error);
  }
  if (info.isDirectory) return requireOwn(path, info);
  throw new Failure("file", `${path} is a symlink or a file, where a private folder is expected`, {
    next: "Move it away and try again",
  });
}

/** Like ssh, rejects files and folders that another user owns or can write to. */
function requireOwn(path: string, { uid, mode, isDirectory }: Deno.FileInfo): void {
  if (uid === null || mode === null) return; // Windows
  const owner = uid === 0 || uid === Deno.uid();
  if (owner && (mode & 0o022) === 0) return;
  throw new Failure(
    "file",
    owner ? `Other users can write ${path}` : `${path} belongs to another user`,
    {
      next: owner
        ? `Check its content, then run \`chmod ${isDirectory ? 700 : 600} ${shellWord(path)}\``
        : "Move it away, or take it over with `chown` if you trust its content",
    },
  );
}

/**
 * Whether a file exists, or may exist in an unreadable folder. For files that are usually missing: listing the folder is three
 * times as fast as the error for a missing file.
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
 * The metadata of a regular file; undefined if it does not exist. Throws a {@link Failure} of kind `file` for anything else
 * at that path.
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
      ? "Replace the symlink with the file itself, or set ARCADE_WORK_DIR to the folder that contains it"
      : "Move it away and try again",
  });
}
