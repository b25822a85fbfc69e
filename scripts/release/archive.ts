/** Makes reproducible archives: the same files give the same bytes. */

import { promisify } from "node:util";
import * as zlib from "node:zlib";
import { packTar } from "modern-tar";

type Bytes = Uint8Array<ArrayBuffer>;

export interface ArchivedFile {
  readonly path: string;
  readonly content: Bytes;
  readonly isExecutable: boolean;
}

const LEVEL = { level: 9 };

/** A tar.gz archive with the files in a folder. `time` is in seconds since 1970. */
export async function tarGz(
  folder: string,
  files: readonly ArchivedFile[],
  time: number,
): Promise<Bytes> {
  const fixed = { uid: 0, gid: 0, mtime: new Date(time * 1000) };
  const entries = files.map(({ path, content, isExecutable }) => ({
    header: {
      ...fixed,
      name: `${folder}/${path}`,
      type: "file" as const,
      mode: modeOf(isExecutable),
      size: content.length,
    },
    body: content,
  }));
  const top = { ...fixed, name: `${folder}/`, type: "directory" as const, mode: 0o755, size: 0 };
  const archive = await packTar([{ header: top }, ...entries]);
  return new Uint8Array(await promisify(zlib.gzip)(archive, LEVEL));
}

/** A zip archive (PKWARE APPNOTE 6.3). `time` is in seconds since 1970. */
export async function zip(files: readonly ArchivedFile[], time: number): Promise<Bytes> {
  const locals: Bytes[] = [];
  const directory: Bytes[] = [];
  let offset = 0;
  for (const { path, content, isExecutable } of files) {
    const name = new TextEncoder().encode(path);
    const packed = new Uint8Array(await promisify(zlib.deflateRaw)(content, LEVEL));
    const common = fields([
      [2, 20], // the version that unpacks it: 2.0, for deflate
      [2, 0x800], // names are UTF-8
      [2, 8], // deflate
      [4, dosTime(time)],
      [4, zlib.crc32(content)],
      [4, packed.length],
      [4, content.length],
      [2, name.length],
      [2, 0],
    ]);
    const local = [fields([[4, 0x04034b50]]), common, name, packed];
    directory.push(
      fields([[4, 0x02014b50], [2, 0x0314]]), // made on Unix, with Unix modes
      common,
      fields([[2, 0], [2, 0], [2, 0], [4, (0o100000 | modeOf(isExecutable)) * 0x10000]]),
      fields([[4, offset]]),
      name,
    );
    locals.push(...local);
    offset += lengthOf(local);
  }
  const end = fields([
    [4, 0x06054b50],
    [4, 0],
    [2, files.length],
    [2, files.length],
    [4, lengthOf(directory)],
    [4, offset],
    [2, 0],
  ]);
  return new Uint8Array(await new Blob([...locals, ...directory, end]).arrayBuffer());
}

function modeOf(isExecutable: boolean): number {
  return isExecutable ? 0o755 : 0o644;
}

/** A time in UTC in DOS format, in units of two seconds: the date in the upper half, and the time of day. */
function dosTime(time: number): number {
  const date = new Date(time * 1000);
  const day = (date.getUTCFullYear() - 1980) << 9 | (date.getUTCMonth() + 1) << 5 |
    date.getUTCDate();
  const clock = date.getUTCHours() << 11 | date.getUTCMinutes() << 5 | date.getUTCSeconds() >> 1;
  return day * 0x10000 + clock;
}

/** Numbers of 2 or 4 bytes, little-endian. */
function fields(numbers: readonly (readonly [size: 2 | 4, value: number])[]): Bytes {
  const bytes = new Uint8Array(numbers.reduce((sum, [size]) => sum + size, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const [size, value] of numbers) {
    if (size === 2) view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
    at += size;
  }
  return bytes;
}

function lengthOf(parts: readonly Bytes[]): number {
  return parts.reduce((sum, { length }) => sum + length, 0);
}
