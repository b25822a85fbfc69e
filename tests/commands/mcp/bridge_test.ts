import assert from "node:assert/strict";
import type { McpServer } from "../../../src/api/mcp_server.ts";
import { Bridge } from "../../../src/commands/mcp/bridge.ts";
import { isMapping, type Mapping } from "../../../src/contract/fields.ts";
import { sleep } from "../../../src/system/waiting.ts";
import { Answers, json } from "../../support/answers.ts";
import { InProcess } from "../../support/in_process.ts";
import { event, eventStream, SessionServer, TOOL } from "../../support/mcp_servers.ts";
import { patiently } from "../../support/patience.ts";

/** A bridge to a server, and what its client receives. */
class Connected implements AsyncDisposable {
  readonly received: Mapping[] = [];
  readonly lines: string[] = [];
  readonly warnings: string[] = [];
  readonly bridge: Bridge;
  readonly #home = new InProcess();
  #next = Promise.withResolvers<void>();

  constructor(url: string) {
    const { http } = this.#home.context();
    const server: McpServer = {
      url,
      credential: () => Promise.resolve({ http, bearer: undefined, headers: {} }),
      renew: () => Promise.resolve(false),
    };
    this.bridge = new Bridge(server, {
      toClient: (line) => {
        this.lines.push(line);
        const message: unknown = JSON.parse(line);
        if (isMapping(message)) this.received.push(message);
        this.#next.resolve();
        this.#next = Promise.withResolvers();
      },
      warn: (line) => this.warnings.push(line),
      sleep: (_milliseconds, signal) => sleep(0, signal),
    });
  }

  async send(message: Mapping): Promise<void> {
    await this.bridge.receive(JSON.stringify({ jsonrpc: "2.0", ...message }));
  }

  /** Waits until the client has received a message with these fields. */
  async got(fields: Mapping): Promise<Mapping> {
    while (true) {
      const found = this.received.find((one) =>
        Object.entries(fields).every(([key, value]) => one[key] === value)
      );
      if (found) return found;
      await patiently(JSON.stringify(fields), this.#next.promise);
    }
  }

  async begin(): Promise<void> {
    const params = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: {} };
    await this.send({ id: 0, method: "initialize", params });
    await this.send({ method: "notifications/initialized" });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.bridge.close();
    this.#home[Symbol.dispose]();
  }
}

const VERSION_KEY = "io.modelcontextprotocol/protocolVersion";
const _meta = { [VERSION_KEY]: "2026-07-28" };

Deno.test("a session starts, and every later message has its id and version", async () => {
  await using server = new SessionServer();
  await using client = new Connected(server.url);
  await client.begin();
  await client.send({ id: "a", method: "tools/list" });
  assert.deepEqual((await client.got({ id: "a" })).result, { tools: [TOOL] });
  const { headers: first } = await server.asked("initialize");
  assert.equal(first.get("mcp-session-id"), null);
  for (const method of ["notifications/initialized", "tools/list"]) {
    const { headers } = await server.asked(method);
    assert.equal(headers.get("mcp-session-id"), "session-1");
    assert.equal(headers.get("mcp-protocol-version"), "2025-11-25");
    assert.match(headers.get("accept") ?? "", /^application\/json, text\/event-stream$/);
  }
});

Deno.test("the end of a bridge ends its session", async () => {
  await using server = new SessionServer();
  {
    await using client = new Connected(server.url);
    await client.begin();
    assert.deepEqual(server.sessions, ["session-1"]);
  }
  assert.deepEqual(server.sessions, []);
});

Deno.test("requests of the server reach the client, and its responses the server", async () => {
  await using server = new SessionServer();
  await using client = new Connected(server.url);
  await client.begin();
  await server.push("session-1", { jsonrpc: "2.0", id: 7, method: "roots/list" });
  assert.equal((await client.got({ id: 7 })).method, "roots/list");
  await client.send({ id: 7, result: { roots: [] } });
  const { message, headers } = server.received.at(-1) ?? assert.fail("nothing arrived");
  assert.deepEqual(message, { jsonrpc: "2.0", id: 7, result: { roots: [] } });
  assert.equal(headers.get("mcp-session-id"), "session-1");
});

Deno.test("messages that a server sends before its response arrive first", async () => {
  const progress = { jsonrpc: "2.0", method: "notifications/progress", params: { progress: 1 } };
  await using server = new SessionServer(({ message: { method, id } }) =>
    method === "tools/call"
      ? eventStream(event(progress), event({ jsonrpc: "2.0", id, result: { content: [] } }))
      : undefined
  );
  await using client = new Connected(server.url);
  await client.begin();
  await client.send({ id: 1, method: "tools/call", params: { name: "x" } });
  await client.got({ id: 1 });
  assert.deepEqual(client.received.slice(-2).map(({ id }) => id), [undefined, 1]);
});

Deno.test("a server that has lost the session gets a new one, and the request is answered", async () => {
  await using server = new SessionServer();
  await using client = new Connected(server.url);
  await client.begin();
  server.restart();
  await Promise.all([1, 2, 3].map((id) => client.send({ id, method: "tools/list" })));
  for (const id of [1, 2, 3]) {
    assert.deepEqual((await client.got({ id })).result, { tools: [TOOL] });
  }
  assert.deepEqual(server.sessions, ["session-2"]);
  const { message } = await server.asked("initialize", 2);
  assert.deepEqual(isMapping(message.params) && message.params.protocolVersion, "2025-11-25");
  await server.asked("notifications/initialized", 2);
  // The client can list the tools again, and gets the messages of the new session.
  await client.got({ method: "notifications/tools/list_changed" });
  await server.push("session-2", { jsonrpc: "2.0", method: "notifications/message" });
  await client.got({ method: "notifications/message" });
});

Deno.test("a request whose server ends is answered with an error, and later requests work", async () => {
  const isCalled = Promise.withResolvers<void>();
  await using server = new SessionServer(({ message: { method } }) => {
    if (method !== "tools/call") return undefined;
    isCalled.resolve();
    const body = new ReadableStream({
      start: (controller) => {
        controller.enqueue(new TextEncoder().encode(": working\n\n"));
        controller.close();
      },
    });
    return new Response(body, { headers: { "content-type": "text/event-stream" } });
  });
  await using client = new Connected(server.url);
  await client.begin();
  await client.send({ id: 1, method: "tools/call", params: { name: "x" } });
  const { error } = await client.got({ id: 1 });
  assert(isMapping(error));
  assert.match(String(error.message), /ended without a response/);
  await client.send({ id: 2, method: "tools/list" });
  assert.deepEqual((await client.got({ id: 2 })).result, { tools: [TOOL] });
});

Deno.test("an unreachable server is an error for each request, and the bridge continues", async () => {
  await using client = new Connected("http://127.0.0.1:2/mcp");
  await client.begin();
  await client.send({ id: 1, method: "tools/list" });
  for (const id of [0, 1]) {
    const { error } = await client.got({ id });
    assert(isMapping(error));
    assert.match(String(error.message), /Nothing is listening at http:\/\/127\.0\.0\.1:2/);
  }
});

Deno.test("the rest of a response is requested if its stream was cut off", async () => {
  let isCut = false;
  await using answers = new Answers(({ method, body }, request) => {
    if (method === "DELETE") return new Response(null, { status: 202 });
    if (method === "GET") {
      const lastId = request.headers.get("last-event-id");
      return lastId === "event-1"
        ? eventStream(event({ jsonrpc: "2.0", id: 1, result: { content: [] } }, "event-2"))
        : new Response(null, { status: 405 });
    }
    const { id, method: asked } = JSON.parse(body);
    if (asked === "initialize") {
      const result = { protocolVersion: "2025-11-25", capabilities: {} };
      return json({ jsonrpc: "2.0", id, result }, { headers: { "mcp-session-id": "s" } });
    }
    if (id === undefined) return new Response(null, { status: 202 });
    isCut = true;
    return eventStream("id: event-1\nretry: 1\ndata: \n\n");
  });
  await using client = new Connected(answers.url);
  await client.begin();
  await client.send({ id: 1, method: "tools/call", params: { name: "x" } });
  assert.deepEqual((await client.got({ id: 1 })).result, { content: [] });
  assert(isCut);
});

Deno.test("a version that is invalid in a header is not sent back to its server", async () => {
  for (const protocolVersion of ["2025-11-25\r\nx: y", "ü中", "x".repeat(100_000)]) {
    await using server = new SessionServer(({ message: { id, method } }) => {
      if (method !== "initialize") return;
      return json({ jsonrpc: "2.0", id, result: { protocolVersion, capabilities: {} } });
    });
    await using client = new Connected(server.url);
    await client.begin();
    await client.send({ id: 1, method: "ping" });
    const { error } = await client.got({ id: 1 });
    assert(isMapping(error) && error.message === "Session not found", JSON.stringify(error));
    const sent = server.received.map(({ headers }) => headers.get("mcp-protocol-version"));
    assert.deepEqual(sent, [null, null, null]);
    assert.deepEqual(client.warnings, []);
  }
});

Deno.test("without sessions, each message repeats its own fields in headers", async () => {
  const seen: Headers[] = [];
  await using answers = new Answers(({ body }, request) => {
    seen.push(request.headers);
    const { id, method } = JSON.parse(body);
    const result = method === "tools/list" ? { tools: [TOOL] } : { content: [] };
    return json({ jsonrpc: "2.0", id, result: { resultType: "complete", ...result } });
  });
  await using client = new Connected(answers.url);
  await client.send({ id: 1, method: "tools/list", params: { _meta } });
  await client.got({ id: 1 });
  const params = { _meta, name: TOOL.name, arguments: { place: "Zürich" } };
  await client.send({ id: 2, method: "tools/call", params });
  await client.got({ id: 2 });
  await client.send({ id: 3, method: "resources/read", params: { _meta, uri: "file:///ä" } });
  await client.got({ id: 3 });
  const headers = (i: number, ...names: string[]) => names.map((name) => seen[i]?.get(name));
  const names = ["mcp-protocol-version", "mcp-method", "mcp-name", "mcp-session-id"];
  assert.deepEqual(headers(0, ...names), ["2026-07-28", "tools/list", null, null]);
  assert.deepEqual(headers(1, ...names), ["2026-07-28", "tools/call", TOOL.name, null]);
  assert.deepEqual(headers(1, "mcp-param-place"), ["=?base64?WsO8cmljaA==?="]);
  assert.deepEqual(headers(2, "mcp-name"), ["=?base64?ZmlsZTovLy/DpA==?="]);
});

Deno.test("an error with another status reaches the client with the id of its request", async () => {
  const error = { code: -32022, message: "Unsupported", data: { supported: ["2025-11-25"] } };
  await using answers = new Answers(({ body }) =>
    JSON.parse(body).method === "server/discover"
      ? json({ jsonrpc: "2.0", id: null, error }, { status: 400 })
      : new Response("Not here", { status: 404 })
  );
  await using client = new Connected(answers.url);
  await client.send({ id: "d", method: "server/discover", params: { _meta } });
  assert.deepEqual((await client.got({ id: "d" })).error, error);
  await client.send({ id: "e", method: "tools/list", params: { _meta } });
  const { error: other } = await client.got({ id: "e" });
  assert.deepEqual(isMapping(other) && other.data, { status: 404 });
});

Deno.test("a cancelled request ends its connection without sessions, and is no longer answered", async () => {
  const isEnded = Promise.withResolvers<void>();
  const isAsked = Promise.withResolvers<void>();
  await using answers = new Answers(() => {
    const body = new ReadableStream({
      start: (controller) => {
        controller.enqueue(new TextEncoder().encode(": working\n\n"));
        isAsked.resolve();
      },
      cancel: () => isEnded.resolve(),
    });
    return new Response(body, { headers: { "content-type": "text/event-stream" } });
  });
  await using client = new Connected(answers.url);
  await client.send({ id: 5, method: "tools/call", params: { _meta, name: "x" } });
  await patiently("the call", isAsked.promise);
  await client.send({ method: "notifications/cancelled", params: { requestId: 5 } });
  await patiently("the end of the connection", isEnded.promise);
  await client.bridge.settled();
  assert.deepEqual(client.received, []);
  assert.equal(answers.seen.length, 1);
});

Deno.test("invalid lines are answered with an error, and batches message by message", async () => {
  await using server = new SessionServer();
  await using client = new Connected(server.url);
  await client.begin();
  const codeOf = (line: string) => JSON.parse(line).error.code;
  client.lines.length = 0;
  for (const line of ["{", "nonsense", '"text"', "[]", '{"jsonrpc":"2.0"}']) {
    await client.bridge.receive(line);
  }
  assert.deepEqual(client.lines.map(codeOf), [-32700, -32700, -32600, -32600, -32600]);
  await client.bridge.receive(
    '[{"jsonrpc":"2.0","id":12345678901234567890,"method":"tools/list"},{"jsonrpc":"2.0","id":9,"method":"ping"}]',
  );
  await client.got({ id: 9 });
  await client.bridge.settled();
  assert(server.received.some(({ message }) => message.method === "tools/list"));
});

Deno.test("JSON over several lines becomes one line, unchanged otherwise", async () => {
  const text = '{\n  "jsonrpc": "2.0",\r\n  "id": 1,\n  "result": {"n": 1.50, "t": "a\\nb"}\n}\n';
  await using answers = new Answers(() =>
    new Response(text, { headers: { "content-type": "application/json" } })
  );
  await using client = new Connected(answers.url);
  await client.send({ id: 1, method: "ping", params: { _meta } });
  await client.got({ id: 1 });
  const [line = ""] = client.lines;
  assert(!/[\r\n]/.test(line));
  assert.match(line, /"n": 1\.50, "t": "a\\nb"/);
});

Deno.test("a message of 10 MB passes both ways", async () => {
  const text = "x".repeat(10_000_000);
  await using answers = new Answers(({ body }) => {
    const { id, params } = JSON.parse(body);
    return eventStream(event({ jsonrpc: "2.0", id, result: { text: params.text } }));
  });
  await using client = new Connected(answers.url);
  await client.send({ id: 1, method: "echo", params: { _meta, text } });
  const { result } = await client.got({ id: 1 });
  assert(isMapping(result) && result.text === text);
});

Deno.test("a server that redirects elsewhere is not followed", async () => {
  await using other = new Answers(() => json({}));
  await using answers = new Answers(() =>
    new Response(null, { status: 307, headers: { location: `${other.url}/mcp` } })
  );
  await using client = new Connected(answers.url);
  await client.send({ id: 1, method: "ping", params: { _meta } });
  const { error } = await client.got({ id: 1 });
  assert.match(
    String(isMapping(error) && error.message),
    /redirects to .*, which was not followed/,
  );
  assert.deepEqual(other.seen, []);
});
