import assert from "node:assert/strict";
import { patiently } from "../../support/patience.ts";
import { shellWord } from "../../../src/text/shell_word.ts";
import { SessionServer, TOOL } from "../../support/mcp_servers.ts";
import { BINARY, type Running, TestMachine } from "../../support/test_machine.ts";

const line = (message: object) => `${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`;
const INITIALIZE = line({
  id: 0,
  method: "initialize",
  params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: {} },
});
const INITIALIZED = line({ method: "notifications/initialized" });
const LIST = line({ id: 1, method: "tools/list" });
const CALL = line({ id: 2, method: "tools/call", params: { name: TOOL.name } });

/** A server whose calls are never answered, and an event when the first one is abandoned. */
function endless() {
  const abandoned = Promise.withResolvers<void>();
  const server = new SessionServer(({ message: { method } }) => {
    if (method !== "tools/call") return undefined;
    const body = new ReadableStream({
      start: (controller) => controller.enqueue(new TextEncoder().encode(": working\n\n")),
      cancel: () => abandoned.resolve(),
    });
    return new Response(body, { headers: { "content-type": "text/event-stream" } });
  });
  return { server, abandoned: abandoned.promise };
}

async function begun(machine: TestMachine, server: SessionServer): Promise<Running> {
  const running = machine.start(["mcp", "proxy", server.url], { isTyped: true });
  await running.type(INITIALIZE + INITIALIZED + LIST);
  await running.printed(/"id":1/);
  return running;
}

Deno.test("arcade mcp proxy passes messages both ways, and nothing else is on stdout", async () => {
  await using machine = new TestMachine();
  await using server = new SessionServer();
  const running = await begun(machine, server);
  await server.push("session-1", { jsonrpc: "2.0", id: "s", method: "roots/list" });
  await running.printed(/"roots\/list"/);
  await running.type(line({ id: "s", result: { roots: [] } }) + "no JSON\n");
  await running.printed(/-32700/);
  running.kill("SIGTERM");
  const { code, stdout, stderr } = await running.end();
  assert.equal(code, 130);
  assert.match(stderr, /^Cancelled\n$/);
  for (const one of stdout.trim().split("\n")) assert.equal(JSON.parse(one).jsonrpc, "2.0");
  assert.deepEqual(server.sessions, [], "the session has ended");
});

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  Deno.test(`${signal} ends arcade mcp proxy in the middle of a call`, async () => {
    await using machine = new TestMachine();
    const { server: opened, abandoned } = endless();
    await using server = opened;
    const running = await begun(machine, server);
    await running.type(CALL);
    await server.asked("tools/call");
    running.kill(signal);
    assert.equal((await running.end()).code, 130);
    await patiently("the end of the call", abandoned);
  });
}

Deno.test("after the end of its input, arcade mcp proxy passes on the last responses, and exits", async () => {
  await using machine = new TestMachine();
  const isAsked = Promise.withResolvers<void>();
  await using server = new SessionServer(async ({ message: { method, id } }) => {
    if (method !== "tools/call") return undefined;
    isAsked.resolve();
    await new Promise((resolve) => setTimeout(resolve, 50));
    return Response.json({ jsonrpc: "2.0", id, result: { content: [] } });
  });
  const stdin = INITIALIZE + INITIALIZED + CALL;
  const { code, stdout } = await machine.run(["mcp", "proxy", server.url], { stdin });
  assert.equal(code, 0);
  assert.deepEqual(stdout.trim().split("\n").map((one) => JSON.parse(one).id), [0, 2]);
});

Deno.test("arcade mcp proxy exits when its parent was killed in the middle of a call", async () => {
  await using machine = new TestMachine();
  const { server: opened, abandoned } = endless();
  await using server = opened;
  const input = `${machine.path}/input`;
  Deno.writeTextFileSync(input, INITIALIZE + INITIALIZED + CALL);
  const words = [BINARY, "mcp", "proxy", server.url].map(shellWord).join(" ");
  const parent = machine.startProgram(
    ["sh", "-c", `${words} < ${shellWord(input)} & read line`],
    { isTyped: true },
  );
  await server.asked("tools/call");
  parent.kill("SIGKILL");
  await patiently("the end of the call", abandoned);
});

Deno.test("arcade mcp proxy exits when the reader of its output is gone", async () => {
  await using machine = new TestMachine();
  await using server = new SessionServer();
  const words = [BINARY, "mcp", "proxy", server.url].map(shellWord).join(" ");
  const running = machine.startProgram(["sh", "-c", `${words} | head -n 1`], { isTyped: true });
  await running.type(INITIALIZE);
  await running.printed(/"id":0/);
  await running.type(INITIALIZED + LIST);
  assert.equal((await running.end()).stderr, "");
});

Deno.test("arcade mcp proxy outlives a server that stops and starts again", async () => {
  await using machine = new TestMachine();
  const first = new SessionServer();
  const port = Number(new URL(first.url).port);
  const running = await begun(machine, first);
  await first[Symbol.asyncDispose]();
  await running.type(line({ id: 3, method: "tools/list" }));
  await running.printed(/"id":3,"error":\{"code":-32000,/);
  await using _second = new SessionServer(undefined, { port });
  await running.type(line({ id: 4, method: "tools/list" }));
  await running.printed(/"id":4,/);
  running.kill("SIGTERM");
  const { stdout, stderr } = await running.end();
  const answer = stdout.split("\n").find((one) => one.includes('"id":4,')) ?? "";
  assert.deepEqual(JSON.parse(answer).result, { tools: [TOOL] });
  assert.match(stderr, /lost the session; a new one was started/);
});

Deno.test("a message of 10 MB passes through arcade mcp proxy, and one of more than 16 MiB is refused", async () => {
  await using machine = new TestMachine();
  await using server = new SessionServer(({ message: { method, id, params } }) =>
    method === "echo" ? Response.json({ jsonrpc: "2.0", id, result: params }) : undefined
  );
  const text = "x".repeat(10_000_000);
  const stdin = INITIALIZE + line({ id: 1, method: "echo", params: { text } }) +
    line({ id: 2, method: "echo", params: { text: "y".repeat(17 * 1024 * 1024) } });
  const { code, stdout } = await machine.run(["mcp", "proxy", server.url], { stdin });
  assert.equal(code, 0);
  const messages = stdout.trim().split("\n").map((one) => JSON.parse(one));
  assert.equal(messages.find(({ id }) => id === 1).result.text, text);
  assert.match(messages.find(({ id }) => id === null).error.message, /larger than 16 MiB/);
});
