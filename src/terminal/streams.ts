import type { StatusLine } from "./status_line.ts";

/** An output: a terminal, a pipe, a file, or a buffer of a test. Only a terminal shows a status line. */
export interface Output extends StatusLine {
  readonly isTerminal: boolean;
  /** Whether escape sequences for colors may be written. */
  readonly hasColor: boolean;
  /** Whether lines that were written can be erased and written again. */
  readonly canErase: boolean;
  /** Writes bytes that are not text for a terminal. */
  writeBytes(bytes: Uint8Array): void;
  /** Whether the reader has closed it, as `head` does. Later writes are discarded. */
  isClosed(): boolean;
  /** The width in columns; undefined when it is not a terminal. */
  columns(): number | undefined;
}

/** The input of the user. */
export interface Input {
  readonly isTerminal: boolean;
  /** The next bytes, or null at the end. */
  read(): Promise<Uint8Array | null>;
  /**
   * Turns echo and line editing of the terminal off or on.
   *
   * @param options.keepsSignals whether Ctrl-C still interrupts. Windows cannot do that without line editing, and leaves it on.
   */
  setRaw(raw: boolean, options?: { readonly keepsSignals: boolean }): void;
}
