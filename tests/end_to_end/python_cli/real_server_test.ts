import assert from "node:assert/strict";
import { call } from "../../local/harness.ts";
import { eventOf } from "../../support/dev_run.ts";
import { Project } from "../../support/project.ts";
import { ProjectFolder } from "../../support/project_folder.ts";
import { PYTHON_FOLDER, withoutPythonCli as ignore } from "../../support/python_cli.ts";
import { TestMachine } from "../../support/test_machine.ts";

/** A Python with the package arcade-mcp-server, without uv. */
const PATH = `${PYTHON_FOLDER}/bin:/usr/bin:/bin`;

function files(version: string): Record<string, string> {
  return {
    "pyproject.toml": `[project]\nname = "real"\nversion = "${version}"\n`,
    "server.py": `
from typing import Annotated
from arcade_mcp_server import Context, MCPApp

app = MCPApp(name="TestServer", version="${version}")


@app.tool
def greet(name: Annotated[str, "Who is greeted"]) -> Annotated[str, "The greeting"]:
    """Greet a user."""
    return f"Hello, {name}! (${version})"


@app.tool(requires_secrets=["TEST_SECRET"])
def length_of_secret(context: Context) -> Annotated[int, "The length"]:
    """Tell the length of a secret."""
    return len(context.get_secret("TEST_SECRET"))


if __name__ == "__main__":
    app.run()
`,
  };
}

Deno.test({
  name:
    "a server built with arcade-mcp-server is validated, deployed, called, followed, updated and deleted",
  ignore,
}, async () => {
  await using machine = new TestMachine();
  machine.env.PATH = PATH;
  await machine.serve();
  await machine.logIn();
  const project = Project.of(machine);
  using folder = new ProjectFolder({ ...files("1.0.0"), ".env": "TEST_SECRET=four\n" });
  const run = async (...args: string[]) => {
    const { code, stdout, stderr } = await machine.run(args, { cwd: folder.path });
    assert.equal(code, 0, `${args.join(" ")}: ${stdout}${stderr}`);
    return { stdout, stderr };
  };
  const deploy = async () => {
    const { stdout } = await run("deploy", "--json");
    const { name, version, action, status, secrets } = JSON.parse(stdout);
    return { name, version, action, status, uploaded: secrets.uploaded };
  };
  const running = { name: "TestServer", status: "running", uploaded: ["TEST_SECRET"] };

  assert.match((await run("deploy", "--dry-run")).stderr, /Found 2 tools and 1 secret/);
  assert.deepEqual(await deploy(), { ...running, version: "1.0.0", action: "created" });
  const greet = async () => (await project.call("Greet", { name: "Ada" })).at("output", "value");
  assert.equal(await greet(), "Hello, Ada! (1.0.0)");
  assert.equal((await project.call("LengthOfSecret")).at("output", "value"), 4);
  const { stdout: tool } = await run("tool", "get", "TestServer.LengthOfSecret");
  assert.match(tool, /^Description +Tell the length of a secret\.$/m);
  assert.match(tool, /^Secrets +TEST_SECRET$/m);
  assert.match((await run("server", "logs", "TestServer")).stdout, /Starting version 1\.0\.0/);

  for (const [path, text] of Object.entries(files("1.1.0"))) folder.write(path, text);
  assert.deepEqual(await deploy(), { ...running, version: "1.1.0", action: "updated" });
  assert.equal(await greet(), "Hello, Ada! (1.1.0)");
  await run("server", "delete", "TestServer", "--yes");
  assert.match((await run("server", "list")).stderr, /No servers in this project yet/);
});

Deno.test({ name: "`mcp` runs the tools of a folder with arcade-mcp-server", ignore }, async () => {
  await using machine = new TestMachine();
  using folder = new ProjectFolder({
    "tools.py": `
from typing import Annotated
from arcade_mcp_server import tool


@tool
def double(number: Annotated[int, "The number"]) -> Annotated[int, "Twice the number"]:
    """Double a number."""
    return 2 * number
`,
  });
  const client = {
    protocolVersion: "2025-06-18",
    capabilities: {},
    clientInfo: { name: "t", version: "1" },
  };
  const messages = [
    { id: 1, method: "initialize", params: client },
    { method: "notifications/initialized" },
    { id: 2, method: "tools/call", params: { name: "Real_Double", arguments: { number: 21 } } },
  ];
  const input = messages.map((message) => `${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
  const { code, stdout, stderr } = await machine.run(["mcp", "stdio", "--name", "Real"], {
    cwd: folder.path,
    env: { PATH },
    stdin: input.join(""),
  });
  assert.equal(code, 0, stderr);
  const answers = stdout.trim().split("\n").map((line) => JSON.parse(line));
  const [started, called] = answers.map(({ result }) => result);
  assert.equal(started.serverInfo.name, "Real");
  assert.deepEqual(called.structuredContent, { result: 42 }, stdout);
});

Deno.test({
  name: "tools of arcade-mcp-server are called without a deployment, with a secret and a grant",
  ignore,
}, async () => {
  await using machine = new TestMachine();
  machine.env.PATH = PATH;
  using folder = new ProjectFolder({
    "server.py": `
import sys
from typing import Annotated
from arcade_mcp_server import Context, MCPApp
from arcade_mcp_server.auth import GitHub

app = MCPApp(name="Demo", version="1.0.0")


@app.tool
def greet(name: Annotated[str, "Who is greeted"]) -> Annotated[str, "The greeting"]:
    """Greet a user."""
    return f"Hello, {name}!"


@app.tool(requires_secrets=["TEST_SECRET"])
def length_of_secret(context: Context) -> Annotated[int, "The length"]:
    """Tell the length of a secret."""
    return len(context.get_secret("TEST_SECRET"))


@app.tool(requires_auth=GitHub(scopes=["repo"]))
async def star(context: Context, owner: Annotated[str, "Whose"]) -> Annotated[str, "The result"]:
    """Star a repository."""
    return f"Starred for {owner} with {context.get_auth_token_or_empty()[:5]}"


@app.tool
def fail() -> Annotated[str, "Nothing"]:
    """Fail."""
    raise ValueError("on purpose")


if __name__ == "__main__":
    app.run(transport=sys.argv[1], host="127.0.0.1", port=int(sys.argv[2]))
`,
  });
  const call = (words: string, ...server: string[]) =>
    machine.run(["tool", "call", ...words.split(" "), ...server], { cwd: folder.path });
  const command = ["--", "python", "server.py", "stdio", "0"];

  // Without an account.
  const greeted = await call("greet --name Ada", ...command);
  assert.deepEqual([greeted.code, greeted.stdout], [0, "Hello, Ada!\n"], greeted.stderr);
  const failed = await call("Demo.Fail", ...command);
  assert.equal(failed.code, 5);
  assert.match(failed.stderr, /^Error: Demo_Fail: .*ValueError.* \(TOOL_RUNTIME_FATAL\)\n/);
  assert.equal((await call("Demo_LengthOfSecret", ...command)).code, 6);
  folder.write(".env", "TEST_SECRET=four\nARCADE_WORKER_SECRET=of the test\n");
  assert.equal((await call("Demo_LengthOfSecret", ...command)).stdout, "4\n");
  assert.equal((await call("Demo_Star --owner a", ...command)).code, 4);

  await machine.serve();
  await machine.logIn();
  const port = freePort();
  const server = machine.startProgram(["python", "server.py", "http", `${port}`], {
    cwd: folder.path,
    env: { PATH, ARCADE_WORKER_SECRET: "of the test" },
  });
  await server.printed(/Uvicorn running|Application startup complete/);
  const address = ["--server", `http://127.0.0.1:${port}`];
  for (const at of [command, address]) {
    const missing = await call("Demo_Star --owner a --user u@example.com", ...at);
    assert.equal(missing.code, 6, missing.stderr);
  }
  assert.equal(
    (await machine.run(["local", "grant", "u@example.com", "github", "--scope", "repo"])).code,
    0,
  );
  for (const at of [command, address]) {
    const { stdout, stderr } = await call("Demo_Star --owner a --user u@example.com", ...at);
    assert.equal(stdout, "Starred for a with fake_\n", stderr);
    assert.equal((await call("Demo_LengthOfSecret", ...at)).stdout, "4\n");
    assert.equal((await call("Demo_Greet --name Ada", ...at)).stdout, "Hello, Ada!\n");
  }
  server.kill("SIGTERM");
  await server.end();
});

/** A port that was free a moment ago. */
function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

Deno.test({
  name: "a server built with arcade-mcp-server restarts with its secrets when it is saved",
  ignore,
}, async () => {
  await using machine = new TestMachine();
  machine.env.PATH = PATH;
  using folder = new ProjectFolder({ ...files("1.0.0"), ".env": "TEST_SECRET=four\n" }, "demo");
  const dev = machine.start(["dev", "--json", "--port", "0"], { cwd: folder.path });
  const ready = await eventOf(dev, "ready");
  const token = ready.requiredFields("environment").requiredText("ARCADE_API_KEY");
  assert.deepEqual(ready.texts("tools"), ["TestServer.Greet", "TestServer.LengthOfSecret"]);
  assert.deepEqual(ready.fields("missing")?.mapping, { secrets: [], grants: [] });
  const called = async (tool_name: string, input = {}) => {
    const json = { tool_name, input, user_id: "ada@example.com" };
    const answer = await call(`${ready.requiredText("url")}/v1/tools/execute`, {
      method: "POST",
      token,
      json,
    });
    return answer.at("output", "value");
  };
  assert.equal(await called("TestServer.LengthOfSecret"), 4);

  const source = files("1.1.0")["server.py"] ?? "";
  folder.write(
    "server.py",
    source.replace(
      `"Who is greeted"]) ->`,
      `"Who is greeted"], times: Annotated[int, "How often"]) ->`,
    ),
  );
  assert.deepEqual((await eventOf(dev, "tools-changed")).mapping.changed, [
    { tool: "TestServer.Greet", details: ["new required input `times`"] },
  ]);
  assert.equal(await called("TestServer.Greet", { name: "Ada", times: 1 }), "Hello, Ada! (1.1.0)");

  folder.write("server.py", `${source}\ndef (:\n`);
  const failed = await eventOf(dev, "error");
  assert.match(failed.requiredText("message"), /^SyntaxError/);
  assert.equal(failed.text("file"), "server.py");
  assert.equal(failed.integer("line"), source.split("\n").length + 1);
  assert.equal(await called("TestServer.Greet", { name: "Ada", times: 1 }), "Hello, Ada! (1.1.0)");
  dev.kill("SIGINT");
  assert.equal((await dev.end()).code, 0);
});
