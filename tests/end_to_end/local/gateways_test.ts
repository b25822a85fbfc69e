import assert from "node:assert/strict";
import { SessionServer, TOOL } from "../../support/mcp_servers.ts";
import { browserOf, TestMachine } from "../../support/test_machine.ts";

const META = {
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientInfo": { name: "test", version: "1" },
  "io.modelcontextprotocol/clientCapabilities": {},
};
const MESSAGES = [
  {
    id: 0,
    method: "initialize",
    params: {
      protocolVersion: "2025-11-25",
      capabilities: {},
      clientInfo: { name: "test", version: "1" },
    },
  },
  { method: "notifications/initialized" },
  { id: 1, method: "tools/list" },
  { id: 2, method: "tools/list", params: { _meta: META } },
  {
    id: 3,
    method: "tools/call",
    params: { _meta: META, name: "Test_Weather_Forecast", arguments: {} },
  },
];

Deno.test("a gateway is created, tested, used by a client on the standard streams, closed and deleted", async () => {
  await using machine = await TestMachine.loggedIn({ autoApprove: true });
  await using tools = new SessionServer(({ message: { method, id } }) =>
    method === "tools/call"
      ? Response.json({
        jsonrpc: "2.0",
        id,
        result: { content: [{ type: "text", text: "Sunny" }] },
      })
      : undefined
  );
  machine.env.BROWSER = browserOf(machine);
  const worker = {
    id: "weather",
    enabled: true,
    type: "mcp",
    mcp: { uri: tools.url, timeout: 30, retry: 3 },
  };
  const path = "/v1/orgs/{org}/projects/{project}/workers";
  const added = await machine.run(["api", "POST", path, "--input", "-"], {
    stdin: JSON.stringify(worker),
  });
  assert.equal(added.code, 0, added.stderr);

  const create = ["gateway", "create", "Weather", "--slug", "weather", "--server", "Test"];
  const created = await machine.run(create);
  assert.equal(created.code, 0, created.stderr);
  const address = `${machine.server.url}/mcp/weather`;
  assert.equal(created.stdout, `${address}\n`);
  assert.equal((await machine.run([...create, "--if-not-exists"])).stdout, `${address}\n`);
  assert.equal((await machine.run(create)).code, 1);

  const tested = await machine.run(["gateway", "test", "weather", "--call", `Test_${TOOL.name}`]);
  assert.equal(tested.code, 0, tested.stderr);
  const steps = tested.stdout.split("\n").flatMap((line) =>
    /ms {2}(\S.*?) {2}/.exec(line)?.[1] ?? []
  );
  assert.deepEqual(steps, [
    "request without a login",
    "resource metadata",
    "authorization server",
    "registration",
    "token",
    "discover",
    "tools/list",
    "tools/call",
  ]);
  assert.match(tested.stdout, /Sunny/);

  const stdin = MESSAGES.map((one) => `${JSON.stringify({ jsonrpc: "2.0", ...one })}\n`).join("");
  for (const named of ["weather", address]) {
    const { code, stdout, stderr } = await machine.run(["mcp", "proxy", named], { stdin });
    assert.equal(code, 0, stderr);
    const answers = new Map(
      stdout.trim().split("\n").map((line) => {
        const message = JSON.parse(line);
        return [message.id, message.result];
      }),
    );
    assert.deepEqual([...answers.keys()].sort(), [0, 1, 2, 3]);
    for (const id of [1, 2]) {
      assert.deepEqual(answers.get(id).tools.map(({ name }: { name: string }) => name), [
        `Test_${TOOL.name}`,
      ]);
    }
    assert.equal(answers.get(3).content[0].text, "Sunny");
  }

  assert.equal((await machine.run(["gateway", "edit", "weather", "--status", "inactive"])).code, 0);
  const closed = await machine.run(["gateway", "test", "weather"]);
  assert.equal(closed.code, 4);
  assert.match(closed.stderr, /Open it with `arcade gateway edit weather --status active`/);
  assert.equal((await machine.run(["gateway", "delete", "weather", "--yes"])).code, 0);
  const gone = await machine.run(["gateway", "test", address]);
  assert.match(gone.stderr, /No MCP server at this address \(404\)/);
});

Deno.test("a gateway that accepts API keys works with ARCADE_API_KEY, and the failed login says so", async () => {
  await using machine = await TestMachine.loggedIn({ autoApprove: true });
  await using tools = new SessionServer();
  const mcp = { uri: tools.url, timeout: 30, retry: 3 };
  const worker = { id: "weather", enabled: true, type: "mcp", mcp };
  const path = "/v1/orgs/{org}/projects/{project}/workers";
  await machine.run(["api", "POST", path, "--input", "-"], { stdin: JSON.stringify(worker) });
  const create = ["gateway", "create", "--slug", "keyed", "--server", "Test", "--auth", "header"];
  assert.equal((await machine.run(create)).code, 0);
  const { api_key: ARCADE_API_KEY } = await machine.post(
    `/api/v1/orgs/${machine.stored("org_id")}/projects/${machine.stored("project_id")}/api_keys`,
    {},
  );
  const test = ["gateway", "test", "keyed", "--user", "me@example.com"];
  const { code, stdout, stderr } = await machine.run(test, { env: { ARCADE_API_KEY } });
  assert.equal(code, 0, stderr);
  assert.match(stdout, /1 tool: Test_Weather_Forecast/);
  const refused = await machine.run(test);
  assert.equal(refused.code, 4);
  assert.match(refused.stderr, /a gateway with `--auth header` needs ARCADE_API_KEY/);
  const line = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "ping" });
  const proxied = await machine.run(["mcp", "proxy", "keyed"], { stdin: `${line}\n` });
  assert.match(JSON.parse(proxied.stdout).error.message, /set ARCADE_API_KEY/);
});
