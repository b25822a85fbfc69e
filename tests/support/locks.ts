import { sleep } from "../../src/system/waiting.ts";

/** Waits at the end of a test for all locks that it asked for: a lock request without a waiter cannot be cancelled. */
export class AwaitedLocks implements AsyncDisposable {
  readonly #lock = Deno.FsFile.prototype.lock;
  readonly #asked: Promise<void>[] = [];

  constructor() {
    const [lock, asked] = [this.#lock, this.#asked];
    Deno.FsFile.prototype.lock = function (exclusive) {
      const locked = lock.call(this, exclusive);
      asked.push(locked);
      return locked;
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    Deno.FsFile.prototype.lock = this.#lock;
    await Promise.allSettled(this.#asked);
    await sleep(0); // the file is closed then
  }
}
