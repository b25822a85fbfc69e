import { certificateStores } from "../certificates.ts";
import { CLOUD_COORDINATOR } from "../cloud.ts";
import { absolutePath } from "../store/arcade_folder.ts";
import { EVENT_VARIABLE } from "./event.ts";
import { postHogHost } from "./tracking.ts";
import { type Environment, ENVIRONMENT_VARIABLES, RUNTIME_VARIABLES } from "../variables.ts";

export interface TelemetryChildOptions {
  readonly env: Environment;
  /** The Arcade folder. */
  readonly folder: string;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

/**
 * Starts this program again as the process that sends an event (JSON). The child inherits nothing: it has its own session, the
 * root as its working directory, its own environment, and no open descriptors. From source it gets only the permissions that
 * it needs; a compiled executable drops the others itself.
 */
export async function startTelemetryChild(
  event: string,
  options: TelemetryChildOptions,
): Promise<void> {
  const { env, folder, sleep } = options;
  const isWindows = Deno.build.os === "windows";
  const program = Deno.execPath();
  const args = Deno.build.standalone
    ? []
    : ["run", "--quiet", ...await childPermissions(env, folder), Deno.mainModule];
  const detached: Deno.CommandOptions = {
    clearEnv: true,
    env: { ...childEnvironment(env), [EVENT_VARIABLE]: event },
    cwd: isWindows ? env.SYSTEMROOT ?? "/" : "/",
    stdin: "null",
    stdout: "null",
    stderr: "null",
    detached: true,
  };
  const shell = isWindows ? undefined : spawnFirst(SHELLS, {
    ...detached,
    args: ["-c", CLOSE_AND_START, program, ...args],
  });
  if (shell) await Promise.race([shell.status, sleep(SHELL_MS)]);
  // Windows, or a system without a shell: inherited descriptors stay open.
  else new Deno.Command(program, { ...detached, args }).spawn().unref();
}

function spawnFirst(
  programs: readonly string[],
  options: Deno.CommandOptions,
): Deno.ChildProcess | undefined {
  for (const program of programs) {
    try {
      return new Deno.Command(program, options).spawn();
    } catch {
      // not on this system
    }
  }
  return undefined;
}

/** bash closes all descriptors; some other shells only those below 10. */
const SHELLS = ["/bin/bash", "/bin/sh"];

/** A shell takes 2 ms. One that hangs must not delay the command. */
const SHELL_MS = 2000;

/**
 * Closes descriptors that the command inherited from a script, such as a pipe or a lock, which the child would otherwise keep
 * open. Only a shell can do that from here. A shell that supports only one digit parses `10` in `10>&-` as an argument. On a
 * system without /dev/fd, only descriptors 3 to 9 are closed.
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
    *) [ -z "$many" ] || eval "exec $fd>&-" ;;
  esac
done
"$0" "$@" &
`;

/** The environment of the child, without its event. */
function childEnvironment(env: Environment): Record<string, string> {
  const names = [
    "ARCADE_POSTHOG_HOST",
    "ARCADE_POSTHOG_KEY",
    ...RUNTIME_VARIABLES,
    ...(Deno.build.standalone ? [] : FROM_SOURCE),
  ] as const;
  const passed: Record<string, string> = {};
  for (const name of names) {
    const value = env[name];
    if (value !== undefined) passed[name] = PATHS.has(name) ? absolutePath(value) : value;
  }
  // The child cannot change its own environment.
  const stores = postHogHost(env)?.startsWith("https:") ? certificateStores(env) : undefined;
  return stores === undefined ? passed : { ...passed, DENO_TLS_CA_STORE: stores };
}

/** The variables that locate the package cache of Deno. */
const FROM_SOURCE = ["DENO_DIR", "HOME"] as const;

/** Variables with paths that may be relative to the working directory, which the child does not have. */
const PATHS = new Set<string>(["DENO_CERT", "DENO_DIR", "NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE"]);

async function childPermissions(env: Environment, folder: string): Promise<string[]> {
  const { readContexts } = await import("../store/credentials.ts");
  // The event may be of another context than the active one.
  const coordinators = (await readContexts(folder))
    .map(({ coordinatorUrl = CLOUD_COORDINATOR }) => coordinatorUrl);
  const hosts = [postHogHost(env), ...coordinators].map((address = "") => {
    const { hostname, port, protocol } = new URL(address);
    return `${hostname}:${port || (protocol === "https:" ? 443 : 80)}`;
  });
  return [
    "--no-prompt",
    `--allow-read=${folder}`,
    `--allow-write=${folder}`,
    `--allow-net=${hosts.join(",")}`,
    "--allow-sys=uid",
    `--allow-env=${ENVIRONMENT_VARIABLES.join(",")}`,
  ];
}
