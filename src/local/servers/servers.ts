/** All servers that the local Arcade runs. */

import type { Deployments, ServerRow } from "../model/deployments.ts";
import { unpack } from "./archive.ts";
import type { Surroundings } from "./instance.ts";
import { ProjectServer } from "./server.ts";
import { unlessNotFound } from "../model/data_folder.ts";

/** What is deployed: an archive (tar.gz), and the path of the program in its top folder. */
export interface ReceivedBundle {
  readonly version: string;
  readonly entrypoint: string;
  readonly archive: Uint8Array<ArrayBuffer>;
}

/** A program that cannot be run here. The message says why. */
export class UnusableEntrypoint extends Error {
  override readonly name = "UnusableEntrypoint";
}

export class Servers {
  readonly #deployments: Deployments;
  readonly #folder: string;
  readonly #surroundings: Surroundings;
  readonly #servers = new Map<string, ProjectServer>();
  #isStopped: boolean;

  /**
   * @param options.folder the folder of the releases; nothing else may be in it.
   * @param options.mayRun false to keep all servers stopped.
   */
  constructor(options: {
    deployments: Deployments;
    folder: string;
    surroundings: Surroundings;
    mayRun: boolean;
  }) {
    this.#isStopped = !options.mayRun;
    this.#deployments = options.deployments;
    this.#folder = options.folder;
    this.#surroundings = options.surroundings;
    for (const row of this.#deployments.servers()) this.#add(row);
  }

  /** Removes the leftovers of a killed local Arcade, and starts the enabled servers. */
  async start(): Promise<void> {
    for (const name of await namesIn(this.#folder)) {
      if (!this.#servers.has(name)) await this.#removeFolder(name);
    }
    if (this.#isStopped) return;
    for (const server of this.#servers.values()) server.start();
  }

  /** Stops all servers, and settles when their processes have ended. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all([...this.#servers.values()].map((server) => {
      server.log.close();
      return server.stop();
    }));
  }

  find(id: string): ProjectServer | undefined {
    return this.#servers.get(id);
  }

  /** The servers of a project, ordered by name. */
  of(projectId: string): ProjectServer[] {
    return [...this.#servers.values()].filter((server) => server.projectId === projectId)
      .sort((a, b) => a.name < b.name ? -1 : 1);
  }

  named(projectId: string, name: string): ProjectServer | undefined {
    return this.of(projectId).find((server) => server.name === name);
  }

  /**
   * Deploys a server for the first time; undefined when the project has a server with that name. Throws an `UnusableArchive` or an
   * {@linkcode UnusableEntrypoint}.
   */
  async create(
    projectId: string,
    name: string,
    bundle: ReceivedBundle,
  ): Promise<ProjectServer | undefined> {
    return await this.#unpacked(bundle, async (unpacked) => {
      const release = releaseOf(bundle);
      const id = crypto.randomUUID();
      await this.#place(unpacked, id, release.id);
      const row = this.#deployments.create({ id, projectId, name }, release);
      if (row === undefined) {
        await this.#removeFolder(id);
        return undefined;
      }
      const server = this.#add(row);
      if (!this.#isStopped) server.start();
      return server;
    });
  }

  /**
   * Deploys a new release of a server, and enables it; false when the server was removed in the meantime. Throws what
   * {@linkcode create} throws.
   */
  async update(server: ProjectServer, bundle: ReceivedBundle): Promise<boolean> {
    return await this.#unpacked(bundle, (unpacked) =>
      server.inTurn(async () => {
        if (!this.#servers.has(server.id)) return false;
        const release = releaseOf(bundle);
        await this.#place(unpacked, server.id, release.id);
        this.#deployments.update(server.id, release);
        if (!this.#isStopped) await server.update();
        return true;
      }));
  }

  /** Starts a server, or stops it. */
  async setEnabled(server: ProjectServer, enabled: boolean): Promise<void> {
    await server.inTurn(async () => {
      if (server.isEnabled === enabled) return;
      this.#deployments.setEnabled(server.id, enabled);
      if (!enabled) await server.stop();
      else if (!this.#isStopped) server.start();
    });
  }

  /** Removes a server with its processes, files and log. */
  async remove(server: ProjectServer): Promise<void> {
    await server.inTurn(async () => {
      this.#servers.delete(server.id);
      this.#deployments.remove(server.id);
      server.log.close();
      await server.stop();
      await this.#removeFolder(server.id);
    });
  }

  /** Removes the servers of projects that were removed. */
  async removeOrphans(): Promise<void> {
    const kept = new Set(this.#deployments.servers().map(({ id }) => id));
    const orphans = [...this.#servers.values()].filter(({ id }) => !kept.has(id));
    await Promise.all(orphans.map((server) => this.remove(server)));
  }

  #add(row: ServerRow): ProjectServer {
    const server = new ProjectServer(row, {
      deployments: this.#deployments,
      folder: `${this.#folder}/${row.id}`,
      surroundings: this.#surroundings,
    });
    this.#servers.set(row.id, server);
    return server;
  }

  /** Unpacks a bundle next to the servers, and removes what `work` does not take from there. */
  async #unpacked<T>(bundle: ReceivedBundle, work: (folder: string) => Promise<T>): Promise<T> {
    const name = `unpacking-${crypto.randomUUID()}`;
    const folder = `${this.#folder}/${name}`;
    await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
    try {
      await unpack(new Blob([bundle.archive]).stream(), folder);
      await requireEntrypoint(folder, bundle.entrypoint);
      return await work(folder);
    } finally {
      await this.#removeFolder(name);
    }
  }

  async #place(unpacked: string, serverId: string, releaseId: string): Promise<void> {
    const folder = `${this.#folder}/${serverId}`;
    await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
    await Deno.rename(unpacked, `${folder}/${releaseId}`);
  }

  async #removeFolder(name: string): Promise<void> {
    await Deno.remove(`${this.#folder}/${name}`, { recursive: true }).catch(unlessNotFound);
  }
}

/** The names in a folder, which may be missing. */
async function namesIn(folder: string): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(folder)).catch(unlessNotFound);
  return (entries ?? []).map(({ name }) => name);
}

function releaseOf({ version, entrypoint }: ReceivedBundle) {
  return { id: crypto.randomUUID(), version, entrypoint };
}

/** Requires a Python program in the folder of a release. */
async function requireEntrypoint(folder: string, entrypoint: string): Promise<void> {
  if (!entrypoint.endsWith(".py")) {
    throw new UnusableEntrypoint(
      `The local Arcade runs only Python programs, and ${entrypoint} is not one`,
    );
  }
  const root = await Deno.realPath(folder);
  const path = await Deno.realPath(`${folder}/${entrypoint}`).catch(() => undefined);
  if (path === undefined || !path.startsWith(`${root}/`) || !(await Deno.stat(path)).isFile) {
    throw new UnusableEntrypoint(`The archive has no file ${entrypoint}`);
  }
}
