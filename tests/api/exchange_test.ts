import assert from "node:assert/strict";
import {
  exchange,
  type HttpContext,
  MAX_ANSWER_BYTES,
  requireSuccess,
} from "../../src/api/exchange.ts";
import { type HttpRequest } from "../../src/api/http_message.ts";
import { requestJson } from "../../src/api/answers.ts";
import type { Fields } from "../../src/contract/fields.ts";
import { NetworkTime } from "../../src/api/network_time.ts";
import { sleep } from "../../src/system/waiting.ts";
import { Failure, type FailureKind } from "../../src/failure.ts";
import { PYTHON_CLI_VERSION, VERSION } from "../../src/version.ts";
import { Sensitive } from "../../src/secrecy/sensitive.ts";
import { Answers, json, RawAnswers } from "../support/answers.ts";
import { PATIENCE_MS, patiently } from "../support/patience.ts";

interface Recorded extends HttpContext {
  readonly pauses: number[];
  readonly lines: string[];
}

function context(changes: Partial<HttpContext> = {}): Recorded {
  const pauses: number[] = [];
  const lines: string[] = [];
  return {
    fetch,
    networkTime: new NetworkTime(() => performance.now()),
    timeoutMs: () => 10_000,
    sleep: (milliseconds, signal) => {
      pauses.push(milliseconds);
      return sleep(0, signal);
    },
    random: () => 0,
    trace: (line) => lines.push(line),
    pauses,
    lines,
    ...changes,
  };
}

const anything = (answer: Fields) => ({ ok: answer.flag("ok") });
const token = new Sensitive("TOKEN-canary");

function get(url: string): HttpRequest {
  return { method: "GET", url, bearer: token };
}

async function failureOf(work: Promise<unknown>): Promise<Failure> {
  try {
    await work;
  } catch (error) {
    assert(error instanceof Failure, String(error));
    assert(!`${error.message}${error.next}`.includes("canary"), "The message contains a token");
    assert(!error.message.includes("\n"), "The message has more than one line");
    assert(error.next, "The failure has no next step");
    return error;
  }
  assert.fail("The request succeeded");
}

const statuses: [status: number, kind: FailureKind, message: RegExp][] = [
  [400, "server", /failed \(400\): reason/],
  [401, "login", /401.*reason/],
  [403, "forbidden", /403.*reason/],
  [404, "not-found", /404.*reason/],
  [409, "server", /conflict \(409\): reason/],
  [422, "server", /rejected the input \(422\): reason/],
  [501, "server", /failed \(501\): reason/],
];
for (const [status, kind, message] of statuses) {
  Deno.test(`status ${status} is a failure of kind ${kind} with the server's reason`, async () => {
    await using server = new Answers(() => json({ message: "reason" }, { status }));
    const failure = await failureOf(requestJson(context(), get(server.url), anything));
    assert.equal(failure.kind, kind);
    assert.match(failure.message, message);
    assert.equal(server.seen.length, 1);
  });
}

for (const status of [500, 502, 503, 504]) {
  for (const method of ["GET", "PUT", "DELETE"] as const) {
    Deno.test(`${method} is retried with growing pauses after ${status}`, async () => {
      await using server: Answers = new Answers(() =>
        server.seen.length < 3 ? new Response("", { status }) : json({ ok: true })
      );
      const recorded = context();
      assert.deepEqual(await requestJson(recorded, { method, url: server.url }, anything), {
        ok: true,
      });
      assert.deepEqual(recorded.pauses, [250, 500]);
    });
  }
  Deno.test(`POST is not retried after ${status}`, async () => {
    await using server = new Answers(() => new Response("", { status }));
    const request = {
      method: "POST",
      url: server.url,
      form: new URLSearchParams({ a: "b" }),
    } as const;
    const failure = await failureOf(requestJson(context(), request, anything));
    assert.equal(failure.kind, "network");
    assert.equal(server.seen.length, 1);
  });
}

Deno.test("after three failed attempts there are no more retries", async () => {
  await using server = new Answers(() => new Response("", { status: 503 }));
  await failureOf(requestJson(context(), get(server.url), anything));
  assert.equal(server.seen.length, 3);
});

Deno.test("a 429 is retried after its Retry-After", async () => {
  await using server: Answers = new Answers(() =>
    server.seen.length === 1
      ? new Response("", { status: 429, headers: { "retry-after": "7" } })
      : server.seen.length === 2
      ? new Response("", {
        status: 429,
        headers: {
          date: "Sat, 21 Nov 2026 00:00:00 GMT",
          "retry-after": "Sat, 21 Nov 2026 00:00:09 GMT",
        },
      })
      : json({ ok: true })
  );
  const recorded = context();
  await requestJson(recorded, get(server.url), anything);
  assert.deepEqual(recorded.pauses, [7000, 9000]);
});

Deno.test("a POST is retried after a 429, which means it was not processed", async () => {
  await using server: Answers = new Answers(() =>
    server.seen.length === 1 ? new Response("", { status: 429 }) : json({ ok: true })
  );
  const form = new URLSearchParams({ a: "b" });
  await requestJson(context(), { method: "POST", url: server.url, form }, anything);
  assert.deepEqual(server.seen.map(({ body }) => body), ["a=b", "a=b"]);
});

Deno.test("a 429 with a long Retry-After is reported instead of retried", async () => {
  await using server = new Answers(() =>
    new Response("", { status: 429, headers: { "retry-after": "3600" } })
  );
  const recorded = context();
  const failure = await failureOf(requestJson(recorded, get(server.url), anything));
  assert.match(failure.message, /429/);
  assert.match(failure.next ?? "", /3600 s/);
  assert.deepEqual(recorded.pauses, []);
});

const useless: [what: string, answer: () => Response, message: RegExp][] = [
  [
    "HTML",
    () => new Response("<!doctype html><p>proxy", { headers: { "content-type": "text/html" } }),
    /web page/,
  ],
  ["HTML without a content type", () => new Response("\n<html>"), /web page/],
  [
    "invalid JSON",
    () => new Response('{"ok":', { headers: { "content-type": "application/json" } }),
    /invalid JSON/,
  ],
  ["nothing", () => new Response(""), /invalid JSON/],
  ["JSON with other fields", () => json({ ok: "yes" }), /unknown format \(ok/],
  ["JSON null", () => json(null), /unknown format/],
];
for (const [what, answer, message] of useless) {
  Deno.test(`a response of ${what} is a failure`, async () => {
    await using server = new Answers(answer);
    const failure = await failureOf(requestJson(context(), get(server.url), anything));
    assert.equal(failure.kind, what.startsWith("HTML") ? "network" : "server");
    assert.match(failure.message, message);
  });
}

Deno.test("a web page never counts as an answer of a service, whatever its status", async () => {
  const page = (status: number) =>
    new Response("<!doctype html>", { status, headers: { "content-type": "text/html" } });
  for (
    const [status, message] of [
      [200, /answered with a web page instead of JSON$/],
      [401, /answered with a web page instead of JSON \(401\)$/],
      [403, /answered with a web page instead of JSON \(403\)$/],
      [407, /answered with a web page instead of JSON \(407\)$/],
    ] as const
  ) {
    await using server = new Answers(() => page(status));
    for (
      const request of [
        get(server.url),
        { ...get(server.url), method: "PUT", json: { value: "v" } },
        { ...get(server.url), method: "DELETE" },
        { ...get(server.url), isStreamed: true },
      ] as const
    ) {
      const failure = await failureOf((async () => {
        await requireSuccess(request, await exchange(context(), request));
      })());
      assert.equal(failure.kind, "network");
      assert.match(failure.message, message);
      assert.match(failure.next ?? "", /login in a browser/);
    }
  }
});

const reasons: [name: string, body: unknown, shown: string][] = [
  ["a message", { name: "validation", message: "The key is too long." }, "The key is too long"],
  ["an empty message and a detail", { message: " ", detail: "too long" }, "too long"],
  [
    "FastAPI's list",
    {
      detail: [
        { type: "missing", loc: ["body", "value"], msg: "Field required", input: {} },
        { type: "x", loc: ["body", "items", 0, "key"], msg: "Too long", ctx: { max: 5 } },
      ],
    },
    "value: Field required; items.0.key: Too long",
  ],
  [
    "the fields that are wrong, instead of all that is expected",
    {
      name: "validation_failed",
      message: "The body must be an object with name, slug and a lot more",
      field_errors: [
        { field: "slug", rule: "invalid", message: "slug must be short" },
        { field: "name", rule: "required", message: "This is required" },
      ],
    },
    "slug must be short; name: This is required",
  ],
  ["no field", { message: "The body is not JSON", field_errors: [] }, "The body is not JSON"],
  ["a list of texts", { detail: ["one", "two"] }, "one; two"],
  ["an object", { detail: { message: "in it" } }, "in it"],
  ["an error", { error: { code: 3, message: "in it" } }, "in it"],
  ["a list of errors", { errors: [{ message: "one" }, { title: "two" }] }, "one; two"],
  ["a problem (RFC 9457)", { type: "about:blank", title: "Invalid", status: 422 }, "Invalid"],
  ["several lines", { message: "one\n\ttwo" }, "one two"],
];
for (const [name, body, shown] of reasons) {
  Deno.test(`the reason of a 422 is shown: ${name}`, async () => {
    await using server = new Answers(() => json(body, { status: 422 }));
    const failure = await failureOf(requestJson(context(), get(server.url), anything));
    assert.equal(failure.message, `${server.url} rejected the input (422): ${shown}`);
  });
}

Deno.test("the reason of a 422 is shown: plain text, bounded and without values", async () => {
  const texts: [text: string, shown: RegExp][] = [
    ["The key is too long\n", /\(422\): The key is too long$/],
    ["no VALUE-canary", /\(422\): no \[hidden\]$/],
    ["word ".repeat(100_000), /^.{300,400}$/],
  ];
  for (const [text, shown] of texts) {
    for (
      const answer of [
        () => new Response(text, { status: 422 }),
        () => json({ detail: [{ loc: ["body"], msg: text }] }, { status: 422 }),
      ]
    ) {
      await using server = new Answers(answer);
      const request = {
        ...get(server.url),
        method: "PUT",
        json: { value: "VALUE-canary" },
      } as const;
      const failure = await failureOf(requestJson(context(), request, anything));
      assert.match(failure.message, shown);
    }
  }
});

const NOW = "Sat, 21 Nov 2026 00:00:00 GMT";
const retries: [written: string, pause: number | undefined, wait: string][] = [
  ["0", 250, "1 s"],
  ["-5", 1000, "60 s"],
  ["1.5", 1000, "60 s"],
  ["soon", 1000, "60 s"],
  ["in 2 days", 1000, "60 s"],
  ["2001", undefined, "2001 s"],
  ["Fri, 20 Nov 2026 00:00:00 GMT", 250, "1 s"],
  ["Saturday, 21-Nov-26 00:00:04 GMT", 4000, "4 s"],
  ["Sat, 21 Nov 2099 00:00:00 GMT", undefined, "86400 s"],
  ["99999999999999999999999999", undefined, "86400 s"],
  ["Sat, nonsense", 1000, "60 s"],
];
for (const [written, pause, wait] of retries) {
  Deno.test(`Retry-After: ${written}`, async () => {
    const headers = { date: NOW, "retry-after": written };
    await using server = new Answers(() => json({}, { status: 429, headers }));
    const recorded = context();
    const failure = await failureOf(requestJson(recorded, get(server.url), anything));
    assert.equal(recorded.pauses[0], pause);
    assert.equal(failure.next, `Wait ${wait} and try again`);
  });
}

Deno.test("an endless body is not read to its end", async () => {
  const chunk = new Uint8Array(1024 * 1024).fill(32);
  let sent = 0;
  await using server = new Answers(() =>
    new Response(
      new ReadableStream({
        pull(controller) {
          sent += chunk.length;
          controller.enqueue(chunk);
        },
      }),
    )
  );
  const failure = await failureOf(requestJson(context(), get(server.url), anything));
  assert.match(failure.message, /more than 16 MiB/);
  assert(sent < MAX_ANSWER_BYTES * 4);
});

Deno.test("an endless body is not read to its end, whatever its Content-Length", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const chunk = new TextEncoder().encode(`100000\r\n${" ".repeat(0x100000)}\r\n`);
  const head = "HTTP/1.1 200 OK\r\ncontent-length: 10\r\ntransfer-encoding: chunked\r\n\r\n";
  const serving = (async () => {
    using connection = await listener.accept();
    await connection.read(new Uint8Array(4096));
    await connection.write(new TextEncoder().encode(head));
    try {
      const writer = connection.writable.getWriter();
      while (true) await writer.write(chunk);
    } catch {
      // the client has closed the connection, as expected
    }
  })();
  const url = `http://127.0.0.1:${listener.addr.port}`;
  const failure = await failureOf(requestJson(context(), get(url), anything));
  assert.match(failure.message, /more than 16 MiB/);
  await serving;
  listener.close();
});

Deno.test("a compressed body is not read to its end, whatever the Content-Length", async () => {
  const large = new Blob([new Uint8Array(MAX_ANSWER_BYTES + 1).fill(32)]).stream();
  const small = await new Response(large.pipeThrough(new CompressionStream("gzip"))).bytes();
  await using server = new Answers(() =>
    new Response(small, { headers: { "content-encoding": "gzip" } })
  );
  const failure = await failureOf(requestJson(context(), get(server.url), anything));
  assert.match(failure.message, /more than 16 MiB/);
});

Deno.test("a truncated body is a failure", async () => {
  using server = new RawAnswers(
    'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"ok": true',
  );
  const failure = await failureOf(requestJson(context(), get(server.url), anything));
  assert.equal(failure.kind, "network");
  assert.match(failure.message, /the connection was lost/);
});

Deno.test("a connection closed without a response is a failure", async () => {
  using server = new RawAnswers("");
  const failure = await failureOf(requestJson(context(), get(server.url), anything));
  assert.equal(failure.kind, "network");
});

Deno.test("a request to a silent server times out", async () => {
  const ended = Promise.withResolvers<Response>();
  await using server = new Answers(() => ended.promise);
  const failure = await failureOf(
    requestJson(context({ timeoutMs: () => 50 }), get(server.url), anything),
  );
  assert.equal(failure.kind, "network");
  assert.match(failure.message, /did not answer within 0.05 s/);
  ended.resolve(new Response(""));
});

Deno.test("a response without its body times out", async () => {
  const ended = Promise.withResolvers<void>();
  await using server = new Answers(() =>
    new Response(
      new ReadableStream({
        start: (controller) => controller.enqueue(new TextEncoder().encode("{")),
        pull: () => ended.promise,
      }),
    )
  );
  const failure = await failureOf(
    requestJson(context({ timeoutMs: () => 100 }), get(server.url), anything),
  );
  assert.match(failure.message, /did not answer within/);
  ended.resolve();
});

Deno.test("a body that arrives byte by byte times out", async () => {
  const over = new AbortController();
  await using server = new Answers(() =>
    new Response(
      new ReadableStream({
        async pull(controller) {
          await sleep(5, over.signal).catch(() => controller.close());
          if (!over.signal.aborted) controller.enqueue(new Uint8Array([32]));
        },
      }),
    )
  );
  const failure = await failureOf(
    requestJson(context({ timeoutMs: () => 100 }), get(server.url), anything),
  );
  over.abort();
  assert.match(failure.message, /did not answer within 0.1 s/);
});

/** A clock controlled by the test. */
class Clock {
  ms = 0;
  readonly networkTime = new NetworkTime(() => this.ms);
}

Deno.test("a request is not retried after three response timeouts", async () => {
  const clock = new Clock();
  await using server = new Answers(() => {
    clock.ms += 20_000;
    return json({}, { status: 503 });
  });
  const { networkTime } = clock;
  const recorded = context({ timeoutMs: () => 10_000, networkTime });
  assert.equal((await exchange(recorded, get(server.url))).status, 503);
  assert.equal(server.seen.length, 2);
});

Deno.test("the requests of a command time out after ten response timeouts", async () => {
  const clock = new Clock();
  await using server = new Answers(() => {
    clock.ms += 30_000;
    return json({ ok: true });
  });
  const { networkTime } = clock;
  const recorded = context({ timeoutMs: () => 10_000, networkTime });
  for (let i = 0; i < 4; i++) {
    await requestJson(recorded, get(server.url), anything);
    clock.ms += 1_000_000; // time at a prompt does not count
  }
  const failure = await failureOf(requestJson(recorded, get(server.url), anything));
  assert.equal(failure.kind, "network");
  assert.match(failure.message, /Timed out after waiting 100 s for servers/);
  assert.match(failure.next ?? "", /ARCADE_TIMEOUT_SECONDS/);
  assert.equal(server.seen.length, 4);
});

Deno.test("the time of parallel requests counts once", async () => {
  const clock = new Clock();
  const gate = Promise.withResolvers<void>();
  const { networkTime } = clock;
  const all = Promise.all([1, 2, 3].map(() => networkTime.during(() => "", () => gate.promise)));
  clock.ms = 50;
  assert.equal(networkTime.spentMs, 50);
  gate.resolve();
  await all;
  clock.ms = 90;
  assert.equal(networkTime.spentMs, 50);
});

Deno.test("redirects share the timeout of the request", async () => {
  await using server = new Answers(async () => {
    await sleep(30);
    return new Response(null, { status: 307, headers: { location: "/again" } });
  });
  const failure = await failureOf(
    requestJson(context({ requestMs: 60 }), get(server.url), anything),
  );
  assert.match(failure.message, /did not complete the request within 0.06 s/);
});

Deno.test("the wait for a response ends with the timeout of the request", async () => {
  const ended = Promise.withResolvers<void>();
  await using server = new Answers(async () => {
    await ended.promise;
    return json({ ok: true });
  });
  try {
    const limits = context({ requestMs: 60, timeoutMs: () => 10 * PATIENCE_MS });
    const failure = await patiently(
      "the timeout",
      failureOf(requestJson(limits, get(server.url), anything)),
    );
    assert.match(failure.message, /did not complete the request within 0.06 s/);
  } finally {
    ended.resolve();
  }
});

Deno.test("a refused connection is reported as such", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  const failure = await failureOf(
    requestJson(context(), get(`http://127.0.0.1:${port}`), anything),
  );
  assert.equal(failure.kind, "network");
  assert.match(failure.message, /Nothing is listening at/);
});

Deno.test("an unknown host is reported as such", async () => {
  const failure = await failureOf(requestJson(context(), get("https://arcade.invalid"), anything));
  assert.equal(failure.kind, "network");
  assert.match(failure.message, /unknown host/);
});

Deno.test("TLS with a server that does not support it is reported as such", async () => {
  await using server = new Answers(() => json({ ok: true }));
  const failure = await failureOf(
    requestJson(context(), get(server.url.replace("http:", "https:")), anything),
  );
  assert.equal(failure.kind, "network");
  assert.match(failure.message, /TLS failed/);
});

Deno.test("a redirect to another host is not followed, and the token is not sent there", async () => {
  await using thief = new Answers(() => json({ ok: true }));
  await using server = new Answers(() =>
    new Response(null, { status: 307, headers: { location: `${thief.url}/x` } })
  );
  const failure = await failureOf(requestJson(context(), get(server.url), anything));
  assert.match(failure.message, /was not followed/);
  assert.deepEqual(thief.seen, []);
});

Deno.test("a redirect within the same origin is followed with the token", async () => {
  await using server = new Answers(({ path }) =>
    path === "/a"
      ? new Response(null, { status: 308, headers: { location: "/b" } })
      : json({ ok: true })
  );
  await requestJson(
    context(),
    { method: "PUT", url: `${server.url}/a`, bearer: token, json: {} },
    anything,
  );
  assert.deepEqual(
    server.seen.map(({ method, path, authorization }) => [method, path, authorization]),
    [["PUT", "/a", "Bearer TOKEN-canary"], ["PUT", "/b", "Bearer TOKEN-canary"]],
  );
});

for (const status of [301, 302, 303]) {
  Deno.test(`a PUT is not repeated after a ${status}, which would turn it into a GET`, async () => {
    await using server = new Answers(({ path }) =>
      path === "/a"
        ? new Response(null, { status, headers: { location: "/b" } })
        : json({ ok: true })
    );
    const request = { method: "PUT", url: `${server.url}/a`, json: { value: "v" } } as const;
    const failure = await failureOf(requestJson(context(), request, anything));
    assert.match(failure.message, new RegExp(`failed \\(${status}\\)`));
    assert.deepEqual(server.seen.map(({ path }) => path), ["/a"]);
  });
}

Deno.test("a redirect to a file is not followed", async () => {
  const location = "file:///etc/passwd";
  const redirecting: typeof fetch = () =>
    Promise.resolve(new Response(null, { status: 302, headers: { location } }));
  const request = { method: "GET", url: "https://arcade.example/x" } as const;
  const failure = await failureOf(
    requestJson(context({ fetch: redirecting }), request, anything),
  );
  assert.match(failure.message, /redirects to an address that begins with file:, which was not/);
});

Deno.test("a redirect that drops TLS is not followed", async () => {
  const asked: string[] = [];
  const redirecting: typeof fetch = (input) => {
    asked.push(String(input));
    return Promise.resolve(
      new Response(null, { status: 307, headers: { location: "http://arcade.example/x" } }),
    );
  };
  const request = { method: "GET", url: "https://arcade.example/x" } as const;
  const failure = await failureOf(
    requestJson(context({ fetch: redirecting }), request, anything),
  );
  assert.match(failure.message, /redirects to http:\/\/arcade\.example, which was not followed/);
  assert.deepEqual(asked, ["https://arcade.example/x"]);
});

Deno.test("tokens and codes are not sent to another machine without TLS", async () => {
  const unreachable: typeof fetch = () => assert.fail("The request was sent");
  const url = "http://arcade.example/token";
  for (
    const request of [
      get(url),
      { method: "POST", url, form: new URLSearchParams({ code: "canary" }) },
    ] as const
  ) {
    const failure = await failureOf(
      requestJson(context({ fetch: unreachable }), request, anything),
    );
    assert.equal(failure.kind, "usage");
    assert.match(
      failure.message,
      /Refusing to send a token to http:\/\/arcade\.example without encryption/,
    );
  }
});

Deno.test("at most five redirects are followed", async () => {
  for (const [redirects, isFollowed] of [[5, true], [6, false]] as const) {
    await using server: Answers = new Answers(() =>
      server.seen.length <= redirects
        ? new Response(null, { status: 307, headers: { location: `/${server.seen.length}` } })
        : json({ ok: true })
    );
    const asked = requestJson(context(), get(server.url), anything);
    if (isFollowed) assert.deepEqual(await asked, { ok: true });
    else assert.match((await failureOf(asked)).message, /in a loop/);
    assert.equal(server.seen.length, 6);
  }
});

Deno.test("a redirect loop is a failure", async () => {
  await using server = new Answers(() =>
    new Response(null, { status: 302, headers: { location: "/" } })
  );
  const failure = await failureOf(requestJson(context(), get(server.url), anything));
  assert.match(failure.message, /in a loop/);
});

Deno.test("server messages are shown without tokens, values and control characters", async () => {
  await using server = new Answers(() =>
    json({ detail: "no TOKEN-canary and VALUE-canary" }, { status: 400 })
  );
  const request = { ...get(server.url), method: "PUT", json: { value: "VALUE-canary" } } as const;
  const failure = await failureOf(requestJson(context(), request, anything));
  assert.match(failure.message, /no \[hidden\] and \[hidden\]$/);
});

Deno.test("an interruption ends a request with its own failure", async () => {
  const ended = Promise.withResolvers<Response>();
  const arrived = Promise.withResolvers<void>();
  await using server = new Answers(() => {
    arrived.resolve();
    return ended.promise;
  });
  const interruption = new AbortController();
  const work = exchange(context({ signal: interruption.signal }), get(server.url));
  await arrived.promise;
  interruption.abort(new Failure("interrupted", "Cancelled"));
  await assert.rejects(work, (error) => error instanceof Failure && error.kind === "interrupted");
  ended.resolve(new Response(""));
});

Deno.test("the trace shows the exchange with all tokens and values masked", async () => {
  await using server = new Answers(({ method }) =>
    json({
      access_token: "canary-1",
      nested: { refresh_token: "canary-2" },
      message: `about ${method === "PUT" ? "VALUE-canary" : "canary-5"}`,
    })
  );
  const recorded = context();
  await exchange(recorded, {
    method: "PUT",
    url: `${server.url}/v1/secrets/KEY?code=canary-3&scope=openid`,
    bearer: token,
    json: { description: "a description", value: "VALUE-canary", unknown: "canary-4" },
  });
  await exchange(recorded, {
    method: "POST",
    url: server.url,
    form: new URLSearchParams({
      grant_type: "refresh_token",
      refresh_token: "canary-5",
      code_verifier: "canary-6",
    }),
  });
  const trace = recorded.lines.join("\n");
  assert(!trace.includes("canary"), trace);
  for (
    const shown of [
      "PUT",
      "/v1/secrets/KEY",
      "scope=openid",
      "a description",
      "200",
      "grant_type",
      "refresh_token",
    ]
  ) {
    assert(trace.includes(shown), `${shown} is not in ${trace}`);
  }
});

Deno.test("the trace shows only the length and type of a response that is not JSON", async () => {
  await using server = new Answers(() =>
    new Response("canary in a page", { headers: { "content-type": "text/html" } })
  );
  const recorded = context();
  await exchange(recorded, get(server.url));
  assert(!recorded.lines.join().includes("canary in"));
  assert.match(recorded.lines.join("\n"), /16 characters, text\/html/);
});

Deno.test("every request identifies the program and the version of the contract", async () => {
  let headers = new Headers();
  await using server = new Answers((_seen, request) => {
    headers = request.headers;
    return json({});
  });
  await exchange(context(), { method: "GET", url: server.url });
  assert.equal(headers.get("user-agent"), `arcade-cli/${VERSION} (deno)`);
  assert.equal(headers.get("x-arcade-cli-version"), PYTHON_CLI_VERSION);
});

Deno.test("only a server on this machine is allowed to use http", async () => {
  const failing = () => Promise.reject(new TypeError("received corrupt message of type Invalid"));
  for (
    const [url, expected] of [
      ["https://arcade.example.com", /^Check the address and the port$/],
      ["https://localhost:8443", /`--no-tls`/],
    ] as const
  ) {
    await assert.rejects(
      exchange(context({ fetch: failing }), { method: "GET", url }),
      (error) => error instanceof Failure && expected.test(error.next ?? ""),
    );
  }
});
