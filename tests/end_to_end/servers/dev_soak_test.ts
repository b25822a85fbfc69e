/**
 * Random saves, kills and calls of `arcade dev`: `deno task test:dev [MINUTES] [SEED]`. It prints the seed, with which a run can
 * be repeated as far as the machine allows it.
 */

import assert from "node:assert/strict";
import { Fields } from "../../../src/contract/fields.ts";
import { call } from "../../local/harness.ts";
import { until } from "../../support/patience.ts";
import { hasProc, processIds, readProc } from "../../support/proc.ts";
import { ProjectFolder } from "../../support/project_folder.ts";
import { withTemporaryFolder } from "../../support/temporary_folder.ts";
import { PYTHON_ENVIRONMENT, serverFiles, withoutPython } from "../../support/test_server.ts";
import type { Running, TestMachine } from "../../support/test_machine.ts";

const isAsked = Deno.env.get("ARCADE_TEST_DEV") === "1";
const [minutes = "2", written] = Deno.args;

/** Random numbers that a seed decides (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A developer who does anything at any time. */
class Chaos {
  readonly #machine: TestMachine;
  readonly #folder = new ProjectFolder(serverFiles(), "demo");
  readonly #random: () => number;
  readonly #source = serverFiles()["server.py"] ?? "";
  readonly counts = new Map<string, number>();
  #version = 0;
  #running: Running;

  constructor(machine: TestMachine, random: () => number) {
    this.#machine = machine;
    this.#random = random;
    this.#running = this.#start();
  }

  #start(): Running {
    return this.#machine.start(["dev", "--json", "--port", "0"], {
      cwd: this.#folder.path,
      env: { PATH: PYTHON_ENVIRONMENT.PATH },
    });
  }

  /** The processes that run the program of the folder. */
  get servers(): number[] {
    const program = `${this.#folder.path}/server.py\0`;
    return processIds().filter((pid) => readProc(`/proc/${pid}/cmdline`).endsWith(program));
  }

  /** The last event `ready` of the run; undefined before. */
  get #ready(): Fields | undefined {
    const line = this.#running.stdout.split("\n").find((one) => one.includes('"event":"ready"'));
    return line === undefined ? undefined : new Fields(JSON.parse(line));
  }

  get #next(): string {
    return this.#source.replace('VERSION = "1.0.0"', `VERSION = "1.0.${++this.#version}"`);
  }

  /** One random action. */
  async act(): Promise<void> {
    const actions: readonly (readonly [name: string, weight: number, () => unknown])[] = [
      ["save", 8, () => this.#folder.write("server.py", this.#next)],
      ["burst", 2, async () => {
        for (let i = 0; i < 20; i++) {
          this.#folder.write("server.py", this.#next);
          await pause(this.#random() * 60);
        }
      }],
      ["syntax error", 3, () => this.#folder.write("server.py", `${this.#next}\ndef (\n`)],
      ["exit at start", 1, () => this.#folder.write("misbehave", "exit")],
      ["no exit at start", 2, () => this.#folder.write("misbehave", "")],
      ["rename over the file", 3, () => {
        this.#folder.write(".server.py.new", this.#next);
        Deno.renameSync(`${this.#folder.path}/.server.py.new`, `${this.#folder.path}/server.py`);
      }],
      [".env", 2, () => this.#folder.write(".env", `TEST_SECRET=${this.#version} x\n`)],
      ["new folder", 1, () => this.#folder.write(`package${this.#version}/a.py`, "a = 1\n")],
      ["file that does not count", 1, () => this.#folder.write("logs/a.log", this.#next)],
      ["call", 8, () => this.#call()],
      ["calls", 2, () => Promise.all(Array.from({ length: 10 }, () => this.#call()))],
      ["kill a server", 2, () => this.#killServer()],
      ["kill dev", 1, () => this.restart("SIGKILL")],
      ["interrupt dev", 1, () => this.restart("SIGINT")],
      ["settle", 2, () => this.settle()],
    ];
    let place = this.#random() * actions.reduce((sum, [, weight]) => sum + weight, 0);
    const chosen = actions.find(([, weight]) => (place -= weight) < 0) ?? actions[0];
    if (chosen === undefined) return;
    const [name, , work] = chosen;
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
    await work();
    await pause(this.#random() ** 3 * 2000);
  }

  /** Calls the tool; undefined if no server answers. */
  async #call(): Promise<string | undefined> {
    const ready = this.#ready;
    if (ready === undefined) return undefined;
    const token = ready.requiredFields("environment").requiredText("ARCADE_API_KEY");
    const json = { tool_name: "TestServer.Greet", input: { name: "Ada" }, user_id: "ada@x.com" };
    try {
      const url = `${ready.requiredText("url")}/v1/tools/execute`;
      const answer = await call(url, { method: "POST", token, json });
      const value = answer.at("output", "value");
      return typeof value === "string" ? value : undefined;
    } catch {
      return undefined; // the local Arcade is gone
    }
  }

  #killServer(): void {
    const { servers } = this;
    const pid = servers[Math.floor(this.#random() * servers.length)];
    try {
      if (pid !== undefined) Deno.kill(pid, "SIGKILL");
    } catch {
      // it has ended meanwhile
    }
  }

  /** Ends `dev`, requires that no server is left, and starts it again. */
  async restart(signal: Deno.Signal): Promise<void> {
    await this.end(signal);
    this.#running = this.#start();
  }

  async end(signal: Deno.Signal): Promise<void> {
    this.#running.kill(signal);
    const { code, stderr } = await this.#running.end();
    // Before it is ready, an interruption cancels it.
    if (signal !== "SIGKILL") assert([0, 130].includes(code), stderr.slice(-2000));
    assert.doesNotMatch(stderr, /\n? +at (?:async )?.*(?:file:|ext:)|Uncaught/);
    await until("the end of all servers", () => this.servers.length === 0);
  }

  /** Saves a good version, and requires that exactly one server runs then, with this version. */
  async settle(): Promise<void> {
    this.#folder.write("misbehave", "");
    const source = this.#next;
    const expected = `Hello, Ada! (1.0.${this.#version})`;
    this.#folder.write("server.py", source);
    await until(
      `an answer of version ${this.#version}`,
      async () => await this.#call() === expected,
    );
    await until("one server", () => this.servers.length === 1);
  }

  /** The memory of `dev`, in MiB. */
  get memory(): number {
    const [, kilobytes = "0"] = /^VmRSS:\s+(\d+)/m
      .exec(readProc(`/proc/${this.#running.pid}/status`)) ?? [];
    return Math.round(Number(kilobytes) / 1024);
  }

  [Symbol.dispose](): void {
    this.#folder[Symbol.dispose]();
  }
}

function tell(line: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(`${line}\n`));
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

Deno.test({
  name: "random saves, kills and calls leave one server while `dev` runs, and nothing afterwards",
  ignore: !isAsked || withoutPython || !hasProc(),
}, async () => {
  const seed = Number(written ?? crypto.getRandomValues(new Uint32Array(1))[0]);
  tell(`Seed ${seed}, ${minutes} minutes`);
  const { machine: own, temporary } = withTemporaryFolder();
  await using machine = own;
  using chaos = new Chaos(machine, randomOf(seed));
  await chaos.settle();
  const memory = chaos.memory;
  const end = performance.now() + Number(minutes) * 60_000;
  while (performance.now() < end) await chaos.act();
  await chaos.settle();
  tell(`Memory ${memory} MiB, then ${chaos.memory} MiB; ${JSON.stringify([...chaos.counts])}`);
  await chaos.end("SIGINT");
  assert.deepEqual([...Deno.readDirSync(temporary)], [], "temporary files");
  const data = `${machine.folder}/local`;
  for (const folder of [machine.folder, `${data}/home`]) {
    assert.deepEqual([...Deno.readDirSync(`${folder}/running`)], [], "registrations");
  }
  const left = [...Deno.readDirSync(data)].map(({ name }) => name).sort();
  assert.deepEqual(left, ["arcade.db", "arcade.lock", "encryption.key", "env.json", "home"]);
});
