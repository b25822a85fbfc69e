/** Waits; rejects with the signal's reason when it is aborted. */
export function sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, milliseconds);
    signal?.addEventListener("abort", stop, { once: true });
  });
}

/** How long work may block signals and timers. */
const BLOCKED_MS = 50;

/**
 * For a loop whose work never waits, such as matching the names of files: call the result in each round. Now and then it lets
 * signals and timers in.
 *
 * @returns rejects with the signal's reason when that is aborted.
 */
export function pacer(signal?: AbortSignal): () => Promise<void> {
  let started = performance.now();
  return async () => {
    signal?.throwIfAborted();
    if (performance.now() - started < BLOCKED_MS) return;
    await sleep(0, signal);
    started = performance.now();
  };
}
