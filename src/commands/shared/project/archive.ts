/** The archive of a deployment: tar.gz, the same bytes for the same files. */

import { createTarPacker, type TarHeader } from "modern-tar";
import { Failure } from "../../../failure.ts";
import { unpack, UnusableArchive } from "../../../local/servers/archive.ts";
import { pacer } from "../../../system/waiting.ts";
import { fileFailure } from "../../../system/system_failure.ts";
import type { ProjectEntry, ProjectFiles } from "./project_files.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** How much of a file is in memory at a time. */
const CHUNK_BYTES = 256 * 1024;

/**
 * The archive as a stream. Files are read while it is read. It fails with a {@link Failure} of kind `file` when a file cannot be
 * read, or has changed since it was found.
 *
 * @param options.onRead called with the number of bytes that were read from files.
 * @param options.signal ends it with its reason.
 */
export function archiveOf(project: ProjectFiles, options: PackOptions = {}): ReadableStream<Bytes> {
  return startPacking(project, options).archive;
}

interface PackOptions {
  readonly onRead?: (bytes: number) => void;
  readonly signal?: AbortSignal | undefined;
}

/** Starts creating an archive. `ended` settles when no more files are read, even after an error. */
function startPacking(
  project: ProjectFiles,
  { onRead = () => {}, signal }: PackOptions,
): { readonly archive: ReadableStream<Bytes>; readonly ended: Promise<void> } {
  const { readable, controller } = createTarPacker();
  const top = nameOf(project.folder);
  const pace = pacer(signal);
  const add = async (entry: ProjectEntry) => {
    await pace();
    const body = controller.add(headerOf(`${top}/${entry.path}`, entry)).getWriter();
    if (entry.kind === "file") {
      for (const chunk of chunksOf(project.folder, entry)) {
        await body.write(chunk);
        await pace();
        onRead(chunk.byteLength);
      }
    }
    await body.close();
  };
  const pack = async () => {
    await controller.add({ ...FIXED, name: `${top}/`, type: "directory", mode: 0o755, size: 0 })
      .close();
    for (const entry of project.entries) await add(entry);
    controller.finalize();
  };
  const ended = pack().catch((error) => controller.error(error));
  return { archive: readable.pipeThrough(new CompressionStream("gzip")), ended };
}

/**
 * Unpacks the archive into an empty folder, without its top folder, so that it contains exactly what is sent.
 *
 * @throws {Failure} of kind `file` when a file cannot be read or written, or has changed since it was found; the reason of the
 * signal.
 */
export async function unpackTo(
  project: ProjectFiles,
  folder: string,
  options: { readonly signal?: AbortSignal } = {},
): Promise<void> {
  const over = new AbortController();
  const signal = AbortSignal.any([over.signal, ...options.signal ? [options.signal] : []]);
  const { archive, ended } = startPacking(project, { signal });
  try {
    await unpack(archive, folder, { mebibytes: Infinity, entries: Infinity });
  } catch (error) {
    // An error while reading the archive is the cause of an unusable archive.
    const cause = error instanceof UnusableArchive ? error.cause : error;
    if (cause instanceof Failure) throw cause;
    throw new Failure("file", "Cannot copy the project to a temporary folder", {
      next: "Check that the disk has space and supports the names of these files",
      cause: error,
    });
  } finally {
    over.abort();
    await ended;
  }
}

/** The same for every entry, so that neither the machine nor the time changes the archive. */
const FIXED = { uid: 0, gid: 0, mtime: new Date(0) } as const;

function headerOf(name: string, { kind, size, isExecutable, target }: ProjectEntry): TarHeader {
  switch (kind) {
    case "folder":
      return { ...FIXED, name: `${name}/`, type: "directory", mode: 0o755, size };
    case "link":
      return { ...FIXED, name, type: "symlink", mode: 0o777, size, linkname: target ?? "" };
    case "file":
      return { ...FIXED, name, type: "file", mode: isExecutable ? 0o755 : 0o644, size };
  }
}

/** The name of a folder; `project` for the top of a disk, which has none. */
export function nameOf(folder: string): string {
  return folder.slice(folder.lastIndexOf("/") + 1) || "project";
}

/** The content of a file, which must be as it was found. */
function* chunksOf(folder: string, entry: ProjectEntry): Generator<Bytes> {
  const changed = new Failure("file", `${entry.path} changed while it was being read`, {
    next: "Stop the program that writes it, or exclude it with a line in .arcadeignore",
  });
  let file: Deno.FsFile | undefined;
  try {
    file = Deno.openSync(`${folder}/${entry.path}`);
    if (!isUnchanged(file, entry)) throw changed;
    let left = entry.size;
    while (left > 0) {
      const chunk = new Uint8Array(Math.min(CHUNK_BYTES, left));
      const count = file.readSync(chunk);
      if (count === null) throw changed;
      left -= count;
      yield chunk.subarray(0, count);
    }
    if (!isUnchanged(file, entry)) throw changed;
  } catch (error) {
    throw error instanceof Failure ? error : fileFailure("read", entry.path, error);
  } finally {
    file?.close();
  }
}

function isUnchanged(file: Deno.FsFile, { size, changedAt }: ProjectEntry): boolean {
  const now = file.statSync();
  return now.isFile && now.size === size && now.mtime?.getTime() === changedAt;
}
