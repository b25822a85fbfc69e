/** A running local Arcade: tool calls compared with the same calls of its server, and memory. */

import { parseJson } from "../../src/contract/fields.ts";
import { output } from "../process.ts";
import { ADDED, addingTool, TOOL } from "./fixture.ts";
import { firstLine } from "./program.ts";
import type { Contestant } from "./race.ts";

/** The calls of one measurement, and how many of them run at the same time. */
export const CALLS = 1000;
export const CALLS_AT_ONCE = 50;
/** The requests between the two measurements of memory, with the same concurrency as calls. */
export const REQUESTS = 20_000;

/** The ticks of a second in `/proc`, on every machine that runs Deno. */
const TICKS = 100;

/** The secret that a local Arcade shares with the server of the tool. */
const SECRET = "bench";
const INPUTS = { a: 1, b: 2 };

/** A server that runs until it is disposed. */
export class Served implements AsyncDisposable {
  readonly url: string;
  readonly apiKey: string;
  readonly #process: Deno.ChildProcess;

  private constructor(process: Deno.ChildProcess, url: string, apiKey: string) {
    this.#process = process;
    this.url = url;
    this.apiKey = apiKey;
  }

  /** Starts a server that prints its address as JSON. */
  static async start(
    path: string,
    { args = [], env }: {
      readonly args?: readonly string[];
      readonly env: Readonly<Record<string, string>>;
    },
  ): Promise<Served> {
    const process = new Deno.Command(path, {
      args: [...args],
      env,
      clearEnv: true,
      stdin: "null",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    const { url, environment }: { url: string; environment?: Record<string, string> } = JSON.parse(
      await firstLine(process.stdout),
    );
    return new Served(process, url, environment?.ARCADE_API_KEY ?? "");
  }

  /** The memory (resident set) of its process in bytes. */
  async memory(): Promise<number> {
    return Number(await output("ps", ["-o", "rss=", "-p", String(this.#process.pid)])) * 1024;
  }

  /** The CPU time that its process has taken; undefined where the system does not tell it. */
  async cpuMs(): Promise<number | undefined> {
    if (Deno.build.os !== "linux") return undefined;
    const stat = await output("cat", [`/proc/${this.#process.pid}/stat`]); // the runtime may not read it
    // The name of the program in parentheses can have blanks (proc(5)).
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) * 1000 / TICKS;
  }

  /** Requests the same list repeatedly. */
  async request(): Promise<void> {
    const headers = { authorization: `Bearer ${this.apiKey}` };
    await atOnce(REQUESTS, CALLS_AT_ONCE, async () => {
      const answer = await fetch(`${this.url}/v1/admin/secrets`, { headers });
      const content = parseJson(await answer.text());
      if (!answer.ok || content === undefined) throw new Error(`${this.url} does not answer`);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill("SIGTERM");
    await this.#process.status;
  }
}

/** Serves tools with these names, which add two numbers. */
export function serveTools(names: readonly string[]): Deno.HttpServer<Deno.NetAddr> {
  const tools = JSON.stringify(names.map(addingTool));
  const added = JSON.stringify(ADDED);
  const headers = { "content-type": "application/json" };
  return Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    if (request.method === "GET") return new Response(tools, { headers });
    await request.text();
    return new Response(added, { headers });
  });
}

/** Starts a local Arcade with the server of the tool at this address, and its files in a folder. */
export async function startLocalArcade(
  arcade: string,
  { worker, folder, path: PATH }: {
    readonly worker: string;
    readonly folder: string;
    readonly path: string;
  },
): Promise<Served> {
  const seed = `${folder}/seed.yaml`;
  const server = JSON.stringify({ name: "bench", url: worker, secret: SECRET });
  await Deno.writeTextFile(seed, `servers:\n  - ${server}\n`);
  const args = ["local", "serve", "--ephemeral", "--port", "0", "--json", "--seed", seed];
  return await Served.start(arcade, { args, env: { HOME: folder, PATH } });
}

/** Calls of the tool through a local Arcade. */
export function executing({ url, apiKey }: Served): Contestant {
  const headers = { authorization: `Bearer ${apiKey}`, "content-type": "application/json" };
  const body = JSON.stringify({ tool_name: TOOL, input: INPUTS });
  return calling("execute, by the local Arcade", {
    url: `${url}/v1/tools/execute`,
    request: { method: "POST", headers, body },
  });
}

/** The same calls at its server. */
export function invoking(worker: string): Contestant {
  const [toolkit, name] = TOOL.split(".");
  const tool = { name, toolkit, version: "1.0.0" };
  const call = { execution_id: "tc_1", tool, inputs: INPUTS, context: { secrets: [] } };
  const headers = { "content-type": "application/json" };
  return calling("the server itself", {
    url: `${worker}/worker/tools/invoke`,
    request: { method: "POST", headers, body: JSON.stringify(call) },
  });
}

/** Sends a request {@linkcode CALLS} times. Throws when a call is lost or fails. */
function calling(
  name: string,
  { url, request }: { readonly url: string; readonly request: RequestInit },
): Contestant {
  return {
    name,
    async run() {
      const start = performance.now();
      await atOnce(CALLS, CALLS_AT_ONCE, async () => {
        const answer = await fetch(url, request);
        const { success, output } = await answer.json();
        if (success !== true || output.value !== INPUTS.a + INPUTS.b) {
          throw new Error(`A call was answered with ${answer.status}`);
        }
      });
      return { wallMs: performance.now() - start };
    },
  };
}

/** Does some work `count` times, up to `limit` times at once. */
export async function atOnce(
  count: number,
  limit: number,
  work: (i: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  await Promise.all(Array.from({ length: limit }, async () => {
    while (next < count) await work(next++);
  }));
}
