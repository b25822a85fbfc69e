import assert from "node:assert/strict";
import { commandWords, normalizeFlags, takeOutputFlags } from "../../src/cli/command_line.ts";

const GROUPS = new Set(["secret", "org"]);

const lines: [given: string, expected: string][] = [
  ["secret --host x list", "secret list --host x"],
  [
    "secret --host=x --port 1 --no-tls list --json",
    "secret list --host=x --port 1 --no-tls --json",
  ],
  ["--host x secret list", "secret list --host x"],
  ["--json whoami", "whoami --json"],
  ["secret --hub x list", "secret list --hub x"],
  ["secret list --host x", "secret list --host x"],
  ["secret set --tls --no-tls A=1", "secret set --no-tls A=1"],
  ["secret --no-tls set --tls A=1", "secret set --tls A=1"],
  ["secret set A --no-tls -- --tls --tls", "secret set A --no-tls -- --tls --tls"],
  ["secret --help", "secret --help"],
  ["--host x secret -h", "--host x secret -h"],
  ["--version", "--version"],
  ["secret", "secret"],
  ["secret -- list", "secret -- list"],
  ["", ""],
];
for (const [given, expected] of lines) {
  Deno.test(`normalizeFlags() makes ${JSON.stringify(given)} ${JSON.stringify(expected)}`, () => {
    const words = (line: string) => line.split(" ").filter((word) => word !== "");
    assert.deepEqual(normalizeFlags(words(given), GROUPS), words(expected));
  });
}

Deno.test("takeOutputFlags() takes its flags anywhere before --", () => {
  assert.deepEqual(takeOutputFlags(["secret", "--debug", "list", "--no-color"]), {
    args: ["secret", "list"],
    options: { debug: true, color: false },
  });
  assert.deepEqual(takeOutputFlags(["secret", "set", "--", "--debug"]), {
    args: ["secret", "set", "--", "--debug"],
    options: { debug: false, color: true },
  });
});

const switches: [flag: string, options: { debug: boolean; color: boolean } | undefined][] = [
  ["--debug=true", { debug: true, color: true }],
  ["--debug=1", { debug: true, color: true }],
  ["--debug=False", { debug: false, color: true }],
  ["--no-color=yes", { debug: false, color: false }],
  ["--no-color=no", { debug: false, color: true }],
  ["--color", { debug: false, color: true }],
  ["--color=off", { debug: false, color: false }],
  ["--debug=maybe", undefined],
  ["--debug=", undefined],
  ["--color=always", undefined],
];
for (const [flag, options] of switches) {
  Deno.test(`takeOutputFlags() ${options ? "reads" : "leaves"} ${flag}`, () => {
    const expected = options
      ? { args: ["whoami"], options }
      : { args: ["whoami", flag], options: { debug: false, color: true } };
    assert.deepEqual(takeOutputFlags(["whoami", flag]), expected);
  });
}

Deno.test("commandWords() names the command, and nothing that may be a value", () => {
  assert.deepEqual(commandWords(["secret", "set", "A=1"], GROUPS), ["secret", "set"]);
  assert.deepEqual(commandWords(["whoami", "extra"], GROUPS), ["whoami"]);
  assert.deepEqual(commandWords(["secret", "KEY=VALUE"], GROUPS), ["secret"]);
});
