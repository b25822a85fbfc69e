/**
 * The process of a server, with everything that it starts. It has its own process group, and a guard: a shell that ends the
 * whole group when its standard input closes. This process holds the other end, so the system closes it however this process
 * ends, and no server outlives it. Windows has no process groups.
 */

import { isProgram } from "./programs.ts";
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
 * Ends the process group `$group` when its standard input closes: SIGTERM, and SIGKILL after five seconds. Then it waits up to a
 * second, because a killed process does not end at once. A `sleep` without fractions sleeps for a second.
 */
const GUARD = `
end() {
  kill "-$1" "-$group"
  i=0
  while [ "$i" -lt "$2" ] && kill -0 "-$group"; do
    i=$((i + 1))
    sleep 0.1 || { sleep 1; i=$((i + 9)); }
  done
}
read -r _
end TERM 50
end KILL 10
`;
const GUARD_PATH = "/usr/bin:/bin";

/**
 * A guard that is started before its process group. It makes a FIFO, at the first of the paths `$@` where one can be made, and
 * prints that path. Then it reads the process group, and only then writes to the FIFO, which lets the server start.
 */
const EARLY_GUARD = `
trap "" PIPE
umask 077
made=
for fifo; do mkfifo "$fifo" && made=$fifo && break; done
if [ -n "$made" ]; then
  trap 'rm -f "$made"' 0
  exec 3<>"$made"
fi
echo "$made"
exec >/dev/null
read -r group || exit
[ -n "$made" ] && echo >&3
${GUARD}`;

/** Waits for a line in the FIFO `$1` before it becomes the server, and ends if the guard ends. */
const FIFO_GATE = '{ read -r _ <"$1"; } 2>/dev/null || exit 1; /bin/rm -f "$1"; shift; exec "$@"';

/**
 * The shell of {@linkcode FIFO_GATE}, where it is installed: dash drops variables from the environment whose names it could not
 * set, such as `a.b`. With `-p` it reads no file of `BASH_ENV`.
 */
const GATE_SHELL = ["/bin/bash", "-p"] as const;

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
function startGuard(group: number, path: string): Deno.ChildProcess {
  return new Deno.Command(SHELL, {
    args: ["-c", `group=$1\n${GUARD}`, "sh", String(group)],
    ...guardOptions(path),
    stdout: "null",
  }).spawn();
}

/** The guard of a process group that is not started yet. */
export interface EarlyGuard {
  /**
   * The words that start a command in this group: it waits until it is guarded. Just the command where the system has no FIFOs.
   */
  readonly gated: (command: readonly string[]) => readonly string[];
  /** Guards a process group, and lets its process become the command. */
  readonly guard: (group: number) => Promise<void>;
  /** Ends the group, if there is one. Settles when it has ended. */
  readonly end: () => Promise<void>;
}

/**
 * Starts a guard before its process group, for a process that gets all three streams of this one. If this process ends before
 * `guard` is called, the command never starts.
 *
 * @param options.fifos paths for a FIFO, which others cannot guess; it is removed when the command starts.
 */
export async function startEarlyGuard(
  { path, fifos }: { readonly path: string; readonly fifos: readonly string[] },
): Promise<EarlyGuard> {
  const guard = new Deno.Command(SHELL, {
    args: ["-c", EARLY_GUARD, "sh", ...fifos],
    ...guardOptions(path),
    stdout: "piped",
  }).spawn();
  const input = guard.stdin.getWriter();
  const fifo = (await new Response(guard.stdout).text()).trimEnd();
  const shell = await isProgram(GATE_SHELL[0]) ? GATE_SHELL : [SHELL];
  return {
    gated: (command) => fifo === "" ? command : [...shell, "-c", FIFO_GATE, "sh", fifo, ...command],
    // A guard that was killed has closed the pipe.
    guard: (group) => input.write(new TextEncoder().encode(`${group}\n`)).catch(() => {}),
    async end() {
      await input.close().catch(() => {});
      await guard.status;
      if (fifo !== "") await Deno.remove(fifo).catch(() => {}); // if the guard was killed
    },
  };
}

function guardOptions(path: string) {
  return {
    cwd: "/",
    clearEnv: true,
    env: { PATH: `${path}:${GUARD_PATH}` },
    detached: true,
    stdin: "piped",
    stderr: "null",
  } as const;
}
