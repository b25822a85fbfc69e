import { allCommands } from "../../../src/cli/declaration.ts";
import { ROUTES } from "../../../src/commands/routes.ts";
import assert from "node:assert/strict";
import { type ProcessOptions, TestMachine } from "../../support/test_machine.ts";

/** Every token has it, and nothing else has. */
const MARK = "CANARY";
const TOKEN = `${MARK}.eyJ-first`;
const OTHER = `${MARK}.eyJ-other`;
/** A password in an address, which is nobody's business either. */
const PASSWORD = "s3cr3t-PASSWORD";
const HUB = "musehub.ai";

function filesIn(folder: string): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) =>
    isDirectory ? filesIn(`${folder}/${name}`) : [`${folder}/${name}`]
  );
}

Deno.test("no identity command shows or leaves a token anywhere, but for the two that are there to", async () => {
  await using machine = new TestMachine();
  const { folder } = machine;
  const input = `${machine.path}/token`;
  Deno.writeTextFileSync(input, TOKEN);
  const printed: { line: string; text: string }[] = [];
  const isMeantTo = (args: readonly string[], code: number) =>
    code === 0 && (args[1] === "token" || (args[1] === "credential" && args[2] === "get"));

  async function run(args: readonly string[], options: ProcessOptions = {}): Promise<void> {
    for (const more of [["--debug"], args[1] === "credential" ? [] : ["--json"]]) {
      const { code, stdout, stderr } = await machine.run([...args, ...more], options);
      const line = `arcade ${[...args, ...more].join(" ")}`;
      printed.push({ line, text: isMeantTo(args, code) ? stderr : stdout + stderr });
      for (const path of filesIn(machine.home)) {
        const text = new TextDecoder("latin1").decode(Deno.readFileSync(path));
        assert(!text.includes(PASSWORD), `${path} has the password of an address`);
        const isIdentities = path.startsWith(`${folder}/identity.toml`);
        assert(isIdentities || !text.includes(MARK), `${path} has a token`);
      }
    }
  }

  const add = ["identity", "add", "--hub", `https://me:${PASSWORD}@${HUB}/x`];
  const git = (more: string) => ({ stdin: `protocol=https\nhost=${HUB}\n${more}\n` });
  async function runAll(): Promise<void> {
    await run([...add, "--token-stdin"], { stdin: `${TOKEN}\n` });
    await run([...add, "--token-file", input, "--agent", "--capability", "read:*"]);
    await run([...add, "--token", TOKEN, "--name", "A", "--id", "i", "--expires", "30d"]);
    await run(add, { env: { ARCADE_TOKEN: OTHER } });
    await run(["identity", "add", "--hub", "b.example", "--reset"], {
      env: { ARCADE_TOKEN: TOKEN },
    });
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
    await run([...add, "--token-stdin"], { stdin: `${TOKEN} ${OTHER}` });
    await run([...add, "--token", `${TOKEN}\n${OTHER}`]);
    await run([...add, "--token", TOKEN, "--token-stdin"], { stdin: OTHER });
    await run([...add, "--token", TOKEN, "--expires", "never"]);
    await run([...add, `--tokn=${TOKEN}`]);
    await run([...add, "--token", TOKEN, "--token", OTHER]);
    await run([...add, "--token-stdin", TOKEN], { stdin: OTHER });
    await run([...add, `--token-stdin=${TOKEN}`], { stdin: OTHER });
    await run([...add, `--no-agent=${TOKEN}`, "--token", OTHER]);
    await run([...add, "--hub", `https://me:${PASSWORD}@other.example`, "--token", OTHER]);
    for (const words of [["identity"], ["identity", "add"], ["identity", "show"], []]) {
      for (const typed of [`https://me:${PASSWORD}@${HUB}`, `${TOKEN}-a-token-is-long`]) {
        await run([...words, typed]);
        await run([...words, typed, "show"]);
      }
    }
    await run(["identity", "--hub", `https://me:${PASSWORD}@${HUB}`, "show"]);
    await run([...add], { env: { ARCADE_TOKEN: `${OTHER} ` } });
    await run(["identity", "add", "--hub", `https://me:${PASSWORD}@`, "--token", TOKEN]);
    await run(["identity", "add", "--hub", `http://me:${PASSWORD}@${HUB}`, "--token", TOKEN]);
    for (const command of ["show", "token", "remove"]) {
      await run(["identity", command, "--hub", `https://me:${PASSWORD}@no hub`]);
      await run(["identity", command, "--hub", `https://me:${PASSWORD}@no.example`]);
    }
    await run(["identity", "remove", "--hub", HUB]);
    await run(["identity", "remove", "--all", "--yes"]);
  }

  await runAll();
  // With files that are no use, in ways of their own.
  const contents = [
    `["${HUB}"]\ntoken = "${TOKEN}\n`,
    `${TOKEN}`,
    `["${HUB}"]\ntoken = ${TOKEN}\n`,
    `["${HUB}"]\ntoken = ["${TOKEN}"]\n`,
    `["${HUB}"]\ntoken = "${TOKEN} ${OTHER}"\n`,
    `["${HUB}"]\ntype = "${TOKEN}"\nexpires_at = "${OTHER}"\n`,
    `["${HUB}"]\n"${TOKEN}" = 1\n"${TOKEN}" = 2\n`,
  ];
  for (const content of contents) {
    for (const args of [["show"], ["list"], ["token", "--hub", HUB], ["can", "x", "--hub", HUB]]) {
      Deno.mkdirSync(folder, { recursive: true });
      Deno.writeTextFileSync(`${folder}/identity.toml`, content);
      await run(["identity", ...args]);
    }
    await run(["identity", "credential", "get"], git(""));
    await run(["identity", "credential", "erase"], git(""));
    await run(["identity", "remove", "--all", "--yes"]);
    await run([...add, "--reset", "--token", OTHER]);
  }

  // Every identity command that there is was among them.
  for (const { words } of await allCommands(ROUTES)) {
    const command = ["arcade", ...words].join(" ");
    assert(
      words[0] !== "identity" || printed.some(({ line }) => line.startsWith(command)),
      `The watch has not seen ${command}`,
    );
  }
  const leaks = printed.filter(({ text }) => text.includes(MARK) || text.includes(PASSWORD));
  assert.deepEqual(leaks, []);
});
