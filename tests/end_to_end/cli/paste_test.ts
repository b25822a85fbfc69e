import assert from "node:assert/strict";
import { Bash, onTerminal, withoutBash as ignore } from "../../support/terminal.ts";
import { TestMachine, waitsForLock, WireTap } from "../../support/test_machine.ts";

/** The lines of a paste are commands, which would leave files if a shell ran them. */
const PIECES = ["touch ran-1\r", "touch ran-2\r\n", "touch ran-3\r"];
const PASTED = /touch|ran-/;

/** A machine with a login, whose server answers such a request only when it is released. */
async function slowServer(method: string): Promise<
  & { machine: TestMachine; tap: WireTap; asked: Promise<void>; release: () => void }
  & AsyncDisposable
> {
  const machine = await TestMachine.loggedIn();
  const asked = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  const tap = new WireTap(machine.server.url, async (seen) => {
    if (seen.method !== method || !seen.path.includes("/secrets")) return undefined;
    asked.resolve();
    await released.promise;
    return undefined;
  });
  tap.listenTo(machine);
  return {
    machine,
    tap,
    asked: asked.promise,
    release: released.resolve,
    async [Symbol.asyncDispose]() {
      released.resolve();
      await tap[Symbol.asyncDispose]();
      await machine[Symbol.asyncDispose]();
    },
  };
}

/** A bash in which `secret set` asks for a value. */
async function atPrompt(machine: TestMachine): Promise<Bash> {
  const bash = await Bash.start(machine);
  await bash.type("arcade secret set KEY\r");
  await bash.until(/Value of KEY/);
  return bash;
}

/** Answers the prompt, and types a paste before the server answers. */
async function pasteWhileAsked(
  { machine, asked, release }: Awaited<ReturnType<typeof slowServer>>,
): Promise<Bash> {
  const bash = await atPrompt(machine);
  await bash.type(PIECES[0] ?? "");
  await asked;
  for (const piece of PIECES) await bash.type(piece);
  release();
  return bash;
}

/** Asserts that the paste was refused before anything was stored, and that bash got none of it. */
async function assertRefused(
  bash: Bash,
  { machine, tap }: { readonly machine: TestMachine; readonly tap: WireTap },
): Promise<void> {
  await bash.until(/Multi-line paste is not supported.*\r\n {2}Nothing was stored, and all lines/);
  await assertUntouched(bash, machine, 2);
  assert.equal(tap.values().size, 0);
}

/** Asserts that bash got none of a paste, and that its terminal is restored. */
async function assertUntouched(bash: Bash, machine: TestMachine, code: number): Promise<void> {
  await bash.until(/\n\S*ready> $/);
  assert.match(await bash.answer("echo code=$?"), new RegExp(`code=${code}\\r`));
  const state = await bash.answer("stty -a");
  assert.match(state, / icanon\b/);
  assert.match(state, / echo\b/);
  await bash.answer("history > lines");
  assert.doesNotMatch(Deno.readTextFileSync(`${machine.home}/lines`), PASTED);
  assert.doesNotMatch(bash.printed, PASTED);
  assert.deepEqual([...Deno.readDirSync(machine.home)].filter(({ name }) => PASTED.test(name)), []);
  await bash.end();
}

Deno.test(
  { name: "a paste in pieces is refused, and does not reach the shell", ignore },
  async () => {
    await using fixture = await slowServer("none");
    const bash = await atPrompt(fixture.machine);
    for (const piece of PIECES) await bash.type(piece);
    await assertRefused(bash, fixture);
  },
);

Deno.test(
  { name: "lines that arrive while the command prepares to store are refused too", ignore },
  async () => {
    await using fixture = await slowServer("GET");
    const bash = await pasteWhileAsked(fixture);
    await assertRefused(bash, fixture);
  },
);

Deno.test(
  { name: "lines that arrive while a value is stored are dropped, and the command fails", ignore },
  async () => {
    await using fixture = await slowServer("PUT");
    const bash = await pasteWhileAsked(fixture);
    await bash.until(
      /More text was typed or pasted .*\r\n {2}What was stored may be incomplete.*secret set KEY < file/,
    );
    await assertUntouched(bash, fixture.machine, 1);
  },
);

Deno.test(
  { name: "lines that arrive after the answer to a question do not reach the shell", ignore },
  async () => {
    await using machine = new TestMachine();
    const env = { ARCADE_TOKEN: "t" };
    await machine.run(["identity", "add", "--hub", "musehub.ai"], { env });
    for (const answer of ["y\r", "\r", "\x03"]) {
      const bash = await Bash.start(machine);
      await bash.type("arcade identity remove --all\r");
      await bash.until(/Remove it\? \[y\/N\] $/);
      await bash.type(answer);
      for (const piece of PIECES) await bash.type(piece);
      await assertUntouched(bash, machine, answer === "\x03" ? 130 : 2);
    }
    assert.equal((await machine.run(["identity", "list", "--json"])).code, 0);
  },
);

const locked: [command: string, question: RegExp, answer: string, said: RegExp, code: number][] = [
  ["add --hub musehub.ai", /Token for/, "token\r", /More text was typed .*\r\n.*`--token-file`/, 1],
  ["remove --all", /Remove it/, "y\r", /Warning:\S* Ignored what was typed after the prompt/, 0],
];
for (const [command, question, answer, said, code] of locked) {
  Deno.test(
    { name: `lines that come while \`identity ${command}\` waits do not reach the shell`, ignore },
    async () => {
      await using machine = new TestMachine();
      const env = { ARCADE_TOKEN: "t" };
      await machine.run(["identity", "add", "--hub", "musehub.ai"], { env });
      using lock = await Deno.open(`${machine.folder}/.identity.lock`, { write: true });
      await lock.lock(true);
      const bash = await Bash.start(machine);
      await bash.type(`sh -c 'echo pid=$$; exec "$ARCADE" identity ${command}'\r`);
      const [, pid = ""] = await bash.until(/pid=(\d+)/);
      await bash.until(question);
      await bash.type(answer);
      await waitsForLock(Number(pid));
      for (const piece of PIECES) await bash.type(piece);
      await lock.unlock();
      await bash.until(said);
      await assertUntouched(bash, machine, code);
    },
  );
}

for (const name of ["Ctrl-C", "SIGTERM"]) {
  Deno.test(
    { name: `${name} while a value is stored restores the terminal`, ignore },
    async () => {
      await using fixture = await slowServer("PUT");
      const { machine, asked } = fixture;
      const bash = await Bash.start(machine);
      await bash.type(`sh -c 'echo pid=$$; exec "$ARCADE" secret set KEY'\r`);
      const [, pid = ""] = await bash.until(/pid=(\d+)/);
      await bash.until(/Value of KEY/);
      await bash.type("value\r");
      await asked;
      if (name === "Ctrl-C") await bash.type("\x03");
      else Deno.kill(Number(pid), "SIGTERM");
      await assertUntouched(bash, machine, 130);
    },
  );
}

Deno.test({ name: "an error after a prompt restores the terminal", ignore }, async () => {
  await using machine = await TestMachine.loggedIn();
  const env = { ARCADE_ENGINE_URL: "http://127.0.0.1:1" };
  const running = onTerminal(machine, "arcade secret set KEY; stty -a", { env });
  await running.printed(/Value of KEY/);
  await running.type("value\r");
  const { stdout } = await running.end();
  assert.match(stdout, /Error:/);
  assert.match(stdout, / icanon\b/);
  assert.match(stdout, / echo\b/);
});

Deno.test({ name: "a paste with CRLF keeps its lines, and they are counted", ignore }, async () => {
  await using fixture = await slowServer("none");
  const { machine, tap } = fixture;
  const running = onTerminal(machine, "arcade secret set KEY");
  await running.printed(/Value of KEY/);
  await running.type("\x1b[200~first\r\n\r\nthird\r\n\x1b[201~");
  await running.type("\r");
  const { code, stdout } = await running.end();
  assert.equal(code, 0, stdout);
  assert.match(stdout, /while you type\): \S*3 lines\r\n/);
  assert.equal(tap.values().get("KEY"), "first\n\nthird");
});

Deno.test(
  { name: "answers that are not UTF-8 are refused, and change nothing", ignore },
  async () => {
    await using fixture = await slowServer("none");
    const { machine, tap } = fixture;
    await machine.run(["identity", "add", "--hub", "musehub.ai"], {
      env: { ARCADE_TOKEN: "works" },
    });
    const latin1 = new Uint8Array([0x70, 0xe9, 0x74, 0x0d]); // "pét" and Enter
    const commands = [
      ["arcade secret set KEY", /Value of KEY/, /Nothing was stored; .*UTF-8, or use .*KEY < file/],
      ["arcade identity add --hub musehub.ai", /Token for/, /Nothing was stored; .*`--token-file`/],
      ["arcade identity remove --all", /Remove it/, /Nothing was changed; .*answer y or n/],
    ] as const;
    for (const [command, question, next] of commands) {
      const running = onTerminal(machine, command);
      await running.printed(question);
      await running.type(latin1);
      const { code, stdout } = await running.end();
      assert.equal(code, 2, stdout);
      assert.match(stdout, /The answer is not UTF-8 text\r\n/);
      assert.match(stdout, next);
    }
    assert.equal(tap.values().size, 0);
    const { stdout } = await machine.run(["identity", "token", "--hub", "musehub.ai"]);
    assert.equal(stdout, "works\n");
  },
);

Deno.test(
  { name: "an answer that has NUL or is too long is refused as on stdin", ignore },
  async () => {
    await using fixture = await slowServer("none");
    const { machine, tap } = fixture;
    const answers = [["a\0b", /NUL/], ["x".repeat(5001), /has 5001 characters/]] as const;
    for (const [value, reason] of answers) {
      const running = onTerminal(machine, "arcade secret set KEY");
      await running.printed(/Value of KEY/);
      await running.type(`\x1b[200~${value}\x1b[201~\r`);
      const { code, stdout } = await running.end();
      assert.equal(code, 2, stdout);
      assert.match(stdout, reason);
      const piped = await machine.run(["secret", "set", "KEY"], { stdin: value });
      assert.equal(piped.code, 2);
      assert.match(piped.stderr, reason);
    }
    assert.equal(tap.values().size, 0);
  },
);

Deno.test({
  name: "a line that the terminal cuts off is refused, and the longest one is not",
  ignore,
}, async () => {
  await using fixture = await slowServer("none");
  const { machine, tap } = fixture;
  const longest = 4094 - "LONG=".length; // of Linux, without the line end
  for (const [length, expected] of [[longest + 1, 2], [longest + 900, 2], [longest, 0]] as const) {
    const running = onTerminal(machine, "echo go; arcade secret set -f -");
    await running.printed(/go/);
    await running.type(`LONG=${"x".repeat(length)}\r`);
    await running.type("\x04");
    const { code, stdout } = await running.end();
    assert.equal(code, expected, stdout);
    if (code !== 0) assert.match(stdout, /A line is longer than this terminal supports/);
  }
  assert.equal(tap.values().get("LONG")?.length, longest);
});
