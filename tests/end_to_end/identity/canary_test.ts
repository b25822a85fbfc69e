import { allCommands } from "../../../src/cli/declaration.ts";
import { ROUTES } from "../../../src/commands/routes.ts";
import assert from "node:assert/strict";
import { type ProcessOptions, TestMachine } from "../../support/test_machine.ts";
import { filesIn } from "../../support/watch.ts";

/** Part of every token and of nothing else. */
const MARK = "CANARY";
const TOKEN = `${MARK}.eyJ-first`;
const OTHER = `${MARK}.eyJ-other`;
/** A password in an address, which must not be shown either. */
const PASSWORD = "s3cr3t-PASSWORD";
const HUB = "musehub.ai";

// The in-process test covers mistakes and corrupt files.
Deno.test("no identity command shows or stores a token, except `token` and `credential get`", async () => {
  await using machine = new TestMachine();
  const { folder } = machine;
  const lines: string[] = [];

  async function run(args: readonly string[], options: ProcessOptions = {}): Promise<void> {
    const { code, stdout, stderr } = await machine.run([...args, "--debug"], options);
    const line = `arcade ${args.join(" ")}`;
    lines.push(line);
    assert.equal(code, 0, `${line}: ${stderr}`);
    const isMeantTo = args[1] === "token" || args[2] === "get";
    assert.equal(stdout.includes(TOKEN), isMeantTo, `${line}: ${stdout}`);
    const text = isMeantTo ? stderr : stdout + stderr;
    for (const secret of [MARK, PASSWORD]) {
      assert(!text.includes(secret), `${line} shows ${secret}: ${text}`);
    }
    for (const path of filesIn(machine.home)) {
      const content = new TextDecoder("latin1").decode(Deno.readFileSync(path));
      assert(!content.includes(PASSWORD), `${path} contains the password of an address`);
      const isIdentities = path.startsWith(`${folder}/identity.toml`);
      assert(isIdentities || !content.includes(MARK), `${path} contains a token`);
    }
  }

  const add = ["identity", "add", "--hub", `https://me:${PASSWORD}@${HUB}/x`];
  const git = (more: string) => ({ stdin: `protocol=https\nhost=${HUB}\n${more}\n` });
  await run([...add, "--token-stdin"], { stdin: `${OTHER}\n` });
  await run([...add, "--token", TOKEN, "--agent", "--capability", "read:*"]);
  await run(["identity", "show"], { env: { ARCADE_TOKEN: OTHER } });
  await run(["identity", "list"]);
  await run(["identity", "can", "read:x", "--hub", HUB]);
  await run(["identity", "token", "--hub", HUB]);
  for (const operation of ["store", "get", "erase"]) {
    await run(["identity", "credential", operation], git(`password=${TOKEN}\n`));
  }
  await run(["identity", "remove", "--all", "--yes"]);

  for (const { words } of await allCommands(ROUTES)) {
    const command = ["arcade", ...words].join(" ");
    assert(
      words[0] !== "identity" || lines.some((line) => line.startsWith(command)),
      `arcade ${command} is not covered`,
    );
  }
});
