/**
 * Processes that outlive the one that started them, as the child of telemetry does, belong to nobody who could wait for
 * them. On Linux a process can adopt all of them that descend from it (prctl(2), PR_SET_CHILD_SUBREAPER). Then nobody has to
 * look for them and guess: the system keeps each of them, ended or not, until its end was waited for.
 */

const PR_SET_CHILD_SUBREAPER = 36;
const RUSAGE_CHILDREN = -1;
const WNOHANG = 1;
/** Longs of `struct rusage`: two times of two each, and 14 numbers. */
const USAGE_LONGS = 18;
const MAXRSS = 4;

/** Looked for so often, for a thread that waits in the system for the end of a process could not be called back. */
const LOOK_MS = 2;

let libc: ReturnType<typeof open> | undefined;

function open() {
  return Deno.dlopen("libc.so.6", {
    prctl: { parameters: ["i32", "u64", "u64", "u64", "u64"], result: "i32" },
    getrusage: { parameters: ["i32", "buffer"], result: "i32" },
    wait4: { parameters: ["i32", "buffer", "i32", "buffer"], result: "i32" },
  });
}

/**
 * From now on this process adopts what its descendants leave behind.
 *
 * @returns whether the system can do that.
 */
export function adoptOrphans(): boolean {
  try {
    libc ??= open();
    return libc.symbols.prctl(PR_SET_CHILD_SUBREAPER, 1n, 0n, 0n, 0n) === 0;
  } catch {
    return false; // another system, or another C library
  }
}

/** What a process used. */
export interface Usage {
  /** Processor time, of the program and of the system for it, with that of the children that it waited for. */
  readonly cpuMs: number;
  /** The most memory that it, or one of these children, had at a time (resident set). */
  readonly peakBytes: number;
}

/**
 * Waits for the end of an adopted process.
 *
 * @param pid the process; -1 for whichever ends next, which must not be one that `Deno.Command` waits for.
 * @returns what it used; undefined where there is no such process, or somebody else waited for it.
 */
export async function endOfOrphan(pid: number): Promise<Usage | undefined> {
  const status = new Uint8Array(4);
  const usage = new BigInt64Array(USAGE_LONGS);
  const wait = () => libc?.symbols.wait4(pid, status, WNOHANG, new Uint8Array(usage.buffer)) ?? -1;
  let ended = wait();
  for (; ended === 0; ended = wait()) await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  return ended > 0 ? read(usage) : undefined;
}

/** What all children of this process that have ended used so far, orphans included; undefined on another system. */
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
