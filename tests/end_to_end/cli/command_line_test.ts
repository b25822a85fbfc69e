import assert from "node:assert/strict";
import { shellWord } from "../../../src/text/shell_word.ts";
import { BINARY, isAvailable, succeeds, TestMachine } from "../../support/test_machine.ts";
import { Answers, closedPort, json } from "../../support/answers.ts";
import { VERSION } from "../../../src/version.ts";
import { withoutPipes } from "../../support/programs.ts";
import { errorTextIn } from "../../support/error_object.ts";

const ARCADE = shellWord(BINARY);
const ignore = !isAvailable("a POSIX shell", () => succeeds("/bin/sh", "-c", "true"));

/** A machine without a server, for commands that send no request. */
function offline(): TestMachine {
  const machine = new TestMachine();
  machine.env.ARCADE_COORDINATOR_URL = machine.env.ARCADE_ENGINE_URL = "http://127.0.0.1:1";
  return machine;
}

// The messages are tested in process.
Deno.test("the version, help and usage errors need no home and create no files", async () => {
  await using machine = offline();
  const run = (...args: string[]) =>
    machine.run(args, { env: { HOME: undefined, ARCADE_WORK_DIR: undefined } });
  assert.deepEqual(await run("--version"), { code: 0, stdout: `${VERSION}\n`, stderr: "" });
  const all = await run();
  assert.deepEqual([all.code, all.stderr], [0, ""]);
  assert.match(all.stdout, /\nUSAGE\n {2}arcade .*\n {2}whoami {2}/s);
  const help = await run("secret", "set", "--help");
  assert.deepEqual([help.code, help.stderr], [0, ""]);
  assert.match(help.stdout, /\nUSAGE\n {2}arcade secret set.*\nEXAMPLES\n {2}arcade secret set/s);
  assert.deepEqual(await run("help", "secret", "set"), help);
  const topic = await run("help", "exit-codes");
  assert.deepEqual([topic.code, topic.stderr], [0, ""]);
  const mistake = await run("whomi");
  assert.deepEqual([mistake.code, mistake.stdout], [2, ""]);
  assert.match(
    mistake.stderr,
    /^Error: Unknown command `whomi`\n {2}Did you mean `arcade whoami`\?/,
  );
  assert.deepEqual([...Deno.readDirSync(machine.home)], []);
});

Deno.test("TLS with a server that does not support it is reported", async () => {
  await using machine = await TestMachine.loggedIn();
  await using engine = new Answers(() => json({ items: [] }));
  const { host } = new URL(engine.url);
  const plain = await machine.run(["secret", "--tls", "list", "--no-tls", "--host", host]);
  assert.deepEqual([plain.code, engine.seen.length], [0, 1], plain.stderr);
  const { code, stderr } = await machine.run(["secret", "list", "--host", host, "--tls"]);
  assert.equal(code, 7);
  assert(stderr.startsWith(`Error: Cannot reach https://${host}: TLS failed`), stderr);
  assert.equal(engine.seen.length, 1);
});

Deno.test(
  { name: "a closed pipe ends a command silently", ignore: ignore || withoutPipes },
  async () => {
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
      // The pipe is closed before the first byte is written.
      const gone = `{ read -r _ < '${machine.path}/pipe'; ${ARCADE} ${line}; echo "code=$?" >&2; }`;
      const script =
        `mkfifo '${machine.path}/pipe'; ${gone} | { exec <&-; echo > '${machine.path}/pipe'; }; ` +
        `rm '${machine.path}/pipe'`;
      const { stderr } = await machine.startProgram(["/bin/sh", "-c", script]).end();
      assert.equal(
        stderr.replaceAll(/^(?:[<>]|Permissions:).*\n/gm, ""),
        "code=0\n",
        `arcade ${line}`,
      );
    }
    const head = `${ARCADE} secret list | head -n 2`;
    const { stdout, stderr } = await machine.startProgram(["/bin/sh", "-c", head]).end();
    assert.match(stdout, /^Key .*\nKEY_0 .*\n$/);
    assert.equal(stderr, "");
  },
);

Deno.test({
  name: "output that cannot be written is an ordinary error, not a bug",
  ignore: ignore || Deno.build.os !== "linux",
}, async () => {
  await using machine = await TestMachine.loggedIn();
  for (const line of ["whoami", "org list --json", "--help", "--version"]) {
    const script = `${ARCADE} ${line} > /dev/full`;
    const { code, stderr } = await machine.startProgram(["/bin/sh", "-c", script]).end();
    assert.equal(code, 1, `arcade ${line}: ${stderr}`);
    const text = line.includes("--json") ? errorTextIn(stderr) : stderr;
    assert.match(text, /^Error: [^\n]+\n(?: {2}[^\n]+\n)?$/, `arcade ${line}`);
    assert.doesNotMatch(stderr, /bug in arcade/, `arcade ${line}`);
  }
});

Deno.test("the error names a variable with an invalid number of seconds", async () => {
  await using machine = offline();
  const wrong = [
    [{ ARCADE_TIMEOUT_SECONDS: "soon" }, ["login", "--device"]],
    [{ ARCADE_LOGIN_TIMEOUT_SECONDS: "-1" }, ["login"]],
  ] as const;
  for (const [env, args] of wrong) {
    const { code, stderr } = await machine.run(args, { env });
    assert.equal(code, 2, stderr);
    const [name = ""] = Object.keys(env);
    assert.match(stderr, new RegExp(`^Error: ${name}(?::| is not) [^\n]+\n {2}[^\n]+\n$`));
  }
});

Deno.test("ARCADE_DEBUG accepts the same values as the other switches", async () => {
  await using machine = new TestMachine();
  const debugs = async (value: string) => {
    const env = { ARCADE_DEBUG: value, ARCADE_COORDINATOR_URL: `http://127.0.0.1:${closedPort()}` };
    return / {2}caused by /.test((await machine.run(["login", "--no-browser"], { env })).stderr);
  };
  // All values are in tests/system/environment_test.ts.
  assert(await debugs("verbose"));
  assert(!await debugs(" off "));
});

Deno.test("empty variables count as unset", async () => {
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
