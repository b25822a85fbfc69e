import assert from "node:assert/strict";
import { errorIn } from "../../support/error_object.ts";
import { Answers, closedPort, json, RawAnswers } from "../../support/answers.ts";
import { Delay, TestMachine, WireTap } from "../../support/test_machine.ts";
import { sleep } from "../../../src/system/waiting.ts";

/** Asserts that the last line of stderr is an error with the exit code of the process, and that stdout is empty. */
function assertError(
  ran: { readonly code: number; readonly stdout: string; readonly stderr: string },
  code: string,
  exit: number,
): void {
  assert.equal(ran.stdout, "");
  const error = errorIn(ran.stderr);
  assert.deepEqual([error.code, error.exit, ran.code], [code, exit, exit], ran.stderr);
}

Deno.test("if no service answers, commands exit with 7", async (t) => {
  await using machine = await TestMachine.loggedIn();
  using silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  await using plain = new Answers(() => json({}));
  await using failing = new Answers(() => json({}, { status: 503 }));
  await using page = new Answers(() => new Response("<!doctype html>"));
  await using breaking = new RawAnswers("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n[");
  const closed = `127.0.0.1:${closedPort()}`;
  const engines: Record<string, { engine: string; env?: Record<string, string> }> = {
    "a closed port": { engine: `http://${closed}` },
    "an unknown host": { engine: "https://arcade.invalid" },
    "a server without TLS": { engine: plain.url.replace("http:", "https:") },
    "a silent server": {
      engine: `http://127.0.0.1:${silent.addr.port}`,
      env: { ARCADE_TIMEOUT_SECONDS: "0.2" },
    },
    "a 503 after retries": { engine: failing.url },
    "a web page": { engine: page.url },
    "a connection that breaks": { engine: breaking.url },
    "a proxy that is down": {
      engine: "https://arcade.example",
      env: { HTTPS_PROXY: `http://${closed}` },
    },
  };
  for (const [what, { engine, env = {} }] of Object.entries(engines)) {
    await t.step(what, async () => {
      machine.moveLogin({ engine });
      for (const args of [["secret", "list", "--json"], ["server", "get", "a", "--json"]]) {
        assertError(await machine.run(args, { env }), "network", 7);
      }
      assert.equal((await machine.run(["secret", "list"], { env })).code, 7);
    });
  }
});

Deno.test("a service that refuses, or sends an unreadable response, does not count as unreachable", async (t) => {
  await using machine = await TestMachine.loggedIn();
  const answers: [status: number, code: string, exit: number, body?: string][] = [
    [200, "server", 1, "{"],
    [400, "server", 1],
    [401, "login", 4],
    [403, "forbidden", 4],
    [404, "not-found", 1],
    [409, "server", 1],
    [422, "server", 1],
    [501, "server", 1],
  ];
  for (const [status, code, exit, body = "{}"] of answers) {
    await t.step(String(status), async () => {
      await using engine = new Answers(() => new Response(body, { status }));
      machine.moveLogin({ engine: engine.url });
      const ran = await machine.run(["secret", "list", "--json"]);
      assertError(ran, code, exit);
      assert.equal(errorIn(ran.stderr).retryable, false);
    });
  }
});

Deno.test("the executable reports an invalid command line as JSON", async () => {
  await using machine = new TestMachine();
  for (const args of [["--json"], ["secrte", "--json"], ["whoami", "--nope", "--json"]]) {
    assertError(await machine.run(args), "usage", 2);
  }
});

for (
  const args of [["secret", "list"], ["secret", "unset", "A"], ["server", "delete", "a", "--yes"]]
) {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    Deno.test(`${signal} ends \`${args.join(" ")} --json\` with the error as JSON`, async () => {
      await using machine = await TestMachine.loggedIn();
      await using slow = new Delay(machine.server.url);
      machine.moveLogin({ engine: slow.url });
      const running = machine.start([...args, "--json"]);
      await slow.asked();
      running.kill(signal);
      const ended = await running.end();
      slow.end();
      assertError(ended, "interrupted", 130);
    });
  }
}

Deno.test("Ctrl-C ends `server logs --follow --json` with the error as JSON", async () => {
  await using machine = await TestMachine.loggedIn();
  const open = new ReadableStream({ start: (stream) => stream.enqueue(new Uint8Array([10])) });
  const asked = Promise.withResolvers<void>();
  await using engine = new Answers(() => {
    asked.resolve();
    return new Response(open, { headers: { "content-type": "text/event-stream" } });
  });
  machine.moveLogin({ engine: engine.url });
  const running = machine.start(["server", "logs", "weather", "--follow", "--json"]);
  await asked.promise;
  running.kill("SIGINT");
  assertError(await running.end(), "interrupted", 130);
});

Deno.test("a second Ctrl-C during a renewal ends the command with the error as JSON", async () => {
  await using machine = await TestMachine.loggedIn();
  const asked = Promise.withResolvers<void>();
  const answered = Promise.withResolvers<void>();
  await using tap = new WireTap(machine.server.url, async ({ path }) => {
    if (path !== "/oauth2/token") return undefined;
    asked.resolve();
    await answered.promise;
    return undefined;
  });
  machine.makeTokenDue();
  machine.moveLogin({ coordinator: tap.url });
  const running = machine.start(["org", "list", "--json"]);
  await asked.promise;
  // Two signals at once can arrive as one.
  let hasEnded = false;
  const ending = running.end().finally(() => hasEnded = true);
  while (!hasEnded) {
    running.kill("SIGINT");
    await sleep(0);
  }
  assertError(await ending, "interrupted", 130);
  answered.resolve();
});
