/** What telemetry takes of the time of a command: the same command with it off, on, and with hosts that do not work. */

import { contestant } from "./program.ts";
import type { Contestant, Race, Rival } from "./race.ts";

/** The child does its work after its parent was timed, and must not be at it when the next one is. */
const CHILD_ENDS_MS = 100;
/** By then a child that failed has tried once more, and ended. */
const CHILD_GIVES_UP_MS = 900;
const SLOW_MS = 500;
const OFF = { ARCADE_USAGE_TRACKING: "0" };

export interface Measured {
  readonly path: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly writes: RegExp;
}

/** Hosts of telemetry that end with the benchmark. */
export class Hosts implements Disposable {
  #arrived = Promise.withResolvers<void>();
  readonly #prompt = serve(() => {
    this.#arrived.resolve();
    return Promise.resolve();
  });
  readonly #slow = serve(() => pause(SLOW_MS));
  readonly #silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  #unanswered: Deno.Conn[] = [];

  constructor() {
    this.#acceptInSilence();
  }

  /** The command with telemetry on beside the same with telemetry off, and with hosts that do not work. */
  async race(command: Measured): Promise<Race> {
    const name = ["arcade", ...command.args].join(" ");
    const host = (port: number) => ({ ARCADE_POSTHOG_HOST: `http://127.0.0.1:${port}` });
    const off = await reporting(command, "off", OFF);
    const on = await reporting(command, `${name}, telemetry on`, host(this.#prompt.addr.port), {
      before: () => this.#arrived = Promise.withResolvers(),
      after: () => this.#arrived.promise.then(() => pause(CHILD_ENDS_MS)),
    });
    const others: Rival[] = [
      await reporting(command, "on, host unreachable", host(1), {
        after: () => pause(CHILD_GIVES_UP_MS),
      }),
      await reporting(command, "on, host slow", host(this.#slow.addr.port), {
        after: () => pause(SLOW_MS + CHILD_ENDS_MS * 2),
      }),
      await reporting(command, "on, host never answers", host(this.#silent.addr.port), {
        after: async () => {
          // Only now, for otherwise its child would be about for as long as ten seconds.
          await pause(CHILD_ENDS_MS * 2);
          this.#hangUp();
          await pause(CHILD_GIVES_UP_MS);
          this.#hangUp();
          await pause(CHILD_ENDS_MS);
        },
      }),
    ];
    return { command: off, rivals: [on, ...others] };
  }

  async #acceptInSilence(): Promise<void> {
    for await (const connection of this.#silent) this.#unanswered.push(connection);
  }

  #hangUp(): void {
    for (const connection of this.#unanswered) connection.close();
    this.#unanswered = [];
  }

  [Symbol.dispose](): void {
    this.#silent.close();
    this.#hangUp();
    this.#prompt.shutdown();
    this.#slow.shutdown();
  }
}

async function reporting(
  { env, ...command }: Measured,
  name: string,
  more: Readonly<Record<string, string>>,
  { before = () => {}, after = () => Promise.resolve() }: {
    readonly before?: () => void;
    readonly after?: () => Promise<void>;
  } = {},
): Promise<Contestant> {
  const withEnv = (own: Readonly<Record<string, string>>) =>
    contestant({ ...command, name, env: { ...env, ARCADE_POSTHOG_KEY: "bench", ...own } });
  const quiet = await withEnv(OFF);
  before();
  const timed = await withEnv(more);
  await after();
  return {
    name,
    async time() {
      // After the same work for everybody, for a machine that did nothing for a while is slower.
      await quiet.time();
      before();
      const time = await timed.time();
      await after();
      return time;
    },
  };
}

function serve(answer: () => Promise<void>): Deno.HttpServer<Deno.NetAddr> {
  return Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    await request.text();
    await answer();
    return Response.json({ status: "Ok" });
  });
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
