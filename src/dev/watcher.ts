/**
 * Watches the files of a server. If possible, the system reports changes, folder by folder, so that ignored folders are
 * not watched. The actual changes are found by comparing, because an editor writes a file in several steps, or renames a new
 * file over it.
 */

import { pacer, settlesWithin } from "../system/waiting.ts";

/** How long to wait for further changes before a change counts: an editor saves several files one after the other. */
const QUIET_MS = 100;
/** A change counts after this time even if others follow. */
const LONGEST_MS = 1000;
/** How often the folder is compared without a notification: it was renamed and recreated, or cannot be watched. */
const POLL_MS = 2000;
/** Comparing a large folder without a notification takes at most about this part of the time. */
const POLL_SHARE = 1 / 10;
/** More files and folders than any hand-written server has. */
const MAX_FILES = 20_000;

/** Folders without a server's source. Folders with a leading dot are ignored too. */
const FOLDERS = new Set([
  "__pycache__",
  "logs",
  "node_modules",
  "target",
  "venv",
]);
/** Files that a server or an editor writes while it runs. */
const FILES =
  /(?:~|\.(?:pyc|pyo|log|tmp|temp|sw[a-p]|bak|pid|lock|sock|sqlite3?|db|db-(?:wal|shm|journal)))$|^#.*#$|^4913$|\.log\.\d+$/i;

/** The fingerprint of a file: its size, its time and its inode. */
type Files = ReadonlyMap<string, string>;

/** The watched files and folders. */
interface Scan {
  readonly files: Files;
  /** With their inodes. */
  readonly folders: ReadonlyMap<string, string>;
}

export interface WatchOptions {
  /** Whether git ignores a path relative to the folder. Checked again in each comparison. */
  readonly ignores: () => (path: string, options: { readonly isFolder: boolean }) => boolean;
  /** Ends the watch. */
  readonly signal: AbortSignal;
  readonly sleep: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
}

/** Yields the paths that have changed in a folder, relative to it, until the signal is aborted. */
export async function* watch(
  folder: string,
  { ignores, signal, sleep }: WatchOptions,
): AsyncGenerator<readonly string[]> {
  await using signs = new Signs();
  let pauseMs = POLL_MS;
  const compare = async () => {
    const start = performance.now();
    const found = await scan(folder, ignores(), signal);
    pauseMs = Math.max(POLL_MS, (performance.now() - start) / POLL_SHARE);
    return found;
  };
  let last = await compare();
  signs.follow(last);
  let sign = signs.next();
  while (!signal.aborted) {
    await settlesWithin(pauseMs, sign, signal);
    const start = performance.now();
    while (!signal.aborted && performance.now() - start < LONGEST_MS) {
      const isQuiet = !await settlesWithin(QUIET_MS, signs.next(), signal);
      if (isQuiet) break;
      await sleep(1, signal).catch(() => {}); // many notifications arrive at once
    }
    if (signal.aborted) return;
    sign = signs.next(); // for changes from now on
    let now = await compare();
    if (difference(last.folders, now.folders).length > 0) {
      signs.follow(now);
      now = await compare(); // files that were added to a new folder before it was watched
    }
    if (signal.aborted) return;
    const changed = difference(last.files, now.files);
    last = now;
    if (changed.length > 0) yield changed;
  }
}

/** The watched files and folders. A missing or unreadable folder is empty. Incomplete when the signal is aborted. */
async function scan(
  root: string,
  ignores: ReturnType<WatchOptions["ignores"]>,
  signal: AbortSignal,
): Promise<Scan> {
  const pace = pacer();
  const files = new Map<string, string>();
  const folders = new Map<string, string>();
  const visit = async (folder: string, prefix: string): Promise<void> => {
    let entries: Deno.DirEntry[];
    try {
      const { dev, ino } = await Deno.stat(folder);
      entries = await Array.fromAsync(Deno.readDir(folder));
      folders.set(folder, `${dev}/${ino}`);
    } catch {
      return;
    }
    if (prefix !== "" && entries.some(({ name }) => name === "pyvenv.cfg")) {
      folders.delete(folder); // an environment of Python
      return;
    }
    for (const { name, isDirectory } of entries) {
      if (signal.aborted || files.size + folders.size >= MAX_FILES) return;
      await pace();
      const path = `${prefix}${name}`;
      if (isDirectory) {
        const isOther = FOLDERS.has(name) || name.startsWith(".");
        if (!isOther && !ignores(path, { isFolder: true })) {
          await visit(`${folder}/${name}`, `${path}/`);
        }
        continue;
      }
      if (path !== ".env" && (!counts(name) || ignores(path, { isFolder: false }))) continue;
      const info = await Deno.stat(`${folder}/${name}`).catch(() => undefined);
      if (!info?.isFile) continue;
      files.set(path, `${info.size} ${info.mtime?.getTime()} ${info.ino}`);
    }
  };
  await visit(root, "");
  return { files, folders };
}

/** Whether a file counts by its name. Those with a leading dot do not, except `.env` in the folder itself. */
function counts(name: string): boolean {
  return !name.startsWith(".") && !FILES.test(name);
}

function difference(before: Files, after: Files): string[] {
  const names = new Set([...before.keys(), ...after.keys()]);
  return [...names].filter((name) => before.get(name) !== after.get(name)).sort();
}

/** The system's notifications about changes in some folders. */
class Signs implements AsyncDisposable {
  #watcher: Deno.FsWatcher | undefined;
  #reading: Promise<void> = Promise.resolve();
  #next = Promise.withResolvers<void>();

  /** Settles at the next notification. */
  next(): Promise<void> {
    return this.#next.promise;
  }

  /** Watches these folders from now on. If that is impossible, only regular comparisons find changes. */
  follow({ folders }: Scan): void {
    const before = this.#watcher;
    this.#watcher = watcherOf([...folders.keys()]);
    before?.close();
    if (this.#watcher !== undefined) this.#reading = this.#read(this.#watcher);
  }

  async #read(watcher: Deno.FsWatcher): Promise<void> {
    try {
      for await (const { kind } of watcher) {
        if (kind === "access") continue;
        this.#next.resolve();
        this.#next = Promise.withResolvers();
      }
    } catch {
      // the folder is gone: the comparison finds it when it exists again
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#watcher?.close();
    await this.#reading;
  }
}

function watcherOf(folders: string[]): Deno.FsWatcher | undefined {
  try {
    return folders.length > 0 ? Deno.watchFs(folders, { recursive: false }) : undefined;
  } catch {
    return undefined; // one is gone already, or the system has no watches left
  }
}
