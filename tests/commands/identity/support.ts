/** What the tests of the identity commands have in common. */

import { InProcess, type Ran, type World } from "../../support/in_process.ts";

/** A token that may be printed by `token` and `credential get`, and by nothing else. */
export const TOKEN = "eyJ.CANARY-token";
export const HUB = "musehub.ai";
export const NOW = new Date("2026-11-20T12:00:00Z");

/** A home folder with identities. */
export class Identities extends InProcess {
  readonly file = `${this.folder}/identity.toml`;

  /** A home with this file. */
  static of(content: string): Identities {
    const home = new Identities();
    home.writeFile(content);
    return home;
  }

  writeFile(content: string): void {
    Deno.mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    Deno.writeTextFileSync(this.file, content, { mode: 0o600 });
  }

  readFile(): string {
    return Deno.readTextFileSync(this.file);
  }

  /** Runs `arcade identity` with these arguments, at {@link NOW}. */
  identity(args: readonly string[], world: World = {}): Promise<Ran> {
    return this.run(["identity", ...args], { now: () => NOW, ...world });
  }

  /** Stores an identity with {@link TOKEN}. */
  async add(...args: string[]): Promise<Ran> {
    return await this.identity(["add", "--hub", HUB, "--token-stdin", ...args], { stdin: [TOKEN] });
  }
}

/** The file of an agent with {@link TOKEN}, and of a person. */
export const AGENT_AND_PERSON = `["${HUB}"]
type = "agent"
name = "composer-v2"
id = "agt_def456"
token = "${TOKEN}"
capabilities = ["read:*", "write:midi", "commit"]

["person.example"]
type = "human"
token = "${TOKEN}"
`;
