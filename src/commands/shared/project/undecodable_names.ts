/** Names that are not UTF-8. The runtime leaves them out when it lists a folder, or changes them. */

import { Failure } from "../../../failure.ts";

/** Prints the names in the folders `$@` that are not plain ASCII. */
const PRINT =
  `IFS=; any='*[! -~]*'; for folder; do for file in "$folder"/$any "$folder"/.$any; do ` +
  `printf '%s\\0' "$file"; done; done`;
/** How much of the paths of folders a command line gets. */
const MAX_LENGTH = 100_000;

/**
 * The paths in these folders whose names are not UTF-8, with U+FFFD for what cannot be decoded. None on Windows, where names are
 * no bytes.
 *
 * @throws {Failure} of kind `file` when there is no shell to list them.
 */
export async function findUndecodableNames(
  folders: readonly string[],
  os: string,
): Promise<string[]> {
  if (os === "windows") return [];
  const found: string[] = [];
  let length = 0;
  let some: string[] = [];
  for (const folder of [...folders, undefined]) {
    if (folder === undefined || length > MAX_LENGTH) {
      found.push(...undecodable(await list(some)));
      length = 0;
      some = [];
    }
    length += folder?.length ?? 0;
    if (folder !== undefined) some.push(folder);
  }
  return found;
}

async function list(folders: readonly string[]): Promise<Uint8Array> {
  let cause: unknown;
  try {
    const { success, stdout } = await new Deno.Command("/bin/sh", {
      args: ["-c", PRINT, "sh", ...folders],
      clearEnv: true,
      env: { LC_ALL: "C" }, // a pattern is about bytes then
      stdin: "null",
      stderr: "null",
    }).output();
    if (success) return stdout;
  } catch (error) {
    cause = error;
  }
  throw new Failure("file", "Cannot list the names of files with /bin/sh", {
    next: "Check that the system has a shell",
    cause,
  });
}

function undecodable(output: Uint8Array): string[] {
  const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const lossy = new TextDecoder("utf-8", { ignoreBOM: true });
  const found: string[] = [];
  for (let start = 0, end = 0; (end = output.indexOf(0, start)) >= 0; start = end + 1) {
    const path = output.subarray(start, end);
    try {
      strict.decode(path);
    } catch {
      found.push(lossy.decode(path));
    }
  }
  return found;
}
