import assert from "node:assert/strict";
import type { RunningServer } from "../../src/dev/start_server.ts";
import { Supervisor, type SupervisorOptions } from "../../src/dev/supervisor.ts";
import { patiently, until } from "../support/patience.ts";

/** A server of a test, which ends when it is stopped or dies. */
class FakeServer implements RunningServer {
  readonly settings = {
    type: "http",
    http: { uri: "http://127.0.0.1:1", secret: "s", timeout: 1, retry: 0 },
  } as const;
  readonly #end = Promise.withResolvers<string>();
  readonly ended = this.#end.promise;
  isRunning = true;

  die(): void {
    this.isRunning = false;
    this.#end.resolve("exited with code 1");
  }

  stop(): Promise<void> {
    this.die();
    return Promise.resolve();
  }
}

/** A supervisor whose servers the test makes. */
class Supervised implements AsyncDisposable {
  readonly started: FakeServer[] = [];
  readonly told: string[] = [];
  readonly pauses: number[] = [];
  /** Makes the next server, or fails. */
  next: (signal: AbortSignal) => Promise<void> = () => Promise.resolve();
  readonly supervisor: Supervisor;
  readonly #over = new AbortController();
  readonly #running: Promise<void>;
  #now = 0;

  constructor(options: Partial<SupervisorOptions> = {}) {
    this.supervisor = new Supervisor({
      start: async (signal) => {
        await this.next(signal);
        const server = new FakeServer();
        this.started.push(server);
        return server;
      },
      onHealthy: () => Promise.resolve(void this.told.push("healthy")),
      onFailure: (error) => this.told.push(String(error)),
      onDeath: (end, pauseMs) => {
        this.told.push(end);
        this.pauses.push(pauseMs);
      },
      clocks: {
        elapsedMs: () => this.#now,
        sleep: (milliseconds) => {
          this.#now += milliseconds;
          return Promise.resolve();
        },
      },
      ...options,
    });
    this.#running = this.supervisor.run(this.#over.signal);
  }

  get running(): number {
    return this.started.filter(({ isRunning }) => isRunning).length;
  }

  async count(healthy: number): Promise<void> {
    await until(
      `${healthy} starts`,
      () => this.told.filter((one) => one === "healthy").length === healthy,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#over.abort();
    await patiently("the end", this.#running);
  }
}

Deno.test("a new version replaces the last one, which is stopped then", async () => {
  await using supervised = new Supervised();
  await supervised.count(1);
  supervised.supervisor.restart();
  await supervised.count(2);
  await until("one server", () => supervised.running === 1);
  assert.equal(supervised.started[1]?.isRunning, true);
});

Deno.test("a version that does not start leaves the last one running, and is told once", async () => {
  await using supervised = new Supervised();
  await supervised.count(1);
  supervised.next = () => Promise.reject(new Error("broken"));
  supervised.supervisor.restart();
  await until("the failure", () => supervised.told.includes("Error: broken"));
  assert.equal(supervised.running, 1);
  assert(supervised.supervisor.isServing);
  assert.deepEqual(supervised.told, ["healthy", "Error: broken"]);
});

Deno.test("a change ends the start that it makes vain", async () => {
  await using supervised = new Supervised();
  await supervised.count(1);
  const begun = Promise.withResolvers<void>();
  let isEnded = false;
  supervised.next = async (signal) => {
    begun.resolve();
    await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)))
      .finally(() => isEnded = true);
  };
  supervised.supervisor.restart();
  await patiently("the start", begun.promise);
  supervised.next = () => Promise.resolve();
  supervised.supervisor.restart();
  await supervised.count(2);
  assert(isEnded);
  assert.equal(supervised.started.length, 2);
});

Deno.test("a server that dies again and again is started after longer and longer pauses", async () => {
  await using supervised = new Supervised();
  for (let i = 1; i <= 10; i++) {
    await supervised.count(i);
    supervised.started.at(-1)?.die();
  }
  await supervised.count(11);
  const { pauses } = supervised;
  assert.deepEqual(pauses.slice(0, 8), [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
});

Deno.test("a version that cannot be registered is stopped", async () => {
  await using supervised = new Supervised({
    onHealthy: () => Promise.reject(new Error("not registered")),
  });
  await until("the failure", () => supervised.told.includes("Error: not registered"));
  assert.equal(supervised.running, 0);
  assert(!supervised.supervisor.isServing);
});

Deno.test("no server is left at the end", async () => {
  const supervised = new Supervised();
  await supervised.count(1);
  supervised.supervisor.restart();
  await supervised.count(2);
  await supervised[Symbol.asyncDispose]();
  assert.equal(supervised.running, 0);
});
