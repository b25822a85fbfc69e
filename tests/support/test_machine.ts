/** The built binary as a user runs it: processes of their own, on a machine of their own, beside a local Arcade. */

import assert from "node:assert/strict";
import { type Addresses, InProcess, movedLogin, type Ran } from "./in_process.ts";
import { Answers, type Seen } from "./answers.ts";
import { PATIENCE_MS } from "./patience.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
export const BINARY = `${ROOT}dist/arcade`;

/** What no process of arcade may ever print: a stack trace, or a permission that is not baked in. */
const NEVER =
  /\n? +at (?:async )?.*(?:file:|ext:)|Unexpected exception|NotCapable|Requires \w+ access/;

export interface ProcessOptions {
  /** Added to the environment of the machine; undefined takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** What standard input gives before it ends; nothing unless told. */
  readonly stdin?: string | Uint8Array<ArrayBuffer>;
  /** Leaves standard input open, for {@link Running.type}. */
  readonly isTyped?: boolean;
  readonly cwd?: string;
  /** Words before the binary, such as a program that takes capabilities away. */
  readonly through?: readonly string[];
}

/** How a process ended. */
export interface Ended extends Ran {
  readonly signal: Deno.Signal | null;
}

/** A program that was started, with what it printed so far. */
export abstract class Started {
  stdout = "";
  stderr = "";
  readonly #listeners = new Set<() => void>();
  #hasEnded = false;

  /** Waits until the output (stdout and stderr, one after the other) matches. Fails when the program ends before. */
  async printed(pattern: RegExp): Promise<RegExpExecArray> {
    while (true) {
      const match = pattern.exec(this.stdout + this.stderr);
      if (match) return match;
      if (this.#hasEnded) throw new Error(`Ended without ${pattern}: ${this.stdout}${this.stderr}`);
      await this.#change(pattern);
    }
  }

  protected get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** To be called after every change of the output. */
  protected tell(): void {
    for (const listener of this.#listeners) listener();
  }

  protected tellEnd(): void {
    this.#hasEnded = true;
    this.tell();
  }

  #change(awaited: RegExp): Promise<void> {
    return new Promise((resolve, reject) => {
      const done = () => {
        clearTimeout(timer);
        this.#listeners.delete(done);
        resolve();
      };
      const timer = setTimeout(() => {
        this.#listeners.delete(done);
        reject(new Error(`Still no ${awaited} in: ${this.stdout}${this.stderr}`));
      }, PATIENCE_MS);
      this.#listeners.add(done);
    });
  }
}

/** A process that was started. */
export class Running extends Started {
  readonly #child: Deno.ChildProcess;
  readonly #keyboard: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>> | undefined;
  /** Settles when the process has ended and its output has been read, however long that takes. */
  readonly ended: Promise<Ended>;

  constructor(
    program: string,
    command: Deno.CommandOptions,
    { stdin, isTyped = false }: Pick<ProcessOptions, "stdin" | "isTyped"> = {},
  ) {
    super();
    this.#child = new Deno.Command(program, {
      ...command,
      clearEnv: true,
      stdin: stdin === undefined && !isTyped ? "null" : "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    if (isTyped) this.#keyboard = this.#child.stdin.getWriter();
    else if (stdin !== undefined) this.#feed(stdin);
    const all = [
      this.#child.status,
      this.#collect(this.#child.stdout, (text) => this.stdout += text),
      this.#collect(this.#child.stderr, (text) => this.stderr += text),
    ] as const;
    this.ended = Promise.all(all).then(([{ code, signal }]) => {
      this.tellEnd();
      return { code, signal, stdout: this.stdout, stderr: this.stderr };
    });
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** Waits until it is kept waiting for a lock (flock) that another process holds, where the system tells that: on Linux. */
  async isKeptWaiting(): Promise<void> {
    if (Deno.build.os !== "linux") return;
    const waits = `-> FLOCK .* ${this.#child.pid} `;
    for (const deadline = performance.now() + PATIENCE_MS; performance.now() < deadline;) {
      if (this.hasEnded) throw new Error(`Did not wait for a lock: ${this.stdout}${this.stderr}`);
      if (succeeds("grep", "-qe", waits, "/proc/locks")) return;
      await new Promise((resolve) => setTimeout(resolve));
    }
    throw new Error(`Still does not wait for a lock: ${this.stdout}${this.stderr}`);
  }

  /** Waits until the process has ended by itself, or by a signal of the test. */
  async end(): Promise<Ended> {
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      this.kill("SIGKILL");
    }, PATIENCE_MS);
    const ended = await this.ended;
    clearTimeout(timer);
    if (isLate) throw new Error(`Did not end by itself: ${ended.stdout}${ended.stderr}`);
    return ended;
  }

  /** Types on standard input. */
  async type(text: string): Promise<void> {
    await this.#keyboard?.write(new TextEncoder().encode(text));
  }

  /** Sends a signal, unless the process has ended already. */
  kill(signal: Deno.Signal): void {
    try {
      this.#child.kill(signal);
    } catch (error) {
      if (!(error instanceof TypeError || error instanceof Deno.errors.NotFound)) throw error;
    }
  }

  async #feed(input: string | Uint8Array<ArrayBuffer>): Promise<void> {
    try {
      const bytes = typeof input === "string" ? new TextEncoder().encode(input) : input;
      await new Blob([bytes]).stream().pipeTo(this.#child.stdin);
    } catch {
      // the process ended without reading all of it
    }
  }

  async #collect(
    stream: ReadableStream<Uint8Array<ArrayBuffer>>,
    take: (text: string) => void,
  ): Promise<void> {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      take(text);
      this.tell();
    }
  }
}

/** A machine of one user: a home, an environment, and every process that was started on it. All end with the test. */
export class TestMachine implements AsyncDisposable {
  readonly path = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "arcade-machine-" }));
  readonly home = `${this.path}/home`;
  readonly folder = `${this.home}/.arcade`;
  readonly credentials = `${this.folder}/credentials.yaml`;
  /** The whole environment of every process. */
  readonly env: Record<string, string> = {
    PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    HOME: this.home,
    ARCADE_WORK_DIR: this.folder,
    // Whatever the build says, tests report to nobody unless they say so.
    ARCADE_POSTHOG_KEY: "",
  };
  readonly #running = new Set<Running>();
  readonly #servers: InProcessServer[] = [];
  #server: Server | undefined;

  constructor() {
    Deno.mkdirSync(this.home, { mode: 0o700 });
  }

  /** Starts arcade. */
  start(args: readonly string[], options: ProcessOptions = {}): Running {
    return this.startProgram([BINARY, ...args], options);
  }

  /** Starts any program in the environment of this machine. */
  startProgram(words: readonly string[], options: ProcessOptions = {}): Running {
    const [program = "", ...args] = [...options.through ?? [], ...words];
    const env = { ...this.env };
    for (const [name, value] of Object.entries(options.env ?? {})) {
      if (value === undefined) delete env[name];
      else env[name] = value;
    }
    const running = new Running(
      program,
      { args, env, cwd: options.cwd ?? this.home },
      options,
    );
    this.#running.add(running);
    return running;
  }

  /** Runs arcade to its end. Whatever it does, it may not show a stack trace or lack a permission. */
  async run(args: readonly string[], options: ProcessOptions = {}): Promise<Ran> {
    const { code, signal, stdout, stderr } = await this.start(args, options).end();
    const line = `arcade ${args.join(" ")}`;
    if (signal) throw new Error(`${line} was ended by ${signal}: ${stdout}${stderr}`);
    const never = NEVER.exec(stdout + stderr);
    if (never) throw new Error(`${line} printed what no command may print: ${stdout}${stderr}`);
    return { code, stdout, stderr };
  }

  /** Runs arcade and parses what it printed for programs. Fails unless it succeeds. */
  async runJson(args: readonly string[], options: ProcessOptions = {}): Promise<unknown> {
    const { code, stdout, stderr } = await this.run([...args, "--json"], options);
    if (code !== 0) throw new Error(`arcade ${args.join(" ")} failed with ${code}: ${stderr}`);
    return JSON.parse(stdout);
  }

  /** Starts a local Arcade by the binary, and uses it. */
  async serve(options: ProcessServeOptions = {}): Promise<ServerProcess> {
    return this.#use(await ServerProcess.start(this, options));
  }

  /** Starts a local Arcade in the process of the test, which is faster, and uses it. */
  async serveInProcess(options: ServeOptions = {}): Promise<Server> {
    return this.#use(await InProcessServer.start(this, options));
  }

  /** Points the environment of this machine at a local Arcade. A login at the one before it goes on at this one. */
  #use<S extends Server>(server: S): S {
    const before = this.#server;
    this.#server = server;
    if (server instanceof InProcessServer) this.#servers.push(server);
    if (before && this.stored("coordinator_url") === before.url) {
      this.moveLogin({ coordinator: server.url, engine: server.url });
    }
    this.env.ARCADE_COORDINATOR_URL = server.url;
    this.env.ARCADE_ENGINE_URL = server.url;
    return server;
  }

  /** The local Arcade that was started last. */
  get server(): Server {
    if (!this.#server) throw new Error("The test has started no local Arcade");
    return this.#server;
  }

  /** A machine with a local Arcade where somebody is logged in. */
  static async loggedIn(options: ServeOptions = {}): Promise<TestMachine> {
    const machine = new TestMachine();
    try {
      await machine.serveInProcess(options);
      await machine.logIn();
      return machine;
    } catch (error) {
      await machine[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Logs in at a local Arcade that approves by itself: opens the address that `login --no-browser` prints. */
  async logIn(options: ProcessOptions = {}): Promise<void> {
    const login = this.start(["login", "--callback-port", "0", "--no-browser"], options);
    await open(await addressOf(login));
    const { code, stderr } = await login.end();
    if (code !== 0) throw new Error(`The login of the test failed: ${stderr}`);
  }

  /** One value of the credentials file, such as `access_token`. */
  stored(name: string): string {
    const text = this.#credentialsText();
    return new RegExp(`^ +${name}: '?(.*?)'?$`, "m").exec(text)?.[1] ?? "";
  }

  /** Moves the login to other servers, as if it had been made there; the environment names them from now on. */
  moveLogin(addresses: Addresses): void {
    const { coordinator, engine } = addresses;
    if (coordinator !== undefined) this.env.ARCADE_COORDINATOR_URL = coordinator;
    if (engine !== undefined) this.env.ARCADE_ENGINE_URL = engine;
    const text = this.#credentialsText();
    if (text !== "") Deno.writeTextFileSync(this.credentials, movedLogin(text, addresses));
  }

  /** Empty where nobody is logged in. */
  #credentialsText(): string {
    try {
      return Deno.readTextFileSync(this.credentials);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return "";
      throw error;
    }
  }

  /** Changes the credentials file, so that the access token is due for renewal though it is still good. */
  makeTokenDue(): void {
    const text = Deno.readTextFileSync(this.credentials);
    const due = text.replaceAll(
      /expires_at: .*/g,
      "expires_at: '2001-01-01T00:00:00.000000+00:00'",
    );
    Deno.writeTextFileSync(this.credentials, due);
  }

  /** Asks the local Arcade as the logged-in person, for what the command line has no command for. */
  async post(path: string, body: unknown): Promise<Record<string, string>> {
    const response = await fetch(`${this.env.ARCADE_COORDINATOR_URL}${path}`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${this.stored("access_token")}`,
        "content-type": "application/json",
      },
      body: JSON.stringify(body),
    });
    const { data }: { data: Record<string, string> } = await response.json();
    return data;
  }

  /** Ends every process of this machine, and its local Arcades. */
  async stop(): Promise<void> {
    for (const running of this.#running) running.kill("SIGKILL");
    await Promise.all([...this.#running].map(({ ended }) => ended));
    await Promise.all(this.#servers.map((server) => server.stop()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    Deno.removeSync(this.path, { recursive: true });
  }
}

export interface ServeOptions {
  readonly data?: string;
  readonly autoApprove?: boolean;
  readonly tokenTtl?: number;
}

export interface ProcessServeOptions extends ServeOptions {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** As in {@link ProcessOptions}. */
  readonly through?: readonly string[];
}

/** A local Arcade of a test. */
export abstract class Server {
  readonly url: string;
  readonly data: string;
  /** What it says to set in another terminal. */
  readonly environment: Record<string, string>;
  /** The address that lets one browser in. */
  readonly dashboard: string;
  /** The code that lets any other browser in; null where it approves by itself. */
  readonly code: string | null;
  /** What it printed: a line for each request, on stderr. */
  readonly output: Started;
  #cookie: Promise<string> | undefined;

  protected constructor(output: Started) {
    const announced: Announced = JSON.parse(output.stdout);
    this.output = output;
    this.url = announced.url;
    this.data = announced.data;
    this.environment = announced.environment;
    this.dashboard = announced.dashboard;
    this.code = announced.code;
  }

  /** Asks it to end, as Ctrl-C does, and gives its exit code. */
  abstract stop(): Promise<number>;

  /** Asks as the browser that opened the address of the dashboard. */
  async visit(address: string, init: RequestInit = {}): Promise<Response> {
    this.#cookie ??= cookieFrom(this.dashboard);
    const headers = new Headers(init.headers);
    headers.set("cookie", await this.#cookie);
    return await fetch(address, { ...init, headers });
  }

  /** How often a request was answered so far, such as `200 POST /oauth2/token`. */
  async count(line: string): Promise<number> {
    // What it prints is read in the background, and in order: up to this request, all is.
    const path = `/${crypto.randomUUID()}`;
    await (await fetch(this.url + path)).body?.cancel();
    await this.output.printed(new RegExp(`^404 GET ${path}$`, "m"));
    return this.output.stderr.split("\n").filter((one) => one === line).length;
  }
}

/** A local Arcade that the binary runs. */
export class ServerProcess extends Server {
  readonly process: Running;

  private constructor(process: Running) {
    super(process);
    this.process = process;
  }

  static async start(machine: TestMachine, options: ProcessServeOptions): Promise<ServerProcess> {
    const args = [...wordsFor(options), ...(options.args ?? dataOf(machine, options))];
    const process = machine.start(args, {
      cwd: machine.path,
      env: options.env ?? {},
      through: options.through ?? [],
    });
    await process.printed(/^\{.*\}\n/);
    return new ServerProcess(process);
  }

  override async stop(): Promise<number> {
    this.process.kill("SIGINT");
    return (await this.process.end()).code;
  }
}

/** A local Arcade that the process of the test runs, by the same command line. */
class InProcessServer extends Server {
  readonly #program: ServeProgram;

  private constructor(program: ServeProgram) {
    super(program);
    this.#program = program;
  }

  static async start(machine: TestMachine, options: ServeOptions): Promise<InProcessServer> {
    const program = new ServeProgram([...wordsFor(options), ...dataOf(machine, options)]);
    await program.printed(/^\{.*\}\n/);
    return new InProcessServer(program);
  }

  override stop(): Promise<number> {
    return this.#program.interrupt();
  }
}

/** A command that runs in the process of the test until it is interrupted. */
class ServeProgram extends Started {
  readonly #interruption = new AbortController();
  readonly #ended: Promise<number>;

  constructor(args: readonly string[]) {
    super();
    this.#ended = this.#run(args);
  }

  interrupt(): Promise<number> {
    this.#interruption.abort();
    return this.#ended;
  }

  async #run(args: readonly string[]): Promise<number> {
    using home = new InProcess();
    const { code } = await home.run(args, {
      interruption: this.#interruption.signal,
      onStdout: (text) => {
        this.stdout = text;
        this.tell();
      },
      onStderr: (text) => {
        this.stderr = text;
        this.tell();
      },
    });
    this.tellEnd();
    return code;
  }
}

function dataOf(machine: TestMachine, { data }: ServeOptions): string[] {
  return ["--data", data ?? `${machine.path}/data`];
}

function wordsFor({ autoApprove, tokenTtl }: ServeOptions): string[] {
  return [
    ...["local", "serve", "--port", "0", "--json", "--debug"],
    ...(autoApprove === false ? [] : ["--auto-approve"]),
    ...(tokenTtl === undefined ? [] : ["--token-ttl", String(tokenTtl)]),
  ];
}

interface Announced {
  readonly url: string;
  readonly data: string;
  readonly environment: Record<string, string>;
  readonly dashboard: string;
  readonly code: string | null;
}

async function cookieFrom(address: string): Promise<string> {
  const response = await fetch(address, { redirect: "manual" });
  await response.body?.cancel();
  return response.headers.getSetCookie()[0]?.split(";", 1)[0] ?? "";
}

/** The address that a login asks to open. */
export async function addressOf(login: Running): Promise<string> {
  return (await login.printed(/^ {2}(http\S+)$/m))[1] ?? "";
}

/** Opens an address as a browser does: follows it to the end and reads the page. */
export async function open(url: string): Promise<string> {
  return await (await fetch(url)).text();
}

/**
 * A wire tap in front of a local Arcade, as its coordinator and as its engine: passes everything on, and remembers what
 * was asked and what was answered. `interfere` may answer in its place.
 */
export class WireTap implements AsyncDisposable {
  readonly answered: string[] = [];
  readonly #answers: Answers;

  constructor(
    target: string,
    interfere?: (seen: Seen) => Response | Promise<Response | undefined> | undefined,
  ) {
    this.#answers = new Answers(async (seen, request) => {
      const interference = await interfere?.(seen);
      if (interference) return interference;
      const { method, path, body } = seen;
      const headers = new Headers(request.headers);
      headers.delete("host");
      headers.delete("content-length");
      const response = await fetch(target + path, {
        method,
        headers,
        body: body === "" ? null : body,
        redirect: "manual",
        signal: request.signal,
      });
      if (response.headers.get("content-type")?.startsWith("text/event-stream")) {
        return new Response(this.#remembered(response), { headers: response.headers });
      }
      // The addresses of the OAuth endpoints lead through the tap too.
      const text = (await response.text()).replaceAll(target, this.url);
      this.answered.push(text, response.headers.get("location") ?? "");
      const passed = new Headers(response.headers);
      for (const name of ["content-length", "content-encoding"]) passed.delete(name);
      return new Response(text === "" ? null : text, { status: response.status, headers: passed });
    });
  }

  /** An answer that may not end, which is passed on as it comes. */
  #remembered({ body }: Response): ReadableStream<Uint8Array<ArrayBuffer>> | null {
    const remember = new TransformStream<string, string>({
      transform: (text, controller) => {
        this.answered.push(text);
        controller.enqueue(text);
      },
    });
    return body?.pipeThrough(new TextDecoderStream()).pipeThrough(remember)
      .pipeThrough(new TextEncoderStream()) ?? null;
  }

  get url(): string {
    return this.#answers.url;
  }

  get seen(): Seen[] {
    return this.#answers.seen;
  }

  /** Waits until so many requests have come, and gives the last of them. */
  asked(count = 1): Promise<Seen> {
    return this.#answers.asked(count);
  }

  /** Points a machine, with its login, at this tap instead of at the local Arcade itself. */
  listenTo(machine: TestMachine): void {
    machine.moveLogin({ coordinator: this.url, engine: this.url });
  }

  /** The values that were stored, by their keys, as they arrived. */
  values(): Map<string, string> {
    const values = new Map<string, string>();
    for (const { method, path, body } of this.seen) {
      const key = /\/secrets\/([^/]+)$/.exec(path)?.[1];
      if (method !== "PUT" || key === undefined) continue;
      const { value }: { value: string } = JSON.parse(body);
      values.set(decodeURIComponent(key), value);
    }
    return values;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#answers[Symbol.asyncDispose]();
  }
}

/** A wire tap that keeps requests back until it is told to pass them on, at the end of the test at the latest. */
export class Delay implements AsyncDisposable {
  readonly #tap: WireTap;
  readonly #end = Promise.withResolvers<void>();

  /** @param path those that are kept back; all of them unless told. */
  constructor(target: string, path = /^/) {
    this.#tap = new WireTap(target, async (seen) => {
      if (path.test(seen.path)) await this.#end.promise;
      return undefined;
    });
  }

  get url(): string {
    return this.#tap.url;
  }

  get seen(): Seen[] {
    return this.#tap.seen;
  }

  /** Waits until there is a request. */
  async asked(): Promise<void> {
    await this.#tap.asked();
  }

  end(): void {
    this.#end.resolve();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.end();
    await this.#tap[Symbol.asyncDispose]();
  }
}

/** A program that opens an address as the user's browser would, for `$BROWSER`: follows it to the end. */
export function browserOf(machine: TestMachine): string {
  const path = `${machine.path}/browser`;
  const source = `#!/bin/sh
DENO_DIR='${machine.path}/deno' exec '${Deno.execPath()}' eval 'await (await fetch(Deno.args[0])).text()' "$1"
`;
  Deno.writeTextFileSync(path, source, { mode: 0o755 });
  return path;
}

/**
 * Asserts that a command was refused: the exit code, and two lines on stderr besides warnings. The first line says what is
 * wrong, and the second one what to do next. Neither contains a token.
 */
export function assertRefused(ran: Ran, code: number, reason: RegExp): void {
  assert.equal(ran.code, code, ran.stderr);
  assert.equal(ran.stdout, "");
  const said = ran.stderr.replaceAll(/^Warning: .*\n/gm, "");
  assert.match(said, /^Error: \S.*[^.]\n {2}[A-Z].*[^.]\n$/);
  assert.match(said, reason);
  assert.doesNotMatch(ran.stderr, /arcl_|arc_local_/);
}

/** Whether tests that need something can run here; says on stderr that they do not, and why. */
export function isAvailable(what: string, check: () => boolean): boolean {
  let available = false;
  try {
    available = check();
  } catch {
    // it is not there
  }
  if (!available) {
    const line = `Skipped: tests in ${new URL(Deno.mainModule).pathname} need ${what}\n`;
    Deno.stderr.writeSync(new TextEncoder().encode(line));
  }
  return available;
}

/** Whether a program is there and succeeds. */
export function succeeds(program: string, ...args: readonly string[]): boolean {
  return new Deno.Command(program, {
    args: [...args],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  })
    .outputSync().success;
}
