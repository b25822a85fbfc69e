import { fileFailure } from "../system/system_failure.ts";
import { pathIn, splitPath } from "../system/paths.ts";
import { sleep } from "../system/waiting.ts";
import { TEMPORARY, untilFree, writeNewFile } from "./replace_file.ts";

/**
 * Creates a folder with files, which is complete as soon as it exists: a temporary folder next to it gets its name. It and its
 * files are as readable for others as the user's mask says.
 *
 * @param path an absolute path.
 * @param files texts by their paths in the folder, with `/` between their parts.
 * @returns false if there is something at the path, even a link to nothing.
 * @throws {Failure} of kind `file`; the reason of the signal. Nothing is left then.
 */
export async function createFolder(
  path: string,
  files: Iterable<readonly [path: string, text: string]>,
  signal: AbortSignal,
): Promise<boolean> {
  const { folder, name } = splitPath(path);
  const temporary = pathIn(folder, `.${name}.${crypto.randomUUID()}${TEMPORARY}`);
  try {
    Deno.mkdirSync(temporary);
    for (const [file, text] of files) {
      await sleep(0, signal); // lets a signal in
      const whole = pathIn(temporary, file);
      Deno.mkdirSync(splitPath(whole).folder, { recursive: true });
      writeNewFile(whole, new TextEncoder().encode(text), { mode: 0o666 });
    }
    await sleep(0, signal);
    return takeName(temporary, path);
  } catch (error) {
    signal.throwIfAborted();
    throw fileFailure("create", path, error);
  } finally {
    removeFolder(temporary);
  }
}

/** Gives a folder its name, unless there is something with that name. */
function takeName(temporary: string, path: string): boolean {
  try {
    // A rename would replace an empty folder of another process. This one is ours.
    Deno.mkdirSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return false;
    throw error;
  }
  try {
    // Windows replaces no folder, so another process may take the name at this moment. The rename fails then.
    if (Deno.build.os === "windows") Deno.removeSync(path);
    untilFree(() => Deno.renameSync(temporary, path));
    return true;
  } catch (error) {
    removeEmpty(path);
    throw error;
  }
}

function removeEmpty(path: string): void {
  try {
    Deno.removeSync(path);
  } catch {
    // another process has put something into it, which is kept
  }
}

function removeFolder(path: string): void {
  try {
    Deno.removeSync(path, { recursive: true });
  } catch {
    // it has its name, or the original failure is the one to report
  }
}
