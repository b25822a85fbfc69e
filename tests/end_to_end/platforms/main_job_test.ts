import assert from "node:assert/strict";
import { VERSION } from "../../../src/version.ts";
import {
  buildFor,
  type Emulation,
  LINUX_ARM64,
  stopWine,
  WINDOWS,
} from "../../support/platforms.ts";
import { addressOf, open, TestMachine } from "../../support/test_machine.ts";

const ENV_FILE = "# Secrets\r\nREGION=eu-central-1\r\nQUOTED='two\r\nlines'\r\n";

/** Runs a login, secrets, an identity and a logout with the executable for another platform. */
async function wholeSession(emulation: Emulation, t: Deno.TestContext): Promise<void> {
  await using machine = new TestMachine();
  const executable = await buildFor(emulation.target);
  await machine.serveInProcess();
  const { words, env } = emulation.start(executable, machine);
  const start = (args: readonly string[], stdin?: string) =>
    machine.startProgram([...words, ...args], { env, ...(stdin !== undefined && { stdin }) });
  const run = async (args: readonly string[], stdin?: string) => {
    const { code, stdout, stderr } = await start(args, stdin).end();
    assert.equal(code, 0, `${args.join(" ")}: ${stdout}${stderr}`);
    return stdout;
  };
  const runJson = async (...args: readonly string[]) => JSON.parse(await run([...args, "--json"]));

  await t.step("the executable runs", async () => {
    assert.equal((await run(["--version"])).trim(), VERSION);
    assert.equal((await start(["whoami"]).end()).code, 4);
  });
  await t.step("login", async () => {
    const login = start(["login", "--callback-port", "0", "--no-browser"]);
    await open(await addressOf(login));
    const { code, stderr } = await login.end();
    assert.equal(code, 0, stderr);
    assert.equal((await runJson("whoami")).email, "developer@arcade.local");
  });
  if (emulation === WINDOWS) {
    await t.step("the folder is restricted by Windows programs", async () => {
      // Wine's icacls.exe only reports success.
      assert.match(
        await Deno.readTextFile(`${machine.home}/.arcade/.owner-only`),
        /^[0-9a-f-]{36}$/,
      );
    });
  }
  await t.step("organizations and projects", async () => {
    assert.equal((await runJson("org", "list")).organizations.length, 1);
    assert.equal((await runJson("project", "list")).projects.length, 1);
  });
  await t.step("secrets", async () => {
    await run(["secret", "set", "API_KEY"], "a value\nof two lines");
    await Deno.writeTextFile(`${machine.home}/.env`, ENV_FILE);
    await run(["secret", "set", "--from-env"]);
    const keys = async () =>
      (await runJson("secret", "list")).secrets.map(({ key }: { key: string }) => key).sort();
    assert.deepEqual(await keys(), ["API_KEY", "QUOTED", "REGION"]);
    await run(["secret", "unset", "REGION", "QUOTED"]);
    assert.deepEqual(await keys(), ["API_KEY"]);
  });
  await t.step("identities", async () => {
    const identity = ["--hub", "musehub.ai", "--agent", "--name", "composer"];
    await run(["identity", "add", ...identity, "--id", "agt_1", "--token-stdin"], "a-token\n");
    assert.equal((await runJson("identity", "show", "--hub", "musehub.ai")).token, "set");
    assert.equal((await run(["identity", "token", "--hub", "musehub.ai"])).trim(), "a-token");
  });
  await t.step("a server with the streams of the command", async () => {
    const program = emulation === WINDOWS ? ["cmd.exe", "/c", "echo served"] : ["echo", "served"];
    assert.equal((await run(["mcp", "stdio", "--", ...program])).trim(), "served");
  });
  await t.step("a new project", async () => {
    const { files, next } = await runJson("new", "weather");
    for (const file of files) {
      assert((await Deno.stat(`${machine.home}/weather/${file}`)).isFile, file);
    }
    assert.equal(next.includes("arcade deploy"), emulation !== WINDOWS);
    assert.equal((await start(["new", "weather"]).end()).code, 1);
    const names = [...Deno.readDirSync(machine.home)].map(({ name }) => name);
    assert.deepEqual(names.filter((name) => name.includes("weather")), ["weather"]);
  });
  await t.step("telemetry and logout", async () => {
    assert.equal((await runJson("telemetry", "status")).enabled, false);
    await run(["logout"]);
    assert.equal((await start(["whoami"]).end()).code, 4);
  });
}

Deno.test({
  name: "a whole session with the executable for Linux on arm64, under qemu",
  ignore: !LINUX_ARM64.isAvailable,
  fn: (t) => wholeSession(LINUX_ARM64, t),
});

Deno.test({
  name: "a whole session with the executable for Windows, under Wine",
  ignore: !WINDOWS.isAvailable,
  fn: async (t) => {
    try {
      await wholeSession(WINDOWS, t);
    } finally {
      stopWine();
    }
  },
});
