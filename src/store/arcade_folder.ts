import { Failure } from "../failure.ts";

/** The environment variables that determine the user's folders. */
export interface FolderEnvironment {
  readonly HOME?: string | undefined;
  readonly USERPROFILE?: string | undefined;
  readonly ARCADE_WORK_DIR?: string | undefined;
}

/**
 * The folder that holds the user's Arcade files, the same one that the Python CLI uses (docs/contracts.md,
 * Folder): `.arcade` in the home folder, or in `$ARCADE_WORK_DIR`. Newer versions of the Python CLI use
 * `$ARCADE_WORK_DIR` itself, so if that contains credentials, it is the folder. It may not exist yet.
 *
 * @throws {Failure} of kind `file` when the home folder is unknown.
 */
export function arcadeFolder(environment: FolderEnvironment): string {
  const home = environment.HOME || environment.USERPROFILE;
  const workDir = environment.ARCADE_WORK_DIR && fromHome(environment.ARCADE_WORK_DIR, home);
  const parent = (workDir || home)?.replace(/(?<=.)[/\\]+$/, "");
  if (!parent) {
    throw new Failure("file", "Unknown home folder", {
      next: "Set HOME, or set ARCADE_WORK_DIR to the folder that holds .arcade",
    });
  }
  return workDir && isThere(`${parent}/credentials.yaml`) ? parent : `${parent}/.arcade`;
}

/** Expands a leading `~` to the home folder, because shells do not expand it in variables. */
export function fromHome(path: string, home: string | undefined): string {
  return path.replace(/^~(?=$|[/\\])/, () => home ?? "~");
}

/** Makes a path absolute. */
export function absolutePath(path: string): string {
  return /^(?:[a-z]:)?[/\\]/i.test(path) ? path : `${Deno.cwd()}/${path}`;
}

function isThere(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false; // the caller will report the error
  }
}
