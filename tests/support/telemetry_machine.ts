/** A test machine that reports telemetry to a local Arcade. */

import assert from "node:assert/strict";
import { closedPort } from "./answers.ts";
import { namesIn, type Ran } from "./in_process.ts";
import {
  addressOf,
  isAvailable,
  type ProcessOptions,
  type ServeOptions,
  succeeds,
  TestMachine,
} from "./test_machine.ts";
import { Senders, withoutSenders } from "./senders.ts";

export { withoutSenders };

/**
 * The command line that traces a program and its descendants. `--seccomp-bpf` stops at the traced system calls only, so that
 * no other call is slowed down.
 */
export function strace(...options: readonly string[]): string[] {
  return ["strace", "-f", "--seccomp-bpf", "-qq", ...options];
}

/** Whether system calls cannot be traced here. */
export const withoutStrace = withoutSenders ||
  !isAvailable("strace 5.3, to trace and delay system calls", () => {
    const [program = "", ...words] = strace("-e", "trace=execve", "-o", "/dev/null", "true");
    return succeeds(program, ...words);
  });

export const KEY = "phc_test";
export const ALIAS = "$create_alias";
export const SUCCEEDED = "CLI execution succeeded";
export const FAILED = "CLI execution failed";

/** An event as it was sent. */
export interface Sent {
  readonly event: string;
  readonly distinct_id: string;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly timestamp: string;
}

/** An event as the local Arcade stored it. */
export interface Arrived {
  readonly sequence: number;
  readonly api_key: string;
  readonly event: string;
  readonly distinct_id: string;
  readonly status: "accepted" | "refused";
  readonly reason: string | null;
  readonly payload: Sent;
}

/** The content of `usage.json`. */
export interface Identity {
  readonly anon_id: string;
  readonly linked_principal_id: string | null;
}

/** A machine whose commands report to a local Arcade. No reporting process outlives the test. */
export class TelemetryMachine extends TestMachine {
  readonly identityFile = `${this.folder}/usage.json`;
  #seen = 0;

  /** A new machine, with a local Arcade that asks for an e-mail address to sign in. */
  static async start(options: ServeOptions = {}): Promise<TelemetryMachine> {
    const machine = new TelemetryMachine();
    try {
      // Served by the binary: an alias times out after two seconds, and the test process may be busy.
      const { url } = await machine.serve({ autoApprove: false, ...options });
      machine.reportTo(url);
      return machine;
    } catch (error) {
      await machine[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** A machine with a login that telemetry has not reported yet. */
  static async withUnreportedLogin(email = "ada@example.com"): Promise<TelemetryMachine> {
    const machine = await TelemetryMachine.start();
    try {
      await machine.logInAs(email, { env: { ARCADE_POSTHOG_KEY: "" } });
      return machine;
    } catch (error) {
      await machine[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Turns telemetry on, with the given event sink. */
  reportTo(url: string): void {
    this.env.ARCADE_POSTHOG_KEY = KEY;
    this.env.ARCADE_POSTHOG_HOST = url;
  }

  /** All events so far, oldest first. */
  async events(): Promise<Arrived[]> {
    return await this.#eventsAfter(0);
  }

  /** The events since the last call. Waits until no child process is running. */
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

  /** Runs a command, and waits for its events. */
  async report(
    args: readonly string[],
    options: ProcessOptions = {},
  ): Promise<Ran & { readonly arrived: readonly Arrived[] }> {
    const ran = await this.run(args, options);
    return { ...ran, arrived: await this.arrived() };
  }

  /** The child processes that send the events of this machine. */
  readonly senders = new Senders(this.path);

  identity(): Identity {
    return JSON.parse(Deno.readTextFileSync(this.identityFile));
  }

  /** The names of all files in the Arcade folder, sorted. */
  files(): string[] {
    return namesIn(this.folder);
  }

  /** Logs in through the sign-in page with an e-mail address. */
  async logInAs(email: string, options: ProcessOptions = {}): Promise<void> {
    const login = this.start(["login", "--callback-port", "0", "--no-browser"], options);
    const page = await (await this.server.visit(await addressOf(login))).text();
    const authorization = /name="authorization" value="([^"]*)"/.exec(page)?.[1] ?? "";
    const body = new URLSearchParams({ authorization, account: "new", email, decision: "approve" });
    const decided = `${this.server.url}/oauth2/authorize/decision`;
    await (await this.server.visit(decided, { method: "POST", body })).text();
    const { code, stderr } = await login.end();
    if (code !== 0) throw new Error(`The login failed: ${stderr}`);
  }

  /** Logs in with another Arcade folder and without telemetry; returns the credentials file. */
  async credentialsOf(email: string): Promise<string> {
    const elsewhere = Deno.makeTempDirSync({ dir: this.path });
    await this.logInAs(email, { env: { ARCADE_WORK_DIR: elsewhere, ARCADE_POSTHOG_KEY: "" } });
    return Deno.readTextFileSync(`${elsewhere}/credentials.yaml`);
  }

  /** Writes a credentials file without the account id, as the Python CLI does. */
  omitAccountId(credentials = Deno.readTextFileSync(this.credentials)): void {
    const others = credentials.replaceAll(/^ +account_id: .*\n/gm, "");
    if (others === credentials) throw new Error("The credentials have no account id");
    this.writeCredentials(others);
  }

  writeCredentials(credentials: string): void {
    Deno.mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    Deno.writeTextFileSync(this.credentials, credentials, { mode: 0o600 });
  }

  override async stop(): Promise<void> {
    await super.stop();
    if (!withoutSenders) await this.senders.kill();
  }
}

/** The account id in a credentials file. */
export function accountIn(credentials: string): string {
  const id = /^ +account_id: (\S+)$/m.exec(credentials)?.[1];
  if (id === undefined) throw new Error("The credentials have no account id");
  return id;
}

/** An address where nothing listens. */
export function unusedAddress(): string {
  return `http://127.0.0.1:${closedPort()}`;
}

/** The only event; fails unless there is exactly one. */
export function only(arrived: readonly Arrived[]): Arrived {
  const [first, ...others] = arrived;
  assert(first && others.length === 0, `One event expected: ${JSON.stringify(arrived)}`);
  return first;
}

/** Fails if the local Arcade rejected an event, as PostHog would. */
export function assertNothingRefused(arrived: readonly Arrived[]): void {
  assert.deepEqual(arrived.filter(({ status }) => status === "refused"), []);
}
