/** Waiting that a signal or a time limit ends. */

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

/** Waits until a signal is aborted; forever without one. */
export function aborted(signal: AbortSignal | undefined): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal?.aborted) resolve(undefined);
    signal?.addEventListener("abort", () => resolve(undefined), { once: true });
  });
}

/**
 * Runs `work` with a signal that is aborted after `milliseconds`, with the error of `late`, and when `signal` is aborted, with
 * its reason.
 */
export async function withDeadline<T>(
  { milliseconds, late, signal }: {
    readonly milliseconds: number;
    readonly late: () => Error;
    readonly signal?: AbortSignal | undefined;
  },
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(late()), milliseconds);
  try {
    return await work(signal ? AbortSignal.any([deadline.signal, signal]) : deadline.signal);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Whether `event`, which cannot be cancelled, settles within this time and before `signal` is aborted. Rejects as the event
 * does. An event that has settled counts even then.
 */
export async function settlesWithin(
  milliseconds: number,
  event: Promise<unknown>,
  signal?: AbortSignal,
): Promise<boolean> {
  const late = Promise.withResolvers<false>();
  const giveUp = () => late.resolve(false);
  const timer = setTimeout(giveUp, signal?.aborted ? 0 : milliseconds);
  signal?.addEventListener("abort", giveUp);
  try {
    return await Promise.race([event.then(() => true), late.promise]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", giveUp);
  }
}

/** How long work may block signals and timers. */
const BLOCKED_MS = 50;

/**
 * For a loop that never waits, such as matching file names: call the result in each iteration. From time to time, it lets
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
