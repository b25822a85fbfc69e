/**
 * Runs `work` with a signal that is aborted with the error of `late` after `milliseconds`, and with the reason of `signal` when that is
 * aborted.
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
