import assert from "node:assert/strict";
import { workerToken } from "../../../src/local/servers/worker_token.ts";
import { Answers, json } from "../../support/answers.ts";
import { errorIn } from "../../support/error_object.ts";
import { grantIn, grantRoutes, PAGE } from "../../support/grants.ts";
import { InProcess, type World } from "../../support/in_process.ts";
import { McpLog, mcpProgram } from "../../support/mcp_program.ts";
import { FakeMcpServer } from "../../support/mcp_server.ts";
import { gone } from "../../support/processes.ts";
import { ScriptedEngine } from "../../support/services.ts";

const PATH = Deno.env.get("PATH") ?? "";

/** Calls a tool of a server that a command starts. At the end, no such server runs. */
async function call(
  home: InProcess,
  words: readonly string[],
  { faults = [], ...world }: World & { readonly faults?: readonly string[] } = {},
) {
  using log = new McpLog();
  home.env = { ...home.env, PATH };
  const ran = await home.run(
    ["tool", "call", ...words, "--", ...mcpProgram(log, ...faults)],
    world,
  );
  await gone(...log.pids);
  return { ...ran, log: log.lines };
}

const ADD = ["Demo_Add", "--a", "1", "--b", "2"];

for (const name of ["Demo_Add", "Demo.Add", "demo_add", "DEMO.ADD", "add"]) {
  Deno.test(`a tool of a command is called as ${name}, without a login`, async () => {
    using home = new InProcess();
    const { code, stdout, stderr } = await call(home, [name, "--a", "1", "--b", "2"]);
    assert.deepEqual([code, stdout, stderr], [0, "3\n", ""]);
  });
}

Deno.test("a tool of a command is chosen from a list where a name is missing", async () => {
  using home = new InProcess();
  const world = { terminal: true, stdin: ["Demo_Content\r"] };
  const { code, stderr } = await call(home, ["--arg", "kind=text"], world);
  assert.equal(code, 0, stderr);
  assert.match(stderr, /^ 1 {2}Demo_Add\n[^]*Demo_Content\n[^]*Which tool\? \(1-\d+\) /);
  const alone = await call(home, []);
  assert.deepEqual([alone.code, alone.log], [2, []]);
  assert.match(alone.stderr, /^Error: Which tool\?\n {2}Give its name; /);
});

Deno.test("the answer is JSON for --json, and the inputs are checked before the call", async () => {
  using home = new InProcess();
  const { stdout } = await call(home, [...ADD, "--json"]);
  assert.deepEqual(JSON.parse(stdout), { content: [{ type: "text", text: "3" }] });
  const wrong = await call(home, ["Demo_Add", "--a", "x", "--c", "1"]);
  assert.equal(wrong.code, 2);
  assert.match(
    wrong.stderr,
    /--c is not one of.*--a must be a whole number; --b <integer> is missing/,
  );
  assert.match(
    wrong.stderr,
    /See `arcade tool call Demo_Add --help -- .* run .*mcp_program.ts'? .*`/,
  );
  assert(!wrong.log.includes("tools/call"));
});

for (
  const [kind, stdout, told] of [
    ["text", "one\ntwo\n", ""],
    ["structured", '{"sum":3}\n', ""],
    ["nothing", "", ""],
    [
      "image",
      "",
      "Not shown: an image (image/png, 5 bytes); `--output raw > FILE` saves it\n",
    ],
    [
      "mixed",
      "A picture:\nthe text of a resource\n",
      "Not shown: an image (image/png, 5 bytes), audio (audio/wav, 5 bytes), " +
      "the resource file:///b.bin (5 bytes), a link to file:///c.txt; `--output json` has it\n",
    ],
  ] as const
) {
  Deno.test(`of a result with ${kind}, texts are printed, and the rest is described`, async () => {
    using home = new InProcess();
    const ran = await call(home, ["Demo_Content", "--kind", kind]);
    assert.deepEqual([ran.code, ran.stdout, ran.stderr], [0, stdout, told]);
  });
}

Deno.test("an image is saved with --output raw, and is in --output json", async () => {
  using home = new InProcess();
  const words = ["Demo_Content", "--kind", "image", "--output"];
  assert.equal((await call(home, [...words, "raw"])).stdout, "hello");
  const whole = await call(home, [...words, "json"]);
  assert.equal(JSON.parse(whole.stdout).content[0].data, "aGVsbG8=");
  assert.equal(whole.stderr, "");
  const shown = await call(home, [...words, "raw"], { terminal: true });
  assert.equal(shown.stdout, "");
});

Deno.test("a text of a server cannot change the terminal", async () => {
  using home = new InProcess();
  const words = ["Demo_Content", "--kind", "hostile"];
  assert.equal((await call(home, words, { terminal: true })).stdout, "\ufffd[2Jcleared\n");
});

Deno.test("a tool that fails is exit code 5, with the whole response for --json", async () => {
  using home = new InProcess();
  const { code, stdout, stderr } = await call(home, ["Demo_Fail"]);
  assert.deepEqual([code, stdout], [5, ""]);
  assert.equal(stderr, "Error: Demo_Fail: No such repository\n");
  const forPrograms = await call(home, ["Demo_Fail", "--json"]);
  assert.equal(JSON.parse(forPrograms.stdout).isError, true);
  assert.equal(errorIn(forPrograms.stderr).code, "tool-failed");
});

Deno.test("a server that ends during a call is exit code 7, with its last lines", async () => {
  using home = new InProcess();
  const { code, stderr } = await call(home, ["Demo_Die"]);
  assert.equal(code, 7);
  assert.equal(
    stderr,
    "The server's last lines:\n  Traceback: out of cheese\n" +
      "Error: The MCP server ended with exit code 7\n" +
      "  Demo_Die may have run: check that before you call it again\n",
  );
});

Deno.test("a server that does not start is exit code 7, and a missing program is 127", async () => {
  using home = new InProcess();
  const { code, stderr } = await call(home, ADD, { faults: ["exits"] });
  assert.equal(code, 7);
  assert.match(stderr, /Cannot start: no config\nError: The MCP server ended with exit code 3\n/);
  const missing = await home.run(["tool", "call", ...ADD, "--", "no-such-program"]);
  assert.equal(missing.code, 127);
});

Deno.test("a server that floods stderr shows nothing; one that writes text to stdout, a warning", async () => {
  using home = new InProcess();
  const flooded = await call(home, ADD, { faults: ["floods"] });
  assert.deepEqual([flooded.code, flooded.stdout, flooded.stderr], [0, "3\n", ""]);
  const chatty = await call(home, ADD, { faults: ["chats"] });
  assert.deepEqual([chatty.code, chatty.stdout], [0, "3\n"]);
  assert.match(chatty.stderr, /^Warning: The server writes text to stdout.*\n$/);
});

Deno.test("a server that hangs is exit code 7 after the time limit", async () => {
  using home = new InProcess();
  const world = { env: { ARCADE_TIMEOUT_SECONDS: "0.3" }, timeoutMs: 300, faults: ["hangs"] };
  const { code, stderr } = await call(home, ADD, world);
  assert.equal(code, 7);
  assert.match(stderr, /did not answer the connection within 0.3 s/);
});

for (
  const [faults, what] of [
    [[], "a question (elicitation)"],
    [["samples"], "for a model (sampling)"],
  ] as const
) {
  Deno.test(`a request of the server is declined with a sentence: ${what}`, async () => {
    using home = new InProcess();
    const { code, stderr } = await call(home, ["Demo_Ask"], { faults });
    assert.deepEqual([code, stderr], [0, `The server asked ${what}, which arcade declined\n`]);
  });
}

Deno.test("a destructive tool is called after a confirmation, and --dry-run calls nothing", async () => {
  using home = new InProcess();
  const { code, log } = await call(home, ["Demo_Delete"]);
  assert.deepEqual([code, log.includes("tools/call")], [2, false]);
  assert.equal((await call(home, ["Demo_Delete", "--yes"])).stdout, "gone\n");
  const dry = await call(home, [...ADD, "--dry-run", "--json"]);
  assert.deepEqual(JSON.parse(dry.stdout).inputs, ["a", "b"]);
  assert(!dry.log.includes("tools/call"));
});

Deno.test("an unknown tool is exit code 1, with the names that there are", async () => {
  using home = new InProcess();
  const { code, stderr } = await call(home, ["Demo_Ad"]);
  assert.equal(code, 1);
  assert.match(stderr, /no tool called "Demo_Ad"\n {2}Did you mean "Demo_Add"\? It has Demo_Add, /);
});

Deno.test("the help of a tool shows what it needs and how to call it there", async () => {
  using home = new InProcess();
  const { code, stdout } = await call(home, ["Demo_Star", "--help"]);
  assert.equal(code, 0);
  assert.match(stdout, /NEEDS\n +Grant +github, oauth2 \(repo\)\n/);
  assert.match(
    stdout,
    /EXAMPLE\n +arcade tool call Demo_Star --owner text -- .*mcp_program.ts'? .*\n/,
  );
});

Deno.test("secrets come from the environment or .env, and a missing one is exit code 6", async () => {
  using home = new InProcess();
  const { code, stderr } = await call(home, ["Demo_Secret"]);
  assert.equal(code, 6);
  assert.equal(
    stderr,
    "Error: Demo_Secret needs the secret TEST_SECRET\n" +
      "  Add it to .env, or set it in the environment\n",
  );
  Deno.writeTextFileSync(`${home.path}/.env`, "TEST_SECRET=four\n");
  assert.equal((await call(home, ["Demo_Secret"])).stdout, "4\n");
  Deno.writeTextFileSync(`${home.path}/other.env`, "TEST_SECRET=fives\n");
  assert.equal((await call(home, ["Demo_Secret", "--env-file", "other.env"])).stdout, "5\n");
});

Deno.test("--env-file, --tool-version and addresses that do not apply are refused", async () => {
  using home = new InProcess();
  for (
    const [words, message] of [
      [["A.B", "--env-file", "x"], /is for a server that is not deployed/],
      [["A.B", "--tool-version", "1", "--", "x"], /is for tools of the engine/],
      [["A.B", "--server", "ftp://a"], /is not the address of an MCP server/],
      [["A.B", "--server", "http://u:p@a"], /is not the address of an MCP server/],
      [["A.B", "--server", "http://a", "--", "x"], /cannot be used together/],
      [["A.B", "--"], /Which command\?/],
    ] as const
  ) {
    const { code, stderr } = await home.run(["tool", "call", ...words]);
    assert.equal(code, 2, stderr);
    assert.match(stderr, message);
  }
});

/** An engine with these grants, whose home has a login. */
const engineWith = (begun: string, states: readonly string[] = []) =>
  new ScriptedEngine(grantRoutes(begun, states));

Deno.test("a missing grant is requested from the active Arcade, and is exit code 6 without a terminal", async () => {
  await using engine = engineWith("pending");
  const { code, stderr, log } = await call(engine.home, ["Demo_Star", "--owner", "a"]);
  assert.equal(code, 6);
  assert.equal(
    stderr,
    "Error: Demo_Star needs someone@example.com to grant access to github (ac_1)\n" +
      `  Open ${PAGE}, then run the same command again\n`,
  );
  assert(!log.includes("tools/call"));
  assert.deepEqual(JSON.parse(engine.answers.seen[0]?.body ?? ""), {
    user_id: "someone@example.com",
    auth_requirement: {
      provider_id: "github",
      provider_type: "oauth2",
      oauth2: { scopes: ["repo"] },
    },
  });
});

Deno.test("the user of a grant comes from --user, ARCADE_USER_ID, or the login, as in the server", async () => {
  for (
    const [words, variables, user] of [
      [[], {}, "someone@example.com"],
      [[], { ARCADE_USER_ID: "u_1" }, "u_1"],
      [["--user", "u_2"], { ARCADE_USER_ID: "u_1" }, "u_2"],
    ] as const
  ) {
    await using engine = engineWith("completed");
    const line = ["Demo_Star", "--owner", "a", ...words];
    const { code, stderr } = await call(engine.home, line, { variables });
    assert.equal(code, 0, stderr);
    assert.equal(JSON.parse(engine.answers.seen[0]?.body ?? "").user_id, user);
  }
});

Deno.test("an integer that would lose digits is refused, and a key in an address is not repeated", async () => {
  using home = new InProcess();
  const { code, stderr, log } = await call(home, [
    "Demo_Add",
    "--a",
    "9007199254740993",
    "--b",
    "1",
  ]);
  assert.deepEqual([code, log.includes("tools/call")], [2, false]);
  assert.match(stderr, /"a" is an integer above 2\^53/);
  await using server = new FakeMcpServer({ tools: [STAR] });
  const address = `${server.url}/mcp?key=canary`;
  for (const words of [["Kit_Star", "--debug", "--x", "1"], ["Other"]]) {
    const ran = await home.run(["tool", "call", ...words, "--server", address]);
    assert.notEqual(ran.code, 0);
    assert.doesNotMatch(ran.stderr, /canary/);
  }
  await using missing = new Answers(() => new Response("", { status: 404 }));
  const ran = await home.run(["tool", "call", "x", "--server", `${missing.url}/mcp?key=canary`]);
  assert.match(ran.stderr, /answered with 404/);
  assert.doesNotMatch(ran.stderr, /canary/);
});

Deno.test("a grant is waited for with --wait, and then the tool is called", async () => {
  await using engine = engineWith("pending", ["pending", "completed"]);
  const words = ["Demo_Star", "--owner", "a", "--no-starred", "--wait"];
  const { code, stdout } = await call(engine.home, words);
  assert.deepEqual([code, stdout], [0, "Unstarred for a\n"]);
});

Deno.test("a grant that is refused ends the wait at once", async () => {
  await using engine = engineWith("pending", ["failed"]);
  const { code, stderr } = await call(engine.home, ["Demo_Star", "--owner", "a", "--wait"]);
  assert.equal(code, 6);
  assert.match(stderr, /Access to github was refused/);
});

Deno.test("a page that the server itself asks for is exit code 6", async () => {
  const said = { authorization_url: "https://a.example/grant", llm_instructions: "Open it" };
  const tool = { name: "Kit_Tool", inputSchema: { type: "object" } };
  await using server = new FakeMcpServer({
    tools: [tool],
    call: () => ({
      content: [{ type: "text", text: "Allow it" }, { type: "text", text: JSON.stringify(said) }],
      isError: true,
    }),
  });
  using home = new InProcess();
  const { code, stderr } = await home.run(["tool", "call", "kit.tool", "--server", server.url]);
  assert.equal(code, 6);
  assert.match(
    stderr,
    /Kit_Tool needs its user to grant access\n {2}Open https:\/\/a\.example\/grant, then run/,
  );
});

const STAR = {
  name: "Kit_Star",
  inputSchema: { type: "object", properties: { owner: { type: "string" } } },
  _meta: {
    arcade: {
      requirements: {
        authorization: { provider_id: "github", oauth2: { scopes: ["repo"] } },
        secrets: [{ key: "TEST_SECRET" }],
      },
    },
  },
};

Deno.test("a tool at an address on this machine gets secrets and the token of a grant as from the engine", async () => {
  const bodies: unknown[] = [];
  const tokens = new Set<string | null>();
  const definition = { name: "Star", toolkit: { name: "Kit", version: "1.0.0" } };
  await using mcp = new FakeMcpServer({ tools: [STAR] });
  await using server = new Answers(async ({ path, body, authorization, method }, request) => {
    if (path === "/worker/tools") return json([definition]);
    if (path !== "/worker/tools/invoke") {
      return await fetch(mcp.url, { method, headers: request.headers, ...(body && { body }) });
    }
    tokens.add(authorization);
    bodies.push(JSON.parse(body));
    return json({ success: true, output: { value: { starred: 12 } } });
  });
  await using engine = new ScriptedEngine({
    "POST /auth/authorize": () =>
      json({ ...grantIn("completed"), context: { token: "gho_of_the_test", user_info: {} } }),
  });
  const words = ["tool", "call", "Kit_Star", "--owner", "a", "--server", server.url];
  const missing = await engine.home.run(words);
  assert.deepEqual([missing.code, bodies], [6, []]);
  Deno.writeTextFileSync(`${engine.home.path}/.env`, "TEST_SECRET=four\n");
  const unsigned = await engine.home.run(words);
  assert.equal(unsigned.code, 6);
  assert.match(unsigned.stderr, /accepts only with its secret ARCADE_WORKER_SECRET\n/);
  assert(!engine.asked.includes("POST /auth/authorize"));
  Deno.writeTextFileSync(
    `${engine.home.path}/.env`,
    "TEST_SECRET=four\nARCADE_WORKER_SECRET=of the server\n",
  );
  const { code, stdout, stderr } = await engine.home.run(words);
  assert.deepEqual([code, stdout, stderr], [0, '{"starred":12}\n', ""]);
  const [{ execution_id: _, ...body }] = bodies as [Record<string, unknown>];
  assert.deepEqual(body, {
    tool: { name: "Star", toolkit: "Kit", version: "1.0.0" },
    inputs: { owner: "a" },
    context: {
      authorization: { token: "gho_of_the_test", user_info: {} },
      secrets: [{ key: "TEST_SECRET", value: "four" }],
      user_id: "someone@example.com",
    },
  });
  assert.deepEqual([...tokens], [`Bearer ${await workerToken("of the server")}`]);
  assert.equal(mcp.last("tools/call"), undefined);
});

Deno.test("a gateway, or a server on another machine, is called over MCP, without secrets and grants", async () => {
  const call = () => ({ content: [{ type: "text", text: "starred" }] });
  await using server = new FakeMcpServer({ tools: [STAR], call });
  using home = new InProcess();
  const gateway = await home.run([
    "tool",
    "call",
    "Kit_Star",
    "--server",
    `${server.url}/mcp/team`,
  ]);
  assert.deepEqual([gateway.code, gateway.stdout], [0, "starred\n"], gateway.stderr);
  const elsewhere = await home.run(
    ["tool", "call", "Kit_Star", "--server", "http://tools.example/mcp"],
    { fetch: (_input, init) => fetch(server.url, init) },
  );
  assert.deepEqual([elsewhere.code, elsewhere.stdout], [0, "starred\n"], elsewhere.stderr);
  assert.deepEqual(server.last("tools/call")?.params._meta, undefined);
});

Deno.test("Ctrl-C cancels the call at the server, and ends the command", async () => {
  using home = new InProcess();
  using log = new McpLog();
  const interruption = new AbortController();
  home.env = { PATH };
  const line = ["tool", "call", "Demo_Hang", "--", ...mcpProgram(log)];
  const running = home.run(line, { interruption: interruption.signal });
  await log.has("hanging");
  interruption.abort(new (class extends Error {})("interrupted"));
  await running;
  assert.deepEqual(log.lines.slice(-2), ["notifications/cancelled", "stdin closed"]);
  await gone(...log.pids);
});
