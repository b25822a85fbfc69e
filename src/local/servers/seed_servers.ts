/** The servers of a seed: those at an address, and those that are started in a folder of the user. */

import { Failure } from "../../failure.ts";
import { Sensitive } from "../../secrecy/sensitive.ts";
import { type ServerProcess, startProcess } from "../../system/child_group.ts";
import { type OwnPort, reservePort } from "../../system/own_port.ts";
import { SeedServerFailure } from "../error.ts";
import { randomOpaque } from "../model/random_opaque.ts";
import type { Surroundings } from "./instance.ts";
import { passedOn, workerEnvironment } from "./launch.ts";
import type { RegisteredServers } from "./registered.ts";
import { healthInTime, Worker } from "./worker.ts";

export type SeedServer = RemoteServer | ProjectServer;

/** A server that is already running: with MCP, or with the worker routes if it has a secret. */
export interface RemoteServer {
  readonly name: string;
  readonly url: string;
  readonly secret?: Sensitive | undefined;
}

/** A server that is started with the local Arcade, and ends with it. */
export interface ProjectServer {
  readonly name: string;
  readonly folder: string;
  readonly command: readonly string[];
}

const TIMEOUT_SECONDS = 60;
const LIMIT_MS = 60_000;
/** No login is found there. */
const NO_WORK_DIR = "/dev/null";

/** How many of the last lines of a server that fails are kept. */
const KEPT_LINES = 20;

export class SeedServers {
  readonly #registered: RegisteredServers;
  readonly #surroundings: Surroundings;
  readonly #stop = new AbortController();
  readonly #running: ServerProcess[] = [];
  readonly #projects = new Map<string, ProjectServer>();

  constructor(registered: RegisteredServers, surroundings: Surroundings) {
    this.#registered = registered;
    this.#surroundings = surroundings;
  }

  /** The server of a seed with a name that was started here. */
  projectServer(name: string): ProjectServer | undefined {
    return this.#projects.get(name);
  }

  /**
   * Adds servers to a project, and waits until those that it starts are healthy.
   *
   * @throws {Failure} when one does not run.
   */
  async start(
    projectId: string,
    servers: readonly SeedServer[],
    signal: AbortSignal = this.#stop.signal,
  ): Promise<void> {
    const either = AbortSignal.any([signal, this.#stop.signal]);
    await Promise.all(servers.map(async (server) => {
      if ("url" in server) await this.#add(projectId, server);
      else await this.#run(projectId, server, either);
    }));
  }

  /** Ends the processes. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#running.splice(0).map((process) => process.stop()));
  }

  async #add(
    projectId: string,
    { name, url, secret }: RemoteServer,
    ownPort?: OwnPort,
  ): Promise<void> {
    const common = { uri: url, timeout: TIMEOUT_SECONDS, retry: 0 };
    await this.#registered.create({
      projectId,
      name,
      isEnabled: true,
      settings: secret === undefined
        ? { type: "mcp", mcp: { ...common, headers: {}, secrets: {} } }
        : { type: "http", http: { ...common, secret: secret.reveal() } },
    }, ownPort && { ownPort });
  }

  async #run(projectId: string, server: ProjectServer, signal: AbortSignal): Promise<void> {
    const { name, folder, command } = server;
    const { env, apiUrl, elapsedMs, sleep } = this.#surroundings;
    const failed = (why: string) =>
      new Failure("file", `The server ${name} in the seed does not run: ${why}`, {
        next: `Run its command in ${folder} with ARCADE_SERVER_PORT set to see why`,
      });
    if (Deno.build.os === "windows") throw failed("servers run only on Linux and macOS");
    const secret = new Sensitive(randomOpaque(""));
    const lines: string[] = [];
    const port = await reservePort();
    const process = await startProcess({
      command,
      cwd: folder,
      env: {
        ...passedOn(env),
        ...workerEnvironment({ port: port.port, secret: secret.reveal(), workDir: NO_WORK_DIR }),
        ARCADE_API_URL: apiUrl(),
      },
      onLine: (line) => {
        lines.push(line);
        if (lines.length > KEPT_LINES) lines.shift();
      },
    });
    this.#running.push(process);
    const over = new AbortController();
    process.ended.then(({ code, signal }) =>
      over.abort(failed(signal === null ? `it exited with code ${code}` : `${signal} ended it`))
    );
    const worker = new Worker({ port, secret: secret.reveal() });
    try {
      const status = await healthInTime({
        ask: () => worker.health(),
        limitMs: LIMIT_MS,
        elapsedMs,
        sleep,
        signal: AbortSignal.any([signal, over.signal]),
      });
      if (status === undefined) throw failed(`it was not healthy within ${LIMIT_MS / 1000} s`);
      if (status !== 200) throw failed(`GET /worker/health was answered with ${status}`);
    } catch (error) {
      if (signal.aborted || !(error instanceof Failure)) throw error;
      await process.stop(); // its last lines come with its end
      throw new SeedServerFailure(name, lines, error);
    }
    await this.#add(projectId, { name, url: port.url, secret }, port);
    this.#projects.set(name, server);
  }
}
