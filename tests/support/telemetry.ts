/** Telemetry as it leaves a machine: what arrived at the local Arcade, and the processes that send it. */

import assert from "node:assert/strict";
import type { Seen } from "./answers.ts";
import { closedPort } from "./answers.ts";
import type { Ran } from "./arcade.ts";
import {
  addressOf,
  isAvailable,
  Machine,
  type ProcessOptions,
  type ServeOptions,
  succeeds,
  WireTap,
} from "./processes.ts";

/** For tests of telemetry: whether the processes that send cannot be watched here. */
export const withoutProc = !isAvailable(
  "Linux with grep, to find processes by their environment",
  () => succeeds("grep", "-qaz", "^PATH=", "/proc/self/environ"),
);

/** Whether nobody can see here what a process asks the system for. */
export const withoutStrace = withoutProc ||
  !isAvailable(
    "strace, to see what the system is asked for",
    () => succeeds("strace", "--version"),
  );

export const KEY = "phc_test";
export const ALIAS = "$create_alias";
export const SUCCEEDED = "CLI execution succeeded";
export const FAILED = "CLI execution failed";

/** How long something may take before a test gives up on it. */
const PATIENCE_MS = 20_000;
const POLL_MS = 10;

/** Asks again and again until `check` gives something other than undefined. */
export async function eventually<T>(
  what: string,
  check: () => T | undefined | Promise<T | undefined>,
): Promise<T> {
  const end = performance.now() + PATIENCE_MS;
  while (true) {
    const found = await check();
    if (found !== undefined) return found;
    if (performance.now() > end) {
      throw new Error(`After ${PATIENCE_MS / 1000} s still not: ${what}`);
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** An event as it was sent. */
export interface Sent {
  readonly event: string;
  readonly distinct_id: string;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly timestamp: string;
}

/** An event as the local Arcade took it. */
export interface Arrived {
  readonly sequence: number;
  readonly api_key: string;
  readonly event: string;
  readonly distinct_id: string;
  readonly status: "accepted" | "refused";
  readonly reason: string | null;
  readonly payload: Sent;
}

/** `usage.json` as it is on the disk. */
export interface Identity {
  readonly anon_id: string;
  readonly linked_principal_id: string | null;
}

/** A machine whose commands report to the local Arcade beside it. No process that reports outlives the test. */
export class ReportingMachine extends Machine {
  readonly identityFile = `${this.folder}/usage.json`;
  #seen = 0;

  /** A machine where nothing has run yet, beside a local Arcade where one signs in by e-mail. */
  static async start(options: ServeOptions = {}): Promise<ReportingMachine> {
    const machine = new ReportingMachine();
    try {
      const { url } = await machine.serve({ autoApprove: false, ...options });
      machine.reportTo(url);
      return machine;
    } catch (error) {
      await machine[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** A machine where somebody is logged in whom telemetry has not heard of yet. */
  static async loggedInUnnoticed(email = "ada@example.com"): Promise<ReportingMachine> {
    const machine = await ReportingMachine.start();
    try {
      await machine.logInAs(email, { env: { ARCADE_POSTHOG_KEY: "" } });
      return machine;
    } catch (error) {
      await machine[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Turns telemetry on, and says where to. */
  reportTo(url: string): void {
    this.env.ARCADE_POSTHOG_KEY = KEY;
    this.env.ARCADE_POSTHOG_HOST = url;
  }

  /** Everything that arrived so far, the oldest first. */
  async events(): Promise<Arrived[]> {
    return await this.#eventsAfter(0);
  }

  /** What arrived since the last time that this was asked. Waits until nobody is left who could send something. */
  async arrived(): Promise<Arrived[]> {
    await this.senders.gone();
    const events = await this.#eventsAfter(this.#seen);
    this.#seen = events.at(-1)?.sequence ?? this.#seen;
    return events;
  }

  async #eventsAfter(sequence: number): Promise<Arrived[]> {
    const address = `${this.server.url}/api/v1/events?after=${sequence}`;
    const response = await this.server.visit(address);
    const { data }: { data: { items: Arrived[] } } = await response.json();
    return data.items;
  }

  /** Runs a command, and waits for what arrives of it. */
  async report(
    args: readonly string[],
    options: ProcessOptions = {},
  ): Promise<Ran & { readonly arrived: readonly Arrived[] }> {
    const ran = await this.run(args, options);
    return { ...ran, arrived: await this.arrived() };
  }

  /** The processes that send what the commands of this machine report. */
  readonly senders = new Senders(this.path);

  identity(): Identity {
    return JSON.parse(Deno.readTextFileSync(this.identityFile));
  }

  /** The names of all files in the Arcade folder, sorted. */
  files(): string[] {
    return [...Deno.readDirSync(this.folder)].map(({ name }) => name).sort();
  }

  /** Logs in through the sign-in page, by an e-mail address. */
  async logInAs(email: string, options: ProcessOptions = {}): Promise<void> {
    const login = this.start(["login", "--callback-port", "0", "--no-browser"], options);
    const page = await (await this.server.visit(await addressOf(login))).text();
    const authorization = /name="authorization" value="([^"]*)"/.exec(page)?.[1] ?? "";
    const body = new URLSearchParams({ authorization, account: "new", email, decision: "approve" });
    const decided = `${this.server.url}/oauth2/authorize/decision`;
    await (await this.server.visit(decided, { method: "POST", body })).text();
    const { code, stderr } = await login.end();
    if (code !== 0) throw new Error(`The login of the test failed: ${stderr}`);
  }

  /** Logs somebody in elsewhere, without telemetry; gives the credentials file. */
  async credentialsOf(email: string): Promise<string> {
    const elsewhere = Deno.makeTempDirSync({ dir: this.path });
    await this.logInAs(email, { env: { ARCADE_WORK_DIR: elsewhere, ARCADE_POSTHOG_KEY: "" } });
    return Deno.readTextFileSync(`${elsewhere}/.arcade/credentials.yaml`);
  }

  /** Writes a credentials file as the Python CLI does, which does not store the id of the account. */
  forgetAccount(credentials = Deno.readTextFileSync(this.credentials)): void {
    const others = credentials.replace(/^ +account_id: .*\n/m, "");
    if (others === credentials) throw new Error("The credentials say no account");
    this.writeCredentials(others);
  }

  writeCredentials(credentials: string): void {
    Deno.mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    Deno.writeTextFileSync(this.credentials, credentials, { mode: 0o600 });
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    this.senders.kill();
    await super[Symbol.asyncDispose]().finally(() => this.senders.kill());
  }
}

/** The account that a credentials file speaks of. */
export function accountIn(credentials: string): string {
  const id = /^ +account_id: (\S+)$/m.exec(credentials)?.[1];
  if (id === undefined) throw new Error("The credentials say no account");
  return id;
}

/** The processes that send events, of one machine. They are nobody's children, so they are found by their environment. */
export class Senders {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /**
   * Those that run now, without the processes that they started themselves. A command that has ended has started its own by
   * then. One that becomes another program has no environment for a moment, so this looks twice.
   */
  pids(): number[] {
    const pids = new Set([...this.#look(), ...this.#look()]);
    return [...pids].filter((pid) => !pids.has(parentOf(pid)));
  }

  #look(): number[] {
    const mine = processesWith(["-F", `=${this.#path}`], "/proc/[0-9]*/environ");
    return processesWith(
      ["^ARCADE_USAGE_EVENT_DATA="],
      mine.map((pid) => `/proc/${pid}/environ`).join(" "),
    );
  }

  /** Waits for one that runs; only of use while it cannot end, for instance because nobody answers it. */
  started(): Promise<number> {
    return eventually("a process that sends the event", () => this.pids()[0]);
  }

  async gone(): Promise<void> {
    await eventually(
      "the end of all processes that send events",
      () => this.pids().length === 0 || undefined,
    );
  }

  kill(): void {
    for (const pid of this.pids()) {
      try {
        Deno.kill(pid, "SIGKILL");
      } catch (error) {
        if (!(error instanceof Deno.errors.NotFound)) throw error;
      }
    }
  }
}

/** The processes among these files of environments that have such a variable. Deno itself may not read them. */
function processesWith(pattern: readonly string[], files: string): number[] {
  if (files === "") return [];
  const { stdout } = new Deno.Command("sh", {
    args: ["-c", `exec grep -lazs "$@" ${files}`, "sh", ...pattern],
    stdin: "null",
    stderr: "null",
  }).outputSync();
  return new TextDecoder().decode(stdout).matchAll(/\d+/g).map(Number).toArray();
}

/** 0 for a process that is no more. */
function parentOf(pid: number): number {
  const { stdout } = new Deno.Command("sed", {
    args: ["-n", "s/^PPid:[^0-9]*//p", `/proc/${pid}/status`],
    stdin: "null",
    stderr: "null",
  }).outputSync();
  return Number(new TextDecoder().decode(stdout));
}

/** A wire tap that keeps requests back until it is told to pass them on, at the end of the test at the latest. */
export class Delay implements AsyncDisposable {
  readonly #tap: WireTap;
  readonly #end = Promise.withResolvers<void>();

  constructor(target: string) {
    this.#tap = new WireTap(target, async () => {
      await this.#end.promise;
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
    await eventually("a request", () => this.seen.length > 0 || undefined);
  }

  end(): void {
    this.#end.resolve();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.end();
    await this.#tap[Symbol.asyncDispose]();
  }
}

/** An address where nobody listens. */
export function nowhere(): string {
  return `http://127.0.0.1:${closedPort()}`;
}

/** The one event that is expected, and no other. */
export function only(arrived: readonly Arrived[]): Arrived {
  const [first, ...others] = arrived;
  assert(first && others.length === 0, `One event expected: ${JSON.stringify(arrived)}`);
  return first;
}

/** Fails if the local Arcade refused something, as PostHog would. */
export function assertNothingRefused(arrived: readonly Arrived[]): void {
  assert.deepEqual(arrived.filter(({ status }) => status === "refused"), []);
}
