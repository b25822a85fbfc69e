import assert from "node:assert/strict";
import { shellWord } from "../../../src/text/shell_word.ts";
import { endOfOrphan } from "../../../scripts/orphans.ts";
import { patiently } from "../../support/patience.ts";
import { BINARY, Delay, isAvailable, type Running, succeeds } from "../../support/test_machine.ts";
import { stateOf } from "../../support/senders.ts";
import {
  only,
  SUCCEEDED,
  TelemetryMachine,
  withoutSenders,
} from "../../support/telemetry_machine.ts";
import { NOT_LOGGED_IN } from "../../support/not_logged_in.ts";

const ignore = withoutSenders ||
  !isAvailable("a pseudo-terminal: script", () => succeeds("script", "--version"));

/** Runs a shell command on its own terminal; `arcade` in it is the binary. */
function onTerminal(machine: TelemetryMachine, line: string, env = {}): Running {
  const script = `arcade() { ${shellWord(BINARY)} "$@"; }; ${line}`;
  return machine.startProgram(["script", "-qefc", script, "/dev/null"], {
    isTyped: true,
    env: { SHELL: "/bin/sh", TERM: "dumb", ...env },
  });
}

/** What a shell command prints on a terminal. */
async function printed(machine: TelemetryMachine, line: string, env = {}): Promise<string> {
  const { stdout } = await onTerminal(machine, line, env).end();
  await machine.senders.gone();
  return stdout.replaceAll("\r\n", "\n");
}

const NOTICE = /arcade reports which commands you run/;

Deno.test(
  { name: "the notice appears on the first run on a terminal, and never again", ignore },
  async () => {
    await using machine = await TelemetryMachine.start();
    const first = await printed(machine, "arcade org list; echo code=$?");
    assert.match(first, NOTICE);
    assert.match(
      first.replaceAll("\n", " "),
      /Opt out with `arcade telemetry disable` or ARCADE_USAGE_TRACKING=0\. /,
    );
    assert.match(first, /^Error: Not logged in/m);
    assert.match(first, /code=4\n$/);
    assert.doesNotMatch(await printed(machine, "arcade org list"), NOTICE);
    assert.doesNotMatch(await printed(machine, "arcade whoami"), NOTICE);
    assert.equal((await machine.arrived()).length, 3);
  },
);

Deno.test(
  { name: "the notice is not printed to pipes or files", ignore },
  async () => {
    await using machine = await TelemetryMachine.start();
    const out = `${machine.path}/out`;
    const shown = await printed(machine, `arcade telemetry status --json >'${out}'`);
    assert.match(shown, NOTICE);
    assert.equal(JSON.parse(await Deno.readTextFile(out)).enabled, true);

    for (const line of ["arcade whoami 2>&1 | cat", "arcade whoami 2>/dev/null"]) {
      await Deno.remove(machine.folder, { recursive: true });
      assert.doesNotMatch(await printed(machine, line), NOTICE);
    }
    await Deno.remove(machine.folder, { recursive: true });
    const { stdout, stderr } = await machine.run(["whoami"]);
    assert.doesNotMatch(stdout + stderr, NOTICE);
  },
);

Deno.test({ name: "no notice and no files where telemetry is off", ignore }, async () => {
  await using machine = await TelemetryMachine.start();
  const offs = [
    { ARCADE_USAGE_TRACKING: "0" },
    { DO_NOT_TRACK: "1" },
    { ARCADE_POSTHOG_KEY: "" },
    { ARCADE_POSTHOG_HOST: "nonsense" },
  ];
  for (const env of offs) {
    assert.match(await printed(machine, "arcade whoami", env), NOT_LOGGED_IN);
    assert.deepEqual(machine.files(), []);
  }
  assert.match(await printed(machine, "arcade --help; arcade --version; arcade"), /START/);
  assert.deepEqual(machine.files(), []);
  assert.deepEqual(await machine.arrived(), []);
});

Deno.test({
  name: "closing the terminal does not end the child process, and its event arrives",
  ignore,
}, async () => {
  await using machine = await TelemetryMachine.start();
  await machine.logInAs("ada@example.com");
  await machine.arrived();
  // The sink answers after the terminal is closed.
  await using slow = new Delay(machine.server.url);
  machine.reportTo(slow.url);
  const terminal = onTerminal(machine, "arcade org list; echo code=$? shell=$$; cat");
  const [, shell = ""] = await terminal.printed(/code=0 shell=(\d+)/);
  await slow.asked();
  const [child = 0, ...others] = await machine.senders.running();
  assert.deepEqual(others, []);

  const shellState = stateOf(Number(shell));
  assert.equal(shellState.session, Number(shell));
  const { group, session, terminal: tty, files } = stateOf(child);
  assert.equal(tty, 0);
  // It is not a session leader, so it cannot acquire a terminal either.
  assert(session !== shellState.session && session !== child && session === group);
  assert.deepEqual([0, 1, 2].map((fd) => files.get(fd)), Array(3).fill("/dev/null"));
  const terminals = [...files.values()].filter((name) => /^\/dev\/(?:pts|tty|ptmx)/.test(name));
  assert.deepEqual(terminals, []);

  terminal.kill("SIGKILL"); // closes the terminal, so that its processes get SIGHUP
  await terminal.ended;
  await patiently("the end of the shell on the terminal", endOfOrphan(Number(shell)));
  assert.deepEqual(await machine.senders.running(), [child]);
  slow.end();
  const event = only(await machine.arrived());
  assert.deepEqual([event.event, event.distinct_id], [SUCCEEDED, machine.stored("account_id")]);
});

Deno.test(
  { name: "the child process does not hold the output of the command open", ignore },
  async () => {
    await using machine = await TelemetryMachine.start();
    await using slow = new Delay(machine.server.url);
    machine.reportTo(slow.url);
    // `run` reads the output until all writers have closed it. If the child process held it open, this would wait until the
    // child process gave up on the sink, and its event would be lost.
    for (const line of [["whoami"], ["login", "--device", "--no-browser"]]) await machine.run(line);
    slow.end();
    assert.equal((await machine.arrived()).length, 2);
  },
);

Deno.test(
  { name: "ARCADE_USAGE_DEBUG on a terminal prints the event and sends nothing", ignore },
  async () => {
    await using machine = await TelemetryMachine.start();
    const shown = await printed(machine, "arcade whoami", { ARCADE_USAGE_DEBUG: "1" });
    assert.match(shown, /"event": "CLI execution failed"/);
    assert.deepEqual(await machine.arrived(), []);
    only((await machine.report(["whoami"])).arrived);
  },
);
