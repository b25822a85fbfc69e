/** Canary texts, which must not leak, and a watch over the output and files of commands. */

import assert from "node:assert/strict";
import { json, type Seen } from "./answers.ts";
import type { ProcessOptions, TestMachine, WireTap } from "./test_machine.ts";

/** Part of every line of every value, and of nothing else. */
export const MARK = "CANARY";
export const VALUE = `${MARK}-one-line-tail`;
export const LINES = `${MARK} "first"\n${MARK} \\second\n${MARK} third-tail`;

/** Everything that the local Arcade issues: tokens, codes, pending authorizations and API keys. */
const ISSUED = /(?:arcl_\w{2}_|arc_local_)[\w-]{43}/g;

/** Echoes a request in the fields that clients show. */
export function echo({ path, authorization, body }: Seen): Response {
  const text = `Refused: ${authorization} ${body} ${decodeURIComponent(body)} ${sent(body)}`;
  return path === "/oauth2/token"
    ? json({ error: "invalid_grant", error_description: text }, { status: 400 })
    : json({ message: text, access_token: text, value: text }, { status: 422 });
}

function sent(body: string): string {
  try {
    return String(JSON.parse(body).value);
  } catch {
    return [...new URLSearchParams(body).values()].join(" ");
  }
}

/** Runs commands and records their output, to search it for private texts. */
export class Watch {
  readonly printed: { readonly line: string; readonly text: string }[] = [];
  readonly #machine: TestMachine;
  readonly #tap: WireTap;

  constructor(machine: TestMachine, tap: WireTap) {
    this.#machine = machine;
    this.#tap = tap;
  }

  /** All private texts in requests and responses. */
  get sensitive(): Set<string> {
    const wire = [
      ...this.#tap.answered,
      ...this.#tap.seen.map(({ authorization, body }) => `${authorization} ${body}`),
    ].join("\n");
    const verifiers = wire.matchAll(/code_verifier=([\w~.-]+)/g).map(([, verifier = ""]) =>
      verifier
    );
    return new Set([MARK, ...wire.match(ISSUED) ?? [], ...verifiers]);
  }

  async run(args: readonly string[], options: ProcessOptions = {}): Promise<number> {
    const { code, stdout, stderr } = await this.#machine.run(args, options);
    this.printed.push({ line: `arcade ${args.join(" ")}`, text: stdout + stderr });
    this.checkFiles();
    return code;
  }

  /** Runs a command with `--debug`, and with `--json`. */
  async runBothWays(args: readonly string[], options: ProcessOptions = {}): Promise<void> {
    // Its event would have the same texts as the next one.
    const env = { ...options.env, ARCADE_USAGE_TRACKING: "0" };
    await this.run([...args, "--debug"], { ...options, env });
    await this.run([...args, "--json"], options);
  }

  /** The printed lines that contain a private text. */
  leaks(): string[] {
    const { stdout, stderr } = this.#machine.server.output;
    const all = [...this.printed, { line: "arcade local serve", text: stdout + stderr }];
    const { sensitive } = this;
    return all.flatMap(({ line, text }) =>
      text.split("\n").filter((part) => [...sensitive].some((one) => part.includes(one)))
        .map((part) => `${line} shows: ${part}`)
    );
  }

  /** Fails if a file contains a value, or a file other than that of the credentials and of pending logins a token. */
  checkFiles(): void {
    const { home, credentials, folder } = this.#machine;
    const pending = `${folder}/credentials-pending.json`;
    const { sensitive } = this;
    for (const path of [...filesIn(home), ...filesIn(this.#machine.server.data)]) {
      const text = new TextDecoder("latin1").decode(contentOf(path));
      const found = [...sensitive].filter((one) => text.includes(one));
      if (path === credentials) assert(!found.includes(MARK));
      else if (path === pending) assert(found.every((one) => /^arcl_dc_/.test(one)), `In ${path}`);
      else assert.deepEqual(found, [], `In ${path}`);
    }
  }
}

export function filesIn(folder: string): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory, isFile }) =>
    isDirectory ? filesIn(`${folder}/${name}`) : isFile ? [`${folder}/${name}`] : []
  );
}

/** The content of a file; empty if it was a temporary file that no longer exists. */
function contentOf(path: string): Uint8Array<ArrayBuffer> {
  try {
    return Deno.readFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return new Uint8Array();
    throw error;
  }
}
