import assert from "node:assert/strict";
import fc from "fast-check";
import { suggest as suggestBy } from "../../src/cli/suggestions.ts";
import { closest } from "../../src/text/closest.ts";
import { OTHER_WORDS } from "../../src/commands/other_words.ts";

const suggest = (word: string, candidates: readonly string[], next?: string) =>
  suggestBy(word, candidates, { ...OTHER_WORDS, next });

const ROOT = [
  "login",
  "logout",
  "whoami",
  "org",
  "project",
  "secret",
  "identity",
  "local",
  "telemetry",
];
const SECRET = ["set", "list", "unset"];
const IDENTITY = ["add", "show", "list", "remove", "token", "can", "credential"];
const TELEMETRY = ["status", "show", "disable", "enable"];
const TOOL = ["list", "search", "get", "call", "runs"];
const GATEWAY = ["list", "get", "create", "edit", "delete", "url", "test"];
const AUTH = ["start", "status", "list", "revoke"];
const LOCAL = ["serve", "exec", "env", "status", "export", "stop", "grant", "revoke", "reset"];
const FLAGS = [
  "host",
  "port",
  "tls",
  "no-tls",
  "json",
  "from-env",
  "env-file",
  "no-color",
  "debug",
];

const cases: (readonly [word: string, candidates: readonly string[], meant: string | undefined])[] =
  [
    ...["rm", "del", "delete", "remove"].map((word) => [word, SECRET, "unset"] as const),
    ...["rm", "delete", "unset"].map((word) => [word, IDENTITY, "remove"] as const),
    ["rm", ["list", "get", "delete"], "delete"],
    ["add", SECRET, "set"],
    ["ls", SECRET, "list"],
    ["get", SECRET, "list"],
    ["sett", SECRET, "set"],
    ["unste", SECRET, "unset"],
    ["use", ["list", "set"], "set"],
    ["status", ROOT, "whoami"],
    ["sign-in", ROOT, "login"],
    ["log-out", ROOT, "logout"],
    ["LOGIN", ROOT, "login"],
    ["who-am-i", ROOT, "whoami"],
    ["organizations", ROOT, "org"],
    ["secrets", ROOT, "secret"],
    ["tele", ROOT, "telemetry"],
    ["telemetyr", ROOT, "telemetry"],
    ["off", TELEMETRY, "disable"],
    ["run", TOOL, "call"],
    ["execute", TOOL, "call"],
    ["show", TOOL, "get"],
    ["find", TOOL, "search"],
    ["add", GATEWAY, "create"],
    ["update", GATEWAY, "edit"],
    ["set", GATEWAY, "edit"],
    ["show", GATEWAY, "get"],
    ["grant", AUTH, "start"],
    ["show", AUTH, "list"],
    ["ungrant", AUTH, "revoke"],
    ["delete", AUTH, "revoke"],
    ["down", LOCAL, "stop"],
    ["up", LOCAL, "serve"],
    ["env", ["environment", "errors", "secret"], "environment"],
    ["fromEnv", FLAGS, "from-env"],
    ["env_file", FLAGS, "env-file"],
    ["envfile", FLAGS, "env-file"],
    ["notls", FLAGS, "no-tls"],
    ["prot", FLAGS, "port"],
    ["st", SECRET, "set"],
    ["ust", SECRET, "unset"],
    ["lgt", ROOT, "logout"],
    ["no", ["node", "nothing"], undefined],
    ["dis", TELEMETRY, "disable"],
    ["sw", TELEMETRY, "show"],
    ["frobnicate", ROOT, undefined],
    ["st", ROOT, undefined],
    ["lo", ROOT, undefined],
    ["x", SECRET, undefined],
    // Equally close to a command and its opposite.
    ["uset", SECRET, undefined],
    ["logut", ["login", "logout"], "logout"],
  ];
for (const [word, candidates, meant] of cases) {
  Deno.test(`suggest() ${meant ? `suggests ${meant} for ${word}` : `suggests nothing for ${word}`}`, () => {
    assert.equal(suggest(word, candidates), meant);
  });
}

Deno.test("suggest() removes the group that other programs use", () => {
  assert.equal(suggest("auth", ROOT, "login"), "login");
  assert.equal(suggest("auth", ROOT, "logout"), "logout");
  assert.equal(suggest("auth", ROOT, "status"), "whoami");
  assert.equal(suggest("auth", ROOT, "frobnicate"), undefined);
});

const OPPOSITES = [
  ["set", "unset"],
  ["enable", "disable"],
  ["login", "logout"],
  ["add", "remove"],
  ["start", "revoke"],
  ["serve", "stop"],
  ["grant", "revoke"],
  ["create", "delete"],
];

Deno.test("suggest() never suggests the opposite of a command with one typo", () => {
  const pair = fc.constantFrom(...OPPOSITES, ...OPPOSITES.map((pair) => pair.toReversed()));
  fc.assert(
    fc.property(
      pair,
      fc.nat(),
      fc.constantFrom(..."abcdefghijklmnopqrstuvwxyz"),
      (pair, at, letter) => {
        const [meant = "", opposite = ""] = pair;
        const i = at % meant.length;
        const mistyped = [
          meant.slice(0, i) + meant.slice(i + 1),
          meant.slice(0, i) + letter + meant.slice(i),
          meant.slice(0, i) + letter + meant.slice(i + 1),
          meant.slice(0, i) + meant.charAt(i + 1) + meant.charAt(i) + meant.slice(i + 2),
        ];
        for (const word of mistyped) {
          if (word !== opposite) assert.notEqual(suggest(word, pair), opposite, word);
        }
      },
    ),
  );
});

Deno.test("closest() ignores case and dashes", () => {
  assert.equal(closest("My-Weather-Servr", ["my-weather-server", "other"]), "my-weather-server");
});
