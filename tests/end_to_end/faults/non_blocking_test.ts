/** Standard streams in non-blocking mode, which another process that shares them has set. */

import assert from "node:assert/strict";
import { Answers } from "../../support/answers.ts";
import { nonBlocking, STREAM_KINDS, withoutNonBlocking } from "../../support/non_blocking.ts";
import { TestMachine } from "../../support/test_machine.ts";

const ignore = withoutNonBlocking;

/** Much more than a pipe holds, with lines of all lengths. */
const ITEMS = Array.from({ length: 800 }, (_, i) => ({ [`key ${i}`]: "ü".repeat(2 * i), n: [i] }));
const TEXT = ITEMS.map((_, i) => "x".repeat(2 * i) + "\n".repeat(i % 3)).join("");

const QUESTIONS = [
  ["api", "GET", "/json"],
  ["api", "GET", "/text"],
  ["--version"],
  ["completion", "bash"],
  ["__complete", "bash", "arcade secret --", "--"],
];

for (const kind of STREAM_KINDS) {
  Deno.test({ name: `each byte is written once to a non-blocking ${kind}`, ignore }, async () => {
    await using machine = new TestMachine();
    await using engine = new Answers(({ path }) =>
      path === "/json" ? Response.json(ITEMS) : new Response(`${TEXT}\n`)
    );
    const env = { ARCADE_API_KEY: "key", ARCADE_ENGINE_URL: engine.url };
    for (const args of QUESTIONS) {
      const through = nonBlocking(kind, "stdout");
      const { code, stdout } = await machine.run(args, { env, through });
      assert.equal(code, 0);
      const usual = nonBlocking(kind, "stdout", "blocking");
      const expected = (await machine.run(args, { env, through: usual })).stdout;
      assert(stdout === expected, `arcade ${args.join(" ")}`);
    }
  });

  Deno.test({ name: `messages to a non-blocking ${kind} are complete`, ignore }, async () => {
    await using machine = new TestMachine();
    const path = "long/".repeat(25_000);
    const args = ["identity", "add", "--hub", "musehub.ai", "--token-file", path];
    const { code, stdout } = await machine.run(args, {
      through: nonBlocking(kind, "stderr"),
      env: { NO_COLOR: "1" },
    });
    assert.equal(code, 1);
    assert(stdout === `Error: Cannot read ${path}: the path is too long\n  Use a shorter path\n`);
  });
}

for (const kind of ["pipe", "socket"] as const) {
  Deno.test({ name: `a non-blocking ${kind} is read to its end`, ignore }, async () => {
    await using machine = new TestMachine();
    const token = "a-token-of-a-hub-".repeat(20);
    const add = ["identity", "add", "--hub", "musehub.ai", "--token-stdin"];
    const through = nonBlocking(kind, "stdin");
    const { code, stderr } = await machine.run(add, { through, stdin: token });
    assert.equal(code, 0, stderr);
    const { stdout } = await machine.run(["identity", "token", "--hub", "musehub.ai"]);
    assert.equal(stdout, `${token}\n`);
  });
}
