/** The processes that send what the commands of a machine report. */

import { adoptOrphans, endOfOrphan } from "../../scripts/orphans.ts";
import { isAvailable } from "./test_machine.ts";
import { PATIENCE_MS, patiently } from "./patience.ts";
import { hasProc, processIds, readProc, statOf } from "./proc.ts";

/** For tests of telemetry: whether the processes that send cannot be watched here. */
export const withoutSenders = !isAvailable(
  "Linux with glibc, to adopt processes and to read their environments",
  () => adoptOrphans() && hasProc(),
);

/**
 * The processes that send the events of one machine: the last one of each command, which starts no other, and perhaps still
 * the shell that starts it. When a command ends, the process of the tests adopts what it leaves behind, so these are among
 * its children until they end.
 */
export class Senders {
  readonly #event: RegExp;

  /** @param path the folder of the machine, which is in every event. */
  constructor(path: string) {
    this.#event = new RegExp(`(?:^|\0)ARCADE_USAGE_EVENT_DATA=[^\0]*${RegExp.escape(path)}/`);
  }

  /** Those of the commands that have ended. */
  async running(): Promise<number[]> {
    const deadline = performance.now() + PATIENCE_MS;
    // A shell may start the sender and end while this looks at others. Then the sender alone is there the next time.
    for (let nothing = 0; nothing < 2;) {
      const { mine, unknown } = this.#look();
      if (mine.length > 0 && unknown.length === 0) return mine;
      nothing = unknown.length === 0 ? nothing + 1 : 0;
      if (performance.now() > deadline) {
        const names = unknown.map((pid) => readProc(`/proc/${pid}/cmdline`).replaceAll("\0", " "));
        throw new Error(`Children without environment:\n${names.join("\n")}`);
      }
      await new Promise((resolve) => setTimeout(resolve));
    }
    return [];
  }

  /** Waits until all have ended. */
  async gone(): Promise<void> {
    for (let pids = await this.running(); pids.length > 0; pids = await this.running()) {
      const ends = Promise.all(pids.map(endOfOrphan));
      await patiently("the end of all processes that send events", ends);
    }
  }

  /** Ends all. */
  async kill(): Promise<void> {
    for (let pids = await this.running(); pids.length > 0; pids = await this.running()) {
      await Promise.all(pids.map((pid) => this.killOne(pid)));
    }
  }

  /** Ends one of them, and waits for its end. */
  async killOne(pid: number): Promise<void> {
    Deno.kill(pid, "SIGKILL"); // at worst a zombie, for nobody else waits for it
    await endOfOrphan(pid);
  }

  /** While a process becomes another program its environment is empty, and it is unknown whose it is. */
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

/** Whether this process has such a child, and it has not ended. */
function isChild(pid: number): boolean {
  const stat = statOf(pid);
  return stat?.parent === Deno.pid && !stat.hasEnded;
}

/** What the system tells of a process. */
export interface ProcessState {
  readonly folder: string;
  /** The open descriptors, and what each one is. */
  readonly files: ReadonlyMap<number, string>;
  readonly environment: ReadonlyMap<string, string>;
  readonly umask: string;
  readonly group: number;
  readonly session: number;
  /** 0 without a terminal. */
  readonly terminal: number;
}

/** Asks the system about a process. */
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
