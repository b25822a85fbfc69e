import assert from "node:assert/strict";
import { startServer } from "../../src/dev/start_server.ts";
import { MAX_LINE } from "../../src/text/lines.ts";
import { McpWorker } from "../../src/local/servers/mcp_worker.ts";
import { sleep } from "../../src/system/waiting.ts";
import { McpLog, mcpProgram } from "../support/mcp_program.ts";
import { gone } from "../support/processes.ts";
import { ROOT } from "../support/root.ts";
import { FakeMcpServer } from "../support/mcp_server.ts";
import { shellWord } from "../../src/text/shell_word.ts";

const ignore = Deno.build.os === "windows";
const clocks = { elapsedMs: () => performance.now(), sleep };

function start(
  command: readonly string[],
  { lines = [], limitMs = 60_000, signal = new AbortController().signal }: {
    lines?: string[];
    limitMs?: number;
    signal?: AbortSignal;
  } = {},
) {
  const program = { command, folder: ROOT, env: {}, limitMs };
  return startServer(program, { onLine: (line) => lines.push(line), signal, clocks });
}

Deno.test(
  { name: "a server over its streams is asked over HTTP, with a token", ignore },
  async () => {
    using log = new McpLog();
    const lines: string[] = [];
    const server = await start(mcpProgram(log), { lines });
    assert(server.settings.type === "mcp");
    const { uri, headers } = server.settings.mcp;
    const worker = new McpWorker({
      url: uri,
      headers: () => Promise.resolve(headers),
      callMs: 9000,
    });
    const names = (await worker.tools()).map(({ qualified_name }) => qualified_name);
    assert(names.includes("Demo.Demo_Add"), names.join());
    const call = {
      execution_id: "e",
      tool: { name: "Demo_Add", toolkit: "Demo" },
      inputs: { a: 1, b: 2 },
      context: { secrets: [] },
    };
    const answers = await Promise.all([worker.invoke(call), worker.invoke(call)]);
    for (const { success } of answers) assert(success);
    const stranger = await fetch(uri, { method: "POST", body: "{}" });
    await stranger.body?.cancel();
    assert.equal(stranger.status, 401);
    assert.equal(log.lines.filter((line) => line.includes("initialize")).length > 0, true);
    await server.stop();
    await assert.rejects(fetch(uri));
    await gone(...log.pids);
  },
);

Deno.test(
  { name: "a server over its streams that dies fails the calls that run", ignore },
  async () => {
    using log = new McpLog();
    const server = await start(mcpProgram(log));
    assert(server.settings.type === "mcp");
    const { uri, headers } = server.settings.mcp;
    const worker = new McpWorker({
      url: uri,
      headers: () => Promise.resolve(headers),
      callMs: 9000,
    });
    const call = {
      execution_id: "e",
      tool: { name: "Demo_Die", toolkit: "Demo" },
      inputs: {},
      context: { secrets: [] },
    };
    const dying = worker.invoke(call);
    dying.catch(() => {});
    await server.ended;
    await server.stop();
    await assert.rejects(dying);
  },
);

Deno.test({ name: "a server that serves /mcp at PORT is asked there", ignore }, async () => {
  await using answering = new FakeMcpServer({ tools: [], isStateless: true });
  // The program passes what comes to its port on to the server of the test.
  const target = new URL(answering.url).port;
  const code = `Deno.serve({ hostname: "127.0.0.1", port: Number(Deno.env.get("PORT")) },
    async (request) => {
      const { pathname } = new URL(request.url);
      if (pathname !== "/mcp") return new Response(null, { status: 404 });
      const { method, headers } = request;
      const body = await request.text();
      return await fetch("http://127.0.0.1:${target}/mcp", { method, headers, body });
    });`;
  const server = await start([
    "sh",
    "-c",
    `exec ${shellWord(Deno.execPath())} eval --quiet ${shellWord(code)}`,
  ]);
  assert(server.settings.type === "mcp");
  assert.match(server.settings.mcp.uri, /^http:\/\/127\.0\.0\.1:\d+\/mcp$/);
  await server.stop();
});

for (
  const [what, line, message] of [
    ["ends at once", "exit 3", /^The server exited with code 3$/],
    ["never listens", "sleep 600", /^The server was not healthy within 0\.3 s$/],
    ["is killed", "kill -9 $$", /^The server was terminated by SIGKILL$/],
  ] as const
) {
  Deno.test(
    { name: `a server that ${what} is a failure, and nothing is left`, ignore },
    async () => {
      const lines: string[] = [];
      const limitMs = line.startsWith("sleep") ? 300 : 60_000;
      const starting = start(["sh", "-c", `echo "pid $$"; ${line}`], { lines, limitMs });
      await assert.rejects(starting, { message });
      const [, pid = ""] = /^pid (\d+)$/.exec(lines[0] ?? "") ?? [];
      if (pid !== "") await gone(pid);
    },
  );
}

Deno.test({ name: "a long line that is no message is cut as in other logs", ignore }, async () => {
  const lines: string[] = [];
  const line = `head -c 1000000 /dev/zero | tr '\\0' x; echo; exit 3`;
  await assert.rejects(start(["sh", "-c", line], { lines }));
  assert(lines.length > 0);
  for (const { length } of lines) assert(length <= MAX_LINE + 100, `${length}`);
});

Deno.test({ name: "a start that is aborted leaves nothing", ignore }, async () => {
  const lines: string[] = [];
  const over = new AbortController();
  const starting = start(["sh", "-c", 'echo "pid $$"; exec sleep 600'], {
    lines,
    signal: over.signal,
  });
  setTimeout(() => over.abort(new Error("changed")), 300);
  await assert.rejects(starting, { message: "changed" });
  const [, pid = ""] = /^pid (\d+)$/.exec(lines[0] ?? "") ?? [];
  if (pid !== "") await gone(pid);
});
