/** How a local Arcade grows with the number of its tools: calls, lists and memory with some tools, and with ten times as many. */

import { atOnce, type Served, serveTools, startLocalArcade } from "./local_serve.ts";

/** The numbers of tools. */
const TOOLS = [100, 1000] as const;
/** How often each request is sent in a round, and how many calls at once. */
const CALLS = 500;
const CALLS_AT_ONCE = 10;
const LISTS = 100;

/** What was measured at one local Arcade. Times are those of one request; CPU time is that of the local Arcade. */
interface Measured {
  readonly wallMs: number;
  readonly cpuMs: number | undefined;
}

/** A row of the table: with the fewer tools, with ten times as many, and the ratio. */
export type GrowthRow = readonly [what: string, few: string, many: string, ratio: string];

/** Starts both local Arcades, measures them in turns, and returns the rows of the table. */
export async function measureGrowth(
  arcade: string,
  { folder, path, rounds }: {
    readonly folder: string;
    readonly path: string;
    readonly rounds: number;
  },
): Promise<GrowthRow[]> {
  await using few = await Grown.start(arcade, { count: TOOLS[0], folder, path });
  await using many = await Grown.start(arcade, { count: TOOLS[1], folder, path });
  const both = [few, many] as const;
  const atStart = await Promise.all(both.map((one) => one.memory()));
  const calls = both.map((): Measured[] => []);
  const lists = both.map((): Measured[] => []);
  for (let round = 0; round <= rounds; round++) {
    for (const [i, one] of both.entries()) {
      const [called, listed] = [await one.call(), await one.list()];
      if (round === 0) continue; // to warm up
      calls[i]?.push(called);
      lists[i]?.push(listed);
    }
  }
  const atEnd = await Promise.all(both.map((one) => one.memory()));
  const [least, most] = [few, many].map((one) => one.listBytes);
  return [
    ...rowsOf("a call of a tool", calls),
    ...rowsOf("the list of all tools", lists),
    ["size of that list", `${least} B`, `${most} B`, ratioOf(least, most)],
    memoryRow("memory at the start", atStart),
    memoryRow("memory at the end", atEnd),
  ];
}

function memoryRow(what: string, [few = NaN, many = NaN]: readonly number[]): GrowthRow {
  return [what, inMegabytes(few), inMegabytes(many), ratioOf(few, many)];
}

function rowsOf(what: string, samples: readonly (readonly Measured[])[]): GrowthRow[] {
  const least = (of: (one: Measured) => number | undefined) =>
    samples.map((all) => Math.min(...all.map((one) => of(one) ?? NaN)));
  const [few = NaN, many = NaN] = least(({ wallMs }) => wallMs);
  const [fewCpu = NaN, manyCpu = NaN] = least(({ cpuMs }) => cpuMs);
  const row = (name: string, a: number, b: number): GrowthRow => [
    name,
    `${a.toFixed(2)} ms`,
    `${b.toFixed(2)} ms`,
    ratioOf(a, b),
  ];
  return [row(what, few, many), row(`${what}, CPU time`, fewCpu, manyCpu)];
}

function ratioOf(few = NaN, many = NaN): string {
  return (many / few).toFixed(2);
}

function inMegabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** A local Arcade whose one server has many tools. */
class Grown implements AsyncDisposable {
  readonly #served: Served;
  readonly #server: Deno.HttpServer;
  readonly #count: number;
  /** The size of the last list. */
  listBytes = 0;

  private constructor(
    served: Served,
    server: Deno.HttpServer,
    count: number,
  ) {
    this.#served = served;
    this.#server = server;
    this.#count = count;
  }

  static async start(
    arcade: string,
    { count, folder, path }: {
      readonly count: number;
      readonly folder: string;
      readonly path: string;
    },
  ): Promise<Grown> {
    const server = serveTools(Array.from({ length: count }, (_, i) => `Add${i}`));
    const worker = `http://127.0.0.1:${server.addr.port}`;
    const served = await startLocalArcade(arcade, { worker, folder, path });
    return new Grown(served, server, count);
  }

  /** Calls its tools, one after the other. */
  async call(): Promise<Measured> {
    return await this.#measure(CALLS, () =>
      atOnce(CALLS, CALLS_AT_ONCE, async (i) => {
        const tool_name = `Math.Add${i * 7 % this.#count}`;
        const body = JSON.stringify({ tool_name, input: { a: 1, b: 2 } });
        const { success } = JSON.parse(await this.#ask("/v1/tools/execute", body));
        if (success !== true) throw new Error(`The call of ${tool_name} failed`);
      }));
  }

  /** Lists all its tools. */
  async list(): Promise<Measured> {
    return await this.#measure(LISTS, async () => {
      for (let i = 0; i < LISTS; i++) {
        const text = await this.#ask("/v1/tools?limit=1000");
        this.listBytes = text.length;
        const { items } = JSON.parse(text);
        if (items.length !== this.#count) throw new Error(`The list has ${items.length} tools`);
      }
    });
  }

  async memory(): Promise<number> {
    return await this.#served.memory();
  }

  async #measure(count: number, work: () => Promise<void>): Promise<Measured> {
    const before = await this.#served.cpuMs();
    const start = performance.now();
    await work();
    const wallMs = (performance.now() - start) / count;
    const after = await this.#served.cpuMs();
    const cpuMs = before === undefined || after === undefined
      ? undefined
      : (after - before) / count;
    return { wallMs, cpuMs };
  }

  async #ask(path: string, body?: string): Promise<string> {
    const { url, apiKey } = this.#served;
    const headers = { authorization: `Bearer ${apiKey}`, "content-type": "application/json" };
    const answer = await fetch(url + path, {
      headers,
      ...(body !== undefined && { method: "POST", body }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${path} was answered with ${answer.status}: ${text}`);
    return text;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#served[Symbol.asyncDispose]();
    await this.#server.shutdown();
  }
}
