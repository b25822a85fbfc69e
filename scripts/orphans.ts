/**
 * Waits for orphans: processes that outlive their parent, such as the child process of telemetry. On Linux a process can
 * adopt its orphaned descendants (prctl(2), PR_SET_CHILD_SUBREAPER) and wait for them like for its own children.
 */

import { sleep } from "../src/system/waiting.ts";

const PR_SET_CHILD_SUBREAPER = 36;
const RUSAGE_CHILDREN = -1;
const WNOHANG = 1;
/** The number of longs in `struct rusage`: two times of two longs each, and 14 numbers. */
const USAGE_LONGS = 18;
const MAXRSS = 4;

/** The polling interval. A blocking wait in a thread could not be cancelled. */
const POLL_MS = 2;

let libc: ReturnType<typeof open> | undefined;

function open() {
  return Deno.dlopen("libc.so.6", {
    prctl: { parameters: ["i32", "u64", "u64", "u64", "u64"], result: "i32" },
    getrusage: { parameters: ["i32", "buffer"], result: "i32" },
    wait4: { parameters: ["i32", "buffer", "i32", "buffer"], result: "i32" },
  });
}

/**
 * Makes this process adopt its orphaned descendants.
 *
 * @returns whether the system supports it.
 */
export function adoptOrphans(): boolean {
  try {
    libc ??= open();
    return libc.symbols.prctl(PR_SET_CHILD_SUBREAPER, 1n, 0n, 0n, 0n) === 0;
  } catch {
    return false; // another system, or another C library
  }
}

/** The resource usage of a process. */
export interface Usage {
  /** User and system CPU time, including that of the children that it waited for. */
  readonly cpuMs: number;
  /** The peak memory (resident set) of the process or of one of these children. */
  readonly peakBytes: number;
}

/**
 * Waits for the end of an adopted process.
 *
 * @param pid the process; -1 for the next one to exit, which must not be one that `Deno.Command` waits for.
 * @returns its usage; undefined if the process does not exist or was already waited for.
 */
export async function endOfOrphan(pid: number): Promise<Usage | undefined> {
  const status = new Uint8Array(4);
  const usage = new BigInt64Array(USAGE_LONGS);
  const wait = () => libc?.symbols.wait4(pid, status, WNOHANG, new Uint8Array(usage.buffer)) ?? -1;
  let ended = wait();
  for (; ended === 0; ended = wait()) await sleep(POLL_MS);
  return ended > 0 ? read(usage) : undefined;
}

/** The usage of all exited children of this process so far, including orphans; undefined on other systems. */
export function usageOfChildren(): Usage | undefined {
  const usage = new BigInt64Array(USAGE_LONGS);
  const isKnown = libc?.symbols.getrusage(RUSAGE_CHILDREN, new Uint8Array(usage.buffer)) === 0;
  return isKnown ? read(usage) : undefined;
}

function read(usage: BigInt64Array): Usage {
  const [userS = 0, userUs = 0, systemS = 0, systemUs = 0] = Array.from(usage, Number);
  return {
    cpuMs: (userS + systemS) * 1000 + (userUs + systemUs) / 1000,
    peakBytes: Number(usage[MAXRSS]) * 1024,
  };
}
