import assert from "node:assert/strict";
import { telemetrySettingsPath } from "../../src/telemetry/settings.ts";
import { writeTelemetryDecision } from "../../src/telemetry/settings_changes.ts";
import {
  isDebugging,
  type Tracking,
  type TrackingEnvironment,
  trackingOf,
} from "../../src/telemetry/tracking.ts";
import { InProcess } from "../support/in_process.ts";

const ON: Tracking = { state: "on", key: "k", host: "https://us.i.posthog.com" };
const off = (reason: string) => ({ state: "off", reason });

const YES = ["1", "true", "yes", "on", "TRUE", "Yes", "oN", " 1 ", "yes\n"];
const OFF = ["0", "false", "no", "off", "FALSE", "No", "oFF", " 0 ", "no\n"];
const UNCLEAR = [
  "2",
  "nope",
  "disabled",
  "n",
  "f",
  "never",
  "none",
  "null",
  "-1",
  "o n",
  "1 0",
  "0ff",
];
const BLANK = ["", " ", "\t\n"];

function all(name: string, values: readonly string[], expected: unknown) {
  return values.map((value): [TrackingEnvironment, unknown] => [{ [name]: value }, expected]);
}

const cases: [TrackingEnvironment, unknown][] = [
  [{}, ON],
  ...all("ARCADE_USAGE_TRACKING", [...OFF, ...UNCLEAR], off("ARCADE_USAGE_TRACKING")),
  ...all("ARCADE_USAGE_TRACKING", [...YES, ...BLANK], ON),
  ...all("DO_NOT_TRACK", [...YES, ...UNCLEAR], off("DO_NOT_TRACK")),
  ...all("DO_NOT_TRACK", [...OFF, ...BLANK], ON),
  [{ DO_NOT_TRACK: "1", ARCADE_USAGE_TRACKING: "1" }, off("DO_NOT_TRACK")],
  [{ ARCADE_POSTHOG_KEY: "" }, off("no-key")],
  [{ ARCADE_POSTHOG_KEY: " k\n" }, ON],
  [{ ARCADE_POSTHOG_HOST: "" }, ON],
  [{ ARCADE_POSTHOG_HOST: "http://127.0.0.1:8000/" }, { ...ON, host: "http://127.0.0.1:8000" }],
  [{ ARCADE_POSTHOG_HOST: "https://h.example/ph/" }, { ...ON, host: "https://h.example/ph" }],
  [{ ARCADE_POSTHOG_HOST: "h.example" }, off("bad-host")],
  [{ ARCADE_POSTHOG_HOST: "ftp://h.example" }, off("bad-host")],
];
for (const [env, expected] of cases) {
  Deno.test(`trackingOf() with ${JSON.stringify(env)} is ${JSON.stringify(expected)}`, () => {
    using home = new InProcess();
    const { folder, policyFile } = home;
    const context = {
      env: { ARCADE_POSTHOG_KEY: "k", ...env },
      files: { folder: () => folder, policyFile },
    };
    assert.deepEqual(trackingOf(context), expected);
  });
}

Deno.test("ARCADE_USAGE_DEBUG is read like every other switch", () => {
  for (const value of [...YES, ...UNCLEAR]) {
    assert(isDebugging({ ARCADE_USAGE_DEBUG: value }), value);
  }
  for (const value of [...OFF, ...BLANK, undefined]) {
    assert(!isDebugging({ ARCADE_USAGE_DEBUG: value }), value);
  }
});

Deno.test("the environment decides before any file is read", () => {
  const files = {
    folder: () => assert.fail("The folder was requested"),
    get policyFile() {
      return assert.fail("The policy was requested");
    },
  };
  for (const env of [{ ARCADE_USAGE_TRACKING: "0" }, { DO_NOT_TRACK: "1" }]) {
    const context = { env: { ARCADE_POSTHOG_KEY: "k", ...env }, files };
    assert.equal(trackingOf(context).state, "off");
  }
});

Deno.test("the settings file decides, and an unreadable one means off", async () => {
  using home = new InProcess();
  const { folder, policyFile } = home;
  const context = { env: { ARCADE_POSTHOG_KEY: "k" }, files: { folder: () => folder, policyFile } };
  const now = new Date();
  await writeTelemetryDecision(home.folder, { tracking: false, now });
  assert.deepEqual(trackingOf(context), off("disabled"));
  await writeTelemetryDecision(home.folder, { tracking: true, now });
  assert.deepEqual(trackingOf(context), ON);
  for (const text of ["", "{", "[]", "null", '{"tracking": "no"}', "{}"]) {
    Deno.writeTextFileSync(telemetrySettingsPath(home.folder), text);
    assert.deepEqual(trackingOf(context), off("unreadable-settings"), text);
  }
});

Deno.test("without a home folder nothing is reported", () => {
  const folder = () => {
    throw new Error("Unknown home folder");
  };
  const policyFile = "/nowhere/policy.toml";
  assert.deepEqual(
    trackingOf({ env: { ARCADE_POSTHOG_KEY: "k" }, files: { folder, policyFile } }),
    off("no-folder"),
  );
});

Deno.test("no setting of a user overrides the machine's policy", async () => {
  using home = new InProcess();
  const { folder, policyFile } = home;
  await writeTelemetryDecision(folder, { tracking: true, now: new Date() });
  const env = { ARCADE_POSTHOG_KEY: "k", ARCADE_USAGE_TRACKING: "1", DO_NOT_TRACK: "0" };
  const context = { env, files: { folder: () => folder, policyFile } };
  assert.deepEqual(trackingOf(context), ON);
  Deno.writeTextFileSync(policyFile, "background_traffic = false\n");
  const more = { ARCADE_NO_BACKGROUND_TRAFFIC: "0", ARCADE_USAGE_DEBUG: "1" };
  assert.deepEqual(trackingOf({ ...context, env: { ...env, ...more } }), off("policy"));
});
