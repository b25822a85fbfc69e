/** Replaces this executable with a new one. */

import { Failure } from "../failure.ts";
import { pathIn, splitPath } from "../system/paths.ts";
import { removeIfThere, untilFree, writeNewFile } from "../files/replace_file.ts";
import { fileFailure } from "../system/system_failure.ts";

type Sleep = (milliseconds: number) => Promise<void>;
type Bytes = Uint8Array<ArrayBuffer>;

/**
 * Replaces an executable. The new one must first run and report its version. If anything fails, the old one is kept. The caller holds
 * the lock of updates.
 *
 * @throws {Failure} of kind `file`.
 */
export async function replaceExecutable(
  executable: string,
  content: Bytes,
  { version, isWindows, sleep }: {
    readonly version: string;
    readonly isWindows: boolean;
    readonly sleep: Sleep;
  },
): Promise<void> {
  // Next to it, for a rename within one file system.
  const staged = `${executable}.new${isWindows ? ".exe" : ""}`;
  removeIfThere(staged); // of an update that was killed
  try {
    write(staged, content);
    const found = await versionOf(staged, sleep);
    if (found !== version) {
      throw new Failure("file", `The new arcade does not run on this machine`, {
        next:
          "Nothing was changed. It may need a newer system, or a folder from which programs are allowed to run",
      });
    }
    if (isWindows) swap(staged, executable);
    else untilFree(() => Deno.renameSync(staged, executable));
  } catch (error) {
    removeIfThere(staged);
    throw error instanceof Failure ? error : fileFailure("write", executable, error);
  }
}

function write(path: string, content: Bytes): void {
  try {
    writeNewFile(path, content, { mode: 0o755 });
    // The umask reduces the mode above.
    if (Deno.build.os !== "windows") Deno.chmodSync(path, 0o755);
  } catch (error) {
    throw fileFailure("write", path, error);
  }
}

/** How often, and with which pause, a program is started that is still open for writing. */
const STARTS = 100;
const PAUSE_MS = 20;
/** ETXTBSY: a process that was started in the meantime inherited the descriptor, until it becomes another program. */
const STILL_WRITTEN = /\(os error 26\)/;

/** The version that an executable reports; undefined if it does not run. */
export async function versionOf(executable: string, sleep: Sleep): Promise<string | undefined> {
  for (let start = 1;; start++) {
    try {
      const { success, stdout } = await new Deno.Command(executable, {
        args: ["--version"],
        stdin: "null",
        stderr: "null",
      }).output();
      return success ? new TextDecoder().decode(stdout).trim() : undefined;
    } catch (error) {
      if (start === STARTS || !STILL_WRITTEN.test(String(error))) return undefined;
      await sleep(PAUSE_MS);
    }
  }
}

/**
 * Replaces a running executable, which can only be renamed on Windows. The old executable gets its
 * name back if the rename of the new one fails.
 */
function swap(staged: string, executable: string): void {
  const { folder, name } = splitPath(executable);
  for (const { name: other } of Deno.readDirSync(folder)) {
    // Those of earlier updates have ended by now.
    if (other.startsWith(`${name}.old-`)) removeIfThere(pathIn(folder, other));
  }
  const old = `${executable}.old-${Deno.pid}`;
  untilFree(() => Deno.renameSync(executable, old));
  try {
    untilFree(() => Deno.renameSync(staged, executable));
  } catch (error) {
    putBack(old, executable);
    throw error;
  }
}

function putBack(old: string, executable: string): void {
  try {
    untilFree(() => Deno.renameSync(old, executable));
  } catch (error) {
    throw new Failure("file", `Cannot move ${old} back to ${executable}`, {
      next: "Rename it yourself; it is your previous arcade",
      cause: error,
    });
  }
}
