/** Keeps one release running. */

import { type Instance, startInstance, type StartOptions, type Surroundings } from "./instance.ts";
import { counted } from "../../text/prose.ts";

export interface RunnerOptions extends Omit<StartOptions, "signal"> {
  /** Called when the release is healthy for the first time. */
  readonly onProven: () => void;
  /** Called when a release that was never healthy has failed. */
  readonly onFailed: () => void;
}

const FIRST_PAUSE_MS = 1000;
const LAST_PAUSE_MS = 60_000;

/**
 * Starts a release, and restarts it with growing pauses when it ends, until it is stopped. A release that was never healthy is
 * not restarted.
 */
export class Runner {
  readonly #options: RunnerOptions;
  readonly #surroundings: Surroundings;
  readonly #stop = new AbortController();
  readonly #done: Promise<void>;
  #isProven: boolean;
  #instance: Instance | undefined;
  #problem: string | undefined;

  constructor(options: RunnerOptions, surroundings: Surroundings) {
    this.#options = options;
    this.#surroundings = surroundings;
    this.#isProven = options.release.state === "serving";
    this.#done = this.#run();
  }

  /** The process that answers; undefined while none runs. */
  get instance(): Instance | undefined {
    return this.#instance;
  }

  /** Why the release does not run; undefined while it runs or starts for the first time. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Stops the release, and settles when its processes have ended. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#done;
  }

  async #run(): Promise<void> {
    const { log, onFailed } = this.#options;
    const { elapsedMs, sleep } = this.#surroundings;
    const { signal } = this.#stop;
    let pause = FIRST_PAUSE_MS;
    while (true) {
      const started = elapsedMs();
      this.#problem = await this.#runOnce();
      if (signal.aborted) return log.note("Stopped");
      if (!this.#isProven) {
        log.note(this.#problem);
        try {
          onFailed();
        } catch (error) {
          log.note(messageOf(error)); // the disk is full
        }
        return;
      }
      if (elapsedMs() - started > LAST_PAUSE_MS) pause = FIRST_PAUSE_MS;
      log.note(`${this.#problem}; restarting in ${pause / 1000} s`);
      try {
        await sleep(pause, signal);
      } catch {
        return; // stopped
      }
      pause = Math.min(2 * pause, LAST_PAUSE_MS);
    }
  }

  /** Runs the release until it ends or is stopped, and returns the reason why it ended. */
  async #runOnce(): Promise<string> {
    const { signal } = this.#stop;
    let instance: Instance;
    try {
      instance = await startInstance({ ...this.#options, signal }, this.#surroundings);
    } catch (error) {
      return messageOf(error);
    }
    const stop = () => void instance.stop();
    signal.addEventListener("abort", stop, { once: true });
    let problem: string | undefined;
    try {
      signal.throwIfAborted();
      if (!this.#isProven) this.#options.onProven();
      this.#isProven = true;
      this.#instance = instance;
      this.#problem = undefined;
      const { worker: { url }, tools } = instance;
      this.#options.log.note(`Healthy at ${url}, with ${counted(tools.length, "tool")}`);
    } catch (error) {
      problem = messageOf(error); // stopped, or the disk is full
      stop();
    }
    const end = await instance.ended;
    signal.removeEventListener("abort", stop);
    this.#instance = undefined;
    return problem ?? end;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
