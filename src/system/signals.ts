/** The signals that ask a process to end: Ctrl-C, a closed terminal, `kill`. */
export interface Signals {
  /**
   * Checks whether this process should survive a closed terminal, as under `nohup`. Needs the `run` permission, so it must
   * precede its drop. Without this call, a closed terminal ends the process.
   */
  readonly expectHangup: () => void;
  /** Aborted by such a signal. The reason is a {@link Failure}. */
  readonly interruption: () => AbortSignal;
  /**
   * Runs work that must complete. A first interruption takes effect afterwards, as a {@link Failure} of kind
   * `interrupted`; a second one exits immediately.
   */
  readonly deferInterrupts: <T>(work: () => Promise<T>) => Promise<T>;
  /** Calls a listener for each such signal, which then does not end this process by itself. Settles when it listens. */
  readonly onSignal: (listener: (signal: Deno.Signal) => void) => Promise<void>;
}
