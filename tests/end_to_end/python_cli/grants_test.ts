import assert from "node:assert/strict";
import { Project } from "../../support/project.ts";
import { ProjectFolder } from "../../support/project_folder.ts";
import { PYTHON_FOLDER, withoutPythonCli as ignore } from "../../support/python_cli.ts";
import { TestMachine } from "../../support/test_machine.ts";

/** A Python with the package arcade-mcp-server, without uv. */
const PATH = `${PYTHON_FOLDER}/bin:/usr/bin:/bin`;
/** The account of a login with `--auto-approve`. */
const USER = "developer@arcade.local";

const FILES = {
  "pyproject.toml": `[project]\nname = "real"\nversion = "1.0.0"\n`,
  "server.py": `
from typing import Annotated
from arcade_mcp_server import Context, MCPApp
from arcade_mcp_server.auth import GitHub

app = MCPApp(name="TestServer", version="1.0.0")


@app.tool(requires_auth=GitHub(scopes=["repo"]), requires_secrets=["TEST_SECRET"])
def sign(context: Context) -> Annotated[str, "What the tool gets"]:
    """Sign for a user."""
    token = context.get_auth_token_or_empty()
    return f"{token} {context.get_secret('TEST_SECRET')}"


if __name__ == "__main__":
    app.run()
`,
  ".env": "TEST_SECRET=four\n",
};

Deno.test({
  name: "a tool of arcade-mcp-server with a grant and a secret works over HTTP",
  ignore,
}, async () => {
  await using machine = new TestMachine();
  machine.env.PATH = PATH;
  await machine.serve();
  await machine.logIn();
  const project = Project.of(machine);
  using folder = new ProjectFolder(FILES);
  const deployed = await machine.run(["deploy"], { cwd: folder.path });
  assert.equal(deployed.code, 0, deployed.stderr);

  const execute = (user_id?: string) =>
    project.request("POST /tools/execute", { tool_name: "TestServer.Sign", input: {}, user_id });
  const refused = await execute();
  assert.equal(refused.status, 403, refused.text);
  assert.equal(refused.at("name"), "tool_authorization_required");
  const granted = await machine.run(["local", "grant", USER, "github", "--json"]);
  assert.deepEqual(JSON.parse(granted.stdout).scopes, ["repo"]);
  const called = await execute();
  assert.match(called.textAt("output", "value"), /^fake_github_developer_[0-9a-f]+ four$/);
  assert.equal((await execute("ada@example.com")).status, 403, "another user");
  const log = await project.request("GET /deployments/TestServer/logs");
  assert(!log.text.includes("fake_github"), "the token is not logged");
  assert.equal((await machine.run(["local", "revoke", USER, "github"])).code, 0);
  assert.equal((await execute()).status, 403);

  // The same process refuses such a tool over MCP.
  const worker = (await project.request("GET /workers/TestServer")).textAt("http", "uri");
  let session: string | null = null;
  const mcp = async (message: Readonly<Record<string, unknown>>) => {
    const answer = await fetch(`${worker}/mcp`, {
      method: "POST",
      headers: {
        accept: "application/json, text/event-stream",
        "content-type": "application/json",
        ...(session === null ? {} : { "mcp-session-id": session }),
      },
      body: JSON.stringify({ jsonrpc: "2.0", ...message }),
    });
    session ??= answer.headers.get("mcp-session-id");
    return await answer.text();
  };
  const client = { capabilities: {}, clientInfo: { name: "t", version: "1" } };
  const params = { protocolVersion: "2025-06-18", ...client };
  await mcp({ id: 1, method: "initialize", params });
  await mcp({ method: "notifications/initialized" });
  const call = { name: "TestServer_Sign", arguments: {} };
  const overMcp = await mcp({ id: 2, method: "tools/call", params: call });
  assert.match(overMcp, /Unsupported transport/);
});

Deno.test({
  name: "arcade-mcp-server asks a local Arcade for the grant of its user over stdio",
  ignore,
}, async () => {
  await using machine = new TestMachine();
  machine.env.PATH = PATH;
  const server = await machine.serve();
  await machine.logIn();
  using folder = new ProjectFolder({
    "tools.py": `
from typing import Annotated
from arcade_mcp_server import Context, tool
from arcade_mcp_server.auth import GitHub


@tool(requires_auth=GitHub(scopes=["repo"]))
def sign(context: Context) -> Annotated[str, "What the tool gets"]:
    """Sign for a user."""
    return context.get_auth_token_or_empty()
`,
  });
  const client = { capabilities: {}, clientInfo: { name: "t", version: "1" } };
  const messages = [
    { id: 1, method: "initialize", params: { protocolVersion: "2025-06-18", ...client } },
    { method: "notifications/initialized" },
    { id: 2, method: "tools/call", params: { name: "Real_Sign", arguments: {} } },
  ];
  const input = messages.map((message) => `${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
  const call = async () => {
    const { stdout, stderr } = await machine.run(["mcp", "stdio", "--name", "Real"], {
      cwd: folder.path,
      stdin: input.join(""),
    });
    const answers = stdout.trim().split("\n").map((line) => JSON.parse(line));
    const answer = answers.find(({ id }) => id === 2);
    assert(answer, stdout + stderr);
    return JSON.stringify(answer.result);
  };
  const asked = await call();
  assert(asked.includes(`${server.url}/grants?flow_id=`), asked);
  const args = ["local", "grant", USER, "github", "--scope", "repo"];
  assert.equal((await machine.run(args)).code, 0);
  assert.match(await call(), /fake_github_developer_[0-9a-f]+/);
});
