import { Failure } from "../failure.ts";
import { pathIn } from "./paths.ts";
import type { WindowsSystem } from "./owner_only.ts";
import { ensurePrivateFolder, fileFailure, regularFile } from "./private_file.ts";

/** Longer than the timeout of an HTTP exchange, to wait for a slow refresh in another process. */
const LOCK_TIMEOUT_MS = 75_000;

/** The lock files, each in the folder of the data that it guards. */
export type LockName =
  | ".credentials.lock"
  | ".identity.lock"
  | ".usage.lock"
  | ".usage-alias.lock"
  | ".update.lock"
  | ".update-check.lock";

/** How a lock is taken. */
export interface LockOptions {
  readonly timeoutMs?: number;
  /** Restricts the folder on Windows first; for work that writes something secret. */
  readonly windows?: WindowsSystem | undefined;
  /** Whether the work removes something secret, which it may do in a folder that cannot be restricted. */
  readonly isRemoval?: boolean;
}

/**
 * Runs `work` while holding an exclusive lock across processes (flock on Unix). The system releases it when this process dies.
 * The lock file is never deleted.
 *
 * @throws {Failure} of kind `file` when the lock is not free within `timeoutMs`, or when the folder refuses it.
 */
export async function withLock<T>(
  folder: string,
  name: LockName,
  work: () => Promise<T> | T,
  options: LockOptions = {},
): Promise<T> {
  ensurePrivateFolder(folder);
  if (options.windows) await restrict(folder, options.windows, options.isRemoval ?? false);
  const path = pathIn(folder, name);
  regularFile(path); // opening a pipe, for example, would block
  let file: Deno.FsFile;
  try {
    file = await Deno.open(path, { create: true, write: true, mode: 0o600 });
  } catch (error) {
    throw fileFailure("lock", path, error);
  }
  const locked = file.lock(true);
  const timeoutMs = options.timeoutMs ?? LOCK_TIMEOUT_MS;
  if (!await settlesWithin(locked, timeoutMs)) {
    locked.finally(() => file.close());
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

async function settlesWithin(promise: Promise<unknown>, milliseconds: number): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), milliseconds);
  });
  try {
    return await Promise.race([promise.then(() => true as const), late]);
  } finally {
    clearTimeout(timer);
  }
}
