const ERASE = "\r\x1b[2K";

/** A line below all that is written, which says what is going on. */
export interface StatusLine {
  /** Writes text above the line. */
  write(text: string): void;
  /** Shows how far the work is; undefined takes that away. */
  setProgress(line: string | undefined): void;
  /** Shows what is waited for where nothing shows how far the work is; undefined takes that away. */
  setWait(line: string | undefined): void;
}

/**
 * Keeps a line below what is written.
 *
 * @param isShown whether there is a terminal that can erase it.
 */
export function statusLine(write: (text: string) => void, isShown: boolean): StatusLine {
  let progress: string | undefined;
  let wait: string | undefined;
  let shown: string | undefined;
  const draw = () => {
    const line = progress ?? wait;
    if (!isShown || line === shown) return;
    write(ERASE + (line ?? ""));
    shown = line;
  };
  return {
    write(text) {
      if (shown === undefined) return write(text);
      write(ERASE + text);
      shown = undefined;
      if (text.endsWith("\n")) draw();
    },
    setProgress(line) {
      progress = line;
      draw();
    },
    setWait(line) {
      wait = line;
      draw();
    },
  };
}
