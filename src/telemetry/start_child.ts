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
 * Starts this program again as the process that sends an event (JSON). It keeps nothing of this process: it is in a session
 * of its own and in the root folder, with an environment of its own, and none of the descriptors are open when this returns.
 * From source it gets the permissions that it needs and no others; an executable has those that are baked in, and the
 * child gives up the rest by itself.
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
  // On Windows, and where there is no shell, descriptors stay as they are.
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

/** The first one closes every descriptor; of the others some close only those of one digit. */
const SHELLS = ["/bin/bash", "/bin/sh"];

/** A shell takes 2 ms. One that hangs must not hold up the command. */
const SHELL_MS = 2000;

/**
 * Closes what the command has inherited from a script, such as a pipe or the descriptor of a lock, which would stay in use for
 * as long as the child lives; only a shell can do that from here. A shell that knows only one digit takes `10` in `10>&-` for
 * an argument. Where open descriptors are not listed, those of one digit are closed.
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

/** The variables of the child besides its event. */
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
  return passed;
}

/** Where Deno finds the packages that were fetched. */
const FROM_SOURCE = ["DENO_DIR", "HOME"] as const;

/** They may be relative to the working directory, which the child does not have. */
const PATHS = new Set<string>(["DENO_CERT", "DENO_DIR", "NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE"]);

async function childPermissions(env: Environment, folder: string): Promise<string[]> {
  const { readCredentials } = await import("../store/credentials.ts");
  const coordinator = (await readCredentials(folder))?.coordinatorUrl ?? CLOUD_COORDINATOR;
  const hosts = [postHogHost(env), coordinator].flatMap((address = "") => {
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
