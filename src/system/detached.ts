/** Processes that continue after a command has ended. */

import { FILE_VARIABLES, trustOf } from "./certificates.ts";
import { absolutePath } from "./paths.ts";
import { settlesWithin } from "./waiting.ts";
import { type Environment, RUNTIME_VARIABLES } from "../contract/variables.ts";

/**
 * Starts a program and does not wait for it. The program inherits nothing: it has its own session, the root as its working directory, the
 * given environment, and no open descriptors.
 */
export async function startDetached(
  program: string,
  args: readonly string[],
  { env }: { readonly env: Readonly<Record<string, string>> },
): Promise<void> {
  const isWindows = Deno.build.os === "windows";
  const detached: Deno.CommandOptions = {
    clearEnv: true,
    env,
    cwd: isWindows ? env.SYSTEMROOT ?? "/" : "/",
    stdin: "null",
    stdout: "null",
    stderr: "null",
    detached: true,
  };
  const shell = isWindows ? undefined : spawnShell({
    ...detached,
    args: ["-c", CLOSE_AND_START, CLOSE_AND_START, program, ...args],
  });
  if (shell) await settlesWithin(SHELL_MS, shell.status);
  // Windows, or a system without a shell: inherited descriptors stay open.
  else new Deno.Command(program, { ...detached, args: [...args] }).spawn().unref();
}

/**
 * The variables that decide how a detached process reaches the network. It cannot change its own environment, so they say which
 * certificates the runtime loads.
 */
export function networkVariables(env: Environment): Record<string, string> {
  const { stores, system } = trustOf(env);
  return {
    ...passedOn(env, RUNTIME_VARIABLES),
    DENO_TLS_CA_STORE: stores,
    ...(system !== undefined && { SSL_CERT_FILE: system }),
  };
}

/** The set variables among these names, for a process with another working directory. */
export function passedOn(
  env: Environment,
  names: readonly (keyof Environment)[],
): Record<string, string> {
  const passed: Record<string, string> = {};
  for (const name of names) {
    const value = env[name];
    if (value === undefined) continue;
    if (!PATHS.has(name)) passed[name] = value;
    else if (value !== "") passed[name] = absolutePath(value);
  }
  return passed;
}

/** Variables with paths that may be relative to the working directory. */
const PATHS = new Set<string>([...FILE_VARIABLES, "DENO_DIR"]);

function spawnShell(options: Deno.CommandOptions): Deno.ChildProcess | undefined {
  try {
    return new Deno.Command("/bin/sh", options).spawn();
  } catch {
    return undefined;
  }
}

/** A shell takes 1 to 2 ms. One that hangs must not delay the command. */
const SHELL_MS = 2000;

/**
 * Closes descriptors that the command inherited from a script, such as a pipe or a lock, which the child would otherwise keep
 * open. Only a shell can do that from here. A shell that supports only one digit, which is the fastest one, parses `10` in
 * `10>&-` as an argument. It leaves the work to bash if there is such a descriptor. On a system without /dev/fd, only descriptors
 * 3 to 9 are closed.
 *
 * `$0` is this script.
 */
const CLOSE_AND_START = `
umask 077
arguments() { return $#; }
arguments 10>&- && many=yes
for fd in 3 4 5 6 7 8 9 /dev/fd/*; do
  fd=\${fd##*/}
  case $fd in
    [012] | *[!0-9]*) ;;
    [3-9]) eval "exec $fd>&-" ;;
    *) if [ -n "$many" ]; then eval "exec $fd>&-"
      elif [ -x /bin/bash ]; then exec /bin/bash -c "$0" "$0" "$@"
      fi ;;
  esac
done
"$@" &
`;
