import assert from "node:assert/strict";
import { FakeMcpServer } from "../../support/mcp_server.ts";
import { BINARY, browserOf, TestMachine } from "../../support/test_machine.ts";
import { mcpClients, PROGRAMS, pythonMcpClients, type Sdk } from "./installed.ts";

const js = mcpClients();
const python = pythonMcpClients();

const EXPECTED = { tools: ["Weather_forecast"], text: "Sunny" };

/** A local Arcade with a login, a server with one tool, and a gateway that requires its own login. */
async function withGateway(work: (machine: TestMachine) => Promise<void>): Promise<void> {
  await using machine = await TestMachine.loggedIn({ autoApprove: true });
  await using server = new FakeMcpServer({
    tools: [{ name: "forecast", inputSchema: { type: "object" } }],
    call: () => ({ content: [{ type: "text", text: "Sunny" }] }),
  });
  const mcp = { uri: `${server.url}/mcp`, timeout: 30, retry: 3 };
  const path = "/v1/orgs/{org}/projects/{project}/workers";
  const stdin = JSON.stringify({ id: "weather", enabled: true, type: "mcp", mcp });
  await machine.run(["api", "POST", path, "--input", "-"], { stdin });
  const created = await machine.run([
    ...["gateway", "create", "--slug", "weather", "--server", "Weather"],
  ]);
  assert.equal(created.code, 0, created.stderr);
  machine.env.BROWSER = browserOf(machine);
  await work(machine);
}

/** Runs a program that starts `arcade mcp proxy`. */
async function proxied(machine: TestMachine, sdk: Sdk, name: string, args: readonly string[]) {
  const script = `${sdk.folder}/${name}`;
  Deno.copyFileSync(`${PROGRAMS}/${name}`, script);
  const words = [sdk.program, script, ...args, BINARY, "mcp", "proxy", "weather"];
  const PATH = Deno.env.get("PATH") ?? "";
  const { code, stdout, stderr } = await machine.startProgram(words, { env: { PATH } }).end();
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

Deno.test({
  name:
    "the official client in TypeScript works through arcade mcp proxy, in both generations and eras",
  ignore: js === undefined,
}, async (t) => {
  assert(js);
  await withGateway(async (machine) => {
    for (const [generation, era] of [["1", "legacy"], ["2", "legacy"], ["2", "2026-07-28"]]) {
      await t.step(`generation ${generation}, era ${era}`, async () => {
        const args = [generation ?? "", era ?? ""];
        assert.deepEqual(await proxied(machine, js, "mcp_stdio.mjs", args), EXPECTED);
      });
    }
  });
});

Deno.test({
  name: "the official client in Python works through arcade mcp proxy, in all modes",
  ignore: python === undefined,
}, async (t) => {
  assert(python);
  await withGateway(async (machine) => {
    for (const mode of ["auto", "legacy", "2026-07-28"]) {
      await t.step(`mode ${mode}`, async () => {
        assert.deepEqual(await proxied(machine, python, "mcp_stdio.py", [mode]), EXPECTED);
      });
    }
  });
});
