/** The child processes that send the telemetry events of a machine. */

import { adoptOrphans, endOfOrphan } from "../../scripts/orphans.ts";
import { isAvailable } from "./test_machine.ts";
import { PATIENCE_MS, patiently } from "./patience.ts";
import { hasProc, processIds, readProc, statOf } from "./proc.ts";
import { sleep } from "../../src/system/waiting.ts";

/** Whether the child processes of telemetry cannot be observed here. */
export const withoutSenders = !isAvailable(
  "Linux with glibc, to adopt processes and to read their environments",
  () => adoptOrphans() && hasProc(),
);

/**
 * The child processes that send the events of one machine, and the shells that start them. When a command exits, the test
 * process adopts its orphans, so these are children of the test process until they exit.
 */
export class Senders {
  readonly #event: RegExp;

  /** @param path the folder of the machine, which every event contains. */
  constructor(path: string) {
    this.#event = new RegExp(`(?:^|\0)ARCADE_USAGE_EVENT_DATA=[^\0]*${RegExp.escape(path)}/`);
  }

  /** The processes of commands that have exited. */
  async running(): Promise<number[]> {
    const deadline = performance.now() + PATIENCE_MS;
    // A shell may start the sender and exit between two look-ups, so an empty result must repeat.
    for (let nothing = 0; nothing < 2;) {
      const { mine, unknown } = this.#look();
      if (mine.length > 0 && unknown.length === 0) return mine;
      nothing = unknown.length === 0 ? nothing + 1 : 0;
      if (performance.now() > deadline) {
        const names = unknown.map((pid) => readProc(`/proc/${pid}/cmdline`).replaceAll("\0", " "));
        throw new Error(`Children without environment:\n${names.join("\n")}`);
      }
      await sleep(0);
    }
    return [];
  }

  /** Waits until all have exited. */
  async gone(): Promise<void> {
    for (let pids = await this.running(); pids.length > 0; pids = await this.running()) {
      const ends = Promise.all(pids.map(endOfOrphan));
      await patiently("the end of all processes that send events", ends);
    }
  }

  /** Kills all. */
  async kill(): Promise<void> {
    for (let pids = await this.running(); pids.length > 0; pids = await this.running()) {
      await Promise.all(pids.map((pid) => this.killOne(pid)));
    }
  }

  /** Kills one process, and waits for its end. */
  async killOne(pid: number): Promise<void> {
    Deno.kill(pid, "SIGKILL"); // the id is still valid: only this process reaps the child
    await endOfOrphan(pid);
  }

  /** During `execve` the environment is empty, and the process cannot be attributed. */
  #look(): { mine: number[]; unknown: number[] } {
    const mine: number[] = [];
    const unknown: number[] = [];
    for (const pid of processIds()) {
      if (!isChild(pid)) continue;
      const environment = readProc(`/proc/${pid}/environ`);
      if (this.#event.test(environment)) mine.push(pid);
      else if (environment === "" && isChild(pid)) unknown.push(pid);
    }
    return { mine, unknown };
  }
}

/** Whether the process is a running child of this one. */
function isChild(pid: number): boolean {
  const stat = statOf(pid);
  return stat?.parent === Deno.pid && !stat.hasEnded;
}

/** The state of a process. */
export interface ProcessState {
  readonly folder: string;
  /** The open descriptors and their files. */
  readonly files: ReadonlyMap<number, string>;
  readonly environment: ReadonlyMap<string, string>;
  readonly umask: string;
  readonly group: number;
  readonly session: number;
  /** 0 without a terminal. */
  readonly terminal: number;
}

/** Reads the state of a process. */
export function stateOf(pid: number): ProcessState {
  const ask = (program: string, ...args: string[]) =>
    new TextDecoder().decode(new Deno.Command(program, { args }).outputSync().stdout);
  const of = (name: string) => `/proc/${pid}/${name}`;
  const links = ask("find", of("fd"), "-type", "l", "-printf", "%f %l\\n");
  const variables = readProc(of("environ")).split("\0").filter((variable) => variable !== "");
  const { group = 0, session = 0, terminal = 0 } = statOf(pid) ?? {};
  return {
    folder: ask("readlink", of("cwd")).trimEnd(),
    files: new Map(
      links.matchAll(/^(\d+) (.*)$/gm).map(([, number, name = ""]) => [Number(number), name]),
    ),
    environment: new Map(
      variables.map((variable): [string, string] => {
        const at = variable.indexOf("=");
        return [variable.slice(0, at), variable.slice(at + 1)];
      }),
    ),
    umask: /^Umask:\s*(\d+)$/m.exec(readProc(of("status")))?.[1] ?? "",
    group,
    session,
    terminal,
  };
}
