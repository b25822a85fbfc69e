/** The executable in the archive of a release. */

import { unpackTar } from "modern-tar";

type Bytes = Uint8Array<ArrayBuffer>;

/** Undefined if the archive has no such file. Rejects if it is no archive. */
export async function fileInTarGz(archive: Bytes, path: string): Promise<Bytes | undefined> {
  const tar = new Blob([archive]).stream().pipeThrough(new DecompressionStream("gzip"));
  const entries = await unpackTar(tar, {
    filter: ({ name, type }) => name === path && type === "file",
  });
  const data = entries[0]?.data;
  return data && new Uint8Array(data);
}

const END = 0x06054b50;
const END_BYTES = 22;
const ENTRY = 0x02014b50;
const ENTRY_BYTES = 46;
const LOCAL_BYTES = 30;
const DEFLATE = 8;

/**
 * A file of a zip archive without comment (PKWARE APPNOTE 6.3), as releases have them. Undefined if it has no such file.
 * Rejects if it is no archive.
 */
export async function fileInZip(archive: Bytes, path: string): Promise<Bytes | undefined> {
  const view = new DataView(archive.buffer, archive.byteOffset, archive.byteLength);
  const end = archive.length - END_BYTES;
  if (view.getUint32(end, true) !== END) throw new RangeError("No zip archive");
  let at = view.getUint32(end + 16, true);
  for (let left = view.getUint16(end + 10, true); left > 0; left--) {
    if (view.getUint32(at, true) !== ENTRY) throw new RangeError("No entry of a zip archive");
    const [nameBytes = 0, extraBytes = 0, commentBytes = 0] = [28, 30, 32].map((field) =>
      view.getUint16(at + field, true)
    );
    const name = archive.subarray(at + ENTRY_BYTES, at + ENTRY_BYTES + nameBytes);
    if (new TextDecoder().decode(name) === path) {
      const start = view.getUint32(at + 42, true);
      const local = [26, 28].map((field) => view.getUint16(start + field, true));
      const content = start + LOCAL_BYTES + local.reduce((sum, length) => sum + length);
      const packed = archive.slice(content, content + view.getUint32(at + 20, true));
      if (view.getUint16(at + 10, true) !== DEFLATE) throw new RangeError("Not deflated");
      const unpacked = new Blob([packed]).stream()
        .pipeThrough(new DecompressionStream("deflate-raw"));
      return await new Response(unpacked).bytes();
    }
    at += ENTRY_BYTES + nameBytes + extraBytes + commentBytes;
  }
}
