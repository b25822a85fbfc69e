/** From saving a file of a server to calling its tools, beside what the server itself needs to start. */

import { sleep } from "../../src/system/waiting.ts";
import type { Race, Rival } from "./race.ts";

/** The maximum ratio of a save, until its tools can be called, to the start of the server. */
const DEV_RATIO = 1.2;
/** As long as a server with arcade-mcp-server imports its libraries on an idle machine. */
const IMPORT_MS = 1500;

const SERVER = `await new Promise((resolve) => setTimeout(resolve, ${IMPORT_MS}));
const { ARCADE_SERVER_HOST: hostname, ARCADE_SERVER_PORT: port } = Deno.env.toObject();
Deno.serve({ hostname, port: Number(port), onListen() {} }, ({ url }) =>
  Response.json(new URL(url).pathname === "/worker/tools" ? [] : { status: "ok" }));
`;
const COMMAND = [Deno.execPath(), "run", "--quiet", "--no-config", "--allow-net", "--allow-env"];

/** `arcade dev` with such a server. */
export class DevBench implements AsyncDisposable {
  readonly #dev: Deno.ChildProcess;
  readonly #folder: string;
  readonly #env: Readonly<Record<string, string>>;
  readonly #lines: ReadableStreamDefaultReader<string>;
  #text = "";
  #saved = 0;

  private constructor(folder: string, dev: Deno.ChildProcess, env: Record<string, string>) {
    this.#folder = folder;
    this.#dev = dev;
    this.#env = env;
    this.#lines = dev.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  static async start(arcade: string, env: Record<string, string>): Promise<DevBench> {
    const folder = await Deno.makeTempDir();
    await Deno.writeTextFile(`${folder}/server.ts`, SERVER);
    const dev = new Deno.Command(arcade, {
      args: ["dev", "--json", "--ephemeral", "--port", "0", "--", ...COMMAND, "server.ts"],
      cwd: folder,
      clearEnv: true,
      env,
      stdin: "null",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    const bench = new DevBench(folder, dev, env);
    await bench.#event("ready");
    return bench;
  }

  races(): Race[] {
    const command = {
      name: "saving a file, until its tools can be called",
      run: async () => {
        const start = performance.now();
        await Deno.writeTextFile(`${this.#folder}/server.ts`, `${SERVER}// ${++this.#saved}\n`);
        await this.#event("restarted");
        return { wallMs: performance.now() - start };
      },
    };
    const rival: Rival = {
      name: "the start of the server itself",
      target: DEV_RATIO,
      run: async () => {
        const start = performance.now();
        await this.#startBare();
        return { wallMs: performance.now() - start };
      },
    };
    return [{ command, rivals: [rival] }];
  }

  /** Starts the server alone, and ends it when it is healthy. */
  async #startBare(): Promise<void> {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr;
    listener.close();
    const [program = "", ...args] = COMMAND;
    const server = new Deno.Command(program, {
      args: [...args, "server.ts"],
      cwd: this.#folder,
      clearEnv: true,
      env: {
        ...this.#env,
        ARCADE_SERVER_HOST: "127.0.0.1",
        ARCADE_SERVER_PORT: String(port),
      },
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    while (!await isHealthy(port)) await sleep(5);
    server.kill("SIGKILL");
    await server.status;
  }

  /** Waits for an event of `dev`. */
  async #event(name: string): Promise<void> {
    while (true) {
      const end = this.#text.indexOf("\n");
      if (end < 0) {
        const { value, done } = await this.#lines.read();
        if (done) throw new Error(`arcade dev ended without ${name}`);
        this.#text += value;
        continue;
      }
      const { event } = JSON.parse(this.#text.slice(0, end));
      this.#text = this.#text.slice(end + 1);
      if (event === "error") throw new Error("The server does not start");
      if (event === name) return;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#dev.kill("SIGTERM");
    await this.#lines.cancel();
    await this.#dev.status;
    await Deno.remove(this.#folder, { recursive: true });
  }
}

async function isHealthy(port: number): Promise<boolean> {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/worker/health`);
    await answer.body?.cancel();
    return answer.ok;
  } catch {
    return false; // it does not listen yet
  }
}
