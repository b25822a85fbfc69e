/** How a local Arcade grows with the number of its tools: calls, lists and memory with some tools, and with ten times as many. */

import { Served } from "./local_serve.ts";

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
  readonly #worker: Deno.HttpServer<Deno.NetAddr>;
  readonly #count: number;
  /** The size of the last list. */
  listBytes = 0;

  private constructor(
    served: Served,
    worker: Deno.HttpServer<Deno.NetAddr>,
    count: number,
  ) {
    this.#served = served;
    this.#worker = worker;
    this.#count = count;
  }

  static async start(
    arcade: string,
    { count, folder, path: PATH }: {
      readonly count: number;
      readonly folder: string;
      readonly path: string;
    },
  ): Promise<Grown> {
    const tools = JSON.stringify(Array.from({ length: count }, (_, i) => toolAt(i)));
    const headers = { "content-type": "application/json" };
    const worker = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      async (request) => {
        if (request.method === "GET") return new Response(tools, { headers });
        await request.text();
        return new Response(RESULT, { headers });
      },
    );
    const url = `http://127.0.0.1:${worker.addr.port}`;
    const seed = `${folder}/seed-${count}.yaml`;
    const server = JSON.stringify({ name: "bench", url, secret: "bench" });
    await Deno.writeTextFile(seed, `servers:\n  - ${server}\n`);
    const args = ["local", "serve", "--ephemeral", "--port", "0", "--json", "--seed", seed];
    const served = await Served.start(arcade, { args, env: { HOME: folder, PATH } });
    return new Grown(served, worker, count);
  }

  /** Calls its tools, one after the other. */
  async call(): Promise<Measured> {
    let next = 0;
    return await this.#measure(CALLS, async () => {
      await Promise.all(Array.from({ length: CALLS_AT_ONCE }, async () => {
        while (next < CALLS) {
          const tool_name = nameOf(next++ * 7 % this.#count);
          const body = JSON.stringify({ tool_name, input: { a: 1, b: 2 } });
          const { success } = JSON.parse(await this.#ask("/v1/tools/execute", body));
          if (success !== true) throw new Error(`The call of ${tool_name} failed`);
        }
      }));
    });
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
    await this.#worker.shutdown();
  }
}

function nameOf(i: number): string {
  return `Math.Add${i}`;
}

function toolAt(i: number) {
  return {
    name: `Add${i}`,
    fully_qualified_name: nameOf(i),
    description: "Adds two numbers, and returns their sum.",
    toolkit: { name: "Math", version: "1.0.0" },
    input: {
      parameters: ["a", "b"].map((name) => ({
        name,
        required: true,
        description: "A number",
        value_schema: { val_type: "integer" },
      })),
    },
    output: { available_modes: ["value"], value_schema: { val_type: "integer" } },
    requirements: {},
  };
}

const RESULT = JSON.stringify({
  execution_id: "e",
  success: true,
  duration: 1,
  finished_at: "t",
  output: { value: 3 },
});
