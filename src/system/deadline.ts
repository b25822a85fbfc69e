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
