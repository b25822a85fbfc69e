/** Runs the built binary as a user does: as separate processes on a separate machine, with a local Arcade. */

import { PROOF_PATH, proofOf, register, type RunningArcade } from "../../src/files/running.ts";
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { shellWord } from "../../src/text/shell_word.ts";
import { writeProgram } from "./executable_files.ts";
import { type Addresses, forgetProofs, InProcess, movedLogin, type Ran } from "./in_process.ts";
import { Answers, type Seen } from "./answers.ts";
import { PATIENCE_MS } from "./patience.ts";
import { ROOT } from "./root.ts";
import { sleep } from "../../src/system/waiting.ts";

/** The executable that is tested; scripts/test_runtimes.ts names others. */
export const BINARY = Deno.env.get("ARCADE_TEST_BINARY") ?? `${ROOT}/dist/arcade`;

/** Output that is never allowed: a stack trace, or the lack of a permission that is not baked in. */
const NEVER =
  /\n? +at (?:async )?.*(?:file:|ext:)|Unexpected exception|NotCapable|Requires \w+ access/;

export interface ProcessOptions {
  /** Added to the environment of the machine; undefined removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** The content of standard input; empty by default. */
  readonly stdin?: string | Uint8Array<ArrayBuffer>;
  /** Leaves standard input open, for {@link Running.type}. */
  readonly isTyped?: boolean;
  readonly cwd?: string;
  /** Words before the binary, such as a program that drops capabilities. */
  readonly through?: readonly string[];
}

/** The result of a process. */
export interface Ended extends Ran {
  readonly signal: Deno.Signal | null;
}

/** A started program, with its output so far. */
export abstract class Started {
  stdout = "";
  stderr = "";
  readonly #listeners = new Set<() => void>();
  #hasEnded = false;

  /** Waits until stdout or stderr matches. Fails if the program ends first. */
  async printed(pattern: RegExp): Promise<RegExpExecArray> {
    while (true) {
      const match = pattern.exec(this.stdout + this.stderr);
      if (match) return match;
      if (this.#hasEnded) throw new Error(`Ended without ${pattern}: ${this.stdout}${this.stderr}`);
      await this.#change(pattern);
    }
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

/** A started process. */
export class Running extends Started {
  readonly #child: Deno.ChildProcess;
  readonly #keyboard: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>> | undefined;
  /** Settles when the process has exited and its output has been read. Has no timeout. */
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
    this.ended = Promise.all(all).then(async ([{ code, signal }]) => {
      await this.#keyboard?.close().catch(() => {}); // the reader is gone
      this.tellEnd();
      return { code, signal, stdout: this.stdout, stderr: this.stderr };
    });
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** Waits until the process blocks on a lock (flock) held by another process. Only Linux shows this. */
  async isKeptWaiting(): Promise<void> {
    await Promise.race([
      waitsForLock(this.#child.pid),
      this.ended.then(() => {
        throw new Error(`Did not wait for a lock: ${this.stdout}${this.stderr}`);
      }),
    ]);
  }

  /** Waits until the process has exited, on its own or after a signal of the test. */
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
  async type(keys: string | Uint8Array<ArrayBuffer>): Promise<void> {
    await this.#keyboard?.write(typeof keys === "string" ? new TextEncoder().encode(keys) : keys);
  }

  /** Sends a signal, unless the process has already exited. */
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
      // the process exited without reading all input
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

/** Waits until a process blocks on a lock (flock) held by another one. Only Linux shows this. */
export async function waitsForLock(pid: number): Promise<void> {
  if (Deno.build.os !== "linux") return;
  for (const deadline = performance.now() + PATIENCE_MS; performance.now() < deadline;) {
    if (succeeds("grep", "-qe", `-> FLOCK .* ${pid} `, "/proc/locks")) return;
    await sleep(0);
  }
  throw new Error("Still does not wait for a lock");
}

/** A user's machine: a home, an environment, and all processes started on it. They end with the test. */
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
    // Tests send no telemetry unless they ask for it, whatever the build.
    ARCADE_POSTHOG_KEY: "",
    // The same for the check for a newer version.
    ARCADE_NO_UPDATE_CHECK: "1",
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

  /** Runs arcade to its end. Fails if it shows a stack trace or lacks a permission. */
  async run(args: readonly string[], options: ProcessOptions = {}): Promise<Ran> {
    const { code, signal, stdout, stderr } = await this.start(args, options).end();
    const line = `arcade ${args.join(" ")}`;
    if (signal) throw new Error(`${line} was terminated by ${signal}: ${stdout}${stderr}`);
    const never = NEVER.exec(stdout + stderr);
    if (never) throw new Error(`${line} printed what no command may print: ${stdout}${stderr}`);
    return { code, stdout, stderr };
  }

  /** Runs arcade and parses its JSON output. Fails unless it succeeds. */
  async runJson(args: readonly string[], options: ProcessOptions = {}): Promise<unknown> {
    const { code, stdout, stderr } = await this.run([...args, "--json"], options);
    if (code !== 0) throw new Error(`arcade ${args.join(" ")} failed with ${code}: ${stderr}`);
    return JSON.parse(stdout);
  }

  /** Starts a local Arcade with the binary, and uses it. */
  async serve(options: ProcessServeOptions = {}): Promise<ServerProcess> {
    return this.#use(await ServerProcess.start(this, options));
  }

  /** Starts a local Arcade in the test process, which is faster, and uses it. */
  async serveInProcess(options: ServeOptions = {}): Promise<Server> {
    return this.#use(await InProcessServer.start(this, options));
  }

  /** Points the environment of this machine to a local Arcade, and moves an existing login there. */
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

  /** The local Arcade started last. */
  get server(): Server {
    if (!this.#server) throw new Error("The test has started no local Arcade");
    return this.#server;
  }

  /** A machine with a local Arcade and a login. */
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

  /** Logs in at a local Arcade with autoApprove: opens the address that `login --no-browser` prints. */
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

  /** Changes the servers of the login, as if it had been made there, and of the environment. */
  moveLogin(addresses: Addresses): void {
    const { coordinator, engine } = addresses;
    if (coordinator !== undefined) this.env.ARCADE_COORDINATOR_URL = coordinator;
    if (engine !== undefined) this.env.ARCADE_ENGINE_URL = engine;
    forgetProofs(this.folder);
    const text = this.#credentialsText();
    if (text !== "") Deno.writeTextFileSync(this.credentials, movedLogin(text, addresses));
  }

  /** Empty without a login. */
  #credentialsText(): string {
    try {
      return Deno.readTextFileSync(this.credentials);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return "";
      throw error;
    }
  }

  /** Changes the credentials file so that the access token is due for renewal, although it is still valid. */
  makeTokenDue(): void {
    const text = Deno.readTextFileSync(this.credentials);
    const due = text.replaceAll(
      /expires_at: .*/g,
      "expires_at: '2001-01-01T00:00:00.000000+00:00'",
    );
    Deno.writeTextFileSync(this.credentials, due);
  }

  /** Sends a request to the local Arcade as the logged-in user, for actions without a command. */
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

  /** Ends all processes and local Arcades of this machine. */
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
  /** The variables to set in another terminal. */
  readonly environment: Record<string, string>;
  /** The address that admits one browser. */
  readonly dashboard: string;
  /** The code that admits other browsers; null with autoApprove. */
  readonly code: string | null;
  /** The output, with a line for each request on stderr. */
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

  /** Interrupts it like Ctrl-C, and returns its exit code. */
  abstract stop(): Promise<number>;

  /** Sends a request as the browser that opened the dashboard address. */
  async visit(address: string, init: RequestInit = {}): Promise<Response> {
    this.#cookie ??= cookieFrom(this.dashboard);
    const headers = new Headers(init.headers);
    headers.set("cookie", await this.#cookie);
    return await fetch(address, { ...init, headers });
  }

  /** The number of logged requests so far that match, such as `200 POST /oauth2/token`. */
  async count(line: string): Promise<number> {
    // The output is read in the background and in order, so it is complete up to this request.
    const path = `/${crypto.randomUUID()}`;
    await (await fetch(this.url + path)).body?.cancel();
    await this.output.printed(new RegExp(`^404 GET ${path}$`, "m"));
    return this.output.stderr.split("\n").filter((one) => one === line).length;
  }
}

/** A local Arcade run by the binary. */
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
    await process.printed(/^\{"url":.*\}\n/m);
    return new ServerProcess(process);
  }

  override async stop(): Promise<number> {
    this.process.kill("SIGINT");
    return (await this.process.end()).code;
  }
}

/** A local Arcade run in the test process, with the same command line. */
class InProcessServer extends Server {
  readonly #program: ServeProgram;

  private constructor(program: ServeProgram) {
    super(program);
    this.#program = program;
  }

  static async start(machine: TestMachine, options: ServeOptions): Promise<InProcessServer> {
    const program = new ServeProgram(machine.folder, [
      ...wordsFor(options),
      ...dataOf(machine, options),
    ]);
    await program.printed(/^\{"url":.*\}\n/m);
    return new InProcessServer(program);
  }

  override stop(): Promise<number> {
    return this.#program.interrupt();
  }
}

/** A command that runs in the test process until it is interrupted. */
class ServeProgram extends Started {
  readonly #interruption = new AbortController();
  readonly #ended: Promise<number>;

  constructor(folder: string, args: readonly string[]) {
    super();
    this.#ended = this.#run(folder, args);
  }

  interrupt(): Promise<number> {
    this.#interruption.abort();
    return this.#ended;
  }

  async #run(folder: string, args: readonly string[]): Promise<number> {
    using home = new InProcess();
    const { code } = await home.run(args, {
      folder,
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

/** The address that a login prints. */
export async function addressOf(login: Running): Promise<string> {
  return (await login.printed(/^ {2}(http\S+)$/m))[1] ?? "";
}

/** Opens an address like a browser: follows redirects and reads the page. */
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
  readonly #key = crypto.randomUUID();

  constructor(
    target: string,
    interfere?: (seen: Seen) => Response | Promise<Response | undefined> | undefined,
  ) {
    this.#answers = new Answers(async (seen, request) => {
      if (seen.path.startsWith(PROOF_PATH)) {
        const { searchParams } = new URL(seen.path, this.url);
        return new Response(await proofOf(this.#registration(), searchParams.get("nonce") ?? ""));
      }
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
      // The OAuth endpoints go through the tap too.
      const text = (await response.text()).replaceAll(target, this.url);
      const passed = new Headers(response.headers);
      const location = response.headers.get("location");
      if (location !== null) {
        // As in a parameter, such as the issuer.
        const [from, to] = [target, this.url].map(encodeURIComponent);
        passed.set("location", location.replaceAll(from ?? "", to ?? ""));
      }
      this.answered.push(text, location ?? "");
      for (const name of ["content-length", "content-encoding"]) passed.delete(name);
      return new Response(text === "" ? null : text, { status: response.status, headers: passed });
    });
  }

  /** Passes on a response as it arrives, because it may not end. */
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

  /** Waits until that many requests have arrived, and returns the last of them. */
  asked(count = 1): Promise<Seen> {
    return this.#answers.asked(count);
  }

  #registration(): RunningArcade {
    return { address: this.url, socket: undefined, key: this.#key, pid: Deno.pid, data: "/" };
  }

  /** Makes the clients of an Arcade folder treat this tap as a local Arcade. */
  registerIn(folder: string): void {
    register(folder, this.#registration());
  }

  /** Makes a machine and its login use this tap instead of the local Arcade, and treats it as one. */
  listenTo(machine: TestMachine): void {
    this.registerIn(machine.folder);
    machine.moveLogin({ coordinator: this.url, engine: this.url });
  }

  /** The stored values by key, as they arrived. */
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

/** A wire tap that holds requests until it is told to pass them on, or until the end of the test. */
export class Delay implements AsyncDisposable {
  readonly #tap: WireTap;
  readonly #end = Promise.withResolvers<void>();

  /** @param path matches the requests to hold; all by default. */
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

  /** Waits for a request. */
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

const VISITOR = `${import.meta.dirname}/../../scripts/visitor.ts`;

/** A program for `$BROWSER`, which follows the redirects of an address. */
export function browserOf(machine: TestMachine): string {
  const path = `${machine.path}/browser`;
  const deno = `DENO_DIR=${shellWord(`${machine.path}/deno`)} exec ${shellWord(Deno.execPath())}`;
  const source = `#!/bin/sh
${deno} run --allow-net ${shellWord(VISITOR)} "$1"
`;
  writeProgram(path, source);
  return path;
}

/**
 * Asserts that a command was refused: the exit code, and two lines on stderr after warnings. The first line says what is
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

/** Whether tests with a requirement can run here. If not, prints the requirement on stderr. */
export function isAvailable(what: string, check: () => boolean): boolean {
  let available = false;
  try {
    available = check();
  } catch {
    // not available
  }
  if (!available) {
    const line = `Skipped: tests in ${fileURLToPath(Deno.mainModule)} need ${what}\n`;
    Deno.stderr.writeSync(new TextEncoder().encode(line));
  }
  return available;
}

/** Whether a program exists and succeeds. */
export function succeeds(program: string, ...args: readonly string[]): boolean {
  return new Deno.Command(program, {
    args: [...args],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  })
    .outputSync().success;
}
