import assert from "node:assert/strict";
import { Failure } from "../../src/failure.ts";
import { connectToUrl, type HttpOptions } from "../../src/mcp/http.ts";
import type { McpConnection } from "../../src/mcp/connection.ts";
import { Answers, closedPort } from "../support/answers.ts";
import { FakeMcpServer, type McpOptions } from "../support/mcp_server.ts";
import { patiently } from "../support/patience.ts";

const ADD = { name: "Demo_Add", description: "Adds", inputSchema: { type: "object" } };

function connect(url: string, more: Partial<HttpOptions> = {}): Promise<McpConnection> {
  const options = { fetch, signal: new AbortController().signal, answerMs: 30_000 };
  return patiently("the connection", connectToUrl(url, { ...options, ...more }));
}

async function callAdd(connection: McpConnection, answerMs = 30_000) {
  const [tool] = await connection.tools();
  assert(tool);
  return await patiently("the call", connection.call({ tool, input: { a: 1 }, answerMs }));
}

const withAdd = (call: McpOptions["call"], more: Partial<McpOptions> = {}) =>
  new FakeMcpServer({ tools: [ADD], ...(call && { call }), ...more });

for (const isStreaming of [false, true]) {
  const form = isStreaming ? "with events" : "with JSON";
  Deno.test(`a server that answers ${form} is asked for its tools, and its session ends`, async () => {
    const content = [{ type: "text", text: "3" }];
    await using server = withAdd(() => ({ content }), { isStreaming });
    const headers = { authorization: "Bearer of-the-test" };
    const connection = await connect(server.url, { headers });
    assert.equal(connection.identity.serverInfo?.version, "2.1.0");
    assert.equal(connection.identity.instructions, "About it");
    assert.deepEqual((await callAdd(connection)).content, content);
    assert.deepEqual(server.last("tools/call")?.params.arguments, { a: 1 });
    await connection[Symbol.asyncDispose]();
    assert.equal(server.requests.at(-1)?.method, "DELETE");
    assert(
      server.requests.every((one) => one.headers.get("authorization") === "Bearer of-the-test"),
    );
  });
}

for (
  const [status, kind, message] of [
    [401, "login", /wants a login \(401\)$/],
    [403, "forbidden", /does not allow this \(403\)$/],
    [404, "server", /answered with 404$/],
    [503, "network", /answered with 503$/],
  ] as const
) {
  Deno.test(`a server that answers with ${status} is a failure`, async () => {
    await using server = new Answers(() => new Response("", { status }));
    await assert.rejects(connect(server.url), { kind, message });
  });
}

Deno.test("an address where nothing listens is a failure", async () => {
  await assert.rejects(connect(`http://127.0.0.1:${closedPort()}/mcp`), {
    kind: "network",
    message: /^Nothing is listening at/,
  });
});

Deno.test("a server with an invalid response is a failure", async () => {
  await using page = new Answers(() =>
    new Response("<h1>Hello</h1>", { headers: { "content-type": "text/html" } })
  );
  await assert.rejects(connect(page.url), { kind: "server", message: /in an unknown format$/ });
  await using server = withAdd(() => ({ content: "nonsense" }));
  await using connection = await connect(server.url);
  await assert.rejects(callAdd(connection), { kind: "server", message: /in an unknown format$/ });
});

Deno.test("a server that does not answer is a failure after a while", async () => {
  const hanging = Promise.withResolvers<Response>();
  await using server = withAdd(() => hanging.promise);
  await using connection = await connect(server.url);
  await assert.rejects(callAdd(connection, 50), { kind: "network", message: /within 0.05 s$/ });
  hanging.resolve(new Response());
});

Deno.test("a server that cuts off its events during a call is a failure", async () => {
  const events = () =>
    new Response(": hello\n\n", { headers: { "content-type": "text/event-stream" } });
  await using server = withAdd(events);
  await using connection = await connect(server.url);
  await assert.rejects(callAdd(connection), {
    kind: "network",
    message: /closed the connection during the call of Demo_Add$/,
  });
});

Deno.test("the size of a response is limited", async () => {
  const text = "x".repeat(33 * 1024 * 1024);
  await using server = withAdd(() => ({ content: [{ type: "text", text }] }));
  await using connection = await connect(server.url);
  await assert.rejects(callAdd(connection), { message: /larger than 32 MiB$/ });
});

Deno.test("an unknown tool is a failure with the server's message", async () => {
  await using server = withAdd(undefined);
  await using connection = await connect(server.url);
  const tool = { ...ADD, name: "Other", inputSchema: { type: "object" as const } };
  await assert.rejects(connection.call({ tool, input: {}, answerMs: 30_000 }), {
    kind: "server",
    reason: "-32602",
    message: /refused the call of Other: .*tool not found \(-32602\)$/,
  });
});

for (const isStateless of [false, true]) {
  const kind = isStateless ? "without sessions" : "with a session";
  Deno.test(`an interruption cancels the call at a server ${kind}`, async () => {
    const interruption = new AbortController();
    const reason = new Failure("interrupted", "Cancelled");
    const hanging = Promise.withResolvers<Response>();
    await using server = withAdd(() => {
      interruption.abort(reason);
      return hanging.promise;
    }, { isStateless });
    const connection = await connect(server.url, { signal: interruption.signal });
    await assert.rejects(callAdd(connection), (error) => error === reason);
    await connection[Symbol.asyncDispose]();
    hanging.resolve(new Response());
    assert(server.last("notifications/cancelled"));
  });
}

Deno.test("a redirect to another origin is not followed", async () => {
  await using other = withAdd(undefined);
  await using server = new Answers(() => Response.redirect(`${other.url}/mcp`, 307));
  await assert.rejects(connect(server.url), { kind: "server" });
  assert.deepEqual(other.requests, []);
});
