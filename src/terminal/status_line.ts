const ERASE = "\r\x1b[2K";

/** A status line below all other output. */
export interface StatusLine {
  /** Writes text above the line. */
  write(text: string): void;
  /** Shows the progress; undefined removes it. */
  setProgress(line: string | undefined): void;
  /** Shows what the command waits for, unless there is progress to show; undefined removes it. */
  setWait(line: string | undefined): void;
}

/**
 * Keeps a status line below the output.
 *
 * @param isShown whether the output is a terminal that can erase a line.
 * @param beforeShown called before a line is shown, which only this process can remove again.
 */
export function statusLine(
  write: (text: string) => void,
  isShown: boolean,
  beforeShown: () => void = () => {},
): StatusLine {
  let progress: string | undefined;
  let wait: string | undefined;
  let shown: string | undefined;
  const draw = () => {
    const line = progress ?? wait;
    if (!isShown || line === shown) return;
    if (line !== undefined) beforeShown();
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
