import assert from "node:assert/strict";
import { TelemetryMachine, withoutSenders } from "../../support/telemetry_machine.ts";
import { Answers, json } from "../../support/answers.ts";
import { withoutTerminal } from "../../support/terminal.ts";
import { succeeds, TestMachine } from "../../support/test_machine.ts";
import { ROOT } from "../../support/root.ts";

const NOTICE = /arcade reports which commands you run/;

Deno.test("a build contains the configured key, host and repository, and the environment overrides them", async () => {
  await using machine = new TelemetryMachine();
  await using built = new Answers(() => json({ status: "Ok" }));
  await using named = new Answers(() => json({ status: "Ok" }));
  const path = `${machine.path}/arcade`;
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["task", "--quiet", "build", path],
    cwd: ROOT,
    env: {
      ARCADE_POSTHOG_KEY: "phc_of-the-build",
      ARCADE_POSTHOG_HOST: `${built.url}/`,
      ARCADE_REPOSITORY: "https://example.com/owner/arcade",
    },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  assert(success, new TextDecoder().decode(stderr));
  const run = (args: string[], env: Record<string, string | undefined>) =>
    machine.startProgram([path, ...args], { env }).end();

  const unset = { ARCADE_POSTHOG_KEY: undefined };
  const statusWith = async (env: Record<string, string | undefined>) =>
    JSON.parse((await run(["telemetry", "status", "--json"], env)).stdout);
  const status = await statusWith(unset);
  assert.deepEqual([status.enabled, status.host], [true, built.url]);
  assert.match(status.reason, /sends nothing before a terminal shows a notice/);
  if (!withoutSenders) await machine.senders.gone();
  assert.equal(built.seen.length, 0, "An event was sent before the notice");

  const onTerminal = (env: Record<string, string | undefined>) =>
    machine.startProgram(["script", "-qefc", `'${path}' whoami`, "/dev/null"], {
      env: { SHELL: "/bin/sh", TERM: "dumb", ...unset, ...env },
    }).end();
  if (!withoutTerminal) {
    const ci = await onTerminal({ CI: "true" });
    assert.doesNotMatch(ci.stdout, NOTICE);
    assert.match((await onTerminal({})).stdout, NOTICE);
    const first = await built.asked();
    assert.match(first.body, /^\{"api_key":"phc_of-the-build"/);
    await run(["whoami"], unset);
    await built.asked(2);
    const inCi = await statusWith({ ...unset, CI: "1" });
    assert.deepEqual([inCi.enabled, inCi.reason], [
      false,
      "CI is set, and ARCADE_POSTHOG_KEY is not",
    ]);
  }
  const known = built.seen.length;

  await run(["whoami"], {
    ARCADE_POSTHOG_KEY: "phc_other",
    ARCADE_POSTHOG_HOST: named.url,
    CI: "1",
  });
  const other = await named.asked();
  assert.match(other.body, /^\{"api_key":"phc_other"/);

  assert(succeeds("grep", "-q", "https://example.com/owner/arcade", path));

  const off = await run(["telemetry", "status"], { ARCADE_POSTHOG_KEY: "" });
  assert.match(off.stdout, /^Telemetry +off\nReason +ARCADE_POSTHOG_KEY is empty$/m);
  if (!withoutSenders) await machine.senders.gone();
  assert.equal(built.seen.length, known);
  assert.equal(known, withoutTerminal ? 0 : 2);
});

for (
  const [name, value] of [
    ["ARCADE_POSTHOG_KEY", 'phc"; Deno.exit(); "'],
    ["ARCADE_POSTHOG_HOST", "ph.example"],
    ["ARCADE_REPOSITORY", "http://example.com/owner/arcade"],
  ] as const
) {
  Deno.test(`a build rejects an invalid ${name}`, async () => {
    await using machine = new TestMachine();
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["task", "--quiet", "build", `${machine.path}/arcade`],
      cwd: ROOT,
      env: { [name]: value },
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).output();
    assert(!success);
    assert.match(new TextDecoder().decode(stderr), new RegExp(`${name} is not`));
  });
}
