import assert from "node:assert/strict";
import { Answers, json } from "../../support/answers.ts";
import { InProcess, type World } from "../../support/in_process.ts";
import { event, SessionServer, TOOL } from "../../support/mcp_servers.ts";
import { ProtectedMcpServer } from "../../support/protected_mcp_server.ts";
import { ScriptedEngine } from "../../support/services.ts";

/** The steps of `gateway test`, as `--json` shows them, and its other output. */
async function walked(home: InProcess, args: readonly string[], world: World = {}) {
  const ran = await home.run(["gateway", "test", ...args, "--json"], world);
  const { steps = [], ok, tools } = ran.stdout === "" ? {} : JSON.parse(ran.stdout);
  const names = steps.map(({ name, ok }: { name: string; ok: boolean }) =>
    ok ? name : `failed: ${name}`
  );
  const details: Record<string, string> = Object.fromEntries(
    steps.map(({ name, detail }: { name: string; detail: string }) => [name, detail]),
  );
  return { ...ran, names, details, ok, tools };
}

const LOGIN = ["resource metadata", "authorization server", "registration", "token"];
const FIRST = "request without a login";

Deno.test("a server without a login is tested with sessions, which are ended", async () => {
  using home = new InProcess();
  await using server = new SessionServer();
  const { code, names, ok, tools, details } = await walked(home, [server.url]);
  assert.equal(code, 0);
  assert.deepEqual(names, [FIRST, "discover", "initialize", "tools/list"]);
  assert.equal(ok, true);
  assert.deepEqual(tools, [TOOL.name]);
  assert.equal(details.initialize, "test, 1, protocol 2025-11-25");
  assert.deepEqual(server.sessions, []);
});

Deno.test("each step is a line with its duration, and the named tool is called", async () => {
  using home = new InProcess();
  await using server = new SessionServer(({ message: { method, id, params } }) =>
    method === "tools/call"
      ? json({ jsonrpc: "2.0", id, result: { content: [], structuredContent: params } })
      : undefined
  );
  const args = ["gateway", "test", server.url, "--call", TOOL.name, "--input", '{"place":"Rome"}'];
  const { code, stdout } = await home.run(args);
  assert.equal(code, 0);
  assert.match(stdout, /^(?:ok +\d+ ms {2}\S.*\n){5}$/);
  assert.match(stdout, /tools\/call .*"arguments":\{"place":"Rome"\}/);
});

Deno.test("`gateway test` says that it waits for a slow server", async () => {
  using home = new InProcess();
  const ended = new AbortController();
  const shown = Promise.withResolvers<void>();
  await using server = new SessionServer(async () => {
    await shown.promise;
    return undefined;
  });
  const walk = home.run(["gateway", "test", server.url], {
    interruption: ended.signal,
    onWait: (line) => line === "Waiting for the MCP server…" && shown.resolve(),
  });
  const late = setTimeout(() => ended.abort(), 10_000);
  const { code, stderr } = await walk;
  clearTimeout(late);
  shown.resolve();
  assert.equal(code, 0, stderr);
});

Deno.test("a server without sessions gets requests without one", async () => {
  using home = new InProcess();
  await using answers = new Answers(({ body }, request) => {
    const { id, method } = JSON.parse(body);
    if (method === "initialize") return json({ jsonrpc: "2.0", id, result: {} });
    assert.equal(request.headers.get("mcp-method"), method);
    const result = method === "tools/list" ? { tools: [TOOL] } : {};
    return json({ jsonrpc: "2.0", id, result: { resultType: "complete", ...result } });
  });
  const { code, names, details } = await walked(home, [answers.url]);
  assert.equal(code, 0);
  assert.deepEqual(names, [FIRST, "discover", "tools/list"]);
  assert.equal(details.discover, "stateless, 2026-07-28");
});

Deno.test("a login is tested step by step, stored for the next time, and repeated on request", async () => {
  using home = new InProcess();
  await using server = new ProtectedMcpServer();
  const first = await walked(home, [server.url]);
  assert.equal(first.code, 0, first.stderr);
  assert.deepEqual(first.names, [FIRST, ...LOGIN, "discover", "tools/list"]);
  assert.doesNotMatch(first.stdout + first.stderr, /access-token|refresh-token|code-of-the-test/);
  assert.equal(JSON.parse(first.stdout).url, server.url);

  const second = await walked(home, [server.url]);
  assert.deepEqual(
    second.names,
    [FIRST, ...LOGIN.filter((one) => one !== "registration"), "discover", "tools/list"],
  );
  const { stdout } = await home.run(["gateway", "test", server.url], { terminal: true });
  assert.match(stdout, /token {20}stored, valid until/);
  assert.deepEqual(stdout.split("\n").filter(({ length }) => length > 80), []);
  assert.equal(server.authorizations.length, 1);
  await walked(home, [server.url, "--new-login"]);
  assert.equal(server.authorizations.length, 2);
  const proxied = await home.run(["mcp", "proxy", server.url], {
    stdin: ['{"jsonrpc":"2.0","id":1,"method":"ping"}\n'],
  });
  assert.match(proxied.stdout, /"id":1,"result"/);
  assert.equal(server.authorizations.length, 2, "the proxy uses the same login");
});

Deno.test("a client that the user has registered is used instead of a new one", async () => {
  using home = new InProcess();
  await using server = new ProtectedMcpServer();
  await walked(home, [server.url, "--client-id", "my-client"]);
  assert.equal(server.authorizations[0]?.get("client_id"), "my-client");
  assert(!server.asked.includes("POST /oauth2/register"));
});

Deno.test("a gateway of the engine that accepts API keys gets the user's key", async () => {
  const seen = new Set<string | null>();
  await using engine = new ScriptedEngine({
    "POST /mcp/keyed": ({ body, authorization }, { headers }) => {
      seen.add(authorization);
      if (authorization === null) return json({ message: "no key" }, { status: 401 });
      assert.equal(headers.get("arcade-user-id"), "me@example.com");
      const { id, method } = JSON.parse(body);
      const result = method === "tools/list" ? { tools: [TOOL] } : {};
      return json({ jsonrpc: "2.0", id, result });
    },
  });
  const env = { ARCADE_API_KEY: "arc_key", ARCADE_ENGINE_URL: engine.answers.url };
  const { code, names, stderr } = await walked(
    engine.home,
    ["keyed", "--user", "me@example.com"],
    { env },
  );
  assert.equal(code, 0, stderr);
  assert.deepEqual(names, [FIRST, "token", "discover", "tools/list"]);
  assert.deepEqual([...seen], [null, "Bearer arc_key"]);
});

Deno.test("another server gets no credential of the user, even if it asks for one", async () => {
  await using engine = new ScriptedEngine({});
  await using other = new Answers(() => json({ message: "no" }, { status: 401 }));
  for (const env of [{}, { ARCADE_API_KEY: "arc_key" }]) {
    const { code, names } = await walked(engine.home, [`${other.url}/mcp`], { env });
    assert.equal(code, 1);
    assert.deepEqual(names, [FIRST, "failed: resource metadata"]);
  }
  assert(other.seen.every(({ authorization }) => authorization === null));
});

/** A server's response, and the step where the test ends, with the exit code and the next step. */
const BROKEN: readonly (readonly [
  what: string,
  answer: (method: string, id: unknown) => Response,
  step: string,
  code: number,
  told: RegExp,
])[] = [
  ["404", () => new Response(null, { status: 404 }), FIRST, 1, /Check the path of the address/],
  [
    "a page",
    () => new Response("<html>", { headers: { "content-type": "text/html" } }),
    "initialize",
    1,
    /no result/,
  ],
  [
    "a list without an end",
    (method, id) =>
      json({
        jsonrpc: "2.0",
        id,
        result: method === "tools/list" ? { tools: [], nextCursor: crypto.randomUUID() } : {},
      }),
    "tools/list",
    1,
    /The list of tools never ends/,
  ],
  [
    "the same page again and again",
    (method, id) =>
      json({
        jsonrpc: "2.0",
        id,
        result: method === "tools/list" ? { tools: [], nextCursor: "x" } : {},
      }),
    "tools/list",
    1,
    /The list of tools never ends/,
  ],
  [
    "only other messages",
    (method, id) =>
      method === "tools/list"
        ? new Response(event({ jsonrpc: "2.0", method: "notifications/message" }), {
          headers: { "content-type": "text/event-stream" },
        })
        : json({ jsonrpc: "2.0", id, result: {} }),
    "tools/list",
    1,
    /has no result/,
  ],
  [
    "an error",
    (method, id) =>
      method === "tools/list"
        ? json({ jsonrpc: "2.0", id, error: { code: -32603, message: "\x1b[2Jbroken" } })
        : json({ jsonrpc: "2.0", id, result: {} }),
    "tools/list",
    1,
    /refused tools\/list: .\[2Jbroken \(-32603\)/,
  ],
];
for (const [what, answer, step, expected, told] of BROKEN) {
  Deno.test(`the walk to a server that answers with ${what} ends at "${step}"`, async () => {
    using home = new InProcess();
    await using answers = new Answers(({ method, body }) => {
      if (method !== "POST") return new Response(null, { status: 202 });
      const { method: asked, id } = JSON.parse(body);
      return answer(asked, id);
    });
    const { code, stdout, stderr } = await home.run(["gateway", "test", `${answers.url}/mcp`]);
    assert.equal(code, expected, stderr);
    const failed = stdout.split("\n").filter((line) => line.startsWith("failed"));
    assert.equal(failed.length, 1);
    assert(failed[0]?.includes(`ms  ${step}`), failed[0]);
    assert.match(stderr, told);
    assert(!(stdout + stderr).includes("\x1b"));
  });
}

Deno.test("a server that never finishes a response fails", async () => {
  using home = new InProcess();
  await using answers = new Answers(({ method, body }) => {
    const { method: asked, id } = method === "POST" ? JSON.parse(body) : { method: "", id: 0 };
    if (asked !== "tools/list") return json({ jsonrpc: "2.0", id, result: {} });
    const stream = new ReadableStream({
      start: (controller) => controller.enqueue(new TextEncoder().encode(": still there\n\n")),
    });
    return new Response(stream, { headers: { "content-type": "text/event-stream" } });
  });
  const { code, stderr } = await home.run(["gateway", "test", answers.url], { timeoutMs: 300 });
  assert.equal(code, 7);
  assert.match(stderr, /did not finish its response within 0\.3 s/);
});

Deno.test("a tool that fails, and one that needs a grant, end the walk with their own codes", async () => {
  const grant = { authorization_url: "https://example.com/grant", message: "needed" };
  const answers: readonly (readonly [unknown, number, RegExp])[] = [
    [
      { result: { isError: true, content: [{ type: "text", text: "No such place" }] } },
      5,
      /No such place/,
    ],
    [
      { result: { content: [{ type: "text", text: JSON.stringify(grant) }] } },
      6,
      /Open https:\/\/example\.com\/grant/,
    ],
    [
      { result: { structuredContent: grant, content: [] } },
      6,
      /Open https:\/\/example\.com\/grant/,
    ],
    [
      {
        error: {
          code: -32042,
          message: "URL needed",
          data: {
            elicitations: [{ mode: "url", url: "https://example.com/e", elicitationId: "1" }],
          },
        },
      },
      6,
      /Open https:\/\/example\.com\/e,/,
    ],
    [
      {
        result: {
          resultType: "input_required",
          inputRequests: {
            a: { method: "elicitation/create", params: { url: "https://example.com/i" } },
          },
        },
      },
      6,
      /Open https:\/\/example\.com\/i,/,
    ],
  ];
  for (const [answer, expected, told] of answers) {
    using home = new InProcess();
    await using server = new SessionServer(({ message: { method, id } }) =>
      method === "tools/call" ? json({ jsonrpc: "2.0", id, ...Object(answer) }) : undefined
    );
    const { code, stderr } = await home.run(["gateway", "test", server.url, "--call", TOOL.name]);
    assert.equal(code, expected, stderr);
    assert.match(stderr, told);
  }
});

Deno.test("a tool that is not listed, or an invalid input, is an error before the call", async () => {
  using home = new InProcess();
  await using server = new SessionServer();
  const near = await home.run(["gateway", "test", server.url, "--call", "Weather_Forecst"]);
  assert.equal(near.code, 1);
  assert.match(near.stderr, /Did you mean "Weather_Forecast"\?/);
  for (const flags of [["--input", "{}"], ["--call", "x", "--input", "[]"]]) {
    const { code, stderr } = await home.run(["gateway", "test", server.url, ...flags]);
    assert.equal(code, 2);
    assert.match(stderr, /`--input` is the JSON object for the tool in `--call`/);
  }
});
