import { Failure } from "../failure.ts";

/** The environment variables that decide where the user's files are. */
export interface FolderEnvironment {
  readonly HOME?: string | undefined;
  readonly USERPROFILE?: string | undefined;
  readonly ARCADE_WORK_DIR?: string | undefined;
}

/**
 * The folder that holds the user's Arcade files, the same one that the Python CLI uses (docs/contracts.md,
 * Folder): `.arcade` in the home folder, or in `$ARCADE_WORK_DIR`. Newer versions of the Python CLI take
 * `$ARCADE_WORK_DIR` itself, so where credentials lie in it already, it is that. It need not exist yet.
 *
 * @throws {Failure} of kind `file` when no home folder is known.
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

/** A path in which `~` at the beginning stands for the home folder, as shells leave it in a variable. */
export function fromHome(path: string, home: string | undefined): string {
  return path.replace(/^~(?=$|[/\\])/, () => home ?? "~");
}

/** A path that means the same in every working directory. */
export function absolutePath(path: string): string {
  return /^(?:[a-z]:)?[/\\]/i.test(path) ? path : `${Deno.cwd()}/${path}`;
}

function isThere(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false; // what stands in the way is reported when the file is used
  }
}
