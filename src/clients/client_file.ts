/** Reads and changes a file of a client. */

import { Failure } from "../failure.ts";
import { removeIfThere, replaceFile } from "../files/replace_file.ts";
import { splitPath } from "../system/paths.ts";
import { fileFailure } from "../system/system_failure.ts";
import { BrokenText } from "./format.ts";

/** A file as it was read. */
export interface ClientFile {
  /** The path at the end of all links. */
  readonly path: string;
  /** Undefined if there is no file yet. */
  readonly info: Deno.FileInfo | undefined;
  readonly bytes: Uint8Array;
  readonly text: string;
  /** Whether it starts with a byte order mark, which is not in the text. */
  readonly hasMark: boolean;
}

/** Larger than any client's file; Claude Code's has several megabytes. */
const MAX_BYTES = 64 * 1024 * 1024;
const MARK = "\uFEFF";

/**
 * Reads a file of a client.
 *
 * @throws {Failure} of kind `file` when it is not UTF-8 text.
 */
export function readClientFile(path: string): ClientFile {
  let bytes: Uint8Array;
  let info: Deno.FileInfo;
  let real: string;
  try {
    info = Deno.statSync(path);
    if (!info.isFile || info.size > MAX_BYTES) {
      const what = info.isDirectory ? "a folder" : info.isFile ? "too large" : "not a file";
      throw new Failure("file", `${path} is ${what}`, { next: "Move it away and try again" });
    }
    real = Deno.realPathSync(path);
    bytes = Deno.readFileSync(real);
  } catch (error) {
    if (error instanceof Failure) throw error;
    if (!(error instanceof Deno.errors.NotFound)) throw fileFailure("read", path, error);
    if (isLink(path)) {
      throw new Failure("file", `${path} is a link that leads nowhere`, {
        next: "Create the file to which it leads, or remove the link",
      });
    }
    return { path, info: undefined, bytes: new Uint8Array(), text: "", hasMark: false };
  }
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw new Failure("file", `${path} is not UTF-8 text`, {
      next: "Save it as UTF-8 and try again; nothing was changed",
      cause: error,
    });
  }
  const hasMark = text.startsWith(MARK);
  return { path: real, info, bytes, text: hasMark ? text.slice(1) : text, hasMark };
}

function isLink(path: string): boolean {
  try {
    return Deno.lstatSync(path).isSymlink;
  } catch {
    return false;
  }
}

/**
 * Replaces the content of a client's file. Its mode, its owner and the links to it are preserved.
 *
 * @param options.mode of a new file.
 * @param options.keepsMark whether a byte order mark is preserved.
 * @throws {Failure} of kind `file` when it cannot be written, or when it has changed since it was read.
 */
export function writeClientFile(
  file: ClientFile,
  text: string,
  { mode, keepsMark }: { readonly mode: number; readonly keepsMark: boolean },
): void {
  const { path, info } = file;
  try {
    Deno.mkdirSync(splitPath(path).folder, { recursive: true });
  } catch (error) {
    throw fileFailure("create", splitPath(path).folder, error);
  }
  const now = readClientFile(path);
  if (
    now.bytes.length !== file.bytes.length || now.bytes.some((byte, i) => byte !== file.bytes[i])
  ) {
    throw new Failure("file", `Another program has changed ${path} meanwhile`, {
      next: "Try again; nothing was changed",
      canRetry: true,
    });
  }
  if (info) requireWritable(path);
  const bytes = new TextEncoder().encode((file.hasMark && keepsMark ? MARK : "") + text);
  replaceFile(path, bytes, { mode, like: info });
}

/** Refuses to replace a read-only file, which the permissions of its folder would allow. */
function requireWritable(path: string): void {
  try {
    Deno.openSync(path, { write: true }).close();
  } catch (error) {
    throw fileFailure("write", path, error);
  }
}

/**
 * Reads or edits the text of a file.
 *
 * @throws {Failure} of kind `file`, with the line, for a text that its client cannot read.
 */
export function understanding<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof BrokenText)) throw error;
    throw new Failure("file", `Cannot use ${path}: line ${error.line}: ${error.problem}`, {
      next: "Correct that line and try again; nothing was changed",
      cause: error,
    });
  }
}

/** How long another program can hold the lock, and when the lock counts as stale, as in proper-lockfile. */
const LOCK_MS = 10_000;
const STALE_MS = 10_000;
const PAUSE_MS = 50;

/**
 * Holds the client's lock during `work`: a folder next to the file, as the package proper-lockfile creates it.
 *
 * @throws {Failure} of kind `file` when another program holds it for too long.
 */
export async function withClientLock<T>(
  path: string,
  { now, sleep }: { readonly now: () => Date; readonly sleep: (ms: number) => Promise<void> },
  work: () => T,
): Promise<T> {
  const lock = `${path}.lock`;
  for (let waited = 0;; waited += PAUSE_MS) {
    try {
      Deno.mkdirSync(lock);
      break;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return work(); // without the folder, no process can have locked the file
      if (!(error instanceof Deno.errors.AlreadyExists)) throw fileFailure("lock", path, error);
    }
    if (isStale(lock, now())) removeIfThere(lock);
    else if (waited >= LOCK_MS) {
      throw new Failure("file", `Another program has held ${lock} for ${LOCK_MS / 1000} s`, {
        next: "Close that program and try again",
        canRetry: true,
      });
    } else await sleep(PAUSE_MS);
  }
  try {
    return work();
  } finally {
    removeIfThere(lock);
  }
}

function isStale(lock: string, now: Date): boolean {
  try {
    const { mtime } = Deno.statSync(lock);
    return mtime !== null && now.getTime() - mtime.getTime() > STALE_MS;
  } catch {
    return false; // it was removed just now
  }
}
