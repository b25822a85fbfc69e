/**
 * The local Arcade: coordinator, engine and event sink on one port of this machine, for trying and
 * testing without an account or a network. Anyone with access to its pages can sign in as any
 * account: the user who sees its terminal, or with `autoApprove` everyone who can reach the port.
 *
 * @example
 * ```ts
 * const arcade = await startLocalArcade({ dataDir: "/home/me/.arcade/local", port: 9099 });
 * console.log(arcade.address, arcade.code);
 * await arcade.stop();
 * ```
 *
 * @module
 */

import { Failure } from "../failure.ts";
import { Hono } from "hono";
import { proofOf, register } from "../files/running.ts";
import { LOOPBACK_NAMES, reachableFrom, urlHost } from "../hosts/address.ts";
import { fileFailure, isDiskFull } from "../system/system_failure.ts";
import { listen } from "../system/listen.ts";
import { MASK } from "../secrecy/sensitive.ts";
import { settlesWithin, sleep } from "../system/waiting.ts";
import { DEV_SESSIONS_PATH } from "../contract/dev_sessions.ts";
import type { Environment } from "../contract/variables.ts";
import { Calls } from "./calls/calls.ts";
import { PageCalls } from "./calls/page_calls.ts";
import { Schedule } from "./calls/schedule.ts";
import { GRANT_PAGES, grantPageRoutes } from "./routes/grant_page.ts";
import { UserGrants } from "./grants/user_grants.ts";
import { Waiters } from "./grants/waiters.ts";
import { coordinatorRoutes } from "./routes/coordinator.ts";
import { DASHBOARD_PAGES, dashboardRoutes } from "./routes/dashboard.ts";
import { SERVER_PAGES, serverPageRoutes } from "./routes/server_page.ts";
import {
  createKey,
  dataFiles,
  ensureOwnFolder,
  ensurePrivateFile,
  newKey,
  readKey,
  type Restrict,
  serversFolder,
  socketIn,
} from "./model/data_folder.ts";
import { type Database, IN_MEMORY, openDatabase } from "./model/database.ts";
import { type Model, modelOf } from "./model/model.ts";
import {
  environmentOf,
  type LocalEnvironment,
  readLocalEnvironment,
  storeLocalEnvironment,
} from "./environment.ts";
import { discoveryRoutes } from "./routes/discovery.ts";
import { engineRoutes } from "./routes/engine.ts";
import { devSessionRoutes } from "./routes/dev_sessions.ts";
import { seedRoutes } from "./routes/seed.ts";
import { LocalArcadeError } from "./error.ts";
import { eventSinkRoutes } from "./routes/event_sink.ts";
import { refusal } from "./foreign_requests.ts";
import type { ExampleLine, Services } from "./services.ts";
import { ApiError } from "./api_error.ts";
import { mcpRoutes } from "./routes/mcp.ts";
import { OAUTH_PATHS, oauthRoutes } from "./routes/oauth.ts";
import type { Prepared } from "./prepare.ts";
import { PageAccess, pageAccessRoutes } from "./pages/page_access.ts";
import { messagePage, show } from "./pages/layout.ts";
import { lockDataFolder, removeAddress, storeAddress } from "./running.ts";
import type { RegisteredRow } from "./model/registered.ts";
import { RegisteredServers } from "./servers/registered.ts";
import { hasSealed, Seal } from "./model/seal.ts";
import { plant, type Seed } from "./model/seed.ts";
import { SeedServers } from "./servers/seed_servers.ts";
import { Servers } from "./servers/servers.ts";

export { DEFAULT_EMAIL } from "./environment.ts";
export { LocalArcadeError };

export interface LocalArcadeOptions {
  /** Holds the database and the encryption key; it becomes private to its owner. */
  dataDir: string;
  /**
   * Keeps the data in memory, and marks the folder: a process that finds the mark and gets the lock can remove it. Nothing is synced to
   * disk, because the data is discarded when the process ends.
   */
  ephemeral?: boolean;
  /** The parts that prepare.ts has already created. */
  prepared?: Prepared;
  /** Restricts that folder to its owner on Windows, before anything is stored in it. */
  restrict?: Restrict | undefined;
  /** The initial content. */
  seed?: Seed | undefined;
  /** 0 picks a free port. */
  port: number;
  /** Default `127.0.0.1`. */
  hostname?: string;
  /**
   * Sign-in and device pages approve automatically as `developer@arcade.local`, and everyone may use the
   * pages.
   */
  autoApprove?: boolean;
  /** Whether users grant everything at once, without a page. */
  autoGrant?: boolean;
  /** Lifetime of all access tokens, by default one hour, and twelve at a gateway. */
  tokenTtlSeconds?: number;
  /** The clock behind every time and expiry. */
  now?: () => Date;
  /** The monotonic clock that measures requests, in milliseconds. */
  elapsedMs?: () => number;
  /** Called for every request, for a log. */
  onRequest?: (line: RequestLine) => void;
  /** The Arcade folders in which it registers, for clients that trust no port. */
  registerIn?: readonly string[];
  /** Aborts the start. */
  signal?: AbortSignal;
  /** The environment of the process. Servers get a part of it. */
  env?: Environment;
  /** Waits between checks of a starting server, and before a restart. */
  sleep?: typeof sleep;
  /** A command line that calls a tool, for the page of its server. */
  exampleLine?: ExampleLine;
}

/** The parts of a request that a log can show: no query, no header, no body, and no token in the path. */
export interface RequestLine {
  method: string;
  path: string;
  status: number;
  ms: number;
}

export interface LocalArcade {
  /** Its address, without a final slash. */
  url: string;
  port: number;
  /** The one-time address of the dashboard, which gives one browser access to all pages. */
  address: string;
  /** The code that gives other browsers access; undefined with `autoApprove`, which needs none. */
  code: string | undefined;
  /** Its data folder, without links. */
  data: string;
  /** The variables that point programs here. */
  environment: LocalEnvironment;
  /** Settles when the server has stopped and released the data folder. */
  finished: Promise<void>;
  /** Stops the server. Open requests have a short time to finish. */
  stop(): Promise<void>;
}

const STOP_WAIT_MS = 2000;

const NO_SERVERS =
  "With --auto-approve, the local Arcade runs servers only at an address on this " +
  "machine, such as 127.0.0.1";

/** The tokens, codes and keys that this server issues. */
const ISSUED = /\b(?:arcl_[a-z]{2}|arc_local)_[\w-]+/g;

/** The pages that page_access.ts protects. */
const PAGES = [
  ...DASHBOARD_PAGES,
  ...SERVER_PAGES,
  OAUTH_PATHS.authorize,
  OAUTH_PATHS.authorizeDecision,
  OAUTH_PATHS.device,
  OAUTH_PATHS.deviceDecision,
  ...GRANT_PAGES,
];

/**
 * Starts a local Arcade. Throws a {@linkcode LocalArcadeError} when the port is taken, when another
 * local Arcade uses the data folder, or when its files are unusable. Also throws what {@linkcode listen}
 * throws.
 */
export async function startLocalArcade(options: LocalArcadeOptions): Promise<LocalArcade> {
  const { hostname = "127.0.0.1", autoApprove = false, env = {} } = options;
  const { prepared } = options;
  const registrationKey = prepared?.registrationKey ?? crypto.randomUUID();
  const { now = () => new Date(), elapsedMs = () => performance.now() } = options;
  const { folder, model, registrations, close } = await openData(options, now);
  const { accounts, secrets } = model;
  const access = new PageAccess({ isOpen: autoApprove, now });
  // Every client that signs in can deploy, which runs programs as the user.
  const noServers = autoApprove && !LOOPBACK_NAMES.includes(hostname) ? NO_SERVERS : undefined;
  const wait = options.sleep ?? sleep;
  const surroundings = { env, apiUrl: () => url, now, elapsedMs, sleep: wait };
  const servers = new Servers({
    deployments: model.deployments,
    folder: serversFolder(folder),
    surroundings,
    mayRun: noServers === undefined,
  });
  const registered = new RegisteredServers(registrations, {
    table: model.registered,
    secrets,
    now,
    elapsedMs,
    sleep: wait,
  });
  const seedServers = new SeedServers(registered, surroundings);
  const waiters = new Waiters({ sleep: wait });
  const stop = new AbortController();
  const grants = new UserGrants({
    connections: model.connections,
    authorizations: model.authorizations,
    providers: model.providers,
    waiters,
    autoGrant: options.autoGrant === true,
    now,
  });
  const calls = new Calls({
    hosts: {
      of: (projectId) => [
        ...servers.of(projectId).flatMap(({ id, instance }) =>
          instance === undefined ? [] : [{ id, tools: instance.tools, worker: instance.worker }]
        ),
        ...(noServers === undefined ? registered.callable(projectId) : []),
      ],
      refresh: (projectId) => registered.refresh(projectId),
    },
    secrets,
    grants,
    now,
    elapsedMs,
  });
  const schedule = new Schedule({
    stored: model.scheduled,
    calls,
    now,
    elapsedMs,
    sleep: wait,
  });
  const app = routes({
    accounts,
    tokens: model.tokens,
    clients: model.clients,
    devices: model.devices,
    secrets,
    events: model.events,
    gateways: model.gateways,
    servers,
    registered,
    seedServers,
    calls,
    schedule,
    pageCalls: new PageCalls(calls, secrets),
    grants,
    waiters,
    stopping: stop.signal,
    noServers,
    prove: (nonce) => proofOf({ key: registrationKey, address: url }, nonce),
    access,
    autoApprove,
    now,
    sleep: wait,
    exampleLine: options.exampleLine,
  });

  const answer = async (request: Request, url: URL): Promise<Response> => {
    const start = elapsedMs();
    const refused = refusal(request, { url, hostname, port: server.port });
    const response = refused === undefined
      ? await app.fetch(request)
      : Response.json(new ApiError(403, refused).body, { status: 403 });
    options.onRequest?.({
      method: request.method,
      path: url.pathname.replaceAll(ISSUED, MASK),
      status: response.status,
      ms: Math.round(elapsedMs() - start),
    });
    return withSecurityHeaders(response);
  };

  const socket = socketIn(folder);
  const server = prepared?.listening ??
    await listen(answer, { hostname, port: options.port, socket, env }).catch((error) => {
      close();
      if (error instanceof Failure) throw error;
      throw error instanceof Deno.errors.AddrInUse
        ? new LocalArcadeError("port-taken", `Port ${options.port} is in use by another program`, {
          cause: error,
        })
        : new LocalArcadeError(
          "cannot-listen",
          `Cannot listen on ${hostname}, port ${options.port}`,
          { cause: error },
        );
    });

  const url = `http://${urlHost(reachableFrom(hostname))}:${server.port}`;
  const givenUp = Promise.withResolvers<void>();
  const withdrawals: (() => void)[] = [];
  const withdraw = () => withdrawals.splice(0).forEach((one) => one());
  let environment: LocalEnvironment;
  try {
    const { seed } = options;
    const seeded = seed && await plant(seed, {
      accounts,
      gateways: model.gateways,
      secrets,
      grants,
    });
    environment = environmentFor(model, { url, data: folder, autoApprove, prepared });
    const isSynced = !options.ephemeral;
    storeLocalEnvironment(folder, environment, { isSynced });
    withdrawals.push(storeAddress(folder, url));
    const registration = {
      address: url,
      socket,
      key: registrationKey,
      pid: Deno.pid,
      data: folder,
    };
    for (const place of options.registerIn ?? []) {
      withdrawals.push(register(place, registration, { isSynced }));
    }
    await servers.start();
    await schedule.start();
    prepared?.answer(answer);
    // They may send requests to this local Arcade before they are healthy.
    if (seed && seeded !== undefined) {
      await seedServers.start(seeded, seed.servers, options.signal);
    }
  } catch (error) {
    withdraw();
    await seedServers.stop();
    await server.shutdown();
    close();
    throw error instanceof Failure ? error : unusable(folder, error);
  }
  const finished = Promise.race([server.finished, givenUp.promise]).finally(async () => {
    await Promise.all([schedule.stop(), servers.stop(), seedServers.stop()]);
    withdraw();
    close();
  });
  return {
    url,
    port: server.port,
    address: access.address(url),
    code: access.isOpen ? undefined : access.code,
    data: folder,
    environment,
    finished,
    async stop() {
      stop.abort();
      // The next start then waits for the lock, instead of naming this server.
      withdraw();
      const stopping = Promise.all([schedule.stop(), servers.stop(), seedServers.stop()]);
      // A client that never ends its request must not keep the data locked.
      settlesWithin(STOP_WAIT_MS, server.shutdown()).then(() => givenUp.resolve(), givenUp.reject);
      await Promise.all([stopping, finished]);
    },
  };
}

/** The variables of this start, with the API key of the last one if it is still valid. */
function environmentFor(
  { accounts }: Model,
  { url, data, autoApprove, prepared }: {
    url: string;
    data: string;
    autoApprove: boolean;
    prepared: Prepared | undefined;
  },
): LocalEnvironment {
  const account = autoApprove ? accounts.forApproval() : accounts.first();
  const apiKey = prepared === undefined
    ? accounts.apiKeyOf(account, readLocalEnvironment(data)?.ARCADE_API_KEY)
    : accounts.createApiKey(account.id, accounts.defaultProject(account).id, prepared.apiKey);
  return environmentOf({ url, apiKey, userId: account.email, data });
}

function unusable(dataDir: string, error: unknown): LocalArcadeError | Failure {
  if (isDiskFull(error)) return fileFailure("write", dataDir, error);
  const reason = error instanceof Error ? error.message : String(error);
  const message = `The data in ${dataDir} cannot be used (${reason})`;
  return new LocalArcadeError("data-unreadable", message, { cause: error });
}

/** Locks the data folder and opens its files; `close` releases them. */
async function openData(
  {
    dataDir,
    signal,
    restrict,
    prepared,
    ephemeral = false,
    tokenTtlSeconds,
  }: LocalArcadeOptions,
  now: () => Date,
): Promise<{
  folder: string;
  model: Model;
  registrations: RegisteredRow[];
  close: () => void;
}> {
  let lock: Deno.FsFile | undefined;
  let database: Database | undefined;
  const close = () => {
    database?.close();
    lock?.close();
  };
  try {
    const folder = await ensureOwnFolder(dataDir, restrict);
    signal?.throwIfAborted();
    const files = dataFiles(folder);
    lock = prepared?.lock ?? await lockDataFolder(folder);
    removeAddress(folder);
    signal?.throwIfAborted();
    if (ephemeral) await ensurePrivateFile(files.mark);
    database = await openDatabase(ephemeral ? IN_MEMORY : files.database);
    signal?.throwIfAborted();
    const stored = ephemeral ? newKey() : await readKey(files.key);
    if (stored === undefined && hasSealed(database)) {
      throw new Error(`The secrets are encrypted, but the key ${files.key} is missing or damaged`);
    }
    const seal = await Seal.of(stored ?? await createKey(files.key));
    const model = modelOf(database, { seal, now, accessTokenSeconds: tokenTtlSeconds });
    for (const part of [model.secrets, model.connections, model.providers]) await part.check();
    const registrations = await model.registered.all();
    signal?.throwIfAborted();
    return { folder, model, registrations, close };
  } catch (error) {
    close();
    if (signal?.aborted || error instanceof LocalArcadeError) throw error;
    throw unusable(dataDir, error);
  }
}

function routes(services: Services): Hono {
  const app = new Hono();
  app.route("/", pageAccessRoutes(services, PAGES));
  app.route("/", discoveryRoutes(services));
  app.route("/", seedRoutes(services));
  app.route(DEV_SESSIONS_PATH, devSessionRoutes(services));
  app.route("/", coordinatorRoutes(services));
  app.route("/", oauthRoutes(services));
  app.route("/", mcpRoutes(services));
  app.route("/", engineRoutes(services));
  app.route("/", grantPageRoutes(services));
  app.route("/", eventSinkRoutes(services));
  app.route("/", dashboardRoutes(services));
  app.route("/", serverPageRoutes(services));
  app.notFound((c) => {
    if (/^\/(\.well-known|api|v1|oauth2|mcp|batch)(\/|$)/.test(c.req.path)) {
      const message = "requested route is not found or method is not allowed";
      throw new ApiError(404, message, { code: "route_not_found" });
    }
    const page = messagePage("Not found", "No such page.", "neutral", { hasBack: true });
    return show(c, page, { status: 404 });
  });
  app.onError((error, c) => {
    if (error instanceof ApiError) {
      const { body, status, headers } = error;
      return c.json(body, status, headers);
    }
    // The error may contain stored data, so it is not sent.
    return c.json(new ApiError(500, "Internal error in the local Arcade").body, 500);
  });
  return app;
}

/** Prevents caching, framing, sniffing, and referrers to other sites. */
function withSecurityHeaders(response: Response): Response {
  response.headers.set("cache-control", "no-store");
  response.headers.set("x-content-type-options", "nosniff");
  response.headers.set("x-frame-options", "DENY");
  // Not no-referrer, which makes browsers send `Origin: null` with our own forms.
  response.headers.set("referrer-policy", "same-origin");
  return response;
}
