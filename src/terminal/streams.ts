import type { StatusLine } from "./status_line.ts";

/** Somewhere text is written to: a terminal, a pipe, a file, or a test's buffer. Only a terminal shows a status line. */
export interface Output extends StatusLine {
  readonly isTerminal: boolean;
  /** Whether escape sequences for colours may be written. */
  readonly hasColor: boolean;
  /** The width in columns; undefined when it is not a terminal. */
  columns(): number | undefined;
}

/** Where the user's input comes from. */
export interface Input {
  readonly isTerminal: boolean;
  /** The next bytes, or null at the end. */
  read(): Promise<Uint8Array | null>;
  /** Switches the terminal's own echo and line editing off and on. */
  setRaw(raw: boolean): void;
}
