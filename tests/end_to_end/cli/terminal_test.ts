import assert from "node:assert/strict";
import { shellWord } from "../../../src/text/shell_word.ts";
import measure from "fast-string-truncated-width";
import { onTerminal, type Terminal, withoutTerminal as ignore } from "../../support/terminal.ts";
import { BINARY, TestMachine, WireTap } from "../../support/test_machine.ts";

const VALUE = "typed-CANARY-value";
const PASTE_STARTS = "\x1b[200~";
const PASTE_ENDS = "\x1b[201~";
const COLOR = /␛\[\d+m/;
const ENTER = "\r";
const CTRL_C = "\x03";

/** The output of a shell command on a terminal, with line feeds only and visible escape characters. */
async function printedOnTerminal(machine: TestMachine, line: string, terminal: Terminal = {}) {
  const { stdout } = await onTerminal(machine, line, terminal).end();
  return stdout.replaceAll("\r\n", "\n").replaceAll("\x1b", "␛");
}

/** A machine with a login, and a wire tap on its requests. */
async function tapped(): Promise<{ machine: TestMachine; tap: WireTap } & AsyncDisposable> {
  const machine = await TestMachine.loggedIn();
  const tap = new WireTap(machine.server.url);
  tap.listenTo(machine);
  return {
    machine,
    tap,
    async [Symbol.asyncDispose]() {
      await tap[Symbol.asyncDispose]();
      await machine[Symbol.asyncDispose]();
    },
  };
}

Deno.test(
  { name: "a value typed at the prompt is not shown, and is stored unchanged", ignore },
  async () => {
    await using fixture = await tapped();
    const { machine, tap } = fixture;
    const running = onTerminal(machine, "arcade secret set KEY; echo code=$?; stty -a");
    await running.printed(/Value of KEY \(not shown while you type\): /);
    await running.type(`${VALUE}x\x7f${ENTER}`);
    const { stdout } = await running.end();
    assert(!/typed|CANARY/.test(stdout), "The value was shown");
    assert.match(stdout, /Created\S* KEY \(18 characters\)\r\ncode=0\r\n/);
    assert.match(stdout, / echo\b/, "Echo is still off");
    assert.equal(tap.values().get("KEY"), VALUE);
  },
);

Deno.test({ name: "missing values are prompted for one after the other", ignore }, async () => {
  await using fixture = await tapped();
  const { machine, tap } = fixture;
  const running = onTerminal(machine, "arcade secret set ONE TWO GIVEN=3");
  await running.printed(/Value of ONE/);
  await running.type(`first${ENTER}`);
  await running.printed(/Value of TWO/);
  await running.type(`second${ENTER}`);
  assert.equal((await running.end()).code, 0);
  assert.deepEqual(Object.fromEntries(tap.values()), { ONE: "first", TWO: "second", GIVEN: "3" });
});

Deno.test({ name: "control keys are not part of a value", ignore }, async () => {
  await using fixture = await tapped();
  const { machine, tap } = fixture;
  const [left, escape, ctrlA, ctrlZ] = ["\x1b[D", "\x1b", "\x01", "\x1a"];
  const running = onTerminal(machine, "arcade secret set KEY");
  await running.printed(/Value of KEY/);
  await running.type(`a${ctrlA}b${left}c${ctrlZ}d${escape}${ENTER}`);
  assert.equal((await running.end()).code, 0);
  assert.equal(tap.values().get("KEY"), "abcd");
});

Deno.test(
  { name: "a kill at a prompt stores nothing and restores the terminal", ignore },
  async () => {
    await using fixture = await tapped();
    const { machine, tap } = fixture;
    assert.equal((await machine.run(["secret", "set", "OLD=1"])).code, 0);
    await Deno.writeTextFile(`${machine.home}/.env`, "KEY=new\n");
    const prompts = [["secret set KEY", /Value of KEY/], [
      "secret set --from-env --prune",
      /Remove it\?/,
    ]] as const;
    for (const [command, question] of prompts) {
      const arcade = `sh -c 'echo pid=$$; exec "$0" ${command}' ${shellWord(BINARY)}`;
      const running = onTerminal(machine, `${arcade}; echo code=$?; stty -a`);
      const [, pid = ""] = await running.printed(/pid=(\d+)/);
      await running.printed(question);
      Deno.kill(Number(pid), "SIGTERM");
      const { stdout } = await running.end();
      assert.match(stdout, /\r\ncode=130\r\n/);
      assert.match(stdout, / icanon\b/);
      assert.match(stdout, / echo\b/);
    }
    assert.deepEqual([...tap.values().keys()], ["OLD"]);
  },
);

for (const [name, key] of [["Ctrl-C", CTRL_C], ["Ctrl-D", "\x04"]] as const) {
  Deno.test(
    { name: `${name} at the prompt stores nothing and restores the terminal`, ignore },
    async () => {
      await using fixture = await tapped();
      const { machine, tap } = fixture;
      const running = onTerminal(machine, "arcade secret set KEY; echo code=$?; stty -a");
      await running.printed(/Value of KEY/);
      if (key === CTRL_C) await running.type("half");
      await running.type(key);
      const { stdout } = await running.end();
      assert.match(stdout, /\rCancelled; nothing was stored\r\ncode=130\r\n/);
      assert.match(stdout, / icanon\b/);
      assert.match(stdout, / echo\b/);
      // Bracketed paste is turned off again.
      assert(stdout.lastIndexOf("\x1b[?2004l") > stdout.lastIndexOf("\x1b[?2004h"));
      assert.equal(tap.values().size, 0);
    },
  );
}

Deno.test({ name: "a paste of several lines is stored unchanged", ignore }, async () => {
  await using fixture = await tapped();
  const { machine, tap } = fixture;
  const lines = ["-----BEGIN KEY-----", "c2Vj\tcmV0", "", "pässwörd 🔑", "-----END KEY-----"];
  const running = onTerminal(machine, "arcade secret set KEY");
  await running.printed(/\?2004h.*Value of KEY/);
  await running.type(`${PASTE_STARTS}${lines.join("\r")}\r${PASTE_ENDS}`);
  await running.type(ENTER);
  const { code, stdout } = await running.end();
  assert.equal(code, 0, stdout);
  assert(!stdout.includes("KEY-----"), "The value was shown");
  assert.equal(tap.values().get("KEY"), lines.join("\n"));
});

Deno.test({ name: "a long paste is stored unchanged", ignore }, async () => {
  await using fixture = await tapped();
  const { machine, tap } = fixture;
  const value = Array.from({ length: 200 }, (_, i) => `line ${i} of a long value`).join("\n");
  const running = onTerminal(machine, "arcade secret set KEY");
  await running.printed(/Value of KEY/);
  await running.type(`${PASTE_STARTS}${value.replaceAll("\n", "\r")}${PASTE_ENDS}${ENTER}`);
  const { code, stdout } = await running.end();
  assert.equal(code, 0, stdout);
  assert.equal(tap.values().get("KEY"), value);
});

Deno.test(
  { name: "several lines without bracketed paste are rejected, not truncated", ignore },
  async () => {
    await using fixture = await tapped();
    const { machine, tap } = fixture;
    const running = onTerminal(machine, "arcade secret set KEY");
    await running.printed(/Value of KEY/);
    await running.type("first line\rsecond line\r");
    const { code, stdout } = await running.end();
    assert.equal(code, 2);
    assert.match(stdout, /Error:\S* Multi-line paste is not supported by this terminal/);
    assert.equal(tap.values().size, 0);
  },
);

Deno.test({ name: "`--prune` asks before it removes, and only yes confirms", ignore }, async () => {
  await using fixture = await tapped();
  const { machine } = fixture;
  assert.equal((await machine.run(["secret", "set", "KEEP=1", "OLD=2"])).code, 0);
  await Deno.writeTextFile(`${machine.home}/.env`, "KEEP=new\n");
  const keys = async () =>
    (await machine.run(["secret", "list"])).stdout.split("\n").map((line) => line.split(" ")[0])
      .filter((key) => key && key !== "Key");
  const answers = [["n", 0], ["", 0], ["yeah", 0], [CTRL_C, 130], ["Y", 0]] as const;
  for (const [answer, expected] of answers) {
    assert.deepEqual(await keys(), ["KEEP", "OLD"]);
    const running = onTerminal(machine, "arcade secret set --from-env --prune");
    await running.printed(
      /Secrets in the project that are not in the file: OLD\r\n.*Remove it\? \[y\/N\] /,
    );
    await running.type(answer === CTRL_C ? CTRL_C : `${answer}${ENTER}`);
    const { code, stdout } = await running.end();
    assert.equal(code, expected, stdout);
    if (answer !== "Y") assert.match(stdout, /nothing was changed/i);
  }
  assert.deepEqual(await keys(), ["KEEP"]);
});

Deno.test({ name: "tables fit the terminal, and are complete in a pipe", ignore }, async () => {
  await using machine = await TestMachine.loggedIn();
  const keys = ["FIRST", "SECOND"].map((name) => `A_KEY_OF_MANY_LETTERS_THE_${name}`);
  const values = keys.map((key) => `${key}=1`).join("\n");
  const set = ["secret", "set", "--env-file", "-"];
  assert.equal((await machine.run(set, { stdin: values })).code, 0);
  const { organization_id: id = "" } = await machine.post("/api/v1/orgs", {
    name: "Eine ziemlich lange Organisation 組織組織組織組織",
  });
  for (const command of ["secret list", "org list", "project list", "secret set A=3 --dry-run"]) {
    for (const columns of [60, 80]) {
      const line = `arcade ${command} --no-color 2> /dev/null`;
      const printed = await printedOnTerminal(machine, line, { columns });
      for (const line of printed.split("\n")) {
        assert(measure(line).width <= columns, `Wider than ${columns}: ${line}`);
      }
      // The values that the next command needs are complete.
      const wanted = command === "org list" ? [id] : command === "project list" ? [] : keys;
      for (const text of wanted) assert(printed.includes(text), printed);
    }
  }
  // Without stderr, where a status line could end in "…", too.
  const printed = (line: string) => printedOnTerminal(machine, line, { columns: 60 });
  assert.match(await printed("arcade org list 2> /dev/null"), /…/);
  const piped = await printed("arcade org list 2> /dev/null | cat");
  assert(piped.includes("lange Organisation 組織組織組織組織"));
  assert.doesNotMatch(piped, /…/);
});

Deno.test(
  { name: "a status line appears on a terminal, and not in a pipe", ignore },
  async () => {
    await using machine = await TestMachine.loggedIn();
    const asked = Promise.withResolvers<void>();
    const seen = Promise.withResolvers<void>();
    await using tap = new WireTap(machine.server.url, async ({ path }) => {
      if (!path.endsWith("/secrets")) return undefined;
      asked.resolve();
      await seen.promise;
      return undefined;
    });
    tap.listenTo(machine);
    const piped = onTerminal(machine, "arcade secret list 2>&1 | cat");
    await asked.promise;
    // This command starts later, so when its status line appears, the other would have printed one too.
    const running = onTerminal(machine, "arcade secret list");
    await running.printed(new RegExp(`\r\x1b\\[2KWaiting for ${tap.url}…`));
    seen.resolve();
    const erased = (await running.end()).stdout.replaceAll("\x1b", "␛");
    assert.match(erased, /…\r␛\[2KNo secrets yet/);
    assert.doesNotMatch((await piped.end()).stdout.replaceAll("\x1b", "␛"), /Waiting|␛/);
  },
);

for (const [what, end] of [["Ctrl-C", CTRL_C], ["SIGTERM", "SIGTERM"]] as const) {
  Deno.test(
    { name: `${what} while a command waits for a server removes the status line`, ignore },
    async () => {
      await using machine = await TestMachine.loggedIn();
      const over = Promise.withResolvers<undefined>();
      await using tap = new WireTap(
        machine.server.url,
        ({ path }) => path.endsWith("/secrets") ? over.promise : Promise.resolve(undefined),
      );
      tap.listenTo(machine);
      const arcade = `sh -c 'echo pid=$$; exec "$0" secret list' ${shellWord(BINARY)}`;
      const running = onTerminal(machine, `trap : INT; ${arcade}; echo code=$?`);
      const [, pid = ""] = await running.printed(/pid=(\d+)/);
      await running.printed(/Waiting for http:\S+…$/);
      if (end === "SIGTERM") Deno.kill(Number(pid), end);
      else await running.type(end);
      const { stdout } = await running.end();
      over.resolve(undefined);
      const shown = stdout.replaceAll("\x1b", "␛");
      assert.match(shown, /…(?:\^C)?\r␛\[2K\r?Cancelled\r\ncode=130\r\n$/);
    },
  );
}

Deno.test({ name: "colors appear on a terminal, and nowhere else", ignore }, async () => {
  await using machine = await TestMachine.loggedIn();
  assert.equal((await machine.run(["secret", "set", "KEY=1"])).code, 0);
  for (
    const line of [
      "arcade whoami",
      "arcade secret list",
      "arcade secret set KEY=2",
      "arcade --help",
    ]
  ) {
    const print = (line: string, env = {}) => printedOnTerminal(machine, line, { env });
    assert.match(await print(line), COLOR, `No colors: ${line}`);
    assert.doesNotMatch(await print(line, { NO_COLOR: "1" }), COLOR);
    assert.doesNotMatch(await print(line, { TERM: "dumb" }), COLOR);
    assert.doesNotMatch(await print(`${line} --no-color`), COLOR);
    assert.doesNotMatch(await print(`${line} 2>&1 | cat`), COLOR);
  }
  assert.match(
    await printedOnTerminal(machine, "arcade org set nowhere"),
    /(?:^|␛\[2K)␛\[31mError:␛\[39m No organization called "nowhere"/,
  );
});

Deno.test({
  name: "a progress bar appears on a terminal for more than a few secrets, and not in a pipe",
  ignore,
}, async () => {
  await using machine = await TestMachine.loggedIn();
  const set = (count: number) => {
    const lines = Array.from({ length: count }, (_, i) => `KEY_${i}=${i}`);
    return `printf '${lines.join("\\n")}\\n' | arcade secret set -f -`;
  };
  const many = await printedOnTerminal(machine, set(12), { columns: 60 });
  assert.match(many, /Storing secrets █+░+ 3\/12/);
  assert.match(many, /Storing secrets █+ 12\/12/);
  for (const drawn of many.split("\r␛[2K")) {
    assert(measure(drawn.split("\n")[0] ?? "").width <= 60, drawn);
  }
  // At the end the bar is removed, and the results begin on an empty line.
  assert.match(many, /\r␛\[2K\S*Created\S* KEY_0 /);
  assert.doesNotMatch(await printedOnTerminal(machine, set(2)), /Storing/);
  assert.doesNotMatch(await printedOnTerminal(machine, `${set(12)} 2>&1 | cat`), /Storing|␛/);
});
