/** The files in the archive of a release. */

import { unzipSync } from "fflate/browser";
import { unpackTar } from "modern-tar";

type Bytes = Uint8Array<ArrayBuffer>;

/** The files in a folder of an archive, by their paths there. Rejects if it is not an archive. */
export async function filesInTarGz(archive: Bytes, folder: string): Promise<Map<string, Bytes>> {
  const tar = new Blob([archive]).stream().pipeThrough(new DecompressionStream("gzip"));
  const entries = await unpackTar(tar, {
    filter: ({ name, type }) => name.startsWith(`${folder}/`) && type === "file",
  });
  return new Map(
    entries.flatMap(({ header: { name }, data }) =>
      data === undefined ? [] : [[name.slice(folder.length + 1), new Uint8Array(data)]]
    ),
  );
}

/** A file of a zip archive. Undefined if it has no such file. Throws if it is not an archive. */
export function fileInZip(archive: Bytes, path: string): Bytes | undefined {
  return unzipSync(archive, { filter: ({ name }) => name === path })[path];
}
