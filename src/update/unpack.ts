/** The executable in the archive of a release. */

import { unzipSync } from "fflate/browser";
import { unpackTar } from "modern-tar";

type Bytes = Uint8Array<ArrayBuffer>;

/** Undefined if the archive has no such file. Rejects if it is not an archive. */
export async function fileInTarGz(archive: Bytes, path: string): Promise<Bytes | undefined> {
  const tar = new Blob([archive]).stream().pipeThrough(new DecompressionStream("gzip"));
  const entries = await unpackTar(tar, {
    filter: ({ name, type }) => name === path && type === "file",
  });
  const data = entries[0]?.data;
  return data && new Uint8Array(data);
}

/** A file of a zip archive. Undefined if it has no such file. Throws if it is not an archive. */
export function fileInZip(archive: Bytes, path: string): Bytes | undefined {
  return unzipSync(archive, { filter: ({ name }) => name === path })[path];
}
