import assert from "node:assert/strict";
import { telemetrySettingsPath, writeTelemetryDecision } from "../../src/telemetry/settings.ts";
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
    const context = { env: { ARCADE_POSTHOG_KEY: "k", ...env }, folder: () => home.folder };
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
  const folder = () => assert.fail("The folder was requested");
  for (const env of [{ ARCADE_USAGE_TRACKING: "0" }, { DO_NOT_TRACK: "1" }]) {
    assert.equal(trackingOf({ env: { ARCADE_POSTHOG_KEY: "k", ...env }, folder }).state, "off");
  }
});

Deno.test("the settings file decides, and an unreadable one means off", async () => {
  using home = new InProcess();
  const context = { env: { ARCADE_POSTHOG_KEY: "k" }, folder: () => home.folder };
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
  assert.deepEqual(trackingOf({ env: { ARCADE_POSTHOG_KEY: "k" }, folder }), off("no-folder"));
});
