import { allCommands } from "../../../src/cli/declaration.ts";
import { ROUTES } from "../../../src/commands/routes.ts";
import assert from "node:assert/strict";
import { browserOf, Machine, type ProcessOptions, WireTap } from "../../support/processes.ts";
import { Answers, json, type Seen } from "../../support/answers.ts";
import { FAILED, ReportingMachine, type Sent, withoutSenders } from "../../support/telemetry.ts";

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
      const text = new TextDecoder("latin1").decode(contentOf(path));
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

/** What is in a file; nothing where it was a temporary one that has gone. */
function contentOf(path: string): Uint8Array<ArrayBuffer> {
  try {
    return Deno.readFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return new Uint8Array();
    throw error;
  }
}

Deno.test("no command shows or leaves a token or a value anywhere", async () => {
  await using machine = new ReportingMachine();
  const server = await machine.serve();
  await using sink = new Answers(() => json({ status: "Ok" }));
  machine.reportTo(sink.url);
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
    ["telemetry", "status"],
    ["telemetry", "show"],
    ["telemetry", "disable"],
    ["telemetry", "enable"],
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
    machine.moveLogin({ coordinator: talkative.url });
    await watch.runBothWays(["org", "list"]);
    const env = { BROWSER: browserOf(machine) };
    const elsewhere = { ...env, ARCADE_WORK_DIR: `${machine.path}/elsewhere` };
    await watch.run([...login, "--debug"], { env: elsewhere });
    await watch.run(["logout", "--debug"], { env: elsewhere });
    for (const body of talkative.seen) tap.seen.push(body);
    tap.answered.push(...talkative.answered);
  }
  machine.moveLogin({ coordinator: tap.url });

  // The end of the login, and one on another device.
  assert.equal(await watch.run(["logout", "--debug"]), 0);
  assert.equal(await watch.run(["login", "--device", "--debug"]), 0);
  assert([...watch.sensitive].some((one) => one.startsWith("arcl_dc_")));
  assert([...watch.sensitive].some((one) => one.startsWith("arcl_ac_")));
  assert.equal(await watch.run(["logout"]), 0);

  // Every command that there is was among them; what has no part in this is named here.
  const commands = (await allCommands(ROUTES)).map(({ words }) => words.join(" "));
  const elsewhere = /^local serve$|^identity /; // identities are watched in a test of their own
  const watched = commands.filter((command) => !elsewhere.test(command));
  for (const command of watched) {
    assert(
      watch.printed.some(({ line }) => line.startsWith(`arcade ${command}`)),
      `The watch has not seen arcade ${command}`,
    );
    await watch.run([...command.split(" "), "--help"]);
  }
  assert.deepEqual(watch.leaks(), []);

  // Whatever was reported in all of this tells nothing of it either.
  await machine.senders.gone();
  watch.checkFiles();
  const commandsReported = new Set<unknown>();
  for (const { body } of sink.seen) {
    const { batch: [{ properties }] }: { batch: [Sent] } = JSON.parse(body);
    commandsReported.add(properties.command_name);
    const { error_message = "" } = properties;
    for (const text of [...watch.sensitive, "developer@arcade.local", machine.path]) {
      assert(!body.toLowerCase().includes(text.toLowerCase()), `${text} is in ${body}`);
    }
    assert.doesNotMatch(String(error_message), /nowhere|\.invalid|no-equals|default/i);
  }
  for (const command of watched) {
    const isReported = commandsReported.has(command.replace(" ", "."));
    assert.equal(isReported, command !== "telemetry disable", `arcade ${command} is not reported`);
  }
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

/** The ways in which a server says back what it was sent. */
const ECHOES: Record<string, (text: string) => string> = {
  "as it is": (text) => text,
  "in a URL": (text) => `https://example.com/errors?about=${encodeURIComponent(text)}`,
  "in a form": (text) => new URLSearchParams({ text }).toString(),
  "in JSON within JSON": (text) => JSON.stringify({ text: JSON.stringify(text) }),
  "in base64": (text) => base64(text),
  "in base64, in quotes": (text) => base64(`"${text}"`),
  "in base64 of more than that": (text) => base64(`{"of":"${text}"}`),
  "in base64 for URLs": (text) => base64(text).replaceAll("+", "-").replaceAll("/", "_"),
  "in capital letters": (text) => text.toUpperCase(),
  "in quotes, without a gap": (text) => `\`${text}\`(${text})<${text}>:${text};`,
  "in pieces": (text) => (text.match(/[^]{1,7}/gu) ?? []).join(" | "),
  "behind much else": (text) => `${"No. ".repeat(60)}${text}`,
};

function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}

/** Letters and digits only, so that nothing hides between quotes, escapes and gaps. */
function bare(text: string): string {
  return text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
}

/** Everything that a text may say: as it is, decoded from a URL, and decoded from base64 wherever that may begin. */
function readings(text: string): string[] {
  const words = text.match(/[\w+/-]{8,}/g) ?? [];
  const starts = words.flatMap((word) => [0, 1, 2, 3].map((start) => word.slice(start)));
  const decoded = starts.map((start) => {
    const standard = start.replaceAll("-", "+").replaceAll("_", "/");
    return atob(standard.slice(0, standard.length - standard.length % 4));
  });
  return [text, text.replace(/(?:%[0-9a-f]{2})+/gi, unescaped), ...decoded].map(bare);
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}

/** So much of what is private may be told at most; shorter pieces are in any text. */
const PIECE = 6;

/** The pieces of private texts that stand in a message. */
function leaksIn(message: string, texts: readonly string[]): string[] {
  const all = readings(message);
  return texts.map(bare).flatMap((text) =>
    Array.from({ length: Math.max(text.length - PIECE + 1, 1) }, (_, i) => text.slice(i, i + PIECE))
  ).filter((piece) => all.some((one) => one.includes(piece)));
}

const NOBODY_S_BUSINESS = {
  typed: 'Xq7-typed value: ½ "quoted" & 100%',
  file: "Zk9+from/a file=ñandú~with words",
  key: "PRIVATE_NAME",
  email: "grace.hopper@navy.example.org",
};

Deno.test(
  { name: "no event tells what was typed, stored or answered", ignore: withoutSenders },
  async (t) => {
    await using machine = await ReportingMachine.start();
    const { typed, file, key, email } = NOBODY_S_BUSINESS;
    await machine.logInAs(email);
    await machine.post("/api/v1/orgs", { name: "Secret Society of Whales" });
    assert.equal((await machine.run(["org", "set", "Secret Society of Whales"])).code, 0);
    await machine.arrived();
    const path = `${machine.path}/values of mine.env`;
    await Deno.writeTextFile(path, `${key}="${file}"\n`);
    let echoed = "";
    await using echo = new Answers(() => json({ message: echoed }, { status: 422 }));
    const texts = [
      ...Object.values(NOBODY_S_BUSINESS),
      machine.stored("access_token"),
      machine.stored("refresh_token"),
      machine.home,
      path,
      "Secret Society of Whales",
    ];
    const secrets = [typed, file, machine.stored("access_token"), machine.stored("refresh_token")];
    const commands: [string[], string][] = [
      [["secret", "set", `${key}=${typed}`], typed],
      [["secret", "set", "OTHER=short", `${key}=${typed}`], typed],
      [["secret", "set", "--from-env", "-f", path], file],
      [["secret", "list"], machine.stored("access_token")],
      [["org", "set", email], email],
      [["secret", "unset", key], key],
      [["project", "list"], "Secret Society of Whales"],
    ];
    machine.moveLogin({ coordinator: echo.url, engine: echo.url });
    for (const [name, form] of Object.entries(ECHOES)) {
      await t.step(`the server says it back ${name}`, async () => {
        for (const [args, text] of commands) {
          echoed = form(text);
          // What a terminal shows differs from what a program gets; both are reported alike.
          const flags = args.includes("set") ? [[], ["--json", "--debug"]] : [[]];
          for (const more of flags) {
            const env = more.length > 0 ? { DO_NOT_TRACK: "1" } : {};
            const { code, stdout, stderr } = await machine.run([...args, ...more], { env });
            assert.equal(code, 1);
            const found = leaksIn(stdout + stderr, secrets);
            assert.deepEqual(found, [], `${args.join(" ")} ${more.join()}: ${stdout}${stderr}`);
          }
        }
        const arrived = await machine.arrived();
        assert.equal(arrived.length, commands.length);
        for (const { payload } of arrived) {
          const message = String(payload.properties.error_message);
          assert.match(message, /\(422\)/);
          assert(message.length <= 300);
          assert.deepEqual(
            leaksIn(message, texts),
            [],
            `${payload.properties.command_name}: ${message}`,
          );
        }
      });
    }
    await t.step("an identity for a hub", async () => {
      const [hub, token, name] = [
        "hub.whales.example:8443",
        "hubtoken-7Jq2vXm",
        "Ishmael Starbuck",
      ];
      const unsaid = [...texts, hub, token, name, "s3cr3tpassword"];
      const url = `https://admin:s3cr3tpassword@${hub}/path`;
      const commands = [
        ["identity", "add", "--hub", url, "--name", name, "--token-stdin"],
        ["identity", "add", "--hub", hub, "--token", token],
        ["identity", "add", "--hub", hub, `--token=${token}`, "--expires", name],
        ["identity", "show", "--hub", url],
        ["identity", "token", "--hub", hub],
        ["identity", "can", "read:whales", "--hub", hub],
        ["identity", "can", "read:whales", "--hub", `not-${hub}`],
        ["identity", "credential", token],
        ["identity", "remove", "--hub", `not-${hub}`],
        ["identity", "list", token],
      ];
      for (const args of commands) await machine.run(args, { stdin: token });
      const arrived = await machine.arrived();
      assert.equal(arrived.length, commands.length);
      assert(arrived.some(({ event }) => event === FAILED));
      for (const { payload } of arrived) {
        const { error_message = "", command_name } = payload.properties;
        const found = leaksIn(String(error_message), [...unsaid, "whales"]);
        assert.deepEqual(found, [], `${command_name}: ${error_message}`);
      }
    });
    await t.step("and a search for it would find it", () => {
      for (const form of Object.values(ECHOES)) {
        for (const text of texts) assert(leaksIn(form(text), texts).length > 0, form(text));
      }
    });
  },
);
