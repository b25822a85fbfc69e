import assert from "node:assert/strict";
import { Failure, type FailureKind, kindOfStatus } from "../../src/failure.ts";
import { tellFailure, toFailure } from "../../src/cli/tell.ts";
import { PROGRAM } from "../../src/commands/program.ts";
import { statusLine } from "../../src/terminal/status_line.ts";

Deno.test("a build without a repository does not say where to report bugs", () => {
  const { kind, next } = toFailure(new TypeError("x"), PROGRAM);
  assert.equal(kind, "internal");
  assert.match(next ?? "", /--debug.*This build does not say where to report it$/);
});

/** The exit code of a failure, and what is written for it. */
function reported(
  failure: Failure,
  options: { json: boolean; debug?: boolean; terminal?: boolean },
) {
  let text = "";
  const isTerminal = options.terminal ?? false;
  const stderr = {
    ...statusLine((some) => text += some, isTerminal),
    isTerminal,
    hasColor: false,
    canErase: true,
    writeBytes: () => {},
    isClosed: () => false,
    columns: () => undefined,
  };
  const { json, debug = false } = options;
  return { exit: tellFailure({ stderr, debug, json }, failure), text };
}

const exitOf: Readonly<Record<FailureKind, number>> = {
  usage: 2,
  login: 4,
  forbidden: 4,
  network: 7,
  server: 1,
  "not-found": 1,
  "tool-failed": 5,
  denied: 5,
  "grant-needed": 6,
  "secret-missing": 6,
  file: 1,
  port: 1,
  "program-missing": 127,
  "program-unusable": 126,
  interrupted: 130,
  partial: 1,
  internal: 1,
};

for (const [kind, exit] of Object.entries(exitOf) as [FailureKind, number][]) {
  Deno.test(`a failure of kind ${kind} exits with ${exit}, as text and as JSON`, () => {
    const failure = new Failure(kind, "It failed", { next: "Try this" });
    const error = {
      code: kind,
      message: "It failed",
      next: "Try this",
      retryable: kind === "network",
      exit,
    };
    const line = `${JSON.stringify({ error })}\n`;
    assert.deepEqual(reported(failure, { json: true }), { exit, text: line });
    assert.deepEqual(reported(failure, { json: true, terminal: true }), { exit, text: line });
    const text = reported(failure, { json: false });
    assert.equal(text.exit, exit);
    assert.match(text.text, /It failed\n {2}Try this\n$/);
  });
}

Deno.test("docs/scripts.md explains every code", () => {
  const page = Deno.readTextFileSync(`${import.meta.dirname}/../../docs/scripts.md`);
  for (const kind of Object.keys(exitOf)) assert(page.includes(`\n| \`${kind}\` `), kind);
});

Deno.test("the JSON of a failure is the last line, one line, and safe to print", () => {
  const cause = new Error("the cause");
  const failure = new Failure("server", "Bad\nname \x1b[2J \u202e", { cause });
  const { text } = reported(failure, { json: true, debug: true });
  const lines = text.split("\n");
  assert.equal(lines.length, 3, text);
  assert.match(lines[0] ?? "", /caused by Error: the cause/);
  for (const unsafe of ["\x1b", "\u202e"]) assert(!text.includes(unsafe), text);
  const { error } = JSON.parse(lines[1] ?? "");
  assert.equal(error.message, failure.message);
  assert.equal(error.next, null);
});

const statuses: [status: number, kind: "network" | "server", isRetryable: boolean][] = [
  [400, "server", false],
  [407, "server", false],
  [408, "server", true],
  [409, "server", false],
  [429, "server", true],
  [500, "network", true],
  [501, "server", false],
  [502, "network", true],
  [503, "network", true],
  [504, "network", true],
];
Deno.test("the status decides whether a service answered, and whether to try again", () => {
  for (const [status, kind, isRetryable] of statuses) {
    assert.equal(kindOfStatus(status), kind, String(status));
    assert.equal(new Failure(kind, "x", { status }).isRetryable, isRetryable, String(status));
  }
});

Deno.test("a failure has the status of its cause, and only requests are worth a retry", () => {
  const cause = new Failure("server", "x", { status: 429 });
  assert.equal(new Failure("server", "y", { cause }).isRetryable, true);
  assert.equal(new Failure("interrupted", "y", { cause }).isRetryable, false);
});

Deno.test("a web page or a proxy that requires a login is not worth a retry", () => {
  for (const status of [200, 302, 401, 403, 407]) {
    assert.equal(new Failure("network", "x", { status }).isRetryable, false, String(status));
  }
});
