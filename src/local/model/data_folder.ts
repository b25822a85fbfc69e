/**
 * The folder of the local Arcade: private to its owner, and used by one process at a time.
 */

import { pathIn, splitPath } from "../../system/paths.ts";
import { regularFile } from "../../files/private_file.ts";
import { syncFolder, writeNewFile } from "../../files/replace_file.ts";
import { shellWord } from "../../text/shell_word.ts";

const KEY_BYTES = 32;
const HOME = "home";
const SERVERS = "servers";

/** The files in the data folder. */
export function dataFiles(
  dataDir: string,
): Readonly<
  Record<"address" | "database" | "environment" | "key" | "lock" | "mark" | "socket", string>
> {
  return {
    address: pathIn(dataDir, "arcade.address"),
    database: pathIn(dataDir, "arcade.db"),
    environment: pathIn(dataDir, "env.json"),
    key: pathIn(dataDir, "encryption.key"),
    lock: pathIn(dataDir, "arcade.lock"),
    mark: pathIn(dataDir, "ephemeral"),
    socket: pathIn(dataDir, "arcade.sock"),
  };
}

/** The Arcade folder of a login at this local Arcade, separate from the user's own. */
export function homeFolder(dataDir: string): string {
  return pathIn(dataDir, HOME);
}

/** The files of the servers that were deployed. */
export function serversFolder(dataDir: string): string {
  return pathIn(dataDir, SERVERS);
}

/**
 * The data folder of a user without `--data`: `local` in the Arcade folder. In a terminal with the variables of a local Arcade,
 * the Arcade folder is the home in its data folder, and the result is that data folder.
 *
 * @throws {Failure} of kind `file` when a file's path is not a regular file.
 *
 * @example
 * ```ts
 * defaultDataFolder("/home/me/.arcade"); // "/home/me/.arcade/local"
 * defaultDataFolder("/home/me/.arcade/local/home"); // "/home/me/.arcade/local"
 * ```
 */
export function defaultDataFolder(arcadeFolder: string): string {
  const { folder, name } = splitPath(arcadeFolder.replace(/[/\\]\.arcade$/, ""));
  const isHome = name === HOME && regularFile(dataFiles(folder).lock) !== undefined;
  return isHome ? folder : pathIn(arcadeFolder, "local");
}

/** Restricts a folder to its owner, on a system without modes. Throws when the system refuses. */
export type Restrict = (folder: string) => Promise<void>;

/**
 * Creates the data folder with mode 0700. An existing folder keeps its mode, because it may be the user's
 * own; the files in it are private anyway. Throws when another user can change its content, or has changed it: a link
 * could redirect to another file, a pipe would block, and a key could be known to its creator.
 *
 * @returns its path without links.
 */
export async function ensureOwnFolder(path: string, restrict?: Restrict): Promise<string> {
  await Deno.mkdir(path, { recursive: true, mode: 0o700 });
  const folder = await Deno.realPath(path);
  await restrict?.(folder);
  const info = await Deno.lstat(folder);
  if (grants(info, 0o022)) {
    throw new Error(`other users can write to it; run \`chmod go-w ${shellWord(folder)}\``);
  }
  const uid = await ownUid(folder);
  requireOwner(folder, { info, uid });
  for (const file of regularFiles(folder)) {
    if (!regularFile(file)) continue;
    const info = await Deno.lstat(file);
    requireOwner(file, { info, uid });
    if ((info.nlink ?? 1) > 1) throw new Error(`${file} is a hard link`);
  }
  for (const path of [homeFolder(folder), serversFolder(folder)]) {
    const info = await Deno.lstat(path).catch(unlessNotFound);
    if (info === undefined) continue;
    if (!info.isDirectory) throw new Error(`${path} is not a folder`);
    requireOwner(path, { info, uid });
  }
  return folder;
}

/** The files that this program creates in the data folder, except the socket. */
function regularFiles(folder: string): string[] {
  const { address, database, environment, key, lock } = dataFiles(folder);
  const ofDatabase = ["", "-wal", "-shm", "-journal"].map((end) => database + end);
  return [address, environment, lock, key, ...ofDatabase];
}

/** All files and folders of a local Arcade in its data folder except the lock, the database first. */
export function dataPaths(folder: string): string[] {
  const { lock, socket } = dataFiles(folder);
  const files = regularFiles(folder).filter((path) => path !== lock);
  return [...files.reverse(), socket, serversFolder(folder), homeFolder(folder)];
}

/** The owner of new files in a folder. Needs no permission, and works on network file systems too. */
async function ownUid(folder: string): Promise<number | null> {
  const path = await Deno.makeTempFile({ dir: folder, prefix: ".owner-" });
  try {
    return (await Deno.lstat(path)).uid;
  } finally {
    await Deno.remove(path);
  }
}

/** Whether a file or folder grants one of these permissions. Windows has no modes. */
export function grants({ mode }: Deno.FileInfo, permissions: number): boolean {
  return Deno.build.os !== "windows" && ((mode ?? 0) & permissions) !== 0;
}

function requireOwner(
  path: string,
  { info, uid }: { info: Deno.FileInfo; uid: number | null },
): void {
  if (info.uid !== uid) throw new Error(`${path} belongs to another user`);
}

/** Throws an error again, unless it says that there is no such file or folder. */
export function unlessNotFound(error: unknown): undefined {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}

/** Creates an empty file with mode 0600, or removes the access of others to an existing one. */
export async function ensurePrivateFile(path: string): Promise<void> {
  try {
    (await Deno.open(path, { write: true, createNew: true, mode: 0o600 })).close();
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    await setMode(path, 0o600);
  }
}

/**
 * The encryption key at `path`; undefined when it is missing or a crash interrupted its creation.
 */
export async function readKey(path: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const key = await Deno.readFile(path).catch(unlessNotFound);
  if (key?.length !== KEY_BYTES) return undefined;
  await setMode(path, 0o600);
  return key;
}

/** A random encryption key. */
export function newKey(): Uint8Array<ArrayBuffer> {
  return crypto.getRandomValues(new Uint8Array(KEY_BYTES));
}

/**
 * Creates a random encryption key, and syncs it to disk at `path` before its first use.
 */
export async function createKey(path: string): Promise<Uint8Array<ArrayBuffer>> {
  const key = newKey();
  await Deno.remove(path).catch(unlessNotFound);
  writeNewFile(path, key, { mode: 0o600 });
  syncFolder(path);
  return key;
}

async function setMode(path: string, mode: number): Promise<void> {
  if (Deno.build.os === "windows") return;
  const current = (await Deno.stat(path)).mode ?? 0;
  if ((current & 0o777) !== mode) await Deno.chmod(path, mode);
}

/** The longest path of a Unix socket on macOS; Linux allows four bytes more. */
const MAX_SOCKET_BYTES = 103;

/** The socket of a data folder; undefined on a system without them, and where its path is too long. */
export function socketIn(folder: string): string | undefined {
  const { socket } = dataFiles(folder);
  const bytes = new TextEncoder().encode(socket).length;
  return Deno.build.os === "windows" || bytes > MAX_SOCKET_BYTES ? undefined : socket;
}
