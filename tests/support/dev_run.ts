/** `arcade dev` in a folder, as a script runs it. */

import assert from "node:assert/strict";
import { Fields } from "../../src/contract/fields.ts";
import { until } from "./patience.ts";
import { ProjectFolder } from "./project_folder.ts";
import { gone } from "./processes.ts";
import { PYTHON_ENVIRONMENT, serverFiles } from "./test_server.ts";
import type { Running, TestMachine } from "./test_machine.ts";

/** A line that defines a tool of the test server, which tests change. */
export const GREET = `tool("Greet", "Greets a user", {"name": "string"}),`;

function eventsOf({ stdout }: Running): Fields[] {
  return stdout.split("\n").slice(0, -1).map((line) => new Fields(JSON.parse(line)));
}

/** The first event of a kind that `dev` prints. */
export async function eventOf(running: Running, event: string): Promise<Fields> {
  const find = () => eventsOf(running).find((fields) => fields.text("event") === event);
  await until(`the event ${event}`, () => find() !== undefined);
  const found = find();
  assert(found);
  return found;
}

export interface DevOptions {
  readonly args?: readonly string[];
  /** More files of the folder. */
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
}

/** The test server, while it is written. */
export class DevRun implements Disposable {
  readonly folder: ProjectFolder;
  readonly running: Running;
  #read = 0;

  private constructor(folder: ProjectFolder, running: Running) {
    this.folder = folder;
    this.running = running;
  }

  static start(machine: TestMachine, { args = [], files = {}, env = {} }: DevOptions = {}): DevRun {
    const folder = new ProjectFolder({ ...serverFiles(), ...files }, "demo");
    return new DevRun(folder, DevRun.in(machine, folder, { args, env }));
  }

  /** Starts `arcade dev` in a folder. */
  static in(machine: TestMachine, folder: ProjectFolder, { args = [], env = {} }: DevOptions = {}) {
    return machine.start(["dev", "--json", "--port", "0", ...args], {
      cwd: folder.path,
      env: { ...PYTHON_ENVIRONMENT, ...env },
    });
  }

  /** The next event of a kind; others before it are skipped. */
  async next(event: string): Promise<Fields> {
    let found: Fields | undefined;
    await until(`the event ${event}`, () => {
      const events = eventsOf(this.running);
      while (found === undefined && this.#read < events.length) {
        const next = events[this.#read++];
        if (next?.text("event") === event) found = next;
      }
      return found !== undefined;
    }).catch((error) => {
      throw new Error(`${error}: ${this.running.stdout}${this.running.stderr}`);
    });
    assert(found);
    return found;
  }

  /** Changes the program of the server. */
  edit(change: (source: string) => string): void {
    const path = `${this.folder.path}/server.py`;
    const source = Deno.readTextFileSync(path);
    const changed = change(source);
    assert.notEqual(changed, source, "the test changes nothing");
    Deno.writeTextFileSync(path, changed);
  }

  /** The process ids of all servers that were started, in their order. */
  get pids(): number[] {
    return [...this.running.stderr.matchAll(/^Process (\d+)$/gm)].map(([, pid]) => Number(pid));
  }

  /** Interrupts it, and requires that nothing is left. */
  async stop(): Promise<void> {
    this.running.kill("SIGINT");
    const { code, stderr } = await this.running.end();
    assert.equal(code, 0, stderr);
    await gone(...this.pids);
  }

  [Symbol.dispose](): void {
    this.folder[Symbol.dispose]();
  }
}
