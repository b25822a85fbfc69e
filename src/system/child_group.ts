/**
 * The process of a server, with everything that it starts. It has its own process group, and a guard: a shell that ends the
 * whole group when its standard input closes. This process holds the other end, so the system closes it however this process
 * ends, and no server outlives it. Windows has no process groups.
 *
 * A signal reaches each process once, because servers treat a second one as "force quit" and abort running calls: see
 * {@linkcode DELIVER}.
 */

import { isProgram } from "./programs.ts";
import { fileFailure } from "./system_failure.ts";
import { MAX_LINE, readLines } from "../text/lines.ts";

export interface ProcessOptions {
  /** The program and its arguments. */
  readonly command: readonly string[];
  readonly cwd: string;
  /** A folder that is removed when the process group has ended, however this process ends. */
  readonly temporary?: {
    /** An unused path. */
    readonly path: string;
    /** Creates the folder before the process starts. */
    readonly make: () => Promise<void>;
  };
  /** The whole environment, unless {@linkcode inheritsEnv} is set. */
  readonly env: Readonly<Record<string, string>>;
  /** Lets the process also get the environment of this one, except these variables. */
  readonly inheritsEnv?: { readonly without: readonly string[] };
  /** Called for each line that the process prints. */
  readonly onLine: (line: string, source: "stdout" | "stderr") => void;
  /** Whether the process gets input; otherwise it has none. */
  readonly hasInput?: boolean;
  /** The longest line that is kept. */
  readonly maxLine?: number;
}

export interface ServerProcess {
  /** Settles when the whole process group has ended and its output is read. */
  readonly ended: Promise<Deno.CommandStatus>;
  /** Sends a line to the process, if it has input. One that has ended gets none. */
  send(line: string): Promise<void>;
  /** Ends the process group with SIGTERM, and with SIGKILL after five seconds. */
  stop(): Promise<void>;
}

const SHELL = "/bin/sh";

/** Waits for a line before it becomes the server in the folder `$1`, so that no server starts without its guard. */
const GATE = 'read -r _ && cd "$1" && shift && exec "$@"';
const WITHOUT_INPUT = " </dev/null";

/**
 * Sends the signal `$1` to the server in the process group `$group` once, and sets `$target` to its recipient. The first process
 * gets it: a server ends the processes that it started, and a launcher such as `uv run` forwards it. But a shell ends without its
 * children or waits for them, so these get it too. Some launchers forward all signals but SIGINT, which they expect the terminal
 * to send; uv does if its input is one. npm and its like forward signals to a shell, which is where they end.
 */
const DELIVER = `
name_of() {
  words=$(tr '\\0' ' ' <"/proc/$1/cmdline")
  [ -n "$words" ] || words=$(ps -o args= -p "$1")
  name=\${words%% *}
  name=\${name##*/}
  case $name in
    node | nodejs) name=\${words#* } name=\${name%% *} name=\${name##*/} name=\${name%.*js} ;;
  esac
  echo "\${name#-}"
}
children_of() { cat "/proc/$1/task/$1/children" || pgrep -P "$1"; }
kind_of() {
  case $(name_of "$1")/$2 in
    sh/* | ash/* | bash/* | busybox/* | dash/* | fish/* | ksh/* | mksh/* | zsh/*) echo shell ;;
    gmake/INT | just/INT | make/INT | time/INT | yarn/INT) echo shell ;;
    uv/INT | uvx/INT) [ ! -t 0 ] || echo shell ;;
    npm/* | npx/* | pnpm/* | pnpx/* | yarn/*) echo npm ;;
  esac
}
add() {
  pids="$pids $1"
  case $(kind_of "$1" "$2") in
    shell) for child in $(children_of "$1"); do add "$child" "$2"; done ;;
    npm)
      for shell in $(children_of "$1"); do
        [ "$(kind_of "$shell" "$2")" != shell ] ||
          for child in $(children_of "$shell"); do add "$child" "$2"; done
      done
      ;;
  esac
}
deliver() {
  pids=
  add "$group" "$1"
  target=-$group
  [ "$pids" != " $group" ] || target=$group
  kill "-$1" $pids
}
`;

/** The guard's input when its process has ended: whether the whole group got a signal. */
export type GuardWord = "ended" | "signaled";

/**
 * Ends the process group `$group` when its standard input closes.
 * Processes without a signal by the end of the first process get SIGTERM; processes that remain after five seconds get SIGKILL. Then
 * it waits up to a second, because a killed process does not end at once. A `sleep` without fractions sleeps for a second.
 *
 * A process that has ended can get signals until its parent waits for it, which the first process of a container may never do.
 */
const GUARD = `${DELIVER}
lives() {
  kill -0 "$1" || return 1
  [ "$i" -gt 1 ] && all=$(ps -A -o pgid= -o pid= -o stat=) && [ -n "$all" ] || return 0
  echo "$all" | while read -r id pid state; do
    case $1/$state in
      "-$id"/Z* | "$pid"/Z*) ;;
      "-$id"/* | "$pid"/*) echo lives ;;
    esac
  done | grep -q .
}
await() {
  while [ "$i" -lt 50 ] && lives "$1"; do
    i=$((i + 1))
    sleep 0.1 || { sleep 1; i=$((i + 9)); }
  done
}
i=0
target=
read -r word
case $word in
  ended) ;;
  signaled) target=-$group ;;
  *) deliver TERM ;;
esac
if [ -n "$target" ]; then
  await "$target"
  [ "$i" -lt 45 ] || i=45
fi
kill -TERM "-$group"
await "-$group"
i=40
kill -KILL "-$group"
await "-$group"
`;
const GUARD_PATH = "/usr/bin:/bin";

/**
 * A guard that is started before its process group. It creates a FIFO at the first of the paths `$@` where that is possible, and
 * prints that path. Then it reads the process group, and only then writes to the FIFO, which lets the server start. It removes
 * the folder `$1` of its arguments however it ends, before those paths.
 */
const EARLY_GUARD = `
trap "" PIPE
umask 077
temporary=$1
shift
made=
trap 'rm -rf \${made:+"$made"} \${temporary:+"$temporary"}' 0
for fifo; do mkfifo "$fifo" && made=$fifo && break; done
[ -z "$made" ] || exec 3<>"$made"
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

/**
 * Starts a process.
 *
 * @throws {Failure} of kind `file` when the system refuses. Also throws what making the temporary folder throws.
 */
export async function startProcess(options: ProcessOptions): Promise<ServerProcess> {
  const { command, cwd, temporary, env, inheritsEnv, onLine } = options;
  const { hasInput = false, maxLine = MAX_LINE } = options;
  const unset = inheritsEnv?.without.filter((name) => !Object.hasOwn(env, name)) ?? [];
  const script = [...unset.map((name) => `unset ${name}`), hasInput ? GATE : GATE + WITHOUT_INPUT];
  const child = spawn(SHELL, {
    args: ["-c", script.join("\n"), "sh", cwd, ...command],
    cwd: "/",
    clearEnv: inheritsEnv === undefined,
    env,
    detached: true,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  });
  const silence = new AbortController();
  const output = (["stdout", "stderr"] as const).map((source) =>
    readLines(child[source], (line) => onLine(line, source), { signal: silence.signal, maxLine })
  );
  const gate = child.stdin.getWriter();
  const dismiss = async () => {
    await gate.close().catch(() => {}); // it may have been killed
    await Promise.all([child.status, ...output]);
  };
  let guard: Guard;
  try {
    guard = startGuard(child.pid, { path: env.PATH ?? "", temporary: temporary?.path ?? "" });
  } catch (error) {
    await dismiss();
    throw error;
  }
  try {
    await temporary?.make();
  } catch (error) {
    await dismiss();
    await guard.end("ended");
    throw error;
  }

  const endGroup = async (word?: GuardWord) => {
    await guard.end(word);
    try {
      child.kill("SIGKILL"); // if the guard was killed
    } catch {
      // the process has ended
    }
  };
  const end = async () => {
    const ended = await child.status;
    await endGroup("ended");
    const timer = setTimeout(() => silence.abort(), LAST_OUTPUT_MS);
    await Promise.all(output);
    clearTimeout(timer);
    await gate.close().catch(() => {});
    return ended;
  };
  const ended = end();
  // A process that was killed in the meantime has closed the pipe.
  await writeLine(gate, "");
  if (!hasInput) await gate.close().catch(() => {});
  return {
    ended,
    async send(line) {
      await writeLine(gate, line);
    },
    async stop() {
      await endGroup();
      await ended;
    },
  };
}

/**
 * Starts a process.
 *
 * @throws {Failure} of kind `file` when the system refuses.
 */
export function spawn(program: string, options: Deno.CommandOptions): Deno.ChildProcess {
  try {
    return new Deno.Command(program, options).spawn();
  } catch (error) {
    throw fileFailure("start", program, error);
  }
}

/** A running guard. */
interface Guard {
  /**
   * Ends the process group. Settles when it has ended.
   *
   * @param word undefined while its first process runs.
   */
  readonly end: (word?: GuardWord) => Promise<void>;
}

/** Starts the guard of a process group. */
function startGuard(
  group: number,
  { path, temporary }: { readonly path: string; readonly temporary: string },
): Guard {
  const guard = spawn(SHELL, {
    args: ["-c", `group=$2\n${GUARD}[ -z "$1" ] || rm -rf "$1"`, "sh", temporary, String(group)],
    ...guardOptions(path),
    stdout: "null",
  });
  return { end: endingOf(guard, guard.stdin.getWriter()) };
}

/** Sends the word to a guard once, and waits for its end. A guard that was killed has closed the pipe. */
function endingOf(
  guard: Deno.ChildProcess,
  input: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>,
): Guard["end"] {
  let isReleased = false;
  return async (word) => {
    if (!isReleased) {
      isReleased = true;
      if (word !== undefined) await writeLine(input, word);
      await input.close().catch(() => {});
    }
    await guard.status;
  };
}

async function writeLine(
  input: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>,
  line: string,
): Promise<void> {
  await input.write(new TextEncoder().encode(`${line}\n`)).catch(() => {}); // it was killed
}

/**
 * Sends a signal to a process group, to each process once.
 *
 * @param path the PATH of the shell that finds out the recipient. Its input is that of this process.
 * @returns whether the whole group got it.
 */
export async function signalGroup(
  group: number,
  signal: Deno.Signal,
  path: string,
): Promise<boolean> {
  const script = `group=$1\n${DELIVER}\ndeliver "$2" || :\n[ "$target" = "$group" ]`;
  try {
    const { success } = await spawn(SHELL, {
      args: ["-c", script, "sh", String(group), signal.slice("SIG".length)],
      ...guardOptions(path),
      stdin: "inherit",
      stdout: "null",
    }).status;
    return !success;
  } catch {
    try {
      Deno.kill(group, signal);
    } catch {
      // it has ended
    }
    return false;
  }
}

/** The guard of a process group that is not started yet. */
export interface EarlyGuard {
  /**
   * The words that start a command in this group: it waits until it is guarded. On a system without FIFOs, only the command.
   */
  readonly gated: (command: readonly string[]) => readonly string[];
  /** Guards a process group, and lets its process become the command. */
  readonly guard: (group: number) => Promise<void>;
  /** Ends the group, if there is one. Settles when it has ended. */
  readonly end: Guard["end"];
}

/**
 * Starts a guard before its process group, for a process that gets all three streams of this one. If this process ends before
 * `guard` is called, the command never starts.
 *
 * @param options.fifos paths for a FIFO, which others cannot guess; it is removed when the command starts.
 * @param options.temporary the unused path of a folder that is removed at the end. The folder can be created after this call.
 */
export async function startEarlyGuard(
  { path, fifos, temporary = "" }: {
    readonly path: string;
    readonly fifos: readonly string[];
    readonly temporary?: string | undefined;
  },
): Promise<EarlyGuard> {
  const guard = spawn(SHELL, {
    args: ["-c", EARLY_GUARD, "sh", temporary, ...fifos],
    ...guardOptions(path),
    stdout: "piped",
  });
  const input = guard.stdin.getWriter();
  const end = endingOf(guard, input);
  const fifo = (await new Response(guard.stdout).text()).trimEnd();
  const shell = await isProgram(GATE_SHELL[0]) ? GATE_SHELL : [SHELL];
  let isGuarding = false;
  return {
    gated: (command) => fifo === "" ? command : [...shell, "-c", FIFO_GATE, "sh", fifo, ...command],
    async guard(group) {
      isGuarding = true;
      await writeLine(input, String(group));
    },
    async end(word) {
      await end(isGuarding ? word : undefined);
      for (const path of [fifo, temporary]) { // if the guard was killed
        if (path !== "") await Deno.remove(path, { recursive: true }).catch(() => {});
      }
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
