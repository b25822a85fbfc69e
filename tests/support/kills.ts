import type { Running } from "./test_machine.ts";

/**
 * Kills commands at random moments, independent of the speed of the machine: every fourth command runs to its end, and the
 * next ones are killed within the time that it took.
 */
export class Kills {
  /** The number of killed commands. */
  count = 0;
  #started = 0;
  #wholeMs = 0;

  /**
   * Starts a command, kills it at a random moment unless it is spared, and waits for its end.
   *
   * @returns whether it was killed.
   */
  async next(start: () => Running): Promise<boolean> {
    const isSpared = this.#started++ % 4 === 0;
    const begin = performance.now();
    const running = start();
    const kill = () => running.kill("SIGKILL");
    const timer = isSpared ? undefined : setTimeout(kill, Math.random() * this.#wholeMs);
    const { signal } = await running.end();
    clearTimeout(timer);
    const isKilled = signal === "SIGKILL";
    if (isKilled) this.count++;
    else this.#wholeMs = performance.now() - begin;
    return isKilled;
  }
}

/** The system calls with which a command changes files. */
const CALLS = ["openat", "flock", "write", "fsync", "rename", "close"];

/**
 * Kills a command at each system call with which it changes files, in one run per call.
 *
 * @param start starts the command with these words before it.
 * @param from matches the first system call that counts, as strace prints it.
 * @param check called after each kill.
 * @returns the number of killed commands.
 */
export async function killAtEveryCall(
  start: (through: readonly string[]) => Running,
  from: RegExp,
  check: () => void | Promise<void>,
): Promise<number> {
  const log = await Deno.makeTempFile();
  // Without --seccomp-bpf, with which some versions of strace inject no signals.
  const tracer = (...options: string[]) => ["strace", "-f", "-qq", ...options];
  await start(tracer("-e", `trace=${CALLS.join()}`, "-o", log)).end();
  const calls = (await Deno.readTextFile(log)).split("\n");
  await Deno.remove(log);
  const first = calls.findIndex((line) => from.test(line));
  const seen = new Map<string, number>();
  let killed = 0;
  for (const [i, line] of calls.entries()) {
    const [, call = ""] = /^\d+ +(\w+)\(/.exec(line) ?? [];
    const count = (seen.get(call) ?? 0) + 1;
    seen.set(call, count);
    if (first < 0 || i < first || !CALLS.includes(call)) continue;
    const kill = `inject=${call}:signal=KILL:when=${count}`;
    const through = tracer("-e", `trace=${call}`, "-e", kill, "-o", "/dev/null");
    const { signal } = await start(through).end();
    if (signal === "SIGKILL") killed++;
    await check();
  }
  return killed;
}
