/**
 * The process of a server, with everything that it starts. It has its own process group, and a guard: a shell that ends the
 * whole group when its standard input closes. This process holds the other end, so the system closes it however this process
 * ends, and no server outlives it. Windows has no process groups.
 */

import { readLines } from "./lines.ts";

export interface ProcessOptions {
  /** The program and its arguments. */
  readonly command: readonly string[];
  readonly cwd: string;
  /** The whole environment, unless {@linkcode inheritsEnv} is set. */
  readonly env: Readonly<Record<string, string>>;
  /** Whether the process also gets the environment of this one. */
  readonly inheritsEnv?: true;
  /** Called for each line that the process prints. */
  readonly onLine: (line: string) => void;
}

export interface ServerProcess {
  /** Settles when the whole process group has ended and its output is read. */
  readonly ended: Promise<Deno.CommandStatus>;
  /** Sends SIGTERM to the process group, and SIGKILL after five seconds. */
  stop(): Promise<void>;
}

const SHELL = "/bin/sh";

/** Waits for a line before it becomes the server, so that no server starts without its guard. */
const GATE = 'read -r _ && exec "$@" </dev/null';

/**
 * Ends the process group `$1` when its standard input closes: SIGTERM, and SIGKILL after five seconds. A `sleep` without
 * fractions sleeps for a second.
 */
const GUARD = `
read -r _
kill -TERM "-$1"
i=0
while [ "$i" -lt 50 ] && kill -0 "-$1"; do
  i=$((i + 1))
  sleep 0.1 || { sleep 1; i=$((i + 9)); }
done
kill -KILL "-$1"
`;
const GUARD_PATH = "/usr/bin:/bin";

/** How long output is read after the group has ended, if a process that left the group keeps it open. */
const LAST_OUTPUT_MS = 1000;

/** Starts a process. Throws what `Deno.Command` throws. */
export async function startProcess(options: ProcessOptions): Promise<ServerProcess> {
  const { command, cwd, env, inheritsEnv = false, onLine } = options;
  const child = new Deno.Command(SHELL, {
    args: ["-c", GATE, "sh", ...command],
    cwd,
    clearEnv: !inheritsEnv,
    env,
    detached: true,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const silence = new AbortController();
  const output = [child.stdout, child.stderr].map((stream) =>
    readLines(stream, onLine, silence.signal)
  );
  const gate = child.stdin.getWriter();
  let guard: Deno.ChildProcess;
  try {
    guard = startGuard(child.pid, env.PATH ?? "");
  } catch (error) {
    await gate.close();
    await Promise.all([child.status, ...output]);
    throw error;
  }

  let isReleased = false;
  const endGroup = async () => {
    if (!isReleased) {
      isReleased = true;
      await guard.stdin.close().catch(() => {}); // the guard may have been killed
    }
    await guard.status;
    try {
      child.kill("SIGKILL"); // if the guard was killed
    } catch {
      // the process has ended
    }
  };
  const end = async () => {
    const ended = await child.status;
    await endGroup();
    const timer = setTimeout(() => silence.abort(), LAST_OUTPUT_MS);
    await Promise.all(output);
    clearTimeout(timer);
    return ended;
  };
  const ended = end();
  // A process that was killed meanwhile has closed the pipe.
  await gate.write(new TextEncoder().encode("\n")).then(() => gate.close()).catch(() => {});
  return {
    ended,
    async stop() {
      await endGroup();
      await ended;
    },
  };
}

/** Starts the guard of a process group. Its standard input ends the group when it closes. */
export function startGuard(group: number, path: string): Deno.ChildProcess {
  return new Deno.Command(SHELL, {
    args: ["-c", GUARD, "sh", String(group)],
    cwd: "/",
    clearEnv: true,
    env: { PATH: `${path}:${GUARD_PATH}` },
    detached: true,
    stdin: "piped",
    stdout: "null",
    stderr: "null",
  }).spawn();
}
