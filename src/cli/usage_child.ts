import { arcadeFolder } from "../store/arcade_folder.ts";
import { EVENT_VARIABLE } from "../usage/event.ts";
import { postHogHost } from "../usage/tracking.ts";
import { type Environment, ENVIRONMENT_VARIABLES } from "./environment.ts";

/**
 * Starts this program again as the process that sends an event: in a session of its own, so that it outlives this process
 * and its terminal, and with none of the streams of this one. From source it gets the permissions that it needs and no
 * others; an executable has those that are baked in, and the child gives up the rest by itself.
 */
export async function startUsageChild(event: string, env: Environment): Promise<void> {
  const args = Deno.build.standalone
    ? []
    : ["run", "--quiet", ...await childPermissions(env), Deno.mainModule];
  const options: Deno.CommandOptions = {
    env: { [EVENT_VARIABLE]: event },
    stdin: "null",
    stdout: "null",
    stderr: "null",
    detached: true,
  };
  const program = Deno.execPath();
  try {
    const later = ["-c", CLOSE_WAIT_AND_RUN, program, ...args];
    if (Deno.build.os !== "windows") return start("/bin/sh", { ...options, args: later });
  } catch {
    // A system without a shell has nobody who leaves handles open, and somewhat slower commands.
  }
  start(program, { ...options, args });
}

function start(program: string, options: Deno.CommandOptions): void {
  new Deno.Command(program, options).spawn().unref();
}

/**
 * Handles that a shell script left open, such as a pipe, go through this process to the child, and whoever reads that pipe
 * would wait for the child. Only a shell can close them from here, and all shells can those of one digit. Then it waits until
 * this process is gone, for a program that starts while the same program ends adds to what the user waits for telemetry. Where
 * there is no `sleep`, or one that knows whole seconds only, nothing is lost but that.
 */
const CLOSE_WAIT_AND_RUN =
  'exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-; /bin/sleep 0.03; exec "$0" "$@"';

async function childPermissions(env: Environment): Promise<string[]> {
  const folder = arcadeFolder(env);
  const { DEFAULT_COORDINATOR, readCredentials } = await import("../store/credentials.ts");
  const coordinator = (await readCredentials(folder))?.coordinatorUrl ?? DEFAULT_COORDINATOR;
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
