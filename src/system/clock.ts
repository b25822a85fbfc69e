export interface Clock {
  readonly now: () => Date;
  /** Monotonic milliseconds since the process started. */
  readonly elapsedMs: () => number;
  /** Waits; rejects with the signal's reason when that is aborted. */
  readonly sleep: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
}
