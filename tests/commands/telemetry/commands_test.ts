import assert from "node:assert/strict";
import { telemetryIdentityPath } from "../../../src/telemetry/identity.ts";
import { telemetrySettingsPath } from "../../../src/telemetry/settings.ts";
import { keepSentEvent, sentEventsPath } from "../../../src/telemetry/sent_events.ts";
import type { Environment } from "../../../src/contract/variables.ts";
import { InProcess } from "../../support/in_process.ts";
import { withoutOtherOwners } from "../../support/users.ts";
import { assertMode } from "../../support/modes.ts";

const ON: Environment = { ARCADE_POSTHOG_KEY: "k" };

const states: [env: Environment, enabled: boolean, reason: RegExp][] = [
  [ON, true, /^enabled by default$/],
  [{}, false, /no PostHog key, like every build from source/],
  [{ ARCADE_POSTHOG_KEY: "" }, false, /no PostHog key/],
  [{ ...ON, ARCADE_USAGE_TRACKING: "0" }, false, /^turned off by ARCADE_USAGE_TRACKING$/],
  [{ ...ON, DO_NOT_TRACK: "1" }, false, /^turned off by DO_NOT_TRACK$/],
  [
    { ...ON, ARCADE_NO_BACKGROUND_TRAFFIC: "1" },
    false,
    /^turned off by ARCADE_NO_BACKGROUND_TRAFFIC$/,
  ],
  [{ ...ON, ARCADE_POSTHOG_HOST: "x" }, false, /ARCADE_POSTHOG_HOST is not/],
];
for (const [env, enabled, reason] of states) {
  Deno.test(`\`telemetry status\` with ${JSON.stringify(env)} says ${enabled ? "on" : "off"}, and why`, async () => {
    using home = new InProcess();
    const { stdout, code } = await home.run(["telemetry", "status", "--json"], { env });
    assert.equal(code, 0);
    const status = JSON.parse(stdout);
    assert.equal(status.enabled, enabled);
    assert.match(status.reason, reason);
    const text = await home.run(["telemetry", "status"], { env });
    assert.match(text.stdout, new RegExp(`^Telemetry +${enabled ? "on" : "off"}\nReason +`));
  });
}

Deno.test("`telemetry status` shows the ids, the host and the files, and creates no files", async () => {
  using home = new InProcess();
  const env = { ...ON, ARCADE_POSTHOG_HOST: "https://ph.example/" };
  const before = JSON.parse((await home.run(["telemetry", "status", "--json"], { env })).stdout);
  assert.deepEqual(before, {
    enabled: true,
    reason: "enabled by default",
    anon_id: null,
    linked_principal_id: null,
    host: "https://ph.example",
    identity_file: telemetryIdentityPath(home.folder),
    sent_events_file: sentEventsPath(home.folder),
    policy_file: null,
    background_traffic: true,
  });
  assert.deepEqual(home.files(), []);
  const anon_id = crypto.randomUUID();
  Deno.mkdirSync(home.folder);
  const identity = { anon_id, linked_principal_id: "p1" };
  Deno.writeTextFileSync(telemetryIdentityPath(home.folder), JSON.stringify(identity));
  const after = JSON.parse((await home.run(["telemetry", "status", "--json"], { env })).stdout);
  assert.deepEqual([after.anon_id, after.linked_principal_id], [anon_id, "p1"]);
});

Deno.test({
  name: "`telemetry status` shows the policy of the machine, and warns about one that is unusable",
  ignore: withoutOtherOwners,
}, async () => {
  using home = new InProcess();
  const { policyFile } = home;
  const status = async () => {
    const { stdout, stderr } = await home.run(["telemetry", "status"], { env: ON });
    const json = await home.run(["telemetry", "status", "--json"], { env: ON });
    const { enabled, reason, policy_file, background_traffic } = JSON.parse(json.stdout);
    const policy = /^Policy +(.*)$/m.exec(stdout)?.[1];
    return {
      stderr,
      warning: json.stderr,
      policy,
      enabled,
      reason,
      policy_file,
      background_traffic,
    };
  };
  const none = await status();
  assert.deepEqual([none.policy, none.policy_file], [`none (${policyFile})`, null]);
  Deno.writeTextFileSync(policyFile, "background_traffic = true\n");
  assert.deepEqual(await status(), {
    stderr: "",
    warning: "",
    policy: `${policyFile}: background traffic is allowed`,
    enabled: true,
    reason: "enabled by default",
    policy_file: policyFile,
    background_traffic: true,
  });
  Deno.writeTextFileSync(policyFile, "background_traffic = false\n");
  const forbidden = {
    policy: `${policyFile}: background traffic is forbidden`,
    enabled: false,
    reason: `turned off for this machine by ${policyFile}`,
    policy_file: policyFile,
    background_traffic: false,
  };
  assert.deepEqual(await status(), { stderr: "", warning: "", ...forbidden });
  Deno.chmodSync(policyFile, 0o666);
  const message =
    `${policyFile} can be written by other users, so background_traffic counts as false`;
  assert.deepEqual(await status(), {
    stderr: `Warning: ${message}\n`,
    warning: `${JSON.stringify({ warning: { message } })}\n`,
    ...forbidden,
  });
  const enabled = await home.run(["telemetry", "enable"], { env: ON });
  assert.match(enabled.stderr, /still off; see `arcade telemetry status`/);
});

Deno.test("`telemetry disable` applies until `telemetry enable`", async () => {
  using home = new InProcess();
  const whoami = async () => (await home.run(["whoami"], { env: ON })).reported.length;
  assert.equal(await whoami(), 1);
  const { code, reported } = await home.run(["telemetry", "disable"], { env: ON });
  assert.equal(code, 0);
  assert.deepEqual(reported, [], "The opt-out itself was reported");
  assert.equal(await whoami(), 0);
  const status = await home.run(["telemetry", "status"], { env: ON });
  assert.match(status.stdout, /off\nReason +turned off with `arcade telemetry disable`/);
  assertMode(telemetrySettingsPath(home.folder), 0o600);
  const again = await home.run(["telemetry", "disable", "--json"], { env: ON });
  assert.deepEqual(JSON.parse(again.stdout), { enabled: false });
  const json = await home.run(["telemetry", "enable", "--json"], { env: ON });
  assert.deepEqual(JSON.parse(json.stdout), { enabled: true });
  assert.equal(await whoami(), 1);
});

Deno.test("`telemetry enable` reports that telemetry is still off for another reason", async () => {
  using home = new InProcess();
  const { stderr } = await home.run(["telemetry", "enable"], { env: { ...ON, DO_NOT_TRACK: "1" } });
  assert.match(stderr, /still off; see `arcade telemetry status`/);
});

Deno.test("unknown settings are kept, and an unreadable settings file is moved aside", async () => {
  using home = new InProcess();
  Deno.mkdirSync(home.folder);
  const path = telemetrySettingsPath(home.folder);
  Deno.writeTextFileSync(path, '{"other": 1, "tracking": true}');
  await home.run(["telemetry", "disable"]);
  assert.deepEqual(JSON.parse(Deno.readTextFileSync(path)), { other: 1, tracking: false });
  Deno.writeTextFileSync(path, "{");
  const status = await home.run(["telemetry", "status"], { env: ON });
  assert.match(
    status.stdout,
    /off\nReason +.*is unreadable; run `arcade telemetry enable` or `disable`/,
  );
  const { stderr } = await home.run(["telemetry", "enable"], { env: ON });
  assert.match(stderr, /moved to .*usage-settings\.json\.unreadable-/);
});

for (const content of ["", "{", "[5]", '[{"sent_at": 1}]', "null"]) {
  Deno.test(`an invalid record of sent events is replaced: ${JSON.stringify(content)}`, async () => {
    using home = new InProcess();
    Deno.mkdirSync(home.folder, { mode: 0o700 });
    Deno.writeTextFileSync(sentEventsPath(home.folder), content);
    const shown = async () =>
      JSON.parse((await home.run(["telemetry", "show", "--json"])).stdout).events;
    assert.deepEqual(await shown(), []);
    const event = { sent_at: "2026-11-20T15:04:05.000Z", url: "https://ph.example/", body: "{}" };
    await keepSentEvent(home.folder, event);
    assert.deepEqual(await shown(), [event]);
  });
}

Deno.test("`telemetry show` prints the last 50 requests exactly as they were sent", async () => {
  using home = new InProcess();
  const none = await home.run(["telemetry", "show"]);
  assert.match(none.stderr, /No telemetry has been sent from this machine/);
  const body = (i: number) => `{"batch":[{"event":"number ${i}","odd":"\\u202e \\u001b"}]}`;
  const sent_at = "2026-11-20T15:04:05.000Z";
  for (let i = 0; i < 55; i++) {
    const event = { sent_at, url: "https://ph.example/batch/", body: body(i) };
    await keepSentEvent(home.folder, event);
  }
  assertMode(sentEventsPath(home.folder), 0o600);
  const { stdout } = await home.run(["telemetry", "show"]);
  const lines = stdout.trimEnd().split("\n");
  assert.equal(lines[0], `${sent_at} POST https://ph.example/batch/`);
  const bodies = lines.filter((line) => line.startsWith("{"));
  assert.deepEqual(bodies, Array.from({ length: 50 }, (_, i) => body(i + 5)));
  const json = JSON.parse((await home.run(["telemetry", "show", "--json"])).stdout);
  assert.equal(json.events.length, 50);
  assert.equal(json.events[49].body, body(54));
});
