import assert from "node:assert/strict";
import { Failure } from "../../src/failure.ts";
import { type CommandOptions, connectToCommand } from "../../src/mcp/command.ts";
import type { McpConnection } from "../../src/mcp/connection.ts";
import { OS } from "../../src/system/os.ts";
import { McpLog, mcpProgram } from "../support/mcp_program.ts";
import { patiently } from "../support/patience.ts";
import { gone } from "../support/processes.ts";

const machine = { env: { PATH: Deno.env.get("PATH") ?? "" }, machine: { os: OS } };

const NOTHING = Promise.resolve();

/** A connection to the server, with what it says besides. */
class Started implements AsyncDisposable {
  readonly log = new McpLog();
  readonly lines: string[] = [];
  readonly declined: string[] = [];
  noises = 0;
  readonly interruption = new AbortController();
  connection: McpConnection | undefined;

  async connect(faults: readonly string[] = [], more: Partial<CommandOptions> = {}) {
    const program = { command: mcpProgram(this.log, ...faults), folder: Deno.cwd() };
    this.connection = await connectToCommand(machine, program, {
      signal: this.interruption.signal,
      answerMs: 30_000,
      env: {},
      onLine: (line) => this.lines.push(line),
      onNoise: () => this.noises++,
      onDeclined: (what) => this.declined.push(what),
      ...more,
    });
    return this.connection;
  }

  async call(name: string, input = {}, answerMs = 30_000) {
    assert(this.connection);
    const tool = (await this.connection.tools()).find((one) => one.name === name);
    assert(tool);
    return await patiently("the call", this.connection.call({ tool, input, answerMs }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await patiently("the end of the server", this.connection?.[Symbol.asyncDispose]() ?? NOTHING);
    await gone(...this.log.pids); // whatever happened
    this.log[Symbol.dispose]();
  }
}

for (const [era, faults] of [["2025-06-18", []], ["2026-07-28", ["modern"]]] as const) {
  Deno.test(`a program is asked for its tools in version ${era}, and exits when its input ends`, async () => {
    await using server = new Started();
    const connection = await server.connect(faults);
    assert.equal(connection.protocolVersion, era);
    assert.equal(connection.identity.serverInfo?.version, "1.2.3");
    assert.deepEqual((await server.call("Demo_Add", { a: 1, b: 2 })).content, [
      { type: "text", text: "3" },
    ]);
    await connection[Symbol.asyncDispose]();
    assert.equal(server.log.lines.at(-1), "stdin closed");
  });
}

Deno.test("a program that does not exit when its input ends is stopped", async () => {
  await using server = new Started();
  await server.connect(["lingers"]);
});

Deno.test("a program that exits at once is a failure, and its last lines are shown", async () => {
  await using server = new Started();
  await assert.rejects(server.connect(["exits"]), (error) => {
    assert(error instanceof Failure);
    assert.deepEqual([error.kind, error.isRetryable], ["network", false]);
    assert.equal(error.message, "The MCP server ended with exit code 3");
    return true;
  });
  assert.deepEqual(server.lines, ["Cannot start: no config"]);
});

Deno.test("a program that exits during a call is a failure", async () => {
  await using server = new Started();
  await server.connect();
  await assert.rejects(server.call("Demo_Die"), { message: /ended with exit code 7$/ });
  assert.deepEqual(server.lines, ["Traceback: out of cheese"]);
});

Deno.test("a program that does not answer is a failure after a while, and is stopped", async () => {
  await using server = new Started();
  await assert.rejects(server.connect(["hangs"], { answerMs: 50 }), {
    kind: "network",
    message: "The MCP server did not answer the connection within 0.05 s",
  });
  await server.connect();
  await assert.rejects(server.call("Demo_Hang", {}, 50), {
    message: "The MCP server did not answer the call of Demo_Hang within 0.05 s",
  });
});

Deno.test("a program can flood stderr, and write other lines to stdout", async () => {
  await using server = new Started();
  await server.connect(["floods", "chats"]);
  assert.equal((await server.call("Demo_Add", { a: 1, b: 2 })).content.length, 1);
  assert.equal(server.noises, 1);
  await server.connection?.[Symbol.asyncDispose]();
  assert.equal(server.lines.length, 20_000);
});

Deno.test("the size of a message is limited", async () => {
  await using server = new Started();
  await server.connect();
  await assert.rejects(server.call("Demo_Content", { kind: "huge" }), {
    kind: "server",
    message: /larger than 32 MiB$/,
  });
});

Deno.test("an interruption cancels the call at the server", async () => {
  await using server = new Started();
  await server.connect();
  const call = server.call("Demo_Hang");
  await server.log.has("hanging");
  const reason = new Failure("interrupted", "Cancelled");
  server.interruption.abort(reason);
  await assert.rejects(call, (error) => error === reason);
  await server.connection?.[Symbol.asyncDispose]();
  assert.deepEqual(server.log.lines.slice(-2), ["notifications/cancelled", "stdin closed"]);
});

for (
  const [faults, what, answer] of [
    [[], "elicitation", { result: { action: "decline" } }],
    [["samples"], "sampling", { error: { code: -32601, message: "arcade declines sampling" } }],
  ] as const
) {
  Deno.test(`a request of the server for ${what} is declined`, async () => {
    await using server = new Started();
    await server.connect(faults);
    const [content] = (await server.call("Demo_Ask")).content;
    assert(content?.type === "text");
    const { result, error } = JSON.parse(content.text);
    assert.deepEqual({ ...(result && { result }), ...(error && { error }) }, answer);
    assert.deepEqual(server.declined, [what]);
  });
}

Deno.test("a program that does not exist is a failure", async () => {
  const options = { signal: new AbortController().signal, answerMs: 1000, env: {} };
  const program = { command: ["no-such-program"], folder: "/" };
  await assert.rejects(
    connectToCommand(machine, program, { ...options, onLine: () => {}, onNoise: () => {} }),
    { kind: "program-missing" },
  );
});
