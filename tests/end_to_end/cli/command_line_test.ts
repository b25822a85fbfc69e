import assert from "node:assert/strict";
import { BINARY, isAvailable, succeeds, TestMachine } from "../../support/test_machine.ts";
import { Answers, closedPort, json } from "../../support/answers.ts";
import { allCommands } from "../../../src/cli/declaration.ts";
import { ROUTES } from "../../../src/commands/routes.ts";
import { VERSION } from "../../../src/version.ts";

const ignore = !isAvailable("a POSIX shell", () => succeeds("/bin/sh", "-c", "true"));
const COMMANDS = (await allCommands(ROUTES)).map(({ words }) => words);

/** A machine that needs no server, because nothing gets as far as asking one. */
function offline(): TestMachine {
  const machine = new TestMachine();
  machine.env.ARCADE_COORDINATOR_URL = machine.env.ARCADE_ENGINE_URL = "http://127.0.0.1:1";
  return machine;
}

Deno.test("--version prints the version, and touches nothing", async () => {
  await using machine = offline();
  for (const args of [["--version"], ["-v"]]) {
    assert.deepEqual(
      await machine.run(args, { env: { HOME: undefined, ARCADE_WORK_DIR: undefined } }),
      {
        code: 0,
        stdout: `${VERSION}\n`,
        stderr: "",
      },
    );
  }
  assert.deepEqual([...Deno.readDirSync(machine.home)], []);
});

Deno.test("help is everywhere, in any place, with examples, and touches nothing", async () => {
  await using machine = offline();
  for (const command of COMMANDS) {
    const long = await machine.run([...command, "--help"]);
    assert.equal(long.code, 0);
    assert.equal(long.stderr, "");
    assert.match(long.stdout, new RegExp(`\nUSAGE\n  arcade ${command.join(" ")}`));
    assert.match(long.stdout, new RegExp(`\nEXAMPLES\n  arcade ${command.join(" ")}`));
    for (
      const args of [["-h", ...command], ["--debug", ...command, "--help"], ["help", ...command]]
    ) {
      const other = await machine.run(args);
      assert.deepEqual(other, long);
    }
  }
  assert.deepEqual([...Deno.readDirSync(machine.home)], []);
});

Deno.test("without a command there is help: of arcade, and of each group", async () => {
  await using machine = offline();
  const { code, stdout, stderr } = await machine.run([]);
  assert.equal(code, 0, stderr);
  for (const part of ["arcade help exit-codes", "arcade secret set --from-env", "\n  whoami  "]) {
    assert(stdout.includes(part), `No ${part} in: ${stdout}`);
  }
  for (const args of [["--help"], ["-h"]]) assert.equal((await machine.run(args)).stdout, stdout);
  const groups = Map.groupBy(COMMANDS.filter(({ length }) => length > 1), ([group = ""]) => group);
  for (const [group, commands] of groups) {
    for (const args of [[group], [group, "--help"], ["help", group]]) {
      const help = await machine.run(args);
      assert.equal(help.code, 0);
      for (const [, name] of commands) {
        assert.match(help.stdout, new RegExp(`^  ${name} +[A-Z]`, "m"));
      }
    }
  }
});

Deno.test("what is mistyped is answered with a guess and exit code 2", async () => {
  await using machine = offline();
  const mistakes: [string[], RegExp][] = [
    [["whomi"], /Unknown command `whomi`\n {2}Did you mean `arcade whoami`\? See `arcade --help`$/],
    [["secrets"], /Did you mean `arcade secret`\?/],
    [["secret", "lst"], /Did you mean `arcade secret list`\? See `arcade secret --help`$/],
    [
      ["secret", "list", "--jsn"],
      /`--jsn`\n {2}Did you mean `--json`\? See `arcade secret list --help`$/,
    ],
    [["secret", "list", "--nothing-like-it"], /Unknown flag `--nothing-like-it`/],
    [["secret", "list", "more"], /Unexpected argument `more`/],
    [["org", "set"], /See `arcade org set --help`$/],
    [["secret", "unset"], /See `arcade secret unset --help`$/],
    [["secret", "set"], /Which secret\?/],
    [["secret", "list", "--port", "http"], /whole number from 1 to 65535/],
    [["secret", "list", "--port", "0"], /whole number from 1 to 65535/],
    [["secret", "list", "--port"], /port/],
    [["login", "--timeout", "-1"], /whole number/],
    [["login", "--device", "--no-browser"], /cannot be used together/],
    [["local", "serve", "--ephemeral", "--data", "x"], /cannot be used together/],
    [["\x1b[2J\u202e"], /Unknown command `/],
  ];
  for (const [args, expected] of mistakes) {
    const { code, stdout, stderr } = await machine.run(args);
    assert.equal(code, 2, `${args.join(" ")}: ${stderr}`);
    assert.equal(stdout, "");
    assert.match(stderr, /^Error: [^\n]+\n(?: {2}[^\n]+\n)?$/);
    assert.match(stderr.trimEnd(), expected);
  }
});

Deno.test("flags may stand between a group and its command, and the last of --tls and --no-tls wins", async () => {
  await using machine = await TestMachine.loggedIn();
  await using engine = new Answers(() => json({ items: [] }));
  const { port } = new URL(engine.url);
  const lines = [
    ["secret", "list", "--host", "127.0.0.1", "--port", port],
    ["secret", "--host", "127.0.0.1", "--port", port, "list"],
    ["secret", "--host", "127.0.0.1", "list", "--port", port],
    ["secret", `--host=127.0.0.1:${port}`, "list"],
    ["--debug", "secret", `--host`, `127.0.0.1:${port}`, "list"],
    ["secret", "--tls", "list", "--no-tls", "--host", `127.0.0.1:${port}`],
    ["secret", "list", "--tls", "--no-tls", "--host", `127.0.0.1:${port}`],
  ];
  for (const args of lines) {
    engine.seen.length = 0;
    const { code, stderr } = await machine.run(args);
    assert.equal(code, 0, `${args.join(" ")}: ${stderr}`);
    assert.match(stderr, /No secrets yet/);
    assert.equal(engine.seen.length, 1, args.join(" "));
  }
  engine.seen.length = 0;
  const tls = ["secret", "list", "--host", `127.0.0.1:${port}`, "--no-tls", "--tls"];
  const { code, stderr } = await machine.run(tls);
  assert.equal(code, 1);
  assert.match(
    stderr,
    new RegExp(`^Error: Cannot reach https://127\\.0\\.0\\.1:${port}: TLS failed`),
  );
  assert.equal(engine.seen.length, 0);
});

Deno.test("-- ends the flags", async () => {
  await using machine = offline();
  const { code, stderr } = await machine.run(["org", "set", "--", "--json"]);
  assert.equal(code, 4, stderr);
});

Deno.test({ name: "a reader that has enough ends a command without a word", ignore }, async () => {
  const secrets = Array.from({ length: 4000 }, (_, i) => ({
    id: `sec_${i}`,
    key: `KEY_${i}`,
    binding: { type: "project" },
    created_at: "2026-11-20T14:00:00Z",
  }));
  await using machine = await TestMachine.loggedIn();
  await using engine = new Answers(() => json({ items: secrets }));
  machine.moveLogin({ engine: engine.url });
  const lines = [
    "secret list",
    "secret list --json",
    "secret list --debug",
    "whoami",
    "whoami --json",
    "org list",
    "--help",
    "secret --help",
    "secret list --help",
    "--version",
    "",
  ];
  for (const line of lines) {
    // The reader is gone before the first byte is written.
    const gone = `{ read -r _ < '${machine.path}/pipe'; '${BINARY}' ${line}; echo "code=$?" >&2; }`;
    const script =
      `mkfifo '${machine.path}/pipe'; ${gone} | { exec <&-; echo > '${machine.path}/pipe'; }; ` +
      `rm '${machine.path}/pipe'`;
    const { stderr } = await machine.startProgram(["/bin/sh", "-c", script]).end();
    assert.equal(stderr.replaceAll(/^[<>].*\n/gm, ""), "code=0\n", `arcade ${line}`);
  }
  const head = `'${BINARY}' secret list | head -n 2`;
  const { stdout, stderr } = await machine.startProgram(["/bin/sh", "-c", head]).end();
  assert.match(stdout, /^Key .*\nKEY_0 .*\n$/);
  assert.equal(stderr, "");
});

Deno.test({
  name: "output that cannot be written is an error, and no mistake of arcade",
  ignore: ignore || Deno.build.os !== "linux",
}, async () => {
  await using machine = await TestMachine.loggedIn();
  for (const line of ["whoami", "org list --json", "--help", "--version"]) {
    const script = `'${BINARY}' ${line} > /dev/full`;
    const { code, stderr } = await machine.startProgram(["/bin/sh", "-c", script]).end();
    assert.equal(code, 1, `arcade ${line}: ${stderr}`);
    assert.match(stderr, /^Error: [^\n]+\n(?: {2}[^\n]+\n)?$/, `arcade ${line}`);
    assert.doesNotMatch(stderr, /mistake in arcade/, `arcade ${line}`);
  }
});

Deno.test("a value of an environment variable that is no use is named", async () => {
  await using machine = await TestMachine.loggedIn();
  const wrong: [Record<string, string>, string[]][] = [
    [{ ARCADE_TIMEOUT_SECONDS: "soon" }, ["org", "list"]],
    [{ ARCADE_LOGIN_TIMEOUT_SECONDS: "-1", ARCADE_WORK_DIR: `${machine.path}/new` }, ["login"]],
    [{ ARCADE_COORDINATOR_URL: "cloud.arcade.dev" }, ["org", "list"]],
    [{ ARCADE_COORDINATOR_URL: "ftp://cloud.arcade.dev" }, ["org", "list"]],
    [{ ARCADE_ENGINE_URL: "http://user:password@localhost" }, ["secret", "list"]],
  ];
  for (const [env, args] of wrong) {
    const { code, stderr } = await machine.run(args, { env });
    assert.equal(code, 2, stderr);
    assert.match(
      stderr,
      new RegExp(`^Error: ${Object.keys(env)[0]}(?::| is not) [^\n]+\n {2}[^\n]+\n$`),
    );
    assert(!stderr.includes("password"));
  }
});

Deno.test("ARCADE_DEBUG is on and off in the words of every other variable", async () => {
  await using machine = new TestMachine();
  const debugs = async (value: string) => {
    const env = { ARCADE_DEBUG: value, ARCADE_COORDINATOR_URL: `http://127.0.0.1:${closedPort()}` };
    return / {2}caused by /.test((await machine.run(["login", "--no-browser"], { env })).stderr);
  };
  for (const on of ["1", "Yes", " on ", "verbose"]) assert(await debugs(on), on);
  for (const off of ["0", "No", " off ", "", " "]) assert(!await debugs(off), off);
});

Deno.test("variables that are set to nothing count as unset", async () => {
  await using machine = await TestMachine.loggedIn();
  const names = [
    "ARCADE_API_KEY",
    "ARCADE_DEBUG",
    "ARCADE_LOGIN_TIMEOUT_SECONDS",
    "ARCADE_TIMEOUT_SECONDS",
    "ARCADE_WORK_DIR",
    "BROWSER",
    "NO_COLOR",
  ];
  const env = Object.fromEntries(names.map((name) => [name, ""]));
  const { code, stderr } = await machine.run(["secret", "list"], { env });
  assert.equal(code, 0, stderr);
  assert.equal(stderr, "No secrets yet. Store one with `arcade secret set KEY`\n");
});
