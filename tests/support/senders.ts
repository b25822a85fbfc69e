/** The processes that send what the commands of a machine report. */

import { adoptOrphans, endOfOrphan } from "../../scripts/orphans.ts";
import { isAvailable, succeeds } from "./test_machine.ts";
import { PATIENCE_MS, patiently } from "./patience.ts";

/** For tests of telemetry: whether the processes that send cannot be watched here. */
export const withoutSenders = !isAvailable(
  "Linux with glibc, sh, sed and grep, to adopt processes and to read their environments",
  () => adoptOrphans() && succeeds("grep", "-qaz", "^PATH=", "/proc/self/environ"),
);

/**
 * The processes that send the events of one machine: the last one of each command, which starts no other, and perhaps still
 * the shell that starts it. When a command ends, the process of the tests adopts what it leaves behind, so these are among
 * its children until they end.
 */
export class Senders {
  readonly #path: string;

  /** @param path the folder of the machine, which is in every event. */
  constructor(path: string) {
    this.#path = path;
  }

  /** Those of the commands that have ended. */
  async running(): Promise<number[]> {
    const deadline = performance.now() + PATIENCE_MS;
    // A shell may start the sender and end while this looks at others. Then the sender alone is there the next time.
    for (let nothing = 0; nothing < 2;) {
      const { mine, unknown } = await this.#look();
      if (mine.length > 0 && unknown.length === 0) return mine;
      nothing = unknown.length === 0 ? nothing + 1 : 0;
      if (performance.now() > deadline) {
        const words = ["-o", "pid,stat,args", "-p", unknown.join()];
        const { stdout } = await new Deno.Command("ps", { args: words }).output();
        throw new Error(`Children without environment:\n${new TextDecoder().decode(stdout)}`);
      }
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
  async #look(): Promise<{ mine: number[]; unknown: number[] }> {
    const { stdout } = await new Deno.Command("sh", {
      args: ["-c", LOOK, "sh", String(Deno.pid), this.#path],
      stdin: "null",
      stderr: "null",
    }).output();
    const [variables = "", children = ""] = new TextDecoder().decode(stdout).split("\n--\n");
    const found = variables.split("\0").map((line) => {
      const [, pid, variable = ""] = /^\/proc\/(\d+)\/environ:(.*)$/s.exec(line) ?? [];
      return { pid: Number(pid), isMine: variable.endsWith(`${this.#path}/`) };
    });
    const known = new Set(found.map(({ pid }) => pid));
    return {
      mine: found.filter(({ isMine }) => isMine).map(({ pid }) => pid),
      unknown: children.matchAll(/\d+/g).map(Number).filter((pid) => !known.has(pid)).toArray(),
    };
  }
}

/**
 * The names of all variables of the children of a process, with that part of the event of a sender which names a folder.
 * Each environment is read once, so that all that is said of a process is of one moment. Then those of the children that
 * have not ended meanwhile: without them, a child that ended during the look would seem to have no environment.
 */
const LOOK = `
children() { sed -n "s/^\\([0-9]*\\) (.*) [^XZ] $1 .*/\\/proc\\/\\1\\/environ/p" /proc/[0-9]*/stat; }
before=$(children $1)
grep -aHosz -e "^[^=]*=" -e "^ARCADE_USAGE_EVENT_DATA=.*$2/" $before
echo
echo --
children $1 | grep -Fxe "$before"
`;

/** What the system tells of a process. */
export interface ProcessState {
  readonly folder: string;
  /** The open descriptors, and what each one is. */
  readonly files: ReadonlyMap<number, string>;
  readonly environment: ReadonlyMap<string, string>;
  readonly umask: string;
  readonly group: number;
  readonly session: number;
  /** 0 where there is none. */
  readonly terminal: number;
}

/** Asks the system about a process by its tools, for Deno itself may not look into `/proc`. */
export function stateOf(pid: number): ProcessState {
  const ask = (program: string, ...args: string[]) =>
    new TextDecoder().decode(new Deno.Command(program, { args }).outputSync().stdout);
  const of = (name: string) => `/proc/${pid}/${name}`;
  const links = ask("find", of("fd"), "-type", "l", "-printf", "%f %l\\n");
  const variables = ask("cat", of("environ")).split("\0").filter((variable) => variable !== "");
  const [, , group = 0, session = 0, terminal = 0] = (ask("cat", of("stat")).split(") ")[1] ?? "")
    .split(" ").map(Number);
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
    umask: /^Umask:\s*(\d+)$/m.exec(ask("cat", of("status")))?.[1] ?? "",
    group,
    session,
    terminal,
  };
}
