import assert from "node:assert/strict";
import type { LocalArcadeOptions } from "../../../src/local/mod.ts";
import type { Seed } from "../../../src/local/model/seed.ts";
import { call, type Fixture, signIn, start } from "../harness.ts";

const ignore = Deno.build.os === "windows";

/** A server whose tool returns the port of the connection that the call came through. */
const SERVER = `
const tool = { name: "Port", toolkit: { name: "Demo" } };
Deno.serve({
  hostname: "127.0.0.1",
  port: Number(Deno.env.get("ARCADE_SERVER_PORT")),
}, async (request, { remoteAddr }) => {
  await request.text();
  if (request.url.endsWith("/worker/tools")) return Response.json([tool]);
  return Response.json({ success: true, output: { value: remoteAddr.port } });
});
`;

/** A local Arcade whose seed starts that server; a restart has no seed. */
async function startSeeded(folder: string): Promise<Fixture> {
  Deno.writeTextFileSync(`${folder}/server.ts`, SERVER);
  const flags = ["--no-config", "--no-check", "--quiet", "--allow-net", "--allow-env"];
  const command = [Deno.execPath(), "run", ...flags, "server.ts"];
  const seed: Seed = {
    users: [],
    organizations: [],
    secrets: new Map(),
    servers: [{ name: "demo", folder, command }],
    grants: [],
    gateways: [],
  };
  const options: Partial<LocalArcadeOptions> = { env: { HOME: folder }, seed };
  const fixture = await start(options);
  delete options.seed;
  return fixture;
}

/** Sends a request with the API key of the project. */
function ask({ arcade }: Fixture, line: string, json?: unknown) {
  const [method = "", path = ""] = line.split(" ");
  const token = arcade.environment.ARCADE_API_KEY ?? "";
  return call(arcade.url + path, { method, token, json });
}

async function removeOtherProject({ url }: Fixture): Promise<void> {
  const { org, access: token } = await signIn(url, "developer@arcade.local");
  const projects = `${url}/api/v1/orgs/${org}/projects`;
  const created = await call(projects, { method: "POST", token, json: { name: "Other" } });
  const id = created.textAt("data", "project_id");
  const removed = await call(`${url}/dashboard/remove`, { form: { kind: "project", id } });
  assert.equal(removed.status, 303, removed.text);
}

Deno.test({
  name: "a server that a seed starts is reached at its own port, with a new connection each time",
  ignore,
}, async () => {
  const folder = Deno.makeTempDirSync();
  try {
    await using fixture = await startSeeded(folder);
    const ports = new Set<unknown>();
    const callTwice = async () => {
      for (let i = 0; i < 2; i++) {
        const answer = await ask(fixture, "POST /v1/tools/execute", { tool_name: "Demo.Port" });
        assert.equal(answer.at("success"), true, answer.text);
        ports.add(answer.at("output", "value"));
      }
    };
    await callTwice();
    assert.equal(ports.size, 2);
    const change = { http: { timeout: 5 } };
    assert.equal((await ask(fixture, "PATCH /v1/workers/demo", change)).at("http", "timeout"), 5);
    await callTwice();
    assert.equal(ports.size, 4);
    await removeOtherProject(fixture);
    await callTwice();
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test({
  name: "a server that a seed starts ends with the local Arcade, and its port is not stored",
  ignore,
}, async () => {
  const folder = Deno.makeTempDirSync();
  try {
    await using fixture = await startSeeded(folder);
    assert.equal((await ask(fixture, "GET /v1/workers/demo")).status, 200);
    await ask(fixture, "PATCH /v1/workers/demo", { http: { timeout: 5 } });
    await fixture.restart();
    assert.equal((await ask(fixture, "GET /v1/workers")).at("total_count"), 0);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});
