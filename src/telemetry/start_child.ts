import { CLOUD_COORDINATOR } from "../hosts/cloud.ts";
import { endpointOf } from "../hosts/address.ts";
import { FILE_VARIABLES } from "../system/certificates.ts";
import { splitPath } from "../system/paths.ts";
import { networkVariables, passedOn, startDetached } from "../system/detached.ts";
import { EVENT_VARIABLE } from "../contract/entries.ts";
import { postHogHost } from "./tracking.ts";
import { type Environment, ENVIRONMENT_VARIABLES } from "../contract/variables.ts";

export interface TelemetryChildOptions {
  readonly env: Environment;
  /** The Arcade folder. */
  readonly folder: string;
  readonly policyFile: string;
}

/**
 * Starts this program again as the process that sends an event (JSON). From source it gets only the permissions
 * that it needs; a compiled executable drops the others itself.
 */
export async function startTelemetryChild(
  event: string,
  options: TelemetryChildOptions,
): Promise<void> {
  const { env } = options;
  const network = networkVariables(env);
  const args = Deno.build.standalone
    ? []
    : ["run", "--quiet", ...await childPermissions(options, network), Deno.mainModule];
  await startDetached(Deno.execPath(), args, {
    env: {
      ...passedOn(env, ["ARCADE_POSTHOG_HOST", "ARCADE_POSTHOG_KEY"]),
      ...(Deno.build.standalone ? {} : passedOn(env, FROM_SOURCE)),
      ...network,
      [EVENT_VARIABLE]: event,
    },
  });
}

/** The variables that locate the package cache of Deno. */
const FROM_SOURCE = ["DENO_DIR", "HOME"] as const;

async function childPermissions(
  { env, folder, policyFile }: TelemetryChildOptions,
  network: Readonly<Record<string, string>>,
): Promise<string[]> {
  const [{ readContexts }, { proxyFor }, { listRunning }] = await Promise.all([
    import("../store/credentials.ts"),
    import("../system/proxies.ts"),
    import("../files/running.ts"),
  ]);
  // The event may be of another context than the active one.
  const coordinators = (await readContexts(folder))
    .map(({ coordinatorUrl = CLOUD_COORDINATOR }) => coordinatorUrl);
  const files = FILE_VARIABLES.map((name) => network[name]).filter((path) => path);
  const addresses = [postHogHost(env), ...coordinators].map((address = "") => new URL(address));
  const proxies = addresses.map((url) => proxyFor(env, url, "")?.address ?? [])
    .flat().map((address) => new URL(address));
  const hosts = [...addresses, ...proxies].map((url) => `${url.hostname}:${endpointOf(url).port}`);
  // A local Arcade is asked through its socket, whose folder is checked first.
  const sockets = listRunning(folder).flatMap(({ socket }) => socket ?? []);
  const folders = sockets.map((socket) => splitPath(socket).folder);
  return [
    "--no-prompt",
    `--allow-read=${[folder, policyFile, ...files, ...folders].join()}`,
    `--allow-write=${[folder, ...sockets].join()}`,
    // Not every version of Deno has a name for a socket there.
    sockets.length > 0 ? "--allow-net" : `--allow-net=${hosts.join(",")}`,
    "--allow-sys=uid",
    `--allow-env=${ENVIRONMENT_VARIABLES.join(",")}`,
  ];
}
