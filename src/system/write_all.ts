type Writer = Pick<Deno.FsFile, "writeSync">;

const LINE_END = 0x0a;
/** The size of the runtime's buffer for stdout. */
const BUFFER_BYTES = 1024;

/** The size that a pipe accepts atomically (POSIX, PIPE_BUF), on all systems. */
const WHOLE_BYTES = Deno.build.os === "linux" ? 4096 : 512;
/** Writing more than this by lines takes longer than finding out what stdout is. */
const MUCH_BYTES = 1024 * 1024;

let writtenBytes = 0;
/** Whether stdout takes pieces of {@link WHOLE_BYTES} whole or not at all; undefined as long as little is written. */
let takesWhole: boolean | undefined;

/**
 * Writes all bytes, or a text as UTF-8, to a file, stdout or stderr, each byte once. Another process that shares stdout or stderr may have set it to non-blocking
 * mode; then this waits until it takes more.
 *
 * @throws errors of the system, such as {@link Deno.errors.BrokenPipe}.
 */
export function writeAll(to: Writer, content: Uint8Array | string): void {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  for (let at = 0; at < bytes.length;) {
    const { end, isBuffered } = to === Deno.stdout ? pieceOf(bytes, at) : { end: bytes.length };
    try {
      at += to.writeSync(bytes.subarray(at, end));
    } catch (error) {
      if (!(error instanceof Deno.errors.WouldBlock)) throw error;
      if (isBuffered) at = end;
      drain(to);
    }
  }
  if (to === Deno.stdout) writtenBytes += bytes.length;
}

/**
 * The next piece for stdout: lines where a pipe or a file takes them whole, or else a line without its end, or a line end. The
 * runtime buffers a line, so it cannot tell how much of it was taken when it would block. Of such a piece it has taken all if it
 * is buffered, and nothing if not.
 */
function pieceOf(bytes: Uint8Array, at: number): { end: number; isBuffered?: boolean } {
  if (writtenBytes + at > MUCH_BYTES && (takesWhole ??= isWholeTaken())) {
    const last = bytes.subarray(at, at + WHOLE_BYTES).lastIndexOf(LINE_END);
    if (last >= 0) return { end: at + last + 1 };
  }
  const lineEnd = bytes.indexOf(LINE_END, at);
  if (lineEnd === at) return { end: at + 1 };
  const end = lineEnd < 0 ? bytes.length : lineEnd;
  return { end, isBuffered: end - at < BUFFER_BYTES };
}

/** Blocks this thread, for a wait in the middle of synchronous work. */
export function pause(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

/** Whether stdout is a pipe, a file or `/dev/null`, which never take a part of a small piece. Others may, such as a socket. */
function isWholeTaken(): boolean {
  try {
    // There is no other way to find out, and few commands write enough to need this.
    // deno-lint-ignore no-process-global
    const { mode, rdev } = process.getBuiltinModule("node:fs").fstatSync(1);
    const kind = mode & 0o170000;
    return kind === 0o010000 || kind === 0o100000 || (kind === 0o020000 && rdev === 0x103);
  } catch {
    return false;
  }
}

/** Waits until everything that the runtime buffers is written. */
function drain(to: Writer): void {
  while (true) {
    pause(1);
    try {
      to.writeSync(new Uint8Array());
      return;
    } catch (error) {
      if (!(error instanceof Deno.errors.WouldBlock)) throw error;
    }
  }
}
