/** Where the files of a client are on one machine. */

import type { Environment } from "../contract/variables.ts";
import { splitPath } from "../system/paths.ts";
import type { Client, ClientOs, Place, Scope, UserFile } from "./clients.ts";

/** The settings that decide where a user's files are. */
export interface UserFolders {
  readonly os: ClientOs;
  readonly home: string | undefined;
  readonly env: Environment;
  /** The separator of paths. Those of Windows have slashes in WSL. */
  readonly separator: "/" | "\\";
  readonly isFolder: (path: string) => boolean;
}

/** A machine with clients. */
export interface Machine {
  readonly own: UserFolders;
  readonly isInWsl: boolean;
  /** The folders on Windows, when arcade is in WSL and Windows reports them. */
  readonly windows: UserFolders | undefined;
  /** The folder of the project. */
  readonly project: string;
}

/** The paths of the files of a client that can have an entry, the one for a new entry first; none without such files. */
export function pathsOf(client: Client, scope: Scope, machine: Machine): string[] {
  if (scope === "project") {
    return (client.project ?? []).map((path) => join(machine.project, path, machine.own));
  }
  const folders = isAcross(client, scope, machine) ? machine.windows : machine.own;
  if (folders === undefined) return [];
  const files = client.user?.[folders.os] ?? [];
  return [...new Set(files.flatMap((file) => pathOf(file, folders) ?? []))];
}

/** Whether a client has its user files on Windows while arcade is in WSL. */
export function isAcross(client: Client, scope: Scope, { isInWsl }: Machine): boolean {
  return scope === "user" && client.isOnWindows === true && isInWsl;
}

/** Whether a client seems to be installed: it is on PATH, or its file or folder exists. */
export function isInstalled(
  client: Client,
  machine: Machine,
  { isProgram, exists }: {
    readonly isProgram: (name: string) => boolean;
    readonly exists: (path: string) => boolean;
  },
): boolean {
  if (client.programs.some(isProgram)) return true;
  const homes = [machine.own.home, machine.windows?.home];
  return pathsOf(client, "user", machine).some((path) => {
    const { folder } = splitPath(path);
    return exists(path) || (!homes.includes(folder) && exists(folder));
  });
}

function pathOf(file: UserFile, folders: UserFolders): string | undefined {
  for (const place of file) {
    const folder = folderOf(place, folders);
    if (folder === undefined) continue;
    const { path, ifFolder } = place;
    if (ifFolder !== undefined && !folders.isFolder(join(folder, ifFolder, folders))) continue;
    return path === "" ? folder : join(folder, path, folders);
  }
}

function folderOf({ variable }: Place, { home, env }: UserFolders): string | undefined {
  const folder = variable === undefined ? home : env[variable];
  return folder !== undefined && /^(?:[a-z]:)?[/\\]/i.test(folder)
    ? folder.replace(/(?<=.)[/\\]+$/, "")
    : undefined;
}

function join(folder: string, path: string, { separator }: UserFolders): string {
  return `${folder}${separator}${path.replaceAll("/", separator)}`;
}
