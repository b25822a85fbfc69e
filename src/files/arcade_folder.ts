import { Failure } from "../failure.ts";
import { pathIn } from "../system/paths.ts";

/** The environment variables that determine the user's folders. */
export interface FolderEnvironment {
  readonly HOME?: string | undefined;
  readonly USERPROFILE?: string | undefined;
  readonly ARCADE_WORK_DIR?: string | undefined;
}

/**
 * The folder that holds the user's Arcade files, the same one that the Python CLI uses (docs/contracts.md, Folder):
 * `$ARCADE_WORK_DIR`, or else `.arcade` in the home folder. It may not exist yet.
 *
 * @throws {Failure} of kind `file` when the home folder is unknown.
 */
export function arcadeFolder(environment: FolderEnvironment): string {
  const home = homeFolder(environment);
  const folder = environment.ARCADE_WORK_DIR
    ? fromHome(environment.ARCADE_WORK_DIR, home)
    : home && pathIn(home.replace(FINAL_SLASHES, ""), ".arcade");
  if (!folder) {
    throw new Failure("file", "Unknown home folder", {
      next: "Set HOME, or set ARCADE_WORK_DIR to a folder for your Arcade files",
    });
  }
  return folder.replace(FINAL_SLASHES, "");
}

/** The folder of the registrations of local Arcades (running.ts) in an Arcade folder. */
export function runningFolder(folder: string): string {
  return pathIn(folder, "running");
}

/** Whether a local Arcade has registered itself. It may have been killed since. */
export function hasRunning(folder: string): boolean {
  try {
    return [...Deno.readDirSync(runningFolder(folder))].some(({ name }) =>
      /^\d+\.json$/.test(name)
    );
  } catch {
    return false; // nothing was ever registered, or the folder is unreadable
  }
}

const FINAL_SLASHES = /(?<=.)[/\\]+$/;

/** The home folder, if it is known. On Windows some shells set HOME to their own folder. */
export function homeFolder(
  { HOME, USERPROFILE }: FolderEnvironment,
  os = Deno.build.os,
): string | undefined {
  return (os === "windows" ? USERPROFILE || HOME : HOME || USERPROFILE) || undefined;
}

/** Expands a leading `~` to the home folder, because shells do not expand it in variables. */
export function fromHome(path: string, home: string | undefined): string {
  return path.replace(/^~(?=$|[/\\])/, () => home ?? "~");
}
