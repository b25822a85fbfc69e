/** The cost of telemetry: a command with telemetry off, on, and with broken hosts. */

import { sleep } from "../../src/system/waiting.ts";
import { contestant, type Measured, type Program, type Stopwatch } from "./program.ts";
import type { Contestant, Race } from "./race.ts";
import type { Gone } from "./stopwatch.ts";

const SLOW_MS = 500;
const OFF = { ARCADE_USAGE_TRACKING: "0" };

/** The telemetry hosts of the benchmark. */
export class Hosts implements Disposable {
  readonly #prompt = serve(() => Promise.resolve());
  readonly #slow = serve(() => sleep(SLOW_MS));
  readonly #silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #unanswered = new Set<Deno.Conn>();
  /** Whether the silent host closes connections, so that the child process does not wait for ten seconds. */
  #hangsUp = false;

  constructor() {
    this.#acceptInSilence();
  }

  /** Compares a command with telemetry off with the same command with telemetry on, and with broken hosts. */
  async race(command: Omit<Program, "name">, stopwatch: Stopwatch): Promise<Race> {
    const words = ["arcade", ...command.args ?? []].join(" ");
    const prepare = async (
      name: string,
      more: Readonly<Record<string, string>>,
      gone?: (measured: Measured) => Promise<Gone>,
    ): Promise<Contestant> => {
      const withEnv = (own: Readonly<Record<string, string>>, options = {}) => {
        const env = { ...command.env, ARCADE_POSTHOG_KEY: "bench", ...own };
        return contestant({ ...command, name, env }, stopwatch, options);
      };
      const quiet = await withEnv(OFF);
      const measured = await withEnv(more, gone && { gone });
      return {
        ...measured,
        async run() {
          // All contestants do this work first, because an idle machine becomes slower.
          await quiet.run();
          return await measured.run();
        },
      };
    };
    const host = (port: number) => ({ ARCADE_POSTHOG_HOST: `http://127.0.0.1:${port}` });
    return {
      command: await prepare(`${words}, telemetry off`, OFF),
      rivals: [
        await prepare(`${words}, telemetry on`, host(this.#prompt.addr.port)),
        await prepare("on, host unreachable", host(1)),
        await prepare("on, host slow", host(this.#slow.addr.port)),
        await prepare(
          "on, host never answers",
          host(this.#silent.addr.port),
          (measured) => this.#goneAfterHangingUp(measured),
        ),
      ],
    };
  }

  async #goneAfterHangingUp({ gone }: Measured): Promise<Gone> {
    this.#hangsUp = true;
    this.#hangUp();
    try {
      return await gone;
    } finally {
      this.#hangsUp = false;
    }
  }

  async #acceptInSilence(): Promise<void> {
    for await (const connection of this.#silent) {
      this.#unanswered.add(connection);
      if (this.#hangsUp) this.#hangUp();
    }
  }

  #hangUp(): void {
    for (const connection of this.#unanswered) connection.close();
    this.#unanswered.clear();
  }

  [Symbol.dispose](): void {
    this.#silent.close();
    this.#hangUp();
    this.#prompt.shutdown();
    this.#slow.shutdown();
  }
}

function serve(answer: () => Promise<void>): Deno.HttpServer<Deno.NetAddr> {
  return Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    await request.text();
    await answer();
    return Response.json({ status: "Ok" });
  });
}
