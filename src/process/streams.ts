/** The streams of the real process. */

import { Failure } from "../failure.ts";
import { sleep } from "../system/waiting.ts";
import { fileFailure } from "../system/system_failure.ts";
import { writeAll } from "../system/write_all.ts";
import { statusLine } from "../terminal/status_line.ts";
import type { Input, Output } from "../terminal/streams.ts";

const encoder = new TextEncoder();

/**
 * @param options.beforeStatus called before a status line is shown.
 * @param options.onError called when a write fails. A closed pipe (`| head`) is not an error; the rest is discarded.
 */
export function output(
  stream: typeof Deno.stdout | typeof Deno.stderr,
  { color, canErase, onError, beforeStatus }: {
    readonly color: boolean;
    readonly canErase: boolean;
    readonly onError: (error: unknown) => void;
    readonly beforeStatus?: () => void;
  },
): Output {
  const isTerminal = stream.isTerminal();
  let isOpen = true;
  const writeBytes = (bytes: Uint8Array) => {
    if (!isOpen) return;
    try {
      writeAll(stream, bytes);
    } catch (error) {
      isOpen = false;
      if (!(error instanceof Deno.errors.BrokenPipe)) onError(error);
    }
  };
  return {
    isTerminal,
    hasColor: isTerminal && color,
    canErase: isTerminal && canErase,
    writeBytes,
    isClosed: () => !isOpen,
    columns: () => isTerminal ? Deno.consoleSize().columns || undefined : undefined,
    ...statusLine((text) => writeBytes(encoder.encode(text)), isTerminal && canErase, beforeStatus),
  };
}

export function cannotWrite(error: unknown): never {
  throw new Failure("file", "Could not write the output", {
    next: "Check where the output goes, and whether that disk is full",
    cause: error,
  });
}

const INPUT_PAUSE_MS = 5;

export const stdin: Input = {
  get isTerminal() {
    return Deno.stdin.isTerminal();
  },
  async read() {
    const buffer = new Uint8Array(64 * 1024);
    while (true) {
      try {
        const count = await Deno.stdin.read(buffer);
        return count === null ? null : buffer.subarray(0, count);
      } catch (error) {
        if (!(error instanceof Deno.errors.WouldBlock)) {
          throw fileFailure("read", "standard input", error);
        }
        await sleep(INPUT_PAUSE_MS); // a process that shares it has set it to non-blocking mode
      }
    }
  },
  setRaw: (raw, { keepsSignals } = { keepsSignals: false }) =>
    Deno.build.os === "windows"
      ? Deno.stdin.setRaw(raw && !keepsSignals)
      : Deno.stdin.setRaw(raw, { cbreak: keepsSignals }),
};
