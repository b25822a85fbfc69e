/** Shared parts of the tests of the identity commands. */

import { InProcess, type Ran, type World } from "../../support/in_process.ts";

/** A token that only `token` and `credential get` may print. */
export const TOKEN = "eyJ.CANARY-token";
export const HUB = "musehub.ai";
export const NOW = new Date("2026-11-20T12:00:00Z");

/** The fields in JSON of an identity that has nothing but a token. */
export const BARE = {
  type: "human",
  name: null,
  id: null,
  capabilities: [],
  expires_at: null,
  token: "set",
};

/** A home folder with identities. */
export class Identities extends InProcess {
  readonly file = `${this.folder}/identity.toml`;

  /** A home with this identity file. */
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

/** An identity file with an agent, which has {@link TOKEN}, and a human. */
export const AGENT_AND_HUMAN = `["${HUB}"]
type = "agent"
name = "composer-v2"
id = "agt_def456"
token = "${TOKEN}"
capabilities = ["read:*", "write:midi", "commit"]

["person.example"]
type = "human"
token = "${TOKEN}"
`;
