/** Canaries: texts that may appear nowhere, and a watch over everything that commands print and leave. */

import assert from "node:assert/strict";
import { json, type Seen } from "./answers.ts";
import type { ProcessOptions, TestMachine, WireTap } from "./test_machine.ts";

/** Every line of every value has it, and nothing else has. */
export const MARK = "CANARY";
export const VALUE = `${MARK}-one-line-tail`;
export const LINES = `${MARK} "first"\n${MARK} \\second\n${MARK} third-tail`;

/** Everything that the local Arcade issues: access and refresh tokens, codes, pending authorizations, API keys. */
const ISSUED = /(?:arcl_\w{2}_|arc_local_)[\w-]{43}/g;

/** A server that says back whatever it was sent, in the words that clients like to show. */
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

/** Runs commands and keeps what they printed, to look for everything that nobody may see. */
export class Watch {
  readonly printed: { readonly line: string; readonly text: string }[] = [];
  readonly #machine: TestMachine;
  readonly #tap: WireTap;

  constructor(machine: TestMachine, tap: WireTap) {
    this.#machine = machine;
    this.#tap = tap;
  }

  /** Every private text that went over the wire. */
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

  /** Runs a command for people, with all that it has to say, and for programs. */
  async runBothWays(args: readonly string[], options: ProcessOptions = {}): Promise<void> {
    for (const more of ["--debug", "--json"]) await this.run([...args, more], options);
  }

  /** Everything that was printed and should not have been. */
  leaks(): string[] {
    const { stdout, stderr } = this.#machine.server.output;
    const all = [...this.printed, { line: "arcade local serve", text: stdout + stderr }];
    const { sensitive } = this;
    return all.flatMap(({ line, text }) =>
      text.split("\n").filter((part) => [...sensitive].some((one) => part.includes(one)))
        .map((part) => `${line} shows: ${part}`)
    );
  }

  /** Values are in no file at all; tokens are in the credentials file and nowhere else. */
  checkFiles(): void {
    const { home, credentials } = this.#machine;
    const { sensitive } = this;
    for (const path of [...filesIn(home), ...filesIn(this.#machine.server.data)]) {
      const text = new TextDecoder("latin1").decode(contentOf(path));
      const found = [...sensitive].filter((one) => text.includes(one));
      if (path === credentials) assert(!found.includes(MARK));
      else assert.deepEqual(found, [], `In ${path}`);
    }
  }
}

export function filesIn(folder: string): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) =>
    isDirectory ? filesIn(`${folder}/${name}`) : [`${folder}/${name}`]
  );
}

/** What is in a file; nothing where it was a temporary one that has gone. */
function contentOf(path: string): Uint8Array<ArrayBuffer> {
  try {
    return Deno.readFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return new Uint8Array();
    throw error;
  }
}
