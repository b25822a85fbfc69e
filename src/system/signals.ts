/** The signals that ask a process to end: Ctrl-C, a closed terminal, `kill`. */
export interface Signals {
  /**
   * Prepares for signals; called once, before all others.
   *
   * @param options.mayOutliveTerminal whether to check if this process should survive a closed terminal, as under `nohup`.
   * That needs the `run` permission, so the call must precede its drop.
   */
  readonly prepare: (options: { readonly mayOutliveTerminal: boolean }) => void;
  /** Aborted by such a signal. The reason is a {@link Failure}. */
  readonly interruption: () => AbortSignal;
  /**
   * Runs work that must complete. A first interruption takes effect afterwards, as a {@link Failure} of kind
   * `interrupted`; a second one exits immediately.
   */
  readonly deferInterrupts: <T>(work: () => Promise<T>) => Promise<T>;
  /** Calls a listener for each such signal, which then does not end this process. Settles when it listens. */
  readonly onSignal: (listener: (signal: Deno.Signal) => void) => Promise<void>;
}
