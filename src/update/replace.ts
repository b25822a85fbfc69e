/** Puts a new executable in the place of this one. */

import { Failure } from "../failure.ts";
import { fileFailure } from "../files/private_file.ts";

type Sleep = (milliseconds: number) => Promise<void>;
type Bytes = Uint8Array<ArrayBuffer>;

/**
 * Replaces an executable. The new one must run and tell its version first. Whatever fails, the old one stays. The caller holds
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
  // Beside it, for a rename within one file system.
  const staged = `${executable}.new${isWindows ? ".exe" : ""}`;
  remove(staged); // of an update that was killed
  try {
    write(staged, content);
    const found = await versionOf(staged, sleep);
    if (found !== version) {
      throw new Failure("file", `The new arcade does not run on this machine`, {
        next:
          "Nothing was changed. It may need a newer system, or a folder from which programs may run",
      });
    }
    if (isWindows) putAside(executable);
    rename(staged, executable);
  } catch (error) {
    remove(staged);
    throw error;
  }
}

function write(path: string, content: Bytes): void {
  try {
    const file = Deno.openSync(path, { write: true, createNew: true, mode: 0o755 });
    try {
      for (let written = 0; written < content.length;) {
        written += file.writeSync(content.subarray(written));
      }
      file.syncSync();
    } finally {
      file.close();
    }
    // The mode above loses what the umask takes.
    if (Deno.build.os !== "windows") Deno.chmodSync(path, 0o755);
  } catch (error) {
    throw fileFailure("write", path, error);
  }
}

/** How often, and with which pause, a program is started that is still open for writing. */
const STARTS = 100;
const PAUSE_MS = 20;
/** ETXTBSY: a process that was started meanwhile has inherited the descriptor, until it becomes another program. */
const STILL_WRITTEN = /\(os error 26\)/;

/** What an executable tells as its version; undefined if it does not run. */
async function versionOf(executable: string, sleep: Sleep): Promise<string | undefined> {
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

/** A running executable cannot be replaced on Windows, but renamed. Those of earlier updates have ended by now. */
function putAside(executable: string): void {
  const [folder, name] = [executable.replace(/[^\\/]+$/, ""), executable.replace(/^.*[\\/]/, "")];
  for (const { name: other } of Deno.readDirSync(folder)) {
    if (other.startsWith(`${name}.old-`)) remove(folder + other);
  }
  rename(executable, `${executable}.old-${Deno.pid}`);
}

function rename(from: string, to: string): void {
  try {
    Deno.renameSync(from, to);
  } catch (error) {
    throw fileFailure("write", to, error);
  }
}

function remove(path: string): void {
  try {
    Deno.removeSync(path);
  } catch {
    // it does not exist, or is still running
  }
}
