/** How the program of a release is started: its interpreter and its environment. */

import { parse } from "smol-toml";
import { isMapping } from "../../contract/fields.ts";
import { findPython, INSTALL_UV, pythonPath } from "../../system/python.ts";
import type { Environment } from "../../contract/variables.ts";

export interface Launch {
  readonly command: readonly string[];
  /** How long the server may take to become healthy. */
  readonly limitMs: number;
  /** A note about this choice for the user. */
  readonly note?: string;
}

const LIMIT_MS = 60_000;
/** uv may need to install packages, and a Python, before it starts the program. */
const INSTALL_LIMIT_MS = 300_000;

/**
 * The way to start a Python program.
 *
 * @throws {Failure} when there is no Python.
 */
export async function launchOf(
  folder: string,
  entrypoint: string,
  env: Environment,
): Promise<Launch> {
  const { command: python, mayInstall } = await findPython(folder, { path: env.PATH });
  const command = [...python, entrypoint];
  if (mayInstall) return { command, limitMs: INSTALL_LIMIT_MS };
  const launch = { command, limitMs: LIMIT_MS };
  const note = "uv is not installed, so the dependencies in pyproject.toml were not installed. " +
    `${INSTALL_UV}, then deploy again`;
  return await dependsOnPackages(`${folder}/pyproject.toml`) ? { ...launch, note } : launch;
}

/** Whether a pyproject.toml names packages that the program needs. */
async function dependsOnPackages(path: string): Promise<boolean> {
  try {
    const { project } = parse(await Deno.readTextFile(path));
    return isMapping(project) && Array.isArray(project.dependencies) &&
      project.dependencies.length > 0;
  } catch {
    return false; // the file is missing or invalid
  }
}

/** The variables of the user that a server gets: where programs and packages are, the language, proxies, certificates. */
const PASSED = [
  "ALL_PROXY",
  "ARCADE_NO_BACKGROUND_TRAFFIC",
  "HOME",
  "HTTPS_PROXY",
  "HTTP_PROXY",
  "LANG",
  "LC_ALL",
  "LC_CTYPE",
  "LOGNAME",
  "NO_PROXY",
  "PATH",
  "SSL_CERT_FILE",
  "TMPDIR",
  "TZ",
  "USER",
  "XDG_CACHE_HOME",
  "XDG_CONFIG_HOME",
  "XDG_DATA_HOME",
  "all_proxy",
  "http_proxy",
  "https_proxy",
  "no_proxy",
] as const;

/** A server that the local Arcade starts. */
export interface LocalServer {
  readonly port: number;
  readonly secret: string;
  /** The folder of its release. */
  readonly folder: string;
  /** The address of the local Arcade. */
  readonly apiUrl: string;
}

/** The environment of a server: no tokens of the user, and only what the user deployed. */
export function serverEnvironment(
  env: Environment,
  { port, secret, folder, apiUrl }: LocalServer,
): Record<string, string> {
  return {
    ...passedOn(env),
    ...pythonPath(folder),
    ...workerEnvironment({ port, secret, workDir: `${folder}/.arcade` }),
    ARCADE_API_URL: apiUrl,
    // Not .venv, which the next start would use even if its installation was incomplete.
    UV_PROJECT_ENVIRONMENT: `${folder}/.uv`,
  };
}

/** The variables of the user that a server gets. */
export function passedOn(env: Environment): Record<string, string> {
  const passed: Record<string, string> = {};
  for (const name of PASSED) {
    const value = env[name];
    if (value !== undefined) passed[name] = value;
  }
  return passed;
}

/** The variables for every server with worker routes. */
export function workerEnvironment(
  { port, secret, workDir }: {
    readonly port: number;
    readonly secret: string;
    /** An empty Arcade folder, so that the server does not use the login of the user. */
    readonly workDir: string;
  },
) {
  return {
    ARCADE_SERVER_HOST: "127.0.0.1",
    ARCADE_SERVER_PORT: String(port),
    ARCADE_SERVER_TRANSPORT: "http",
    ARCADE_WORKER_SECRET: secret,
    ARCADE_AUTH_DISABLED: "false",
    ARCADE_WORK_DIR: workDir,
    ARCADE_USAGE_TRACKING: "0",
    // Python buffers output to a pipe until it has 8 KiB.
    PYTHONUNBUFFERED: "1",
  };
}
