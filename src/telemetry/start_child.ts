import { CLOUD_COORDINATOR } from "../hosts/cloud.ts";
import { networkVariables, passedOn, startDetached } from "../system/detached.ts";
import { EVENT_VARIABLE } from "./event.ts";
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
  const args = Deno.build.standalone
    ? []
    : ["run", "--quiet", ...await childPermissions(options), Deno.mainModule];
  await startDetached(Deno.execPath(), args, {
    env: { ...childEnvironment(env), [EVENT_VARIABLE]: event },
  });
}

/** The environment of the child, without its event. */
function childEnvironment(env: Environment): Record<string, string> {
  return {
    ...passedOn(env, ["ARCADE_POSTHOG_HOST", "ARCADE_POSTHOG_KEY"]),
    ...(Deno.build.standalone ? {} : passedOn(env, FROM_SOURCE)),
    ...networkVariables(env),
  };
}

/** The variables that locate the package cache of Deno. */
const FROM_SOURCE = ["DENO_DIR", "HOME"] as const;

async function childPermissions(
  { env, folder, policyFile }: TelemetryChildOptions,
): Promise<string[]> {
  const [{ readContexts }, { proxyFor }] = await Promise.all([
    import("../store/credentials.ts"),
    import("../system/proxies.ts"),
  ]);
  // The event may be of another context than the active one.
  const coordinators = (await readContexts(folder))
    .map(({ coordinatorUrl = CLOUD_COORDINATOR }) => coordinatorUrl);
  const network = networkVariables(env);
  const { SSL_CERT_FILE, NODE_EXTRA_CA_CERTS, DENO_CERT } = network;
  const files = [SSL_CERT_FILE, NODE_EXTRA_CA_CERTS, DENO_CERT].filter((path) => path);
  const addresses = [postHogHost(env), ...coordinators].map((address = "") => new URL(address));
  const proxies = addresses.map((url) => proxyFor(env, url, "")?.address ?? [])
    .flat().map((address) => new URL(address));
  const hosts = [...addresses, ...proxies].map(({ hostname, port, protocol }) =>
    `${hostname}:${port || (protocol === "https:" ? 443 : 80)}`
  );
  return [
    "--no-prompt",
    `--allow-read=${[folder, policyFile, ...files].join()}`,
    `--allow-write=${folder}`,
    `--allow-net=${hosts.join(",")}`,
    "--allow-sys=uid",
    `--allow-env=${ENVIRONMENT_VARIABLES.join(",")}`,
  ];
}
