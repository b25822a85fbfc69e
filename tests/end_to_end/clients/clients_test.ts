import assert from "node:assert/strict";
import { FakeMcpServer } from "../../support/mcp_server.ts";
import { browserOf, TestMachine } from "../../support/test_machine.ts";
import { install, isAsked } from "./installed.ts";

const PROGRAMS = `${import.meta.dirname}/programs`;
const SECRET = "canary-secret-of-the-server";

/** The clients, and how each shows the servers that it has read. */
const clients: readonly (readonly [id: string, name: string, show: readonly string[]])[] = [
  ["claude-code", "@anthropic-ai/claude-code", ["claude", "mcp", "get", "NAME"]],
  ["codex", "@openai/codex", ["codex", "mcp", "get", "NAME", "--json"]],
  ["gemini", "@google/gemini-cli", ["gemini", "mcp", "list"]],
  ["copilot", "@github/copilot", ["copilot", "mcp", "list", "--json"]],
  ["opencode", "opencode-ai", ["opencode", "mcp", "list"]],
  ["cline", "cline", ["cline", "config", "mcp"]],
];

/** A machine with the programs of a package, and a project in `weather`. */
function machineWith(place: string): { machine: TestMachine; project: string } {
  const machine = new TestMachine();
  const node = `${place}/node_modules/node/bin`;
  machine.env.PATH = `${node}:${place}/node_modules/.bin:${machine.env.PATH}`;
  const project = `${machine.home}/weather`;
  Deno.mkdirSync(project);
  Deno.writeTextFileSync(`${project}/.env`, `SECRET=${SECRET}\n`);
  Deno.copyFileSync(`${PROGRAMS}/server.mjs`, `${project}/server.mjs`);
  return { machine, project };
}

for (const [id, name, show] of clients) {
  Deno.test({
    name: `${name} reads the servers that arcade wrote, and the remaining ones after a removal`,
    ignore: !isAsked,
    async fn() {
      const place = install(name);
      if (place === undefined) return;
      const { machine, project } = machineWith(place);
      await using _machine = machine;
      const shown = async (server: string) => {
        const words = show.map((word) => word === "NAME" ? server : word);
        const running = machine.startProgram(words, { cwd: project, env: { NO_COLOR: "1" } });
        const { stdout, stderr } = await running.end();
        return stdout + stderr;
      };
      const configure = ["configure", id];
      const cwd = project;
      const command = ["--", "node", "server.mjs"];
      for (
        const args of [[...configure, ...command], [...configure, "-n", "web", "-t", "http"]]
      ) {
        const { code, stderr } = await machine.run(args, { cwd });
        assert.equal(code, 0, stderr);
      }
      assert.match(
        await shown("weather"),
        id === "cline" ? /weather \[stdio\]/ : /weather[^]*server\.mjs/,
      );
      assert.match(
        await shown("web"),
        id === "cline" ? /web \[streamable/ : /127\.0\.0\.1:8000\/mcp/,
      );

      // The client may have written its file in the meantime.
      const again = await machine.run([...configure, ...command], { cwd });
      assert.match(again.stderr, /already/);
      assert.equal((await machine.run([...configure, "--remove"], { cwd })).code, 0);
      assert.doesNotMatch(await shown("weather"), /server\.mjs|weather \[/);
      assert.match(await shown("web"), /web/);
    },
  });
}

const SDK = "@modelcontextprotocol/sdk";

for (const id of ["claude-code", "cursor", "copilot"]) {
  Deno.test({
    name: `the official SDK starts what arcade wrote for ${id}, and calls a tool with a secret`,
    ignore: !isAsked,
    async fn() {
      const sdk = install(SDK);
      if (sdk === undefined) return;
      const { machine, project } = machineWith(sdk);
      await using _machine = machine;
      // Where Node.js finds the SDK.
      Deno.symlinkSync(`${sdk}/node_modules`, `${machine.home}/node_modules`);
      Deno.copyFileSync(`${PROGRAMS}/client.mjs`, `${machine.home}/client.mjs`);
      const file = `${machine.home}/mcp.json`;
      const line = ["configure", id, "--config", file, "--", "node", "server.mjs"];
      assert.equal((await machine.run(line, { cwd: project })).code, 0);
      assert.doesNotMatch(Deno.readTextFileSync(file), new RegExp(SECRET));
      // Programs with a window have another PATH and another working directory.
      const node = `${sdk}/node_modules/node/bin/node`;
      const { code, stdout, stderr } = await machine.startProgram([
        node,
        "client.mjs",
        file,
        "weather",
      ], {
        cwd: machine.home,
        env: { PATH: "/usr/bin:/bin" },
      }).end();
      assert.equal(code, 0, stderr);
      assert.deepEqual(JSON.parse(stdout), {
        tool: "length_of_secret",
        text: String(SECRET.length),
      });
    },
  });
}

Deno.test({
  name: "the official SDK starts what connect wrote, and calls a tool through a gateway",
  ignore: !isAsked,
  async fn() {
    const sdk = install(SDK);
    if (sdk === undefined) return;
    await using weather = new FakeMcpServer({
      tools: [{ name: "forecast", inputSchema: { type: "object", properties: {} } }],
      call: () => ({ content: [{ type: "text", text: "Sunny" }] }),
    });
    await using machine = await TestMachine.loggedIn({ autoApprove: true });
    const { ARCADE_COORDINATOR_URL: url = "" } = machine.env;
    machine.moveLogin({ engine: url }); // the client does not pass on ARCADE_ENGINE_URL
    const project = `/v1/orgs/${machine.stored("org_id")}/projects/${machine.stored("project_id")}`;
    const worker = { id: "weather", mcp: { uri: `${weather.url}/mcp`, timeout: 30, retry: 3 } };
    const created = await fetch(`${url}${project}/workers`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${machine.stored("access_token")}`,
        "content-type": "application/json",
      },
      body: JSON.stringify(worker),
    });
    assert.equal(created.status, 201, await created.text());

    const file = `${machine.home}/claude.json`;
    const line = ["connect", "claude-desktop", "--all", "--config", file];
    const connected = await machine.run(line);
    assert.equal(connected.code, 0, connected.stderr);
    const [, login = ""] = /Log in with `arcade (gateway test \S+)`/.exec(connected.stderr) ??
      [];
    const env = { BROWSER: browserOf(machine) };
    const tested = await machine.run(login.split(" "), { env });
    assert.equal(tested.code, 0, tested.stdout + tested.stderr);
    const again = await machine.run(line);
    assert.match(again.stderr, /already/);
    const { gateways } = await machine.runJson(["gateway", "list"]) as { gateways: unknown[] };
    assert.equal(gateways.length, 1);

    Deno.symlinkSync(`${sdk}/node_modules`, `${machine.home}/node_modules`);
    Deno.copyFileSync(`${PROGRAMS}/client.mjs`, `${machine.home}/client.mjs`);
    const node = `${sdk}/node_modules/node/bin/node`;
    const [name = ""] = Object.keys(JSON.parse(Deno.readTextFileSync(file)).mcpServers);
    // The SDK passes the home on, but not the Arcade folder.
    const { code, stdout, stderr } = await machine.startProgram([node, "client.mjs", file, name], {
      cwd: machine.home,
      env: { PATH: "/usr/bin:/bin", ARCADE_WORK_DIR: undefined },
    }).end();
    assert.equal(code, 0, stderr);
    const { tool, text } = JSON.parse(stdout);
    assert.match(tool, /forecast/i);
    assert.equal(text, "Sunny");
  },
});
