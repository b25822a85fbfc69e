import { Failure } from "../failure.ts";
import { fileFailure } from "../system/system_failure.ts";
import { pathIn } from "../system/paths.ts";
import { settlesWithin } from "../system/waiting.ts";
import type { WindowsSystem } from "./owner_only.ts";
import { regularFile } from "./private_file.ts";
import { ensurePrivateFolder } from "./private_file_changes.ts";

/** Longer than the timeout of an HTTP exchange, to wait for a slow refresh in another process. */
const LOCK_TIMEOUT_MS = 75_000;

/** The lock files, each in the folder of the data that it guards. */
export type LockName =
  | ".clients.lock"
  | ".credentials.lock"
  | ".identity.lock"
  | ".mcp-logins.lock"
  | ".mcp-logins-browser.lock"
  | ".usage.lock"
  | ".usage-alias.lock"
  | ".update-check.lock";

/** How a lock is taken. */
export interface LockOptions {
  readonly timeoutMs?: number;
  /** Ends the wait for another process when it is aborted, with its reason. */
  readonly signal?: AbortSignal;
  /** Restricts the folder on Windows first; for work that writes something secret. */
  readonly windows?: WindowsSystem | undefined;
  /** Whether the work removes something secret, which it may do in a folder that cannot be restricted. */
  readonly isRemoval?: boolean;
}

/**
 * Runs `work` while holding an exclusive lock across processes (flock on Unix). The system releases it when this process dies.
 * The lock file is never deleted.
 *
 * @throws {Failure} of kind `file` when the lock is not free within `timeoutMs`, or when the folder refuses it; and the reason of
 * `signal`.
 */
export async function withLock<T>(
  folder: string,
  name: LockName,
  work: () => Promise<T> | T,
  options: LockOptions = {},
): Promise<T> {
  ensurePrivateFolder(folder);
  if (options.windows) await restrict(folder, options.windows, options.isRemoval ?? false);
  return await withLockFile(pathIn(folder, name), work, options);
}

/** As {@link withLock}, for a lock in a folder that need not be private. */
export async function withLockFile<T>(
  path: string,
  work: () => Promise<T> | T,
  { timeoutMs = LOCK_TIMEOUT_MS, signal }: Pick<LockOptions, "timeoutMs" | "signal"> = {},
): Promise<T> {
  const file = await lockFile(path, { waitMs: timeoutMs, isCreated: true, signal });
  if (file === undefined) {
    signal?.throwIfAborted();
    throw new Failure(
      "file",
      `Another process has held ${path} for more than ${timeoutMs / 1000} s`,
      {
        next: "Wait for the other arcade command to finish, or stop it",
      },
    );
  }
  try {
    return await work();
  } finally {
    file.close();
  }
}

/**
 * Acquires the lock of a file across processes (flock on Unix). Closing the file releases it, and so does the system when this
 * process dies.
 *
 * @param options.waitMs how long another process may hold it.
 * @param options.signal ends the wait.
 * @param options.isCreated whether a missing file is created, with mode 0600.
 * @returns undefined when another process holds it for longer.
 * @throws {Failure} of kind `file` when the system refuses it, or the path is not a regular file.
 */
export async function lockFile(
  path: string,
  { waitMs, isCreated = false, signal }: {
    readonly waitMs: number;
    readonly isCreated?: boolean;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<Deno.FsFile | undefined> {
  regularFile(path); // opening a pipe, for example, would block
  let file: Deno.FsFile;
  try {
    file = await Deno.open(path, { write: true, create: isCreated, mode: 0o600 });
  } catch (error) {
    throw fileFailure("lock", path, error);
  }
  const locked = file.lock(true);
  try {
    if (await settlesWithin(waitMs, locked, signal)) return file;
  } catch (error) {
    file.close();
    throw fileFailure("lock", path, error);
  }
  // A pending lock cannot be cancelled, so release it as soon as it is granted.
  locked.catch(() => {}).finally(() => file.close());
}

async function restrict(
  folder: string,
  windows: WindowsSystem,
  isRemoval: boolean,
): Promise<void> {
  const { restrictToOwner } = await import("./owner_only.ts");
  try {
    await restrictToOwner(folder, windows);
  } catch (error) {
    if (!isRemoval) throw error;
  }
}
