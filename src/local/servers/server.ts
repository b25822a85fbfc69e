/** One server of a project: the serving release, and an update in progress. */

import type { DeploymentStatus } from "../../contract/deployments.ts";
import type { ToolResponse } from "../../contract/tools.ts";
import type { Deployments, ServerRelease, ServerRow } from "../model/deployments.ts";
import type { Instance, Surroundings } from "./instance.ts";
import { ServerLog } from "./log.ts";
import { Runner } from "./runner.ts";
import type { Worker } from "./worker.ts";

export interface ServerOptions {
  readonly deployments: Deployments;
  /** The folder with a folder for each release. */
  readonly folder: string;
  readonly surroundings: Surroundings;
}

export class ProjectServer {
  readonly id: string;
  readonly projectId: string;
  readonly name: string;
  readonly createdAt: string;
  readonly log: ServerLog;
  readonly #options: ServerOptions;
  /** When the newest release was deployed, in the times of the log. */
  #deployedAt = 0;
  #serving: Runner | undefined;
  #candidate: Runner | undefined;
  /** All running releases, including those that are stopping. */
  readonly #runners = new Set<Runner>();
  #queue: Promise<unknown> = Promise.resolve();

  constructor({ id, project_id, name, created_at }: ServerRow, options: ServerOptions) {
    this.id = id;
    this.projectId = project_id;
    this.name = name;
    this.createdAt = created_at;
    this.#options = options;
    this.log = new ServerLog(options.surroundings.now);
  }

  get isEnabled(): boolean {
    return this.#options.deployments.server(this.id)?.enabled === true;
  }

  /** The serving release, or else the newest one. */
  get release(): ServerRelease | undefined {
    return this.#releases()[0];
  }

  /** The process that answers; undefined while none runs. */
  get instance(): Instance | undefined {
    return this.#serving?.instance;
  }

  /** Those of the process that answers. */
  get tools(): readonly ToolResponse[] {
    return this.instance?.tools ?? [];
  }

  get worker(): Worker | undefined {
    return this.instance?.worker;
  }

  get status(): DeploymentStatus {
    if (!this.isEnabled) return "unknown";
    if (this.#candidate !== undefined) return this.#serving === undefined ? "pending" : "updating";
    if (this.#serving === undefined || this.#serving.problem !== undefined) return "failed";
    if (this.#releases().at(-1)?.state === "failed") return "degraded";
    return this.#serving.instance === undefined ? "pending" : "running";
  }

  /** Why no process answers, for the user; undefined when one does. */
  get problem(): string | undefined {
    if (this.instance !== undefined) return undefined;
    if (!this.isEnabled) return "The server is disabled";
    if (this.status === "pending") return "The server is starting";
    return this.#serving?.problem ?? "The deployment failed; see its log";
  }

  get deployedAt(): number {
    return this.#deployedAt;
  }

  /** Starts the releases that should run. */
  start(): void {
    if (!this.isEnabled) return;
    for (const release of this.#releases()) {
      if (release.state === "serving") this.#serving = this.#run(release);
      else if (release.state === "new" || this.#serving === undefined) {
        this.#candidate = this.#run(release);
      }
    }
  }

  /** Stops all processes, and settles when they have ended. */
  async stop(): Promise<void> {
    this.#serving = undefined;
    this.#candidate = undefined;
    await Promise.all([...this.#runners].map((runner) => this.#end(runner)));
  }

  /** Starts a new release; the serving release is stopped when the new one is healthy. */
  async update(): Promise<void> {
    this.#deployedAt = this.#options.surroundings.now().getTime() * 1000;
    const candidate = this.#candidate;
    this.#candidate = undefined;
    if (candidate !== undefined) await this.#end(candidate);
    await this.#removeUnused();
    if (this.#serving === undefined) return this.start();
    const release = this.#releases().find(({ state }) => state === "new");
    if (release !== undefined) this.#candidate = this.#run(release);
  }

  /** Runs `work` when all work queued earlier for this server is done. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#queue.then(work);
    this.#queue = done.catch(() => {});
    return done;
  }

  #releases(): ServerRelease[] {
    return this.#options.deployments.releases(this.id);
  }

  #run(release: ServerRelease): Runner {
    const { deployments, folder, surroundings } = this.#options;
    const runner: Runner = new Runner({
      release,
      folder: `${folder}/${release.id}`,
      log: this.log,
      onProven: () => {
        deployments.promote(this.id, release.id);
        const before = this.#serving;
        this.#serving = runner;
        this.#candidate = undefined;
        if (before !== undefined) this.#retire(before);
      },
      onFailed: () => {
        this.#candidate = undefined;
        this.#runners.delete(runner);
        deployments.fail(release.id);
      },
    }, surroundings);
    this.#runners.add(runner);
    return runner;
  }

  /** Stops a release that was replaced, in the background. */
  #retire(runner: Runner): void {
    this.inTurn(async () => {
      await this.#end(runner);
      await this.#removeUnused();
    }).catch((error) =>
      this.log.note(`The files of the previous release could not be removed: ${error}`)
    );
  }

  async #end(runner: Runner): Promise<void> {
    await runner.stop();
    this.#runners.delete(runner);
  }

  /** Removes the files of releases that were replaced. */
  async #removeUnused(): Promise<void> {
    const used = new Set(this.#releases().map(({ id }) => id));
    if (used.size === 0) return; // the server was removed, with its folder
    for await (const { name } of Deno.readDir(this.#options.folder)) {
      if (!used.has(name)) {
        await Deno.remove(`${this.#options.folder}/${name}`, { recursive: true });
      }
    }
  }
}
