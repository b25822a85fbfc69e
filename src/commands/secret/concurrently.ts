/** Runs `work` on each item, at most `limit` at a time. Starts no more items once the signal is aborted. */
export async function forEachConcurrently<T>(
  items: readonly T[],
  options: { readonly limit: number; readonly signal: AbortSignal },
  work: (item: T) => Promise<void>,
): Promise<void> {
  const waiting = items.values();
  const worker = async () => {
    for (const item of waiting) {
      if (options.signal.aborted) return;
      await work(item);
    }
  };
  await Promise.all(Array.from({ length: Math.min(options.limit, items.length) }, worker));
}
