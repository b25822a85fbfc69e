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
  new Deno.Command(Deno.execPath(), {
    args,
    env: { [EVENT_VARIABLE]: event },
    stdin: "null",
    stdout: "null",
    stderr: "null",
    detached: true,
  }).spawn().unref();
}

async function childPermissions(env: Environment): Promise<string[]> {
  const folder = arcadeFolder(env);
  const [{ readCredentials }, { DEFAULT_COORDINATOR }] = await Promise.all([
    import("../store/credentials.ts"),
    import("../arcade/urls.ts"),
  ]);
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
    `--allow-env=${ENVIRONMENT_VARIABLES.join(",")}`,
  ];
}
