/** Creates reproducible archives: the same files give the same bytes. */

import { promisify } from "node:util";
import * as zlib from "node:zlib";
import { type ZipOptions, zipSync } from "fflate/browser";
import { packTar } from "modern-tar";

export type Bytes = Uint8Array<ArrayBuffer>;

export interface ArchivedFile {
  readonly path: string;
  readonly content: Bytes;
  readonly isExecutable: boolean;
}

const LEVEL = { level: 9 } as const;
/** The system in the entries of a zip archive that have the modes of Unix (PKWARE APPNOTE 6.3, 4.4.2). */
const UNIX = 3;

/** A tar.gz archive with the files in a folder. `time` is in seconds since 1970. */
export function tarGz(
  folder: string,
  files: readonly ArchivedFile[],
  time: number,
): Promise<Bytes> {
  const inFolder = files.map((file) => ({ ...file, path: `${folder}/${file.path}` }));
  return tarGzWith([`${folder}/`], inFolder, time);
}

/** A tar.gz archive with the files and all their folders, in the form that dpkg expects. */
export function tarGzTree(files: readonly ArchivedFile[], time: number): Promise<Bytes> {
  const folders = files.flatMap(({ path }) =>
    path.split("/").map((_, end, names) =>
      `./${names.slice(0, end).map((name) => `${name}/`).join("")}`
    )
  );
  const named = files.map((file) => ({ ...file, path: `./${file.path}` }));
  return tarGzWith([...new Set(folders)].sort(), named, time);
}

async function tarGzWith(
  folders: readonly string[],
  files: readonly ArchivedFile[],
  time: number,
): Promise<Bytes> {
  const fixed = { uid: 0, gid: 0, mtime: new Date(time * 1000) };
  const entries = files.map(({ path, content, isExecutable }) => ({
    header: {
      ...fixed,
      name: path,
      type: "file" as const,
      mode: modeOf(isExecutable),
      size: content.length,
    },
    body: content,
  }));
  const parents = folders.map((name) => ({
    header: { ...fixed, name, type: "directory" as const, mode: 0o755, size: 0 },
  }));
  return await gzip(new Uint8Array(await packTar([...parents, ...entries])));
}

/** Compresses bytes. */
export async function gzip(content: Bytes): Promise<Bytes> {
  return new Uint8Array(await promisify(zlib.gzip)(content, LEVEL));
}

/** A zip archive. `time` is in seconds since 1970. */
export function zip(files: readonly ArchivedFile[], time: number): Bytes {
  const entries: Record<string, [Bytes, ZipOptions]> = {};
  for (const { path, content, isExecutable } of files) {
    entries[path] = [content, { attrs: (0o100000 | modeOf(isExecutable)) << 16 }];
  }
  return zipSync(entries, { ...LEVEL, os: UNIX, mtime: noonOf(time) });
}

function modeOf(isExecutable: boolean): number {
  return isExecutable ? 0o755 : 0o644;
}

/** Noon of a day, because times in zip archives have no zone: the same in every zone, even when the clocks change. */
function noonOf(time: number): Date {
  const date = new Date(time * 1000);
  return new Date(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate(), 12);
}
