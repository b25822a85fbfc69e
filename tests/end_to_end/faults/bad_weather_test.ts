import assert from "node:assert/strict";
import {
  addressOf,
  assertRefused,
  open,
  TestMachine,
  WireTap,
} from "../../support/test_machine.ts";
import { Answers, closedPort, json, RawAnswers } from "../../support/answers.ts";
import { namesIn } from "../../support/in_process.ts";

const NOT_LOGGED_IN_FILES = [".credentials.lock"];

function html(status = 200): Response {
  return new Response("<!doctype html><title>A proxy</title>", {
    status,
    headers: { "content-type": "text/html" },
  });
}

function files(machine: TestMachine): string[] {
  return namesIn(machine.folder);
}

interface BadResponse {
  readonly answer: () => Response;
  readonly code: number;
  readonly reason: RegExp;
  /** The number of requests; 1 by default. */
  readonly requests?: number;
}

const MESSAGE = { message: "Because of the test." };
const BAD_RESPONSES: Record<string, BadResponse> = {
  "a web page": {
    answer: () => html(),
    code: 7,
    reason: /a web page instead of JSON\n {2}Check the address/,
  },
  "truncated JSON": {
    answer: () => new Response('{"items": [{"id":'),
    code: 1,
    reason: /invalid JSON\n {2}Check the address/,
  },
  "an empty body": { answer: () => new Response(), code: 1, reason: /invalid JSON/ },
  "JSON of the wrong shape": {
    answer: () => json({ items: [{ id: "sec_1", key: 5 }] }),
    code: 1,
    reason: /unknown format \(items\.0\.\w+ is missing or invalid\)/,
  },
  "400": {
    answer: () => json(MESSAGE, { status: 400 }),
    code: 1,
    reason: /failed \(400\): Because of the test\n {2}/,
  },
  "401": {
    answer: () => json(MESSAGE, { status: 401 }),
    code: 4,
    reason: /rejected the token \(401\): Because of the test\n {2}Run `arcade login`/,
    requests: 2, // the second with a new token
  },
  "403": {
    answer: () => json(MESSAGE, { status: 403 }),
    code: 4,
    reason: /does not allow this \(403\): Because/,
  },
  "404": {
    answer: () => json(MESSAGE, { status: 404 }),
    code: 1,
    reason: /: not found \(404\)/,
  },
  "409": { answer: () => json(MESSAGE, { status: 409 }), code: 1, reason: /a conflict \(409\)/ },
  "422": {
    answer: () => json(MESSAGE, { status: 422 }),
    code: 1,
    reason: /rejected the input \(422\)/,
  },
  "429 with a long Retry-After": {
    answer: () => json(MESSAGE, { status: 429, headers: { "retry-after": "3600" } }),
    code: 1,
    reason: /too many requests \(429\).*\n {2}Wait 3600 s and try again/,
  },
  "500 repeatedly": {
    answer: () => json(MESSAGE, { status: 500 }),
    code: 7,
    reason: /failed \(500\): Because of the test\n {2}Try again/,
    requests: 3,
  },
  "a web page with 503": {
    answer: () => html(503),
    code: 7,
    reason: /failed \(503\)\n {2}Try/,
    requests: 3,
  },
  "a redirect loop": {
    answer: () => new Response(null, { status: 302, headers: { location: "?again" } }),
    code: 1,
    reason: /redirects in a loop/,
    requests: 6,
  },
  "more than 16 MiB": {
    answer: () => new Response("[".repeat(17 * 1024 * 1024)),
    code: 1,
    reason: /more than 16 MiB/,
  },
};

const RAW: [string, string, RegExp][] = [
  [
    "breaks the connection within the body",
    "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{",
    /the connection was lost/,
  ],
  ["closes the connection", "", /Cannot reach http/],
  ["speaks another protocol", "SSH-2.0-OpenSSH_9.2\r\n", /Cannot reach http/],
];

Deno.test("bad responses of the engine are reported", async (t) => {
  await using machine = await TestMachine.loggedIn();
  for (const [name, { answer, code, reason, requests = 1 }] of Object.entries(BAD_RESPONSES)) {
    await t.step(`it answers with ${name}`, async () => {
      await using engine = new Answers(answer);
      machine.moveLogin({ engine: engine.url });
      assertRefused(await machine.run(["secret", "list"]), code, reason);
      assert.equal(engine.seen.length, requests);
      assert.equal((await machine.run(["whoami"])).code, 0);
    });
  }
  for (const [name, answer, reason] of RAW) {
    await t.step(`it ${name}`, async () => {
      using engine = new RawAnswers(answer);
      machine.moveLogin({ engine: engine.url });
      assertRefused(await machine.run(["secret", "list"]), 7, reason);
    });
  }
});

Deno.test("a service that is not running and an unknown host are reported", async () => {
  await using machine = await TestMachine.loggedIn();
  const port = closedPort();
  machine.moveLogin({ engine: `http://127.0.0.1:${port}` });
  const refused = new RegExp(
    `Nothing is listening at http://127\\.0\\.0\\.1:${port}\n`,
  );
  assertRefused(await machine.run(["secret", "list"]), 7, refused);
  const unknown = ["secret", "list", "--host", "arcade.invalid"];
  assertRefused(await machine.run(unknown), 7, /https:\/\/arcade\.invalid: unknown host/);
});

Deno.test("a silent service times out, before its response or within it", async () => {
  await using machine = await TestMachine.loggedIn();
  const env = { ARCADE_TIMEOUT_SECONDS: "1" };
  const late = /did not answer within 1 s\n.*ARCADE_TIMEOUT_SECONDS/;
  using silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const address = ["--host", `127.0.0.1:${silent.addr.port}`, "--no-tls"];
  assertRefused(await machine.run(["secret", "list", ...address], { env }), 7, late);
  machine.moveLogin({ coordinator: `http://127.0.0.1:${silent.addr.port}` });
  assertRefused(await machine.run(["org", "list"], { env }), 7, late);
  const elsewhere = { ...env, ARCADE_WORK_DIR: `${machine.path}/elsewhere` };
  assertRefused(await machine.run(["login", ...address], { env: elsewhere }), 7, late);

  const body = new ReadableStream({
    start: (controller) => controller.enqueue(new Uint8Array([91])),
  });
  await using slow = new Answers(() => new Response(body));
  machine.moveLogin({ engine: slow.url });
  assertRefused(await machine.run(["secret", "list"], { env }), 7, late);
});

Deno.test("temporary failures are retried", async () => {
  await using machine = await TestMachine.loggedIn();
  const passing: (() => Response)[] = [
    () => json({}, { status: 429, headers: { "retry-after": "1" } }),
    () => json({}, { status: 503 }),
    () => html(502),
    () => new Response(null, { status: 307, headers: { location: "?the-same-place" } }),
  ];
  for (const bad of passing) {
    for (const args of [["secret", "list"], ["secret", "set", "KEY=value"]]) {
      let asked = 0;
      await using tap = new WireTap(machine.server.url, ({ path, method }) => {
        const isLast = method === (args.includes("set") ? "PUT" : "GET");
        return isLast && path.includes("/secrets") && asked++ === 0 ? bad() : undefined;
      });
      machine.moveLogin({ engine: tap.url });
      const { code, stderr } = await machine.run(args);
      assert.equal(code, 0, stderr);
      assert.equal(asked, 2);
    }
  }
});

Deno.test("a token is not sent to another host after a redirect", async () => {
  await using machine = await TestMachine.loggedIn();
  await using elsewhere = new Answers(() => json({ items: [] }));
  const target = elsewhere.url.replace("127.0.0.1", "localhost");
  for (const status of [301, 302, 303, 307, 308]) {
    for (const location of [target, elsewhere.url, `//user@localhost:1/`]) {
      await using engine = new Answers(() => new Response(null, { status, headers: { location } }));
      machine.moveLogin({ coordinator: engine.url, engine: engine.url });
      for (const args of [["secret", "list"], ["org", "list"]]) {
        assertRefused(await machine.run(args), 7, /redirects to \S+, which was not followed/);
      }
    }
  }
  // Neither is a refresh token or a value.
  const before = await Deno.readTextFile(machine.credentials);
  for (const method of ["POST", "PUT"]) {
    await using tap = new WireTap(
      machine.server.url,
      (seen) =>
        seen.method === method
          ? new Response(null, { status: 307, headers: { location: target } })
          : undefined,
    );
    machine.moveLogin({ coordinator: tap.url, engine: tap.url });
    if (method === "POST") machine.makeTokenDue();
    const { code } = await machine.run(["secret", "set", "KEY=value"]);
    assert.equal(code, method === "POST" ? 7 : 1);
    if (method === "POST") await Deno.writeTextFile(machine.credentials, before);
  }
  assert.deepEqual(elsewhere.seen, []);
});

const REFRESHES: Record<string, { answer: () => Response; code: number; reason: RegExp }> = {
  "a web page": { answer: () => html(), code: 7, reason: /a web page instead of JSON/ },
  "500": { answer: () => json(MESSAGE, { status: 500 }), code: 7, reason: /failed \(500\)/ },
  "a web page with 502": { answer: () => html(502), code: 7, reason: /failed \(502\)/ },
  "truncated JSON": {
    answer: () => new Response('{"access_token": "arcl_at_x'),
    code: 1,
    reason: /invalid JSON/,
  },
  "invalid_grant": {
    answer: () => json({ error: "invalid_grant" }, { status: 400 }),
    code: 4,
    reason: /The login at http\S+ has expired.*\n.*Run `arcade login`/,
  },
};

Deno.test("a failed refresh keeps the credentials", async (t) => {
  await using machine = await TestMachine.loggedIn();
  for (const [name, { answer, code, reason }] of Object.entries(REFRESHES)) {
    await t.step(`the coordinator answers with ${name}`, async () => {
      machine.makeTokenDue();
      const before = await Deno.readTextFile(machine.credentials);
      await using tap = new WireTap(
        machine.server.url,
        ({ path }) => path === "/oauth2/token" ? answer() : undefined,
      );
      machine.moveLogin({ coordinator: tap.url });
      assertRefused(await machine.run(["secret", "list"]), code, reason);
      machine.moveLogin({ coordinator: machine.server.url });
      assert.equal(await Deno.readTextFile(machine.credentials), before);
      const after = await machine.run(["secret", "list"]);
      assert.equal(after.code, 0, after.stderr);
    });
  }
});

Deno.test("a refresh without a network keeps the credentials", async () => {
  await using machine = await TestMachine.loggedIn();
  machine.makeTokenDue();
  const before = await Deno.readTextFile(machine.credentials);
  machine.moveLogin({ coordinator: `http://127.0.0.1:${closedPort()}` });
  assertRefused(await machine.run(["secret", "list"]), 7, /Nothing is listening at/);
  machine.moveLogin({ coordinator: machine.server.url });
  assert.equal(await Deno.readTextFile(machine.credentials), before);
  assert.equal((await machine.run(["secret", "list"])).code, 0);
});

Deno.test("a logout works without a network", async () => {
  await using machine = await TestMachine.loggedIn();
  using silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  machine.moveLogin({ coordinator: `http://127.0.0.1:${silent.addr.port}` });
  const { code, stderr } = await machine.run(["logout"]);
  assert.equal(code, 0, stderr);
  assert.match(
    stderr,
    /^Logged out developer@arcade\.local\nWarning: Could not revoke the login at the coordinator[^\n]*\n$/,
  );
  assert.deepEqual(files(machine), NOT_LOGGED_IN_FILES);
});

Deno.test("a login ended by a bad response leaves nothing behind", async () => {
  await using machine = new TestMachine();
  const server = await machine.serveInProcess();
  const paths: [string, RegExp][] = [
    ["/api/v1/auth/cli_config", /Error: /],
    ["/oauth2/token", /Error: /],
    ["/api/v1/auth/whoami", /Error: /],
  ];
  for (const [path, reason] of paths) {
    for (
      const [exit, bad] of [
        [7, () => html()],
        [7, () => json(MESSAGE, { status: 500 })],
        [1, () => json({ data: 5 })],
      ] as const
    ) {
      await using tap = new WireTap(server.url, (seen) => seen.path === path ? bad() : undefined);
      const env = { ARCADE_COORDINATOR_URL: tap.url };
      const login = machine.start(["login", "--callback-port", "0", "--no-browser"], { env });
      let page = "";
      if (!path.endsWith("cli_config")) page = await open(await addressOf(login));
      const { code, stderr } = await login.end();
      assert.equal(code, exit, stderr);
      assert.match(stderr, reason);
      assert.doesNotMatch(stderr, /bug in arcade| at /);
      if (page !== "") assert.match(page, /Login failed/);
      assert.deepEqual(files(machine), NOT_LOGGED_IN_FILES);
      if (path.endsWith("whoami")) {
        assert(
          tap.seen.some((seen) => seen.path === "/oauth2/revoke"),
          "The tokens were not revoked",
        );
      }
    }
  }
});

Deno.test("a login that is not completed times out", async () => {
  await using machine = new TestMachine();
  await machine.serveInProcess();
  const login = ["login", "--callback-port", "0", "--no-browser"];
  const flag = await machine.run([...login, "--timeout", "1"]);
  assert.equal(flag.code, 4);
  assert.match(
    flag.stderr,
    /\nError: Login timed out after 1 s\n {2}Run the same command again/,
  );
  const env = { ARCADE_LOGIN_TIMEOUT_SECONDS: "0.5" };
  assert.match((await machine.run(login, { env })).stderr, /timed out after 0\.5 s/);
});

Deno.test("callbacks with a wrong state are refused; those with an error or a wrong code end the login", async () => {
  await using machine = new TestMachine();
  await machine.serveInProcess();
  const tampered: [(callback: URL) => void, number, RegExp][] = [
    [({ searchParams }) => searchParams.set("error", "access_denied"), 4, /The login was denied/],
    [
      ({ searchParams }) => searchParams.set("code", "arcl_ac_guessed"),
      4,
      /The server refused the login/,
    ],
  ];
  for (const [tamper, expected, reason] of tampered) {
    const login = machine.start(["login", "--callback-port", "0", "--no-browser"]);
    const approved = await fetch(await addressOf(login), { redirect: "manual" });
    await approved.body?.cancel();
    const callback = new URL(approved.headers.get("location") ?? "");
    for (const stray of ["/callback?code=x&state=y", "/callback?error=access_denied&state=y"]) {
      const refused = await fetch(callback.origin + stray);
      assert.equal(refused.status, 400);
      assert.match(await refused.text(), /No login is waiting for this response/);
    }
    tamper(callback);
    const shown = await fetch(callback);
    assert.match(await shown.text(), /Login failed/);
    assert.doesNotMatch(shown.url, /[?#]/);
    const { code, stderr } = await login.end();
    assert.equal(code, expected, stderr);
    assert.match(stderr, reason);
    assert.deepEqual(files(machine), NOT_LOGGED_IN_FILES);
  }
});

Deno.test("a port in use is reported", async () => {
  await using machine = new TestMachine();
  await machine.serveInProcess();
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = taken.addr;
  const login = ["login", "--callback-port", String(port), "--no-browser"];
  assertRefused(
    await machine.run(login),
    1,
    new RegExp(`Port ${port} .* is in use\\n.*--callback-port`),
  );
  const serve = ["local", "serve", "--port", String(port), "--data", `${machine.path}/second`];
  assertRefused(await machine.run(serve), 1, new RegExp(`Port ${port} is in use.*\n.*--port`));
});
