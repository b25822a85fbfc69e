/** Keeps one server running: the newest version that starts, restarted when it dies. */

import { aborted } from "../system/waiting.ts";
import type { Clocks, RunningServer } from "./start_server.ts";

export interface SupervisorOptions {
  /** Starts the server. Throws when it does not become healthy, and the reason of the signal. */
  readonly start: (signal: AbortSignal) => Promise<RunningServer>;
  /** Called when a new server is healthy, before the one that it replaces is stopped. */
  readonly onHealthy: (server: RunningServer) => Promise<void>;
  /** Called when a server does not start. */
  readonly onFailure: (error: unknown) => void;
  /** Called when the server has died, with a description of its end and the pause before the restart. */
  readonly onDeath: (end: string, pauseMs: number) => void;
  readonly clocks: Clocks;
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
/** If a server ran this long, its end probably has another reason than the previous one. */
const LONG_LIFE_MS = 60_000;

export class Supervisor {
  readonly #options: SupervisorOptions;
  /** Aborted by a change of the source, which makes the current start obsolete. */
  #attempt = new AbortController();
  #change = Promise.withResolvers<void>();
  #serving: RunningServer | undefined;
  /** Healthy, but not in use yet. */
  #candidate: RunningServer | undefined;
  readonly #retiring = new Set<Promise<void>>();

  constructor(options: SupervisorOptions) {
    this.#options = options;
  }

  /** Whether a server answers. */
  get isServing(): boolean {
    return this.#serving !== undefined;
  }

  /** Restarts the server. The running one answers until the new one is healthy. */
  restart(): void {
    this.#attempt.abort(new Error("The source has changed"));
    this.#change.resolve();
  }

  /** Runs the server until the signal is aborted. Settles when no process is left. */
  async run(signal: AbortSignal): Promise<void> {
    try {
      await this.#run(signal);
    } finally {
      await this.#serving?.stop();
      await Promise.all(this.#retiring);
    }
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { start, onHealthy, onFailure, onDeath, clocks: { elapsedMs, sleep } } = this.#options;
    const over = aborted(signal);
    let pauseMs = FIRST_PAUSE_MS;
    while (!signal.aborted) {
      this.#attempt = new AbortController();
      this.#change = Promise.withResolvers();
      const attempt = AbortSignal.any([signal, this.#attempt.signal]);
      const before = this.#serving;
      let isLost = before === undefined && pauseMs > FIRST_PAUSE_MS;
      try {
        const server = await start(attempt);
        this.#candidate = server;
        await onHealthy(server);
        this.#candidate = undefined;
        this.#serving = server;
        if (before !== undefined) this.#retire(before);
        isLost = false;
      } catch (error) {
        await this.#candidate?.stop();
        this.#candidate = undefined;
        if (attempt.aborted) continue;
        onFailure(error);
      }
      const startedAt = elapsedMs();
      const death = this.#serving?.ended;
      const end = await Promise.race([
        this.#change.promise.then(() => undefined),
        ...(death === undefined ? [] : [death]),
        ...(isLost ? [sleep(pauseMs, signal).then(() => undefined, () => undefined)] : []),
        over,
      ]);
      if (signal.aborted) return;
      if (end === undefined) {
        pauseMs = isLost ? Math.min(2 * pauseMs, LONGEST_PAUSE_MS) : FIRST_PAUSE_MS;
        continue;
      }
      await this.#serving?.stop(); // its bridge
      this.#serving = undefined;
      if (elapsedMs() - startedAt > LONG_LIFE_MS) pauseMs = FIRST_PAUSE_MS;
      onDeath(end, pauseMs);
      const pause = sleep(pauseMs, signal).catch(() => {});
      await Promise.race([pause, this.#change.promise]);
      pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
    }
  }

  /** Stops a replaced server in the background, so that its running calls can finish. */
  #retire(server: RunningServer): void {
    const stopping = server.stop().finally(() => this.#retiring.delete(stopping));
    this.#retiring.add(stopping);
  }
}
