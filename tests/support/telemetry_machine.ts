/** Telemetry as it leaves a machine: what arrived at the local Arcade. */

import assert from "node:assert/strict";
import { closedPort } from "./answers.ts";
import type { Ran } from "./in_process.ts";
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
 * The words to put before a program so that it and all that it starts are traced. It is kept as fast as it can be, for a
 * program that is slow in all that it does would be slow in another way than the test means.
 */
export function strace(...options: readonly string[]): string[] {
  return ["strace", "-f", "--seccomp-bpf", "-qq", ...options];
}

/** Whether nobody can see here what a process asks the system for. */
export const withoutStrace = withoutSenders ||
  !isAvailable("strace 5.3, to see and to delay what the system is asked for", () => {
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
export class TelemetryMachine extends TestMachine {
  readonly identityFile = `${this.folder}/usage.json`;
  #seen = 0;

  /** A machine where nothing has run yet, beside a local Arcade where one signs in by e-mail. */
  static async start(options: ServeOptions = {}): Promise<TelemetryMachine> {
    const machine = new TelemetryMachine();
    try {
      // By the binary, because an alias waits for two seconds only, and the process of the tests may be busy.
      const { url } = await machine.serve({ autoApprove: false, ...options });
      machine.reportTo(url);
      return machine;
    } catch (error) {
      await machine[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** A machine where somebody is logged in whom telemetry has not heard of yet. */
  static async loggedInUnnoticed(email = "ada@example.com"): Promise<TelemetryMachine> {
    const machine = await TelemetryMachine.start();
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
    return Deno.readTextFileSync(`${elsewhere}/credentials.yaml`);
  }

  /** Writes a credentials file as the Python CLI does, which does not store the id of the account. */
  forgetAccount(credentials = Deno.readTextFileSync(this.credentials)): void {
    const others = credentials.replaceAll(/^ +account_id: .*\n/gm, "");
    if (others === credentials) throw new Error("The credentials say no account");
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

/** The account that a credentials file speaks of. */
export function accountIn(credentials: string): string {
  const id = /^ +account_id: (\S+)$/m.exec(credentials)?.[1];
  if (id === undefined) throw new Error("The credentials say no account");
  return id;
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
