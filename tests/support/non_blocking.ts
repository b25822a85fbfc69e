/** Runs programs whose standard streams are in non-blocking mode. */

import { pythonWith } from "./python.ts";
import { isAvailable } from "./test_machine.ts";

const python = Deno.build.os === "windows" ? undefined : pythonWith("fcntl, tty");

/** Whether no stream can be set to non-blocking mode for a test. */
export const withoutNonBlocking = !isAvailable(
  "python3 on Linux",
  () => Deno.build.os === "linux" && python !== undefined,
);

/** What a stream may be. A small pipe holds 4 kB. */
export const STREAM_KINDS = ["pipe", "small-pipe", "socket", "terminal"] as const;

/**
 * The words before a program that set one of its streams to non-blocking mode, and pass on what it writes there, or what it
 * reads there.
 *
 * @param mode sets it to the usual mode, for what a program writes to a stream of this kind.
 */
export function nonBlocking(
  kind: typeof STREAM_KINDS[number],
  stream: "stdin" | "stdout" | "stderr",
  mode: "blocking" | "non-blocking" = "non-blocking",
): string[] {
  return [python ?? "", `${import.meta.dirname}/../data/non_blocking.py`, mode, kind, stream];
}
