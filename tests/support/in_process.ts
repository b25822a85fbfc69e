/** Runs commands in the test process, with a separate home folder and real servers. */

import { NetworkTime } from "../../src/api/network_time.ts";
import { closeSocketClients } from "../../src/api/socket_client.ts";
import type { Context } from "../../src/commands/context.ts";
import type { Environment } from "../../src/contract/variables.ts";
import type { Routes } from "../../src/cli/declaration.ts";
import type { Permission } from "../../src/cli/permissions.ts";
import type { OutputOptions } from "../../src/process/context.ts";
import { readEnvironment } from "../../src/process/environment.ts";
import { PROGRAM } from "../../src/commands/program.ts";
import type { WindowsSystem } from "../../src/files/owner_only.ts";
import { observeCommand } from "../../src/telemetry/observer.ts";
import { ioOf } from "../../src/terminal/io.ts";
import { Keyboard } from "../../src/terminal/keyboard.ts";
import { statusLine } from "../../src/terminal/status_line.ts";
import { run } from "../../src/cli/run.ts";
import { answerShell } from "../../src/commands/completion/complete.ts";
import { sleep } from "../../src/system/waiting.ts";
import type { LocalArcade, LocalArcadeOptions } from "../../src/local/mod.ts";
import { Visitor } from "../../scripts/visitor.ts";

/** The result of a command. */
export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The environment that a test provides to a command. */
export interface World {
  readonly env?: Environment;
  /** Standard input, in chunks. */
  readonly stdin?: readonly string[] | Uint8Array;
  readonly terminal?: boolean;
  readonly columns?: number;
  /** Whether outputs show colors. */
  readonly color?: boolean;
  readonly now?: () => Date;
  readonly timeoutMs?: number;
  /** Sends requests; by default over the network. */
  readonly fetch?: typeof fetch;
  readonly interruption?: AbortSignal;
  /** Receives the whole stdout so far, after each write. */
  readonly onStdout?: (stdout: string) => void;
  /** Receives the whole stderr so far, after each write. */
  readonly onStderr?: (stderr: string) => void;
  /** Gets what a terminal shows while a server is slow, and undefined when it is hidden. */
  readonly onWait?: (line: string | undefined) => void;
  /** The Arcade folder; by default that of the home. */
  readonly folder?: string;
  /** The working directory; by default the home folder. */
  readonly cwd?: string;
  /** Variables that arcade itself does not use. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Waits; by default only the monotonic clock advances. */
  readonly sleep?: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
  /** The monotonic clock; by default it advances only with `sleep`. */
  readonly elapsedMs?: () => number;
  /** The commands; by default all of them. */
  readonly routes?: Routes<Context>;
  /** The system that restricts folders, on Windows only. */
  readonly windows?: WindowsSystem;
  /** Opens the browser; by default it follows the redirects of the address. */
  readonly browse?: (url: string) => Promise<boolean>;
}

/** A home folder for one test, removed at its end. */
export class InProcess implements Disposable {
  readonly path = Deno.makeTempDirSync({ prefix: "arcade-test-" });
  readonly folder = `${this.path}/.arcade`;
  readonly credentials = `${this.folder}/credentials.yaml`;
  /** The policy of the machine; there is none until a test writes it. */
  readonly policyFile = `${this.path}/policy.toml`;
  /** The environment of every command of this home. */
  env: Environment = {};

  /**
   * Runs a command line in this process. Pauses between retries are skipped and recorded, and so is what would be passed to
   * the child process of telemetry.
   */
  async run(
    args: readonly string[],
    world: World = {},
  ): Promise<
    Ran & { pauses: number[]; givenUp: readonly Permission[]; reported: readonly string[] }
  > {
    const { makeContext, env, seen } = this.#enter(world);
    try {
      const program = { ...PROGRAM, routes: world.routes ?? PROGRAM.routes };
      const output = { name: "ARCADE_OUTPUT", value: env.ARCADE_OUTPUT };
      const code = await run(args, program, { makeContext, output, observers: [observeCommand] });
      return { code, ...seen() };
    } finally {
      closeSocketClients(); // as the end of a process does
    }
  }

  /** A context of a command, for the functions that it calls. */
  context(world: World = {}): Context {
    return this.#enter(world).makeContext({ debug: false, color: false, json: false });
  }

  /** Completes a command line as a shell script does. `stdout` has the answer. */
  async complete(
    passed: readonly string[],
    world: World = {},
  ): Promise<Omit<Ran, "code"> & { givenUp: readonly Permission[] }> {
    const { makeContext, seen } = this.#enter(world);
    const context = makeContext({ debug: true, color: false, json: false });
    try {
      context.io.stdout.write(
        await answerShell(passed, {
          program: PROGRAM,
          makeContext: () => Promise.resolve(context),
        }),
      );
      return seen();
    } finally {
      closeSocketClients();
    }
  }

  #enter(world: World) {
    let stdout = "";
    let stderr = "";
    const pauses: number[] = [];
    let elapsedMs = 12.25;
    const givenUp: Permission[] = [];
    const reported: string[] = [];
    const pieces: Uint8Array[] = world.stdin instanceof Uint8Array
      ? [world.stdin]
      : (world.stdin ?? []).map((piece) => new TextEncoder().encode(piece));
    const isTerminal = world.terminal ?? false;
    const output = (write: (text: string) => void) => ({
      ...statusLine(write, isTerminal),
      isTerminal,
      hasColor: world.color ?? false,
      canErase: false, // so that tests do not read such sequences
      writeBytes: (bytes: Uint8Array) => write(new TextDecoder("latin1").decode(bytes)),
      isClosed: () => false,
      columns: () => isTerminal ? world.columns ?? 80 : undefined,
    });
    const variables: Readonly<Record<string, string | undefined>> = {
      BROWSER: "test-browser",
      ...this.env,
      ...world.env,
    };
    const { env } = readEnvironment((name) => variables[name]);
    const makeContext = (options: OutputOptions): Context => {
      const out = output((text) => {
        stdout += text;
        world.onStdout?.(stdout);
      });
      const err = output((text) => {
        stderr += text;
        world.onStderr?.(stderr);
      });
      const stdin = {
        isTerminal,
        read: () => Promise.resolve(pieces.shift() ?? null),
        setRaw: () => {},
      };
      const pause = (milliseconds: number, signal?: AbortSignal) => {
        pauses.push(milliseconds);
        elapsedMs += milliseconds;
        return world.sleep?.(milliseconds, signal) ?? sleep(0, signal);
      };
      const io = ioOf({
        stdin,
        keyboard: new Keyboard(stdin, (_milliseconds, signal) => sleep(0, signal)),
        stdout: out,
        stderr: err,
        debug: options.debug,
        json: options.json,
      });
      return {
        env,
        io,
        http: {
          fetch: world.fetch ?? fetch,
          timeoutMs: () => world.timeoutMs ?? 10_000,
          networkTime: new NetworkTime(() => performance.now(), world.onWait),
          sleep: pause,
          random: () => 0.5,
          trace: io.trace,
        },
        files: {
          folder: () => world.folder ?? this.folder,
          cwd: () => world.cwd ?? this.path,
          policyFile: this.policyFile,
          windows: world.windows,
        },
        clock: {
          now: world.now ?? (() => new Date()),
          elapsedMs: world.elapsedMs ?? (() => elapsedMs),
          sleep: pause,
        },
        signals: {
          prepare: () => {},
          interruption: () => world.interruption ?? new AbortController().signal,
          deferInterrupts: (work) => work(),
          onSignal: () => Promise.resolve(),
        },
        machine: {
          os: world.windows ? "windows" : "linux",
          device: () => ({
            os: "linux",
            osRelease: "6.1",
            runtimeVersion: "2",
            uptimeAtStart: 1000,
          }),
          variables: (names) =>
            Promise.resolve(
              new Map(
                Object.entries(world.variables ?? {}).filter(([name]) => names.includes(name)),
              ),
            ),
        },
        processes: {
          launch: (_command, args) => (world.browse ?? follow)(args.at(-1) ?? ""),
          startTelemetryChild: (event) => Promise.resolve(void reported.push(event)),
          ownCommand: () => Promise.resolve(["/usr/local/bin/arcade"]),
          startUpdateCheck: () => Promise.resolve(),
        },
        dropPermissions: (permissions) => void givenUp.push(...permissions),
        capabilities: [],
      };
    };
    return { makeContext, env, seen: () => ({ stdout, stderr, pauses, givenUp, reported }) };
  }

  /** Writes a credentials file with a login. */
  writeCredentials(changes: Partial<CredentialsText> = {}): void {
    const text = { ...CREDENTIALS, ...changes };
    this.write(`cloud:
  coordinator_url: ${text.coordinatorUrl}
  auth:
    access_token: ${text.accessToken}
    refresh_token: ${text.refreshToken}
    expires_at: '${text.expiresAt}'
  user:
    email: someone@example.com
  context:
    org_id: org_1
    org_name: First
    project_id: proj_1
    project_name: Only
`);
  }

  write(credentials: string): void {
    Deno.mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    Deno.writeTextFileSync(this.credentials, credentials, { mode: 0o600 });
  }

  read(): string {
    return Deno.readTextFileSync(this.credentials);
  }

  /** Changes the servers of the login, as if it had been made there. */
  moveLogin(addresses: Addresses): void {
    forgetProofs(this.folder);
    this.write(movedLogin(this.read(), addresses));
  }

  /** As {@link namesIn}, of the Arcade folder. */
  files(): string[] {
    return namesIn(this.folder);
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}

/** The servers of a login. */
export interface Addresses {
  readonly coordinator?: string;
  readonly engine?: string;
}

/**
 * The names of all files in an Arcade folder, sorted; none if it does not exist. The registrations of local Arcades are in a
 * folder of their own.
 */
export function namesIn(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].map(({ name }) => name)
      .filter((name) => name !== "running").sort();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

/** Makes logins continue as if no local Arcade had proved its identity. */
export function forgetProofs(folder: string): void {
  try {
    Deno.removeSync(`${folder}/running/logins.json`);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** A credentials file with the servers of its login changed. */
export function movedLogin(credentials: string, { coordinator, engine }: Addresses): string {
  const moved = coordinator === undefined
    ? credentials
    : credentials.replace(/^( +coordinator_url: ).*$/gm, `$1${coordinator}`)
      .replace(/^( +authorization_server: ).*$/gm, `$1${new URL(coordinator).origin}`);
  if (engine === undefined) return moved;
  const others = moved.replace(/^ +engine_url: .*\n/gm, "");
  return others.replace(/^( +)(coordinator_url: .*)$/gm, `$1$2\n$1engine_url: ${engine}`);
}

interface CredentialsText {
  coordinatorUrl: string;
  accessToken: string;
  refreshToken: string;
  expiresAt: string;
}

const CREDENTIALS: CredentialsText = {
  coordinatorUrl: "https://cloud.arcade.dev",
  accessToken: "access-token-of-the-test",
  refreshToken: "refresh-token-of-the-test",
  expiresAt: "2999-01-01T00:00:00.000000+00:00",
};

/** Follows the redirects of an address like a browser, without waiting for the page. */
export function follow(url: string): Promise<boolean> {
  new Visitor().fetch(url).then((response) => response.body?.cancel(), () => {});
  return Promise.resolve(true);
}

interface Options extends Partial<LocalArcadeOptions> {
  /** More homes that know this local Arcade. */
  readonly alsoFor?: readonly InProcess[];
}

/** A local Arcade with autoApprove, and a home that uses it. Both are removed at the end of the test. */
export class InProcessArcade implements AsyncDisposable {
  readonly home: InProcess;
  readonly arcade: LocalArcade;
  /** The answered requests so far. */
  readonly requests: { readonly method: string; readonly path: string; readonly status: number }[];

  private constructor(
    home: InProcess,
    arcade: LocalArcade,
    requests: InProcessArcade["requests"],
  ) {
    this.home = home;
    this.arcade = arcade;
    this.requests = requests;
    this.home.env = { ARCADE_COORDINATOR_URL: arcade.url, ARCADE_ENGINE_URL: arcade.url };
  }

  static async start({ alsoFor = [], ...options }: Options = {}): Promise<InProcessArcade> {
    const dataDir = Deno.makeTempDirSync({ prefix: "arcade-test-local-" });
    const requests: InProcessArcade["requests"] = [];
    // Loaded only here, because it is slow to load and most tests do not need it.
    const { startLocalArcade } = await import("../../src/local/mod.ts");
    const home = new InProcess();
    const arcade = await startLocalArcade({
      dataDir,
      port: 0,
      registerIn: [home, ...alsoFor].map(({ folder }) => folder),
      autoApprove: true,
      onRequest: (request) => requests.push(request),
      ...options,
    });
    const playground = new InProcessArcade(home, arcade, requests);
    playground.#dataDir = dataDir;
    return playground;
  }

  /** A local Arcade with a login. */
  static async loggedIn(options: Options = {}): Promise<InProcessArcade> {
    const playground = await InProcessArcade.start(options);
    await playground.logIn();
    return playground;
  }

  async logIn(): Promise<void> {
    const { code, stderr } = await this.home.run(["login", "--callback-port", "0", "--browser"]);
    if (code !== 0) throw new Error(`The login failed: ${stderr}`);
  }

  /** The stored access token, for requests without a command. */
  get accessToken(): string {
    return /access_token: (\S+)/.exec(this.home.read())?.[1] ?? "";
  }

  /** Posts JSON to the local Arcade as the logged-in user. */
  async post(path: string, body: unknown): Promise<Record<string, string>> {
    const response = await fetch(`${this.arcade.url}${path}`, {
      method: "POST",
      headers: { authorization: `Bearer ${this.accessToken}`, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    const { data }: { data: Record<string, string> } = await response.json();
    return data;
  }

  #dataDir = "";

  async [Symbol.asyncDispose](): Promise<void> {
    await this.arcade.stop();
    Deno.removeSync(this.#dataDir, { recursive: true });
    this.home[Symbol.dispose]();
  }
}
