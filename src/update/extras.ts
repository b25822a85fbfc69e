/** The man pages and completions that the installer puts beside the executable on request (scripts/release/install.sh). */

import { pathIn, splitPath } from "../system/paths.ts";
import { removeIfThere, replaceFile } from "../files/replace_file.ts";
import { fileFailure } from "../system/system_failure.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** All users of the machine can read them, as after the installer. */
const MODE = 0o644;
/** Where completions go below the folder `share`, by their names in the archive of a release. */
const COMPLETIONS: ReadonlyMap<string, string> = new Map([
  ["arcade.bash", "bash-completion/completions/arcade"],
  ["arcade.fish", "fish/vendor_completions.d/arcade.fish"],
  ["_arcade", "zsh/site-functions/_arcade"],
]);

/**
 * Replaces the man pages and completions by those of an archive, and removes those that it no longer has.
 *
 * @param files the files of the archive, by their paths in its folder.
 * @throws {Failure} of kind `file` when one cannot be written; the others are new then.
 */
export function renewExtras(receipt: string, files: ReadonlyMap<string, Bytes>): void {
  const before = installed(receipt);
  const share = before.flatMap((path) => /^(.*)\/man\/man1\/[^/]+$/.exec(path)?.[1] ?? [])[0];
  if (share === undefined) return;
  const wanted = new Map<string, Bytes>();
  for (const [name, content] of files) {
    const path = placeOf(name);
    if (path !== undefined) wanted.set(`${share}/${path}`, content);
  }
  // The list comes first: what is in it and missing does no harm.
  writeList(receipt, new Set([...before, ...wanted.keys()]));
  for (const [path, content] of wanted) write(path, content);
  for (const path of before) if (!wanted.has(path)) removeIfThere(path);
  writeList(receipt, new Set(wanted.keys()));
}

function writeList(receipt: string, paths: ReadonlySet<string>): void {
  const lines = [...paths].map((path) => `${path}\n`).join("");
  write(listOf(receipt), new TextEncoder().encode(lines));
}

/** Where a file of the archive goes below `share`; undefined for others. */
function placeOf(name: string): string | undefined {
  const [, page] = /^man\/([\w.-]+\.1)$/.exec(name) ?? [];
  if (page !== undefined) return `man/man1/${page}`;
  return COMPLETIONS.get(name.replace(/^completions\//, ""));
}

function write(path: string, content: Bytes): void {
  const { folder } = splitPath(path);
  try {
    Deno.mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw fileFailure("create", folder, error);
  }
  replaceFile(path, content, { mode: MODE, isSynced: false });
  try {
    Deno.chmodSync(path, MODE); // the umask reduces the mode of new files
  } catch (error) {
    throw fileFailure("write", path, error);
  }
}

/** The paths of those that are installed. */
function installed(receipt: string): string[] {
  try {
    return Deno.readTextFileSync(listOf(receipt)).split("\n").filter((line) => line !== "");
  } catch {
    return []; // no list means that no extras were installed
  }
}

function listOf(receipt: string): string {
  return pathIn(splitPath(receipt).folder, "extras");
}
