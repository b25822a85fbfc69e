/**
 * Servers that run elsewhere, at the addresses that `POST …/workers` names, those that a seed starts, and those that `arcade dev`
 * runs.
 */

import type {
  HttpSettings,
  McpSettings,
  ServerRequest,
  ServerSettings,
} from "../../contract/servers.ts";
import type { DeploymentStatus } from "../../contract/deployments.ts";
import type { ToolResponse } from "../../contract/tools.ts";
import type { Host, ToolWorker } from "../calls/catalog.ts";
import type { RegisteredRow, RegisteredServersTable } from "../model/registered.ts";
import type { Secrets } from "../model/secrets.ts";
import type { OwnPort } from "../../system/own_port.ts";
import type { ServerLog } from "./log.ts";
import { McpWorker } from "./mcp_worker.ts";
import { Worker, WorkerError } from "./worker.ts";

/** The settings for requests to a server. */
interface RemoteWorker extends ToolWorker {
  readonly url: string;
  tools(): Promise<ToolResponse[]>;
  isHealthy(): Promise<boolean>;
}

/** The dependencies of servers that run elsewhere. */
export interface RegisteredSurroundings {
  readonly table: RegisteredServersTable;
  readonly secrets: Secrets;
  /** A monotonic clock, in milliseconds. */
  readonly elapsedMs: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
  readonly now: () => Date;
}

/** What a server has that a process of this user runs. It ends with that process, so it is not stored. */
export interface OfProcess {
  /** Its port, where only a program of this user is asked. */
  readonly ownPort?: OwnPort | undefined;
  /** What it prints, if `arcade dev` runs it. */
  readonly log?: ServerLog | undefined;
}

/** Tools that were listed this long ago are listed again. */
const FRESH_MS = 1000;

/** One of these servers. */
export class RegisteredServer implements Host {
  readonly projectId: string;
  readonly name: string;
  readonly isEnabled: boolean;
  readonly settings: ServerSettings;
  readonly createdAt: string;
  readonly worker: RemoteWorker;
  /** The port of a server that a process of this user runs; undefined for one that runs elsewhere. */
  readonly ownPort: OwnPort | undefined;
  /** What a server prints that `arcade dev` runs; undefined for others, whose output goes elsewhere. */
  readonly log: ServerLog | undefined;
  readonly #elapsedMs: () => number;
  #tools: readonly ToolResponse[] = [];
  #problem: string | undefined;
  #listedAt = -Infinity;
  #listing: Promise<void> | undefined;

  constructor(
    { projectId, name, isEnabled, settings, createdAt }: RegisteredRow,
    { secrets, elapsedMs, sleep }: RegisteredSurroundings,
    { ownPort, log }: OfProcess = {},
  ) {
    this.projectId = projectId;
    this.name = name;
    this.isEnabled = isEnabled;
    this.settings = settings;
    this.createdAt = createdAt;
    this.ownPort = ownPort;
    this.log = log;
    this.#elapsedMs = elapsedMs;
    this.worker = settings.type === "http"
      ? repeating(httpWorker(settings.http, ownPort), settings.http, sleep)
      : repeating(
        mcpWorker(settings.mcp, (key) => secrets.valueOf(projectId, key), ownPort),
        settings.mcp,
        sleep,
      );
  }

  /** Its tools at the last request. */
  get tools(): readonly ToolResponse[] {
    return this.#tools;
  }

  /** Unique among all servers. */
  get id(): string {
    return keyOf(this);
  }

  /** Why its tools could not be listed; undefined if they could. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Its state at the last request. */
  get status(): DeploymentStatus {
    if (!this.isEnabled || this.#listedAt === -Infinity) return "unknown";
    return this.#problem === undefined ? "running" : "failed";
  }

  /** Requests the tools, unless they were requested a moment ago. A server that does not answer keeps its previous tools. */
  async refresh(): Promise<void> {
    if (this.#listing === undefined && this.#elapsedMs() - this.#listedAt < FRESH_MS) return;
    this.#listing ??= this.#list().finally(() => {
      this.#listing = undefined;
      this.#listedAt = this.#elapsedMs();
    });
    await this.#listing;
  }

  async #list(): Promise<void> {
    try {
      this.#tools = await this.worker.tools();
      this.#problem = undefined;
    } catch (error) {
      if (!(error instanceof WorkerError)) throw error;
      this.#problem = error.message;
    }
  }
}

export class RegisteredServers {
  readonly #surroundings: RegisteredSurroundings;
  readonly #servers = new Map<string, RegisteredServer>();

  /** @param rows all stored servers. */
  constructor(rows: readonly RegisteredRow[], surroundings: RegisteredSurroundings) {
    this.#surroundings = surroundings;
    for (const row of rows) this.#servers.set(keyOf(row), new RegisteredServer(row, surroundings));
  }

  /** The servers of a project, ordered by name. */
  of(projectId: string): RegisteredServer[] {
    return [...this.#servers.values()].filter((server) => server.projectId === projectId)
      .sort((a, b) => a.name < b.name ? -1 : 1);
  }

  find(id: string): RegisteredServer | undefined {
    return this.#servers.get(id);
  }

  named(projectId: string, name: string): RegisteredServer | undefined {
    return this.#servers.get(keyOf({ projectId, name }));
  }

  /** The enabled ones. */
  callable(projectId: string): RegisteredServer[] {
    return this.of(projectId).filter(({ isEnabled }) => isEnabled);
  }

  /** Lists the tools of a project's servers again. */
  async refresh(projectId: string): Promise<void> {
    await Promise.all(this.callable(projectId).map((server) => server.refresh()));
  }

  /**
   * Adds a server, and asks for its tools.
   *
   * @param ofProcess what it has if it ends with a process, and is not stored.
   */
  async create(
    server: Omit<RegisteredRow, "createdAt">,
    ofProcess?: OfProcess,
  ): Promise<RegisteredServer> {
    const createdAt = this.named(server.projectId, server.name)?.createdAt ??
      this.#surroundings.now().toISOString();
    const row = { ...server, createdAt };
    if (ofProcess === undefined) await this.#surroundings.table.store(row);
    const created = new RegisteredServer(row, this.#surroundings, ofProcess);
    const isReplacement = ofProcess !== undefined;
    // The previous server is called until this one has listed its tools.
    if (!isReplacement) this.#servers.set(created.id, created);
    if (created.isEnabled) await created.refresh();
    if (isReplacement) this.#servers.set(created.id, created);
    return created;
  }

  /** Changes only the named parts of a server. */
  async change(server: RegisteredServer, change: ServerRequest): Promise<RegisteredServer> {
    const { projectId, name, settings, isEnabled, ownPort, log } = server;
    const changed: ServerSettings = settings.type === "http"
      ? { type: "http", http: { ...settings.http, ...change.http } }
      : { type: "mcp", mcp: { ...settings.mcp, ...change.mcp } };
    const isElsewhere = changed.type !== "http" || changed.http.uri !== ownPort?.url;
    return await this.create({
      projectId,
      name,
      isEnabled: change.enabled ?? isEnabled,
      settings: changed,
    }, log === undefined && isElsewhere ? undefined : { ownPort, log });
  }

  remove({ projectId, name }: RegisteredServer): void {
    this.#surroundings.table.remove(projectId, name);
    this.#servers.delete(keyOf({ projectId, name }));
  }

  /** Removes the servers of projects that were removed. */
  removeOrphans(isProject: (id: string) => boolean): void {
    for (const [key, { projectId }] of this.#servers) {
      if (!isProject(projectId)) this.#servers.delete(key);
    }
  }
}

function keyOf({ projectId, name }: { projectId: string; name: string }): string {
  return `${projectId}/${name}`;
}

const FIRST_PAUSE_MS = 200;
const LAST_PAUSE_MS = 2000;

/**
 * The same server, with calls repeated if no connection was made. A call that may have reached it is not repeated: it may have
 * succeeded. The tools are requested again anyway.
 */
function repeating(
  worker: RemoteWorker,
  { retry }: { readonly retry: number },
  sleep: RegisteredSurroundings["sleep"],
): RemoteWorker {
  return {
    url: worker.url,
    takesOtherInput: worker.takesOtherInput === true,
    tools: () => worker.tools(),
    isHealthy: () => worker.isHealthy(),
    async invoke(call) {
      for (let repeated = 0;; repeated++) {
        try {
          return await worker.invoke(call);
        } catch (error) {
          const isUnsent = error instanceof WorkerError && error.isUnsent;
          if (!isUnsent || repeated === retry) throw error;
        }
        await sleep(Math.min(FIRST_PAUSE_MS * 2 ** repeated, LAST_PAUSE_MS));
      }
    },
  };
}

function httpWorker({ uri, secret, timeout }: HttpSettings, ownPort?: OwnPort): RemoteWorker {
  const port = ownPort ?? { url: uri.replace(/\/+$/, ""), fetch };
  return new Worker({ port, secret, callMs: timeout * 1000 });
}

function mcpWorker(
  { uri, headers, secrets, timeout }: McpSettings,
  secretOf: (key: string) => Promise<string | undefined>,
  ownPort?: OwnPort,
): RemoteWorker {
  return new McpWorker({
    url: uri,
    callMs: timeout * 1000,
    fetch: new URL(uri).origin === ownPort?.url ? ownPort.fetch : undefined,
    async headers() {
      const filled = Object.entries(headers).map(async ([name, text]) => {
        const key = /\$\{secret:([\w.-]+)\}/g;
        const values = new Map<string, string>();
        for (const [, one = ""] of text.matchAll(key)) {
          const value = secrets[one] ?? await secretOf(one);
          if (value === undefined) throw new WorkerError("unmapped", `secret not found: ${one}`);
          values.set(one, value);
        }
        return [name, text.replace(key, (_, one: string) => values.get(one) ?? "")] as const;
      });
      return Object.fromEntries(await Promise.all(filled));
    },
  });
}
