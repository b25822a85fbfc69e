import type { Running } from "./test_machine.ts";

/**
 * Kills commands at random moments. It does not matter how fast the machine is, nor whether that changes: every fourth
 * command is left alive, and the next ones are killed within the time that it took.
 */
export class Kills {
  /** How many were killed. */
  count = 0;
  #started = 0;
  #wholeMs = 0;

  /**
   * Starts a command, kills it at a random moment unless it is to be left alive, and waits for its end.
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
