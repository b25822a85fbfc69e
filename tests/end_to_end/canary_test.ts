import assert from "node:assert/strict";
import { browserOf, Machine, type ProcessOptions, WireTap } from "../support/processes.ts";
import { json, type Seen } from "../support/answers.ts";

/** Every line of every value has it, and nothing else has. */
const MARK = "CANARY";
const VALUE = `${MARK}-one-line-tail`;
const LINES = `${MARK} "first"\n${MARK} \\second\n${MARK} third-tail`;

/** Everything that the local Arcade issues: access and refresh tokens, codes, pending authorizations, API keys. */
const ISSUED = /(?:arcl_\w{2}_|arc_local_)[\w-]{43}/g;

/** A server that says back whatever it was sent, in the words that clients like to show. */
function echo({ path, authorization, body }: Seen): Response {
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
class Watch {
  readonly printed: { readonly line: string; readonly text: string }[] = [];
  readonly #machine: Machine;
  readonly #tap: WireTap;

  constructor(machine: Machine, tap: WireTap) {
    this.#machine = machine;
    this.#tap = tap;
  }

  /** Everything that went over the wire and is nobody's business. */
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
    const { stdout, stderr } = this.#machine.server.process;
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
      const text = new TextDecoder("latin1").decode(Deno.readFileSync(path));
      const found = [...sensitive].filter((one) => text.includes(one));
      if (path === credentials) assert(!found.includes(MARK));
      else assert.deepEqual(found, [], `In ${path}`);
    }
  }
}

function filesIn(folder: string): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) =>
    isDirectory ? filesIn(`${folder}/${name}`) : [`${folder}/${name}`]
  );
}

/** The words of every command, as the help shows them. */
async function allCommands(machine: Machine): Promise<string[]> {
  const wordsIn = async (...args: string[]) => {
    const { stdout } = await machine.run([...args, "--help"]);
    const section = /\nCOMMANDS\n([^]*?)(?:\n\n|$)/.exec(stdout)?.[1];
    return section?.match(/^ +[a-z]+/gm)?.map((word) => word.trim());
  };
  const commands: string[] = [];
  for (const word of await wordsIn() ?? []) {
    const below = await wordsIn(word);
    commands.push(...below?.map((next) => `${word} ${next}`) ?? [word]);
  }
  return commands;
}

Deno.test("no command shows or leaves a token or a value anywhere", async () => {
  await using machine = new Machine();
  const server = await machine.serve();
  let weather: "fair" | "echo" = "fair";
  await using tap = new WireTap(server.url, (seen) => weather === "echo" ? echo(seen) : undefined);
  tap.listenTo(machine);
  const watch = new Watch(machine, tap);
  const input = (name: string, text: string) => {
    Deno.mkdirSync(`${machine.path}/input`, { recursive: true });
    Deno.writeTextFileSync(`${machine.path}/input/${name}`, text);
    return `${machine.path}/input/${name}`;
  };
  const env = { BROWSER: browserOf(machine) };
  const login = ["login", "--callback-port", "0"];
  const work = [
    ["whoami"],
    ["org", "list"],
    ["project", "list"],
    ["org", "set", "Default organization"],
    ["project", "set", "Default project"],
    ["secret", "list"],
    ["secret", "set", `KEY=${VALUE}`],
    ["secret", "set", `KEY=${VALUE}`, `LINES=${LINES}`, "--dry-run"],
    ["secret", "set", "--from-env", "-f", input("good", `A=${VALUE}\nB='${LINES}'\nA=${VALUE}2\n`)],
    ["secret", "set", "--from-env", "-f", input("few", `A=${VALUE}\n`), "--prune", "--yes"],
    ["secret", "set", "--from-env", "-f", input("few", `A=${VALUE}\n`), "--prune", "--dry-run"],
    ["secret", "unset", "A", "KEY", "NONE"],
  ];
  const mistakes = [
    ["secret", "set", `MY KEY=${VALUE}`],
    ["secret", "set", `=${VALUE}`],
    ["secret", "set", "KEY", "=", VALUE],
    ["secret", "set", `KEY=${VALUE}`, `KEY=${VALUE}`],
    ["secret", "set", `not/allowed=${VALUE}`],
    ["secret", "set", `KEY=${VALUE}`, "--from-env"],
    ["secret", "set", `KEY=${VALUE}`, "--concurrency", "0"],
    ["secret", "set", "--from-env", "-f", input("no-equals", `${VALUE}\nA=${VALUE}\n`)],
    ["secret", "set", "--from-env", "-f", input("open", `A='${LINES}\n`)],
    ["secret", "set", "--from-env", "-f", input("behind", `A="${MARK}" ${VALUE}\n`)],
    ["secret", "set", "--from-env", "-f", input("space", `MY KEY=${VALUE}\nexport\n`)],
    ["secret", "unset", `KEY=${VALUE}`],
    ["secret", "list", `KEY=${VALUE}`],
    ["secret", `KEY=${VALUE}`],
    [`KEY=${VALUE}`],
    ["secret", "set", "KEY", `--value=${VALUE}`],
    ["whoami", `KEY=${VALUE}`],
    ["org", "set", "nowhere"],
    ["secret", "list", "--host", "arcade.invalid"],
  ];

  // Before the login, the login itself, and again.
  for (const args of [...work, ["logout"]]) await watch.run([...args, "--debug"]);
  assert.equal(await watch.run([...login, "--debug"], { env }), 0);
  await watch.run([...login, "--debug"], { env });
  for (const name of ["access_token", "refresh_token"]) {
    assert(watch.sensitive.has(machine.stored(name)), `The watch does not know the ${name}`);
  }

  for (const args of work) await watch.runBothWays(args);
  assert.equal(await watch.run(["secret", "set", "LINES", "--debug"], { stdin: LINES }), 0);
  assert.equal(tap.values().get("LINES"), LINES);
  for (const args of mistakes) await watch.runBothWays(args, { stdin: LINES });

  // With an API key.
  const { api_key = "" } = await machine.post(
    `/api/v1/orgs/${machine.stored("org_id")}/projects/${machine.stored("project_id")}/api_keys`,
    {},
  );
  assert(watch.sensitive.has(api_key));
  for (const args of work.filter(([group]) => group === "secret")) {
    await watch.run([...args, "--debug"], { env: { ARCADE_API_KEY: api_key } });
  }

  // While the server says everything back.
  weather = "echo";
  for (const args of work) await watch.runBothWays(args, { stdin: LINES });
  for (const args of work.filter(([group]) => group === "secret")) {
    await watch.runBothWays(args, { env: { ARCADE_API_KEY: api_key } });
  }
  weather = "fair";
  machine.makeTokenDue();
  for (const path of ["/oauth2/token", "/oauth2/revoke"]) {
    await using talkative = new WireTap(
      server.url,
      (seen) => seen.path === path ? echo(seen) : undefined,
    );
    const env = { ARCADE_COORDINATOR_URL: talkative.url, BROWSER: browserOf(machine) };
    await watch.runBothWays(["org", "list"], { env });
    const elsewhere = { ...env, ARCADE_WORK_DIR: `${machine.path}/elsewhere` };
    await watch.run([...login, "--debug"], { env: elsewhere });
    await watch.run(["logout", "--debug"], { env: elsewhere });
    for (const body of talkative.seen) tap.seen.push(body);
    tap.answered.push(...talkative.answered);
  }

  // The end of the login, and one on another device.
  assert.equal(await watch.run(["logout", "--debug"]), 0);
  assert.equal(await watch.run(["login", "--device", "--debug"]), 0);
  assert([...watch.sensitive].some((one) => one.startsWith("arcl_dc_")));
  assert([...watch.sensitive].some((one) => one.startsWith("arcl_ac_")));
  assert.equal(await watch.run(["logout"]), 0);

  // Every command that there is was among them; what has no part in this is named here.
  const commands = await allCommands(machine);
  assert(commands.length >= 10, commands.join());
  for (const command of commands.filter((command) => command !== "local serve")) {
    assert(
      watch.printed.some(({ line }) => line.startsWith(`arcade ${command}`)),
      `The watch has not seen arcade ${command}`,
    );
    await watch.run([...command.split(" "), "--help"]);
  }
  assert.deepEqual(watch.leaks(), []);
});

Deno.test("credentials that cannot be understood are not shown", async () => {
  await using machine = new Machine();
  await machine.serve();
  Deno.mkdirSync(machine.folder);
  const contents = [
    `cloud: [${MARK}`,
    `${MARK}`,
    `cloud:\n  auth:\n    access_token: [${MARK}]\n    expires_at: ${MARK}\n`,
    `cloud:\n  auth:\n    access_token: ${MARK}\n    expires_at: ${MARK}\n`,
    `cloud: "${MARK}"\n${MARK}: *${MARK}\n`,
    `cloud:\n  api:\n    key: ${MARK}\n`,
    `\t${MARK}: !!js/function ${MARK}`,
  ];
  for (const content of contents) {
    for (const args of [["whoami"], ["secret", "list"], ["org", "set", "x"], ["logout"]]) {
      await Deno.writeTextFile(machine.credentials, content);
      const { stdout, stderr } = await machine.run([...args, "--debug"]);
      assert(!(stdout + stderr).includes(MARK), stdout + stderr);
    }
  }
});
