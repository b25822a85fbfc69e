import assert from "node:assert/strict";
import { Answers } from "../../support/answers.ts";
import {
  ALIAS,
  FAILED,
  KEY,
  only,
  type Sent,
  SUCCEEDED,
  TelemetryMachine,
  withoutSenders as ignore,
} from "../../support/telemetry_machine.ts";
import { NOT_LOGGED_IN } from "../../support/not_logged_in.ts";

interface Shown {
  readonly events: readonly {
    readonly sent_at: string;
    readonly url: string;
    readonly body: string;
  }[];
}

/** The output of `telemetry show --json`, which is not reported itself. */
async function shown(machine: TelemetryMachine): Promise<Shown["events"]> {
  const { code, stdout, stderr } = await machine.run(["telemetry", "show", "--json"], {
    env: { DO_NOT_TRACK: "1" },
  });
  assert.deepEqual([code, stderr], [0, ""]);
  const { events }: Shown = JSON.parse(stdout);
  return events;
}

Deno.test(
  { name: "`telemetry show` prints requests exactly as they were sent", ignore },
  async () => {
    await using machine = await TelemetryMachine.start();
    await using sink = new Answers(() => Response.json({ status: "Ok" }));
    machine.reportTo(sink.url);
    assert.deepEqual(await shown(machine), []);
    for (const args of [["whoami"], ["secret", "set", "KEY=value"], ["wat"]]) {
      await machine.run(args);
      await machine.senders.gone();
    }
    await machine.logInAs("ada@example.com");
    await machine.senders.gone();
    const events = await shown(machine);
    assert.deepEqual(events.map(({ body }) => body), sink.seen.map(({ body }) => body));
    for (const { url, sent_at, body } of events) {
      assert.equal(url, `${sink.url}/batch/`);
      assert.equal(new Date(sent_at).toISOString(), sent_at);
      const { api_key, batch }: { api_key: string; batch: Sent[] } = JSON.parse(body);
      assert.deepEqual([api_key, batch.length], [KEY, 1]);
    }
    const names = events.map(({ body }) => JSON.parse(body).batch[0].event);
    assert.deepEqual(names, [FAILED, FAILED, FAILED, ALIAS, SUCCEEDED]);
    for (const name of ["usage.json", "usage-sent.json"]) {
      assert.equal((Deno.statSync(`${machine.folder}/${name}`).mode ?? 0) & 0o777, 0o600, name);
    }

    // The output for people has the same, complete bodies.
    const { stdout } = await machine.run(["telemetry", "show"]);
    for (const { body, url, sent_at } of events) {
      assert(stdout.includes(`${sent_at} POST ${url}\n${body}\n`), stdout);
    }
  },
);

Deno.test(
  { name: "the file keeps the last 50 requests, and is replaced when corrupt", ignore },
  async () => {
    await using machine = await TelemetryMachine.start();
    const old = Array.from({ length: 60 }, (_, i) => ({
      sent_at: new Date(i * 1000).toISOString(),
      url: "http://127.0.0.1/batch/",
      body: `{"number":${i}}`,
    }));
    Deno.mkdirSync(machine.folder, { recursive: true, mode: 0o700 });
    const file = `${machine.folder}/usage-sent.json`;
    await Deno.writeTextFile(file, JSON.stringify(old.slice(0, 50)));
    only((await machine.report(["whoami"])).arrived);
    const kept = await shown(machine);
    assert.equal(kept.length, 50);
    assert.deepEqual(kept.slice(0, 49), old.slice(1, 50));
    assert.match(kept[49]?.body ?? "", /"whoami"/);

    await Deno.writeTextFile(file, "{");
    assert.deepEqual(await shown(machine), []);
    only((await machine.report(["whoami"])).arrived);
    assert.equal((await shown(machine)).length, 1);
  },
);

Deno.test(
  { name: "`telemetry show` does not print control characters", ignore },
  async () => {
    await using machine = await TelemetryMachine.start();
    Deno.mkdirSync(machine.folder, { recursive: true, mode: 0o700 });
    const events = [{ sent_at: "\x1b[2J", url: "\x1b]0;title\x07", body: "\x1b[31m\x9b\u202e" }];
    await Deno.writeTextFile(`${machine.folder}/usage-sent.json`, JSON.stringify(events));
    const { code, stdout } = await machine.run(["telemetry", "show"]);
    assert.equal(code, 0);
    assert.doesNotMatch(stdout, /[^\P{C}\n]/u);
  },
);

Deno.test({ name: "`telemetry status` reports every state", ignore }, async () => {
  await using machine = await TelemetryMachine.start();
  const status = async (env: Record<string, string | undefined> = {}) => {
    const all = await machine.runJson(["telemetry", "status"], { env });
    await machine.senders.gone();
    return all;
  };
  const { url } = machine.server;
  const files = {
    identity_file: machine.identityFile,
    sent_events_file: `${machine.folder}/usage-sent.json`,
    policy_file: null,
    background_traffic: true,
  };
  const unidentified = { anon_id: null, linked_principal_id: null };
  const on = { enabled: true, reason: "enabled by default", host: url, ...files };
  assert.deepEqual(await status(), { ...on, ...unidentified });
  const { anon_id } = machine.identity();
  assert.deepEqual(await status(), { ...on, anon_id, linked_principal_id: null });
  await machine.logInAs("ada@example.com");
  await machine.senders.gone();
  const linked = { anon_id, linked_principal_id: machine.stored("account_id") };
  assert.deepEqual(await status(), { ...on, ...linked });
  const { stdout } = await machine.run(["telemetry", "status"]);
  for (const text of [...Object.values(linked), url, machine.identityFile, "enabled by default"]) {
    assert(stdout.includes(text), stdout);
  }

  const offs: [Record<string, string | undefined>, RegExp][] = [
    [{ DO_NOT_TRACK: "1" }, /^turned off by DO_NOT_TRACK$/],
    [{ ARCADE_POSTHOG_HOST: "ftp://x" }, /^ARCADE_POSTHOG_HOST is not/],
  ];
  for (const [env, reason] of offs) {
    const { enabled, reason: why, ...others } = Object(await status(env));
    assert.equal(enabled, false);
    assert.match(why, reason);
    const host = env.ARCADE_POSTHOG_HOST === undefined ? url : null;
    assert.deepEqual(others, { ...linked, host, ...files });
  }

  const disabled = await machine.run(["telemetry", "disable"]);
  assert.deepEqual([disabled.code, disabled.stdout], [0, ""]);
  assert.match(disabled.stderr, /^Telemetry is off/);
  const off = Object(await status());
  assert.equal(off.enabled, false);
  assert.match(off.reason, /`arcade telemetry disable`/);
  const enabled = await machine.run(["telemetry", "enable"]);
  assert.deepEqual([enabled.code, enabled.stderr], [0, "Telemetry is on\n"]);
  assert.deepEqual(await status(), { ...on, ...linked });
  const settings = `${machine.folder}/usage-settings.json`;
  assert.equal((Deno.statSync(settings).mode ?? 0) & 0o777, 0o600);

  // An unreadable file may contain an opt-out.
  await Deno.writeTextFile(settings, "{");
  const unreadable = Object(await status());
  assert.equal(unreadable.enabled, false);
  assert.match(unreadable.reason, /is unreadable/);
  await machine.arrived();
  assert.deepEqual((await machine.report(["whoami"])).arrived, []);
});

Deno.test({ name: "ARCADE_USAGE_DEBUG prints the event and sends nothing", ignore }, async () => {
  await using machine = await TelemetryMachine.start();
  const ARCADE_USAGE_DEBUG = "1";
  const printed = async (args: string[], env: Record<string, string> = {}) => {
    const { stderr, stdout } = await machine.run(args, { env: { ARCADE_USAGE_DEBUG, ...env } });
    assert.deepEqual(await machine.arrived(), []);
    const start = stderr.indexOf("{");
    return { stdout, text: stderr.slice(0, start), event: JSON.parse(stderr.slice(start)) };
  };
  const anonymous = await printed(["whoami"]);
  assert.match(anonymous.text, NOT_LOGGED_IN);
  assert.equal(anonymous.event.event, FAILED);
  assert.equal(anonymous.event.properties.$process_person_profile, false);
  assert.equal(anonymous.event.properties.error_message, "Not logged in");

  await machine.logInAs("ada@example.com");
  await machine.arrived();
  const { code } = await machine.report(["whoami"]);
  assert.equal(code, 0);
  const { stdout, event } = await printed(["whoami", "--json"]);
  assert.equal(JSON.parse(stdout).email, "ada@example.com");
  assert.equal(event.event, SUCCEEDED);
  assert.equal(event.distinct_id, machine.stored("account_id"));
  // It has the same properties as the event that the same command sends.
  const sent = only((await machine.report(["whoami", "--json"])).arrived).payload;
  const ours = (properties: object) =>
    Object.keys(properties).filter((name) => !name.startsWith("$")).sort();
  assert.deepEqual(ours(event.properties), ours(sent.properties));
  assert.equal(event.distinct_id, sent.distinct_id);

  // A build without a key prints its events too. After an opt-out nothing is printed.
  assert.equal((await printed(["whoami"], { ARCADE_POSTHOG_KEY: "" })).event.event, SUCCEEDED);
  for (const off of [{ DO_NOT_TRACK: "1" }, { ARCADE_USAGE_TRACKING: "no" }]) {
    const { stderr } = await machine.run(["whoami"], { env: { ARCADE_USAGE_DEBUG, ...off } });
    assert.equal(stderr, "");
  }
  only((await machine.report(["whoami"], { env: { ARCADE_USAGE_DEBUG: "0" } })).arrived);
});

Deno.test({ name: "help and version are not reported", ignore }, async () => {
  await using machine = await TelemetryMachine.start();
  for (const args of [["--version"], [], ["secret", "set", "-h"]]) {
    const { code, arrived } = await machine.report(args);
    assert.deepEqual([code, arrived], [0, []], args.join(" "));
  }
  assert.deepEqual(machine.files(), []);
});

Deno.test({
  name: "a usage error is reported as a failure without the words of the command line",
  ignore,
}, async () => {
  await using machine = await TelemetryMachine.start();
  const mistakes: [string[], string][] = [
    [["frobnicate"], "unknown"],
    [["org", "set", "frobnicate", "quux"], "org.set"],
  ];
  for (const [args, name] of mistakes) {
    const { code, stderr, arrived } = await machine.report(args);
    assert.equal(code, 2, `${args.join(" ")}: ${stderr}`);
    const { event, payload } = only(arrived);
    assert.deepEqual([event, payload.properties.command_name], [FAILED, name], args.join(" "));
    const message = String(payload.properties.error_message);
    assert(message !== "" && message.length <= 300);
    assert.doesNotMatch(message, /frobnicate|quux/i);
  }
});
