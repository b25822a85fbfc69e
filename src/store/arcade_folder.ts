import { Failure } from "../failure.ts";

/** The environment variables that decide where the user's files are. */
export interface FolderEnvironment {
  readonly HOME?: string | undefined;
  readonly USERPROFILE?: string | undefined;
  readonly ARCADE_WORK_DIR?: string | undefined;
}

/**
 * The folder that holds the user's Arcade files: `.arcade` in `$ARCADE_WORK_DIR` or in the home folder, the same one
 * that the Python CLI uses (design, files on the user's machine). It need not exist yet.
 *
 * @throws {Failure} of kind `file` when no home folder is known.
 */
export function arcadeFolder(environment: FolderEnvironment): string {
  const parent = environment.ARCADE_WORK_DIR || environment.HOME || environment.USERPROFILE;
  if (!parent) {
    throw new Failure("file", "The home folder is not known", {
      next: "Set HOME, or ARCADE_WORK_DIR to the folder that shall hold .arcade",
    });
  }
  return `${parent.replace(/[/\\]+$/, "")}/.arcade`;
}
