import assert from "node:assert/strict";
import { Fields, type Mapping } from "../../../src/contract/fields.ts";
import { type Answer, call } from "../../local/harness.ts";
import { shellWord } from "../../../src/text/shell_word.ts";
import { DevRun, eventOf, GREET } from "../../support/dev_run.ts";
import { writeProgram } from "../../support/executable_files.ts";
import { until } from "../../support/patience.ts";
import { gone, runs } from "../../support/processes.ts";
import { PYTHON_ENVIRONMENT, serverFiles, withoutPython } from "../../support/test_server.ts";
import { withoutPipes } from "../../support/programs.ts";
import { SmallDisk, withoutMounts } from "../../support/small_disk.ts";
import { BINARY, succeeds, TestMachine } from "../../support/test_machine.ts";
import { ProjectFolder } from "../../support/project_folder.ts";
import { onTerminal, withoutTerminal } from "../../support/terminal.ts";
import { McpLog, mcpProgram } from "../../support/mcp_program.ts";
import { hasProc } from "../../support/proc.ts";

const ignore = withoutPython;

/** A request to the gateway of a server, with the API key, in the era without sessions. */
async function askGateway(ready: Fields, method: string, params: Mapping = {}): Promise<Fields> {
  const { name } = params;
  const response = await fetch(ready.requiredText("gateway"), {
    method: "POST",
    headers: {
      authorization: `Bearer ${keyOf(ready)}`,
      "arcade-user-id": "ada@example.com",
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      "mcp-protocol-version": MODERN,
      "mcp-method": method,
      ...(typeof name === "string" && { "mcp-name": name }),
    },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params: { ...params, _meta: META } }),
  });
  const text = await response.text();
  const [, data = text] = /^data: (.*)$/m.exec(text) ?? [];
  return new Fields(JSON.parse(data));
}

const MODERN = "2026-07-28";
const META = {
  "io.modelcontextprotocol/protocolVersion": MODERN,
  "io.modelcontextprotocol/clientInfo": { name: "test", version: "1" },
  "io.modelcontextprotocol/clientCapabilities": {},
};

function keyOf(ready: Fields): string {
  return ready.requiredFields("environment").requiredText("ARCADE_API_KEY");
}

async function toolsAtGateway(ready: Fields): Promise<string[]> {
  const answer = await askGateway(ready, "tools/list");
  return (answer.fields("result")?.list("tools") ?? []).map((tool) => tool.requiredText("name"));
}

/** A request to the engine of the local Arcade. */
async function ask(ready: Fields, line: string, json?: unknown): Promise<Answer> {
  const [method = "", path = ""] = line.split(" ");
  return await call(ready.requiredText("url") + path, { method, token: keyOf(ready), json });
}

Deno.test({ name: "a saved file changes the tools at the gateway", ignore }, async () => {
  await using machine = new TestMachine();
  using run = DevRun.start(machine, { args: ["--auth", "header"] });
  const ready = await run.next("ready");
  assert.deepEqual(ready.text("server"), "demo");
  assert((await toolsAtGateway(ready)).includes("TestServer_Greet"));

  run.edit((source) =>
    source.replace(GREET, `tool("Wave", "Waves", {"name": "string", "limit": "integer"}),`)
  );
  const changed = await run.next("tools-changed");
  assert.deepEqual(changed.texts("added"), ["TestServer.Wave"]);
  assert.deepEqual(changed.texts("removed"), ["TestServer.Greet"]);
  const names = await toolsAtGateway(ready);
  assert(names.includes("TestServer_Wave") && !names.includes("TestServer_Greet"), names.join());
  await run.stop();
});

Deno.test({ name: "a new input of a tool is told by its name", ignore }, async () => {
  await using machine = new TestMachine();
  using run = DevRun.start(machine);
  await run.next("ready");
  run.edit((source) =>
    source.replace(GREET, GREET.replace(`"string"}`, `"string", "limit": "integer"}`))
  );
  const changed = await run.next("tools-changed");
  const [change] = changed.list("changed") ?? [];
  assert.equal(change?.text("tool"), "TestServer.Greet");
  assert.deepEqual(change?.texts("details"), ["new required input `limit`"]);
  await run.stop();
});

Deno.test({
  name: "a syntax error is told with file, line and mark, and the last good version still answers",
  ignore,
}, async () => {
  await using machine = new TestMachine();
  using run = DevRun.start(machine, { args: ["--auth", "header"] });
  const ready = await run.next("ready");
  run.edit((source) => `${source}\ndef (:\n`);
  const error = await run.next("error");
  assert.match(error.requiredText("message"), /^SyntaxError: /);
  assert.equal(error.text("file"), "server.py");
  assert.equal(
    error.integer("line"),
    Deno.readTextFileSync(`${run.folder.path}/server.py`)
      .split("\n").length - 1,
  );
  assert.match((error.texts("excerpt") ?? []).join("\n"), /^def \(:\n +\^$/);
  const answer = await askGateway(ready, "tools/call", {
    name: "TestServer_Greet",
    arguments: { name: "Ada" },
  });
  assert.match(JSON.stringify(answer.mapping), /Hello, Ada!/);
  run.edit((source) => source.replace("\ndef (:\n", ""));
  await run.next("restarted");
  await run.stop();
});

Deno.test(
  { name: "a call is told with its tool and outcome, without its input", ignore },
  async () => {
    await using machine = new TestMachine();
    using run = DevRun.start(machine);
    const ready = await run.next("ready");
    const greet = {
      tool_name: "TestServer.Greet",
      input: { name: "CANARY" },
      user_id: "ada@x.com",
    };
    await ask(ready, "POST /v1/tools/execute", greet);
    const told = await run.next("call");
    assert.deepEqual(
      [told.text("tool"), told.text("user"), told.flag("success")],
      ["TestServer.Greet", "ada@x.com", true],
    );
    assert.doesNotMatch(JSON.stringify(told.mapping), /CANARY/);
    await run.stop();
  },
);

Deno.test({
  name: "a secret of .env that a tool needs is set, a change of it too, and no value is printed",
  ignore,
}, async () => {
  await using machine = new TestMachine();
  using run = DevRun.start(machine, { files: { ".env": "OTHER=canary-other\n" } });
  const ready = await run.next("ready");
  assert.deepEqual(ready.fields("missing")?.texts("secrets"), ["TEST_SECRET"]);
  const word = async () => {
    const asked = { tool_name: "TestServer.WordOfSecret", input: {}, user_id: "ada@x.com" };
    return (await ask(ready, "POST /v1/tools/execute", asked)).textAt("output", "value");
  };
  for (const value of ["canary-one two", "canary-three four"]) {
    run.folder.write(".env", `TEST_SECRET=${value}\n`);
    await run.next("restarted");
    assert(await word() === value.split(" ")[0]);
  }
  assert.doesNotMatch(run.running.stdout + run.running.stderr, /canary-/);
  await run.stop();
});

Deno.test({ name: "a grant survives restarts of the server", ignore }, async () => {
  await using machine = new TestMachine();
  using run = DevRun.start(machine);
  const ready = await run.next("ready");
  const granted = await machine.run(["local", "grant", "ada@example.com", "github"]);
  assert.equal(granted.code, 0, granted.stderr);
  run.edit((source) => `${source}\n# changed\n`);
  await run.next("restarted");
  const { stdout } = await machine.run(["local", "grant", "ada@example.com", "github", "--json"]);
  assert.match(stdout, /github/);
  assert.equal((await ask(ready, "GET /v1/admin/user_connections")).status, 200);
  await run.stop();
});

Deno.test({ name: "200 saves leave one server, and it has the last version", ignore }, async () => {
  await using machine = new TestMachine();
  using run = DevRun.start(machine);
  await run.next("ready");
  for (let i = 1; i <= 200; i++) {
    run.edit((source) => source.replace(/^VERSION = ".*"$/m, `VERSION = "1.0.${i}"`));
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  await run.running.printed(/TestServer 1\.0\.200 starts/);
  await run.next("restarted");
  await until("one server", () => run.pids.filter(runs).length === 1);
  await run.stop();
});

Deno.test({
  name: "kill -9 leaves no process and no port, and the next start takes the same name",
  ignore: ignore || !hasProc(),
}, async () => {
  await using machine = new TestMachine();
  using run = DevRun.start(machine);
  const ready = await run.next("ready");
  run.running.kill("SIGKILL");
  await run.running.end();
  await gone(...run.pids);
  await assert.rejects(fetch(ready.requiredText("url")));
  const again = DevRun.in(machine, run.folder);
  await again.printed(/"event":"ready"/);
  again.kill("SIGINT");
  assert.equal((await again.end()).code, 0);
});

Deno.test({
  name: "kill -9 leaves no registration at the local Arcade that was joined",
  ignore,
}, async () => {
  await using machine = new TestMachine();
  const server = await machine.serve({ data: `${machine.folder}/local` });
  using run = DevRun.start(machine);
  const ready = await run.next("ready");
  assert.equal(ready.text("url"), server.url);
  run.running.kill("SIGKILL");
  await run.running.end();
  await gone(...run.pids);
  await until(
    "the end of the registration",
    async () => (await ask(ready, "GET /v1/workers/demo")).status === 404,
  );
  assert.equal((await ask(ready, "GET /v1/gateways")).at("items", 0, "status"), "inactive");
});

Deno.test(
  { name: "a second `dev` of the same server is refused and says why", ignore },
  async () => {
    await using machine = new TestMachine();
    using run = DevRun.start(machine);
    await run.next("ready");
    const { code, stderr } = await DevRun.in(machine, run.folder).end();
    assert.equal(code, 2);
    assert.match(stderr, /already registered at http.*--name/s);
    const other = DevRun.in(machine, run.folder, { args: ["--name", "other"] });
    await other.printed(/"event":"ready"/);
    other.kill("SIGINT");
    assert.equal((await other.end()).code, 0);
    await run.stop();
  },
);

Deno.test({ name: "a server that dies is started again", ignore }, async () => {
  await using machine = new TestMachine();
  using run = DevRun.start(machine);
  await run.next("ready");
  const [pid = 0] = run.pids;
  Deno.kill(pid, "SIGKILL");
  assert.match(
    (await run.next("error")).requiredText("message"),
    /terminated by SIGKILL; restarting/,
  );
  await run.next("restarted");
  assert.notEqual(run.pids.at(-1), pid);
  await run.stop();
});

Deno.test({
  name:
    "a server restarts after a rename over its file, in a new folder, and when its folder is renamed",
  ignore,
}, async () => {
  await using machine = new TestMachine();
  using run = DevRun.start(machine);
  await run.next("ready");
  const { path } = run.folder;
  const source = Deno.readTextFileSync(`${path}/server.py`);
  Deno.writeTextFileSync(`${path}/.server.py.new`, `${source}\n# one\n`);
  Deno.renameSync(`${path}/.server.py.new`, `${path}/server.py`);
  await run.next("restarted");
  run.folder.write("package/module.py", "one = 1\n");
  await run.next("restarted");
  run.folder.write("package/module.py", "one = 11\n");
  await run.next("restarted");
  Deno.renameSync(path, `${path}-renamed`);
  Deno.mkdirSync(path);
  Deno.writeTextFileSync(`${path}/server.py`, `${source}\n# two\n`);
  await run.next("restarted");
  await run.stop();
});

for (
  const path of [
    ".git/index",
    "node_modules/a/index.js",
    "__pycache__/server.cpython-311.pyc",
    "environment/lib/module.py",
    "server.log",
    "logs/today.txt",
    "ignored/data.txt",
    ".server.py.swp",
  ]
) {
  Deno.test({ name: `a change to ${path} does not restart the server`, ignore }, async () => {
    await using machine = new TestMachine();
    using run = DevRun.start(machine, {
      files: { [path]: "before", ".gitignore": "ignored/\n", "environment/pyvenv.cfg": "" },
    });
    await run.next("ready");
    run.folder.write(path, "after, and longer");
    run.folder.write("other.py", "x = 1\n");
    await run.next("restarted");
    run.folder.write(path, "after, and much longer");
    run.folder.write("other.py", "x = 11\n");
    await run.next("restarted");
    assert.equal(run.pids.length, 3);
    await run.stop();
  });
}

Deno.test({
  name:
    "--until-ready runs a command with the variables of the local Arcade, and ends with its code",
  ignore,
}, async () => {
  await using machine = new TestMachine();
  using folder = new ProjectFolder({}, "demo");
  const run = DevRun.start(machine);
  run.running.kill("SIGKILL");
  await run.running.end();
  const args = ["dev", "--ephemeral", "--port", "0", "--until-ready", "--", "sh", "-c"];
  const test = `${
    shellWord(BINARY)
  } tool call TestServer.Greet --name Ada && echo "$ARCADE_GATEWAY_URL" && exit 7`;
  const { code, stdout, stderr } = await machine.run([...args, test], {
    cwd: run.folder.path,
    env: PYTHON_ENVIRONMENT,
  });
  assert.equal(code, 7, stderr);
  assert.match(stdout, /^Hello, Ada! .*\nhttp:\/\/127\.0\.0\.1:\d+\/mcp\/dev\n$/);
  assert.equal(stderr, "");

  run.edit((source) => `def (:\n${source}`);
  const failed = await machine.run([...args, "echo ran"], {
    cwd: run.folder.path,
    env: PYTHON_ENVIRONMENT,
  });
  assert.equal(failed.code, 1);
  assert.equal(failed.stdout, "");
  assert.match(failed.stderr, /SyntaxError: .*server\.py, line 1/s);
  run[Symbol.dispose]();
  assert.equal(folder.path.endsWith("demo"), true);
});

Deno.test({ name: "`dev` ends when its output is closed", ignore }, async () => {
  await using machine = new TestMachine();
  using folder = new ProjectFolder(serverFiles(), "demo");
  const line = `${shellWord(BINARY)} dev --port 0 --json | head -n 1 >ready; echo ended`;
  const shell = machine.startProgram(["sh", "-c", line], {
    cwd: folder.path,
    env: PYTHON_ENVIRONMENT,
  });
  await until("the event", () => {
    try {
      return Deno.readTextFileSync(`${folder.path}/ready`).endsWith("\n");
    } catch {
      return false;
    }
  });
  folder.write("other.py", "");
  await shell.printed(/ended/);
  await shell.end();
});

Deno.test({
  name: "the keys restart the server and quit, and the terminal is as before",
  ignore: ignore || withoutTerminal,
}, async () => {
  await using machine = new TestMachine();
  using folder = new ProjectFolder(serverFiles(), "demo");
  const before = "stty -a | grep -c -- -echo";
  const terminal = onTerminal(
    machine,
    `cd ${shellWord(folder.path)} && arcade dev --port 0; echo "code $?"; stty -a`,
    { env: PYTHON_ENVIRONMENT },
  );
  await terminal.printed(/Keys: r restart/);
  await terminal.type("r");
  await terminal.printed(/Restarted.* in \d+\.\d s/);
  await terminal.type("q");
  await terminal.printed(/code 0/);
  const { stdout } = await terminal.end();
  assert.match(stdout, /[^-]echo\b/, before);
  assert.match(stdout, /[^-]icanon\b/);
});

Deno.test({
  name: "Ctrl-C ends `dev` at a terminal, with its server",
  ignore: ignore || withoutTerminal,
}, async () => {
  await using machine = new TestMachine();
  using folder = new ProjectFolder(serverFiles(), "demo");
  const terminal = onTerminal(
    machine,
    `cd ${shellWord(folder.path)} && arcade dev --port 0`,
    { env: PYTHON_ENVIRONMENT },
  );
  const [, pid = ""] = await terminal.printed(/Process (\d+)/);
  await terminal.printed(/Keys: r restart/);
  await terminal.type("\x03");
  await terminal.end();
  await gone(pid);
});

Deno.test({
  name: "--client adds the gateway to an MCP client while `dev` runs, also after a kill",
  ignore,
}, async () => {
  await using machine = new TestMachine();
  const file = `${machine.home}/.cursor/mcp.json`;
  const entries = (): Mapping => {
    try {
      return JSON.parse(Deno.readTextFileSync(file)).mcpServers ?? {};
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return {};
      throw error;
    }
  };
  const env = { HOME: machine.home };
  using run = DevRun.start(machine, { args: ["--client", "cursor"], env });
  const ready = await run.next("ready");
  await until("the entry", () => "dev" in entries());
  assert.match(JSON.stringify(entries().dev), new RegExp(ready.requiredText("gateway")));
  run.running.kill("SIGKILL");
  await run.running.end();
  assert.deepEqual(Object.keys(entries()), ["dev"]);

  const again = DevRun.in(machine, run.folder, { args: ["--client", "cursor"], env });
  const [, gateway = ""] = await again.printed(/"gateway":"([^"]+)"/);
  await until("the new entry", () => JSON.stringify(entries().dev).includes(gateway));
  again.kill("SIGINT");
  assert.equal((await again.end()).code, 0);
  assert.deepEqual(entries(), {});
});

Deno.test({ name: "a server over its streams is called through the gateway", ignore }, async () => {
  await using machine = new TestMachine();
  using folder = new ProjectFolder({}, "demo");
  using log = new McpLog();
  const args = ["dev", "--json", "--port", "0", "--auth", "header", "--", ...mcpProgram(log)];
  const running = machine.start(args, { cwd: folder.path });
  const ready = await eventOf(running, "ready");
  const names = await toolsAtGateway(ready);
  const name = names.find((one) => one.endsWith("Add")) ?? "";
  const answer = await askGateway(ready, "tools/call", { name, arguments: { a: 1, b: 2 } });
  assert.match(JSON.stringify(answer.mapping), /3/);
  await running.printed(/"event":"call"/);
  running.kill("SIGINT");
  assert.equal((await running.end()).code, 0);
  await gone(...log.pids);
});

Deno.test({
  name: "`dev` goes on when the local Arcade that it joined ends, at one of its own",
  ignore,
}, async () => {
  await using machine = new TestMachine();
  const server = await machine.serve({ data: `${machine.folder}/local` });
  using run = DevRun.start(machine);
  await run.next("ready");
  assert.equal(await server.stop(), 0);
  await run.next("restarted");
  const { local_arcades: [arcade] } = JSON.parse(
    (await machine.run(["local", "status", "--json"])).stdout,
  );
  const { stdout } = await machine.run(["local", "env", "--json"]);
  const { ARCADE_API_KEY: token } = JSON.parse(stdout);
  const worker = await call(`${arcade.url}/v1/workers/demo`, { token });
  assert.deepEqual([worker.status, worker.at("enabled")], [200, true]);
  await run.stop();
});

Deno.test(
  { name: "several servers can be developed at once, started together", ignore },
  async () => {
    await using machine = new TestMachine();
    const runs = ["one", "two", "three"].map((name) =>
      DevRun.start(machine, { args: ["--name", name] })
    );
    const ready = await Promise.all(runs.map((run) => run.next("ready")));
    assert.equal(new Set(ready.map((one) => one.text("url"))).size, 1);
    assert.equal(new Set(ready.map((one) => one.text("gateway"))).size, 1);
    for (const run of runs) run.running.kill("SIGINT");
    for (const run of runs) {
      assert.equal((await run.running.end()).code, 0);
      await gone(...run.pids);
      run[Symbol.dispose]();
    }
  },
);

Deno.test({ name: "the page of the server has its tools and its log", ignore }, async () => {
  await using machine = new TestMachine();
  using run = DevRun.start(machine);
  const ready = await run.next("ready");
  const page = ready.requiredText("page");
  const first = await fetch(page, { redirect: "manual" });
  await first.body?.cancel();
  const [cookie = ""] = first.headers.getSetCookie();
  const url = new URL(first.headers.get("location") ?? "", page);
  await until("the log", async () => {
    const answer = await fetch(url, { headers: { cookie: cookie.split(";")[0] ?? "" } });
    const text = await answer.text();
    assert.equal(answer.status, 200, text);
    return text.includes("Listening on port") && text.includes("TestServer.Greet");
  });
  await run.stop();
});

Deno.test({
  name: "what a hostile server is called and prints changes nothing on a terminal",
  ignore: ignore || withoutTerminal,
}, async () => {
  await using machine = new TestMachine();
  const source = serverFiles()["server.py"] ?? "";
  using folder = new ProjectFolder({
    "server.py": source
      .replace('tool("Fail"', String.raw`tool("Fa\x1b]0;owned\x07il\u202e"`)
      .replace("Always fails", String.raw`\x1b[2J\x1b[H`)
      .replace(
        "    for word in misbehaviors()",
        String.raw`    print("\x1b]0;owned\x07\x1b[2J\u202e", flush=True)
    for word in misbehaviors()`,
      ),
  }, "demo");
  const terminal = onTerminal(machine, `cd ${shellWord(folder.path)} && arcade dev --port 0`, {
    env: PYTHON_ENVIRONMENT,
  });
  await terminal.printed(/Keys: r restart/);
  await terminal.type("q");
  const { stdout } = await terminal.end();
  // deno-lint-ignore no-control-regex
  assert.doesNotMatch(stdout, /\x1b\]|\x07|\x1b\[2J|\x1b\[H|\u202e/);
});

Deno.test({
  name: "the key c calls a tool that the user chooses",
  ignore: ignore || withoutTerminal,
}, async () => {
  await using machine = new TestMachine();
  using folder = new ProjectFolder(serverFiles(), "demo");
  const terminal = onTerminal(machine, `cd ${shellWord(folder.path)} && arcade dev --port 0`, {
    env: PYTHON_ENVIRONMENT,
  });
  await terminal.printed(/Keys: r restart/);
  await terminal.type("c");
  await terminal.printed(/Which tool\?/);
  await terminal.type("greet");
  await terminal.printed(/Greets a user/);
  await terminal.type("\r");
  await terminal.printed(/name \(string\): /);
  await terminal.type("Ada\r");
  await terminal.printed(/Hello, Ada!/);
  await terminal.printed(/Call .*TestServer\.Greet/);
  await terminal.type("q");
  await terminal.end();
});

Deno.test({
  name: "a secret that cannot be stored is told, and the server can be called without it",
  ignore,
}, async () => {
  await using machine = new TestMachine();
  using run = DevRun.start(machine, { files: { ".env": `TEST_SECRET=${"x".repeat(6000)}\n` } });
  const error = await run.next("error");
  assert.match(error.requiredText("message"), /TEST_SECRET.* has 6000 characters/);
  const ready = await run.next("ready");
  assert.deepEqual(ready.fields("missing")?.texts("secrets"), ["TEST_SECRET"]);
  const greet = { tool_name: "TestServer.Greet", input: { name: "Ada" }, user_id: "ada@x.com" };
  const { status, text } = await ask(ready, "POST /v1/tools/execute", greet);
  assert.equal(status, 200, text);
  await run.stop();
});

Deno.test({
  name:
    "a client that already has another server of that name is left as it is, and the server runs",
  ignore,
}, async () => {
  await using machine = new TestMachine();
  const file = `${machine.home}/.cursor/mcp.json`;
  const text = JSON.stringify({ mcpServers: { dev: { command: "other" } } });
  Deno.mkdirSync(`${machine.home}/.cursor`);
  Deno.writeTextFileSync(file, text);
  using run = DevRun.start(machine, {
    args: ["--client", "cursor"],
    env: { HOME: machine.home },
  });
  const ready = await run.next("ready");
  await run.running.printed(/another server dev/);
  assert.equal((await ask(ready, "GET /v1/workers/demo")).at("enabled"), true);
  await run.stop();
  assert.equal(Deno.readTextFileSync(file), text);
});

Deno.test({
  name: "pipes where files are expected do not block `dev`",
  ignore: ignore || withoutPipes,
}, async () => {
  await using machine = new TestMachine();
  using folder = new ProjectFolder(serverFiles(), "demo");
  for (const name of [".env", ".gitignore"]) {
    assert(succeeds("mkfifo", `${folder.path}/${name}`));
  }
  const running = DevRun.in(machine, folder);
  await eventOf(running, "ready");
  running.kill("SIGINT");
  assert.equal((await running.end()).code, 0);
});

Deno.test({ name: "a program whose path has an equals sign is started", ignore }, async () => {
  await using machine = new TestMachine();
  const source = serverFiles()["server.py"] ?? "";
  using folder = new ProjectFolder(serverFiles(), "a=b");
  writeProgram(`${folder.path}/serve`, `#!/usr/bin/env python3\n${source}`);
  const running = DevRun.in(machine, folder, {
    args: ["serve"],
    env: { ARCADE_TOKEN: "CANARY" },
  });
  await eventOf(running, "ready");
  running.kill("SIGINT");
  const { code, stdout, stderr } = await running.end();
  assert.equal(code, 0, stderr);
  assert.doesNotMatch(stdout + stderr, /CANARY|ARCADE_WORKER_SECRET/);
});

Deno.test({
  name: "`dev` does not start on a full disk and says so, and leaves nothing there",
  ignore: ignore || withoutMounts,
}, async () => {
  await using machine = new TestMachine();
  using folder = new ProjectFolder(serverFiles(), "demo");
  const data = `${machine.path}/small`;
  Deno.mkdirSync(data);
  using disk = new SmallDisk(data, { kibibytes: 2048 });
  disk.fill();
  const variables = { ARCADE_WORK_DIR: data, TMPDIR: data };
  for (const args of [[], ["--ephemeral"]]) {
    const { code, stderr } = await DevRun.in(machine, folder, { args, env: variables }).end();
    assert.equal(code, 1);
    const { error } = JSON.parse(stderr);
    assert.match(error.message, /the disk is full$/, args.join());
    assert.equal(error.next, "Free some space and try again");
  }
  assert.deepEqual([...Deno.readDirSync(data)].filter(({ name }) => /arcade-local/.test(name)), []);
  disk.free();
  const running = DevRun.in(machine, folder, { env: variables });
  await eventOf(running, "ready");
  running.kill("SIGINT");
  assert.equal((await running.end()).code, 0);
});

Deno.test({
  name: "`dev` restarts a server on a disk that has become full",
  ignore: ignore || withoutMounts,
}, async () => {
  await using machine = new TestMachine();
  const data = `${machine.path}/small`;
  Deno.mkdirSync(data);
  using disk = new SmallDisk(data, { kibibytes: 2048 });
  using run = DevRun.start(machine, { env: { ARCADE_WORK_DIR: data } });
  const ready = await run.next("ready");
  disk.fill();
  run.folder.write(".env", `TEST_SECRET=${"CANARY".repeat(600)}`);
  await run.next("restarted");
  run.edit((source) => source.replace(GREET, ""));
  const { mapping: { removed } } = await run.next("tools-changed");
  assert.deepEqual(removed, ["TestServer.Greet"]);
  assert.equal((await ask(ready, "GET /v1/workers/demo")).at("enabled"), true);
  assert.doesNotMatch(run.running.stdout + run.running.stderr, /CANARY/);
  await run.stop();
});

Deno.test(
  { name: "what `dev` advises when it cannot start names only its own flags", ignore },
  async () => {
    await using machine = new TestMachine();
    using folder = new ProjectFolder(serverFiles(), "demo");
    const data = `${machine.path}/broken`;
    Deno.mkdirSync(`${data}/local`, { recursive: true, mode: 0o700 });
    Deno.writeTextFileSync(`${data}/local/arcade.db`, "this is no database".repeat(100));
    const broken = DevRun.in(machine, folder, { env: { ARCADE_WORK_DIR: data } });
    const { code, stderr } = await broken.end();
    assert.equal(code, 1);
    assert.match(stderr, /cannot be used/);
    assert.doesNotMatch(stderr, /--data|--bind/);
  },
);
