import { allCommands } from "../../src/cli/declaration.ts";
import { ROUTES } from "../../src/commands/routes.ts";
import assert from "node:assert/strict";
import { leaksIn } from "../support/echoes.ts";
import { freshText } from "../support/fresh_text.ts";
import type { World } from "../support/in_process.ts";
import { filesIn } from "../support/watch.ts";
import { HUB, Identities } from "../commands/identity/support.ts";

// Placeholders. Each run replaces them by fresh texts.
const TOKEN = "CANARY.eyJ-first";
const OTHER = "CANARY.eyJ-other";
/** A password in an address, which must not be shown either. */
const PASSWORD = "s3cr3t-PASSWORD";

/** A home that gives each run of a command fresh private texts, in its input and in the files. */
class Canaries extends Identities {
  readonly printed: { readonly line: string; readonly text: string }[] = [];
  /** The current text for each placeholder. */
  readonly #current = new Map([TOKEN, OTHER, PASSWORD].map((text) => [text, text]));
  readonly input = `${this.path}/token`;

  constructor() {
    super();
    Deno.writeTextFileSync(this.input, TOKEN);
  }

  /** Runs a command line with `--debug`, and with `--json`. */
  async watch(args: readonly string[], world: World & { stdin?: string[] } = {}): Promise<void> {
    for (const more of [["--debug"], args[1] === "credential" ? [] : ["--json"]]) {
      this.#renew();
      const all = [...args, ...more].map((text) => this.#fill(text));
      const { code, stdout, stderr } = await this.run(all, {
        stdin: (world.stdin ?? []).map((text) => this.#fill(text)),
        env: Object.fromEntries(
          Object.entries(world.env ?? {}).map(([name, value = ""]) => [name, this.#fill(value)]),
        ),
      });
      const isAllowed = code === 0 &&
        (args[1] === "token" || (args[1] === "credential" && args[2] === "get"));
      const text = isAllowed ? stderr : stdout + stderr;
      const line = `arcade ${[...args, ...more].join(" ")}`;
      this.printed.push({ line, text });
      assert.deepEqual(leaksIn(text, [...this.#current.values()]), [], `${line} shows: ${text}`);
      this.#checkFiles();
    }
  }

  /** Fails if a private text is in any file, other than tokens in the identity file. */
  #checkFiles(): void {
    for (const path of filesIn(this.path)) {
      if (path === this.input) continue;
      const text = new TextDecoder("latin1").decode(Deno.readFileSync(path));
      for (const [name, secret] of this.#current) {
        const isAllowed = name !== PASSWORD && path.startsWith(this.file);
        if (!isAllowed) assert.deepEqual(leaksIn(text, [secret]), [], `In ${path}`);
      }
    }
  }

  /** Replaces the placeholders by the texts of this run. */
  #fill(text: string): string {
    return this.#current.entries().reduce(
      (filled, [name, secret]) => filled.replaceAll(name, secret),
      text,
    );
  }

  #renew(): void {
    for (const [name, secret] of this.#current) {
      const next = freshText(name);
      for (const path of [this.file, this.input]) {
        try {
          const text = Deno.readTextFileSync(path);
          Deno.writeTextFileSync(path, text.replaceAll(name, secret).replaceAll(secret, next));
        } catch (error) {
          if (!(error instanceof Deno.errors.NotFound)) throw error;
        }
      }
      this.#current.set(name, next);
    }
  }
}

/** Runs every identity command, with and without mistakes. */
async function runAll(home: Canaries): Promise<void> {
  const run = (args: readonly string[], world: World & { stdin?: string[] } = {}) =>
    home.watch(args, world);
  await run([...ADD, "--token-stdin"], { stdin: [`${TOKEN}\n`] });
  await run([...ADD, "--token-file", home.input, "--agent", "--capability", "read:*"]);
  await run([...ADD, "--token", TOKEN, "--name", "A", "--id", "i", "--expires", "30d"]);
  await run(ADD, { env: { ARCADE_TOKEN: OTHER } });
  await run(["identity", "add", "--hub", "b.example", "--reset"], { env: { ARCADE_TOKEN: TOKEN } });
  await run(["identity", "show"], { env: { ARCADE_TOKEN: OTHER } });
  await run(["identity", "show", "--hub", HUB]);
  await run(["identity", "list"]);
  await run(["identity", "can", "read:x", "--hub", HUB]);
  await run(["identity", "can", "write:x", "--hub", HUB]);
  await run(["identity", "token", "--hub", HUB]);
  for (const operation of ["get", "store", "get", "erase", "get", "nothing"]) {
    await run(["identity", "credential", operation], git(`password=${OTHER}\n`));
  }
  await run(["whoami"], { env: { ARCADE_TOKEN: OTHER } });
  // Mistakes.
  await run([...ADD, "--token-stdin"], { stdin: [`${TOKEN} ${OTHER}`] });
  await run([...ADD, "--token", `${TOKEN}\n${OTHER}`]);
  await run([...ADD, "--token", TOKEN, "--token-stdin"], { stdin: [OTHER] });
  await run([...ADD, "--token", TOKEN, "--expires", "never"]);
  await run([...ADD, `--tokn=${TOKEN}`]);
  await run([...ADD, "--token", TOKEN, "--token", OTHER]);
  await run([...ADD, "--token-stdin", TOKEN], { stdin: [OTHER] });
  await run([...ADD, `--token-stdin=${TOKEN}`], { stdin: [OTHER] });
  await run([...ADD, `--no-agent=${TOKEN}`, "--token", OTHER]);
  await run([...ADD, "--hub", `https://me:${PASSWORD}@other.example`, "--token", OTHER]);
  for (const words of [["identity"], ["identity", "add"], ["identity", "show"], []]) {
    for (const typed of [`https://me:${PASSWORD}@${HUB}`, `${TOKEN}-a-token-is-long`]) {
      await run([...words, typed]);
      await run([...words, typed, "show"]);
    }
  }
  await run(["identity", "--hub", `https://me:${PASSWORD}@${HUB}`, "show"]);
  await run(ADD, { env: { ARCADE_TOKEN: `${OTHER} ` } });
  await run(["identity", "add", "--hub", `https://me:${PASSWORD}@`, "--token", TOKEN]);
  await run(["identity", "add", "--hub", `http://me:${PASSWORD}@${HUB}`, "--token", TOKEN]);
  for (const command of ["show", "token", "remove"]) {
    await run(["identity", command, "--hub", `https://me:${PASSWORD}@no hub`]);
    await run(["identity", command, "--hub", `https://me:${PASSWORD}@no.example`]);
  }
  await run(["identity", "remove", "--hub", HUB]);
  await run(["identity", "remove", "--all", "--yes"]);
}

const ADD = ["identity", "add", "--hub", `https://me:${PASSWORD}@${HUB}/x`];

function git(more: string): World & { stdin: string[] } {
  return { stdin: [`protocol=https\nhost=${HUB}\n${more}\n`] };
}

Deno.test("no identity command shows or stores a token, except `token` and `credential get`", async () => {
  using home = new Canaries();
  await runAll(home);
  // All identity commands were covered.
  for (const { words } of await allCommands(ROUTES)) {
    const command = ["arcade", ...words].join(" ");
    assert(
      words[0] !== "identity" || home.printed.some(({ line }) => line.startsWith(command)),
      `arcade ${command} is not covered`,
    );
  }
});

/** Corrupt files of different kinds. */
const USELESS = [
  `["${HUB}"]\ntoken = "${TOKEN}\n`,
  `${TOKEN}`,
  `["${HUB}"]\ntoken = ${TOKEN}\n`,
  `["${HUB}"]\ntoken = ["${TOKEN}"]\n`,
  `["${HUB}"]\ntoken = "${TOKEN} ${OTHER}"\n`,
  `["${HUB}"]\ntype = "${TOKEN}"\nexpires_at = "${OTHER}"\n`,
  `["${HUB}"]\n"${TOKEN}" = 1\n"${TOKEN}" = 2\n`,
];
for (const content of USELESS) {
  Deno.test(`no identity command shows a token from the corrupt file ${JSON.stringify(content)}`, async () => {
    using home = new Canaries();
    for (const args of [["show"], ["list"], ["token", "--hub", HUB], ["can", "x", "--hub", HUB]]) {
      home.writeFile(content);
      await home.watch(["identity", ...args]);
    }
    await home.watch(["identity", "credential", "get"], git(""));
    await home.watch(["identity", "credential", "erase"], git(""));
    await home.watch(["identity", "remove", "--all", "--yes"]);
    await home.watch([...ADD, "--reset", "--token", OTHER]);
  });
}
