/** What telemetry takes of the time of a command: the same command with it off, on, and with hosts that do not work. */

import { contestant } from "./program.ts";
import type { Contestant, Race, Rival } from "./race.ts";

/** The child does its work after its parent was timed, and must not be at it when the next one is. */
const CHILD_ENDS_MS = 50;
/** By then the child waits for its host and does nothing. */
const CHILD_WAITS_MS = 300;
const SLOW_MS = 2000;

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

  constructor() {
    this.#acceptInSilence();
  }

  /** The command with telemetry on beside the same with telemetry off, and with hosts that do not work. */
  async race(command: Measured): Promise<Race> {
    const name = ["arcade", ...command.args].join(" ");
    const host = (port: number) => ({ ARCADE_POSTHOG_HOST: `http://127.0.0.1:${port}` });
    const waits = () => pause(CHILD_WAITS_MS);
    const on = await reporting(command, `${name}, telemetry on`, host(this.#prompt.addr.port), {
      before: () => this.#arrived = Promise.withResolvers(),
      after: () => this.#arrived.promise.then(() => pause(CHILD_ENDS_MS)),
    });
    const off = await reporting(command, "off", { ARCADE_USAGE_TRACKING: "0" });
    const others: Rival[] = [
      await reporting(command, "on, host unreachable", host(1), { after: waits }),
      await reporting(command, "on, host slow", host(this.#slow.addr.port), { after: waits }),
      await reporting(command, "on, host never answers", host(this.#silent.addr.port), {
        after: waits,
      }),
    ];
    return { command: off, rivals: [on, ...others] };
  }

  async #acceptInSilence(): Promise<void> {
    const connections: Deno.Conn[] = [];
    try {
      for await (const connection of this.#silent) connections.push(connection);
    } finally {
      for (const connection of connections) connection.close();
    }
  }

  [Symbol.dispose](): void {
    this.#silent.close();
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
  before();
  const timed = await contestant({
    ...command,
    name,
    env: { ...env, ARCADE_POSTHOG_KEY: "bench", ...more },
  });
  await after();
  return {
    name,
    async time() {
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
