import assert from "node:assert/strict";
import { type AuthorizedClient, bearerClient } from "../../src/api/authorized_client.ts";
import {
  fetchAccountOf,
  fetchOrganizations,
  fetchPrincipalOfApiKey,
  fetchProjects,
} from "../../src/api/coordinator.ts";
import { discover } from "../../src/api/discovery.ts";
import { type Engine, openEngine } from "../../src/api/engine.ts";
import type { HttpContext } from "../../src/api/exchange.ts";
import { UserConnectionsClient } from "../../src/api/user_connections.ts";
import { fetchHealth } from "../../src/api/health.ts";
import { NetworkTime } from "../../src/api/network_time.ts";
import { fetchOAuthSettings } from "../../src/auth/oauth.ts";
import { readErrorMessage } from "../../src/contract/errors.ts";
import { Failure } from "../../src/failure.ts";
import { Sensitive } from "../../src/secrecy/sensitive.ts";
import { sleep } from "../../src/system/waiting.ts";
import { apiKeyOf, call, type Fixture, type Session, signIn, start } from "../local/harness.ts";
import { Project } from "../support/project.ts";
import { deploymentOf, PYTHON_ENVIRONMENT, withoutPython } from "../support/test_server.ts";

const http: HttpContext = {
  fetch,
  timeoutMs: () => 30_000,
  networkTime: new NetworkTime(() => 0),
  sleep,
  random: () => 0,
  trace: undefined,
};

function clientOf(token: string): AuthorizedClient {
  return bearerClient(http, new Sensitive(token), { renewal: "Log in again" });
}

function engineOf({ url: address }: Fixture, { access, org, project }: Session): Engine {
  return openEngine(clientOf(access), {
    address,
    project: { orgId: org, orgName: org, projectId: project, projectName: project },
  });
}

Deno.test("the client reads a local Arcade's responses about itself and accounts", async () => {
  await using fixture = await start();
  const { url } = fixture;
  const session = await signIn(url);
  assert.deepEqual(await discover(http, url), {
    coordinator: url,
    engine: url,
    dashboard: url,
    noDeployments: undefined,
  });
  assert.equal(await fetchHealth(http, url), true);
  assert.equal((await fetchOAuthSettings(http, url)).client_id, "arcade-cli");

  const access = { client: clientOf(session.access), coordinator: url };
  const account = await fetchAccountOf(access);
  assert.equal(account.id, session.account);
  assert.equal(account.email, "ada@example.com");
  const organizations = await fetchOrganizations(access);
  assert.deepEqual(organizations, account.organizations);
  assert.deepEqual(organizations.map(({ id, isDefault }) => [id, isDefault]), [[
    session.org,
    true,
  ]]);
  assert.deepEqual(await fetchProjects(access, session.org), account.projects);
  const apiKey = new Sensitive(await apiKeyOf(url, session));
  assert.equal(await fetchPrincipalOfApiKey(http, url, apiKey), session.account);
});

Deno.test("the client reads a local Arcade's responses about grants", async () => {
  await using fixture = await start();
  const { url } = fixture;
  const client = clientOf(await apiKeyOf(url, await signIn(url)));
  const connections = new UserConnectionsClient(client, `${url}/v1/admin/user_connections`);
  const place = { user_id: "ada@example.com", provider_id: "github" };
  const granted = await connections.grant({ ...place, scopes: ["a", "b"], expires_in: 60 });
  const { id } = granted;
  const expires_at = "2026-11-20T14:01:00.000Z";
  assert.deepEqual(granted, { id, ...place, scopes: ["a", "b"], expires_at });
  assert.deepEqual(await connections.find(place.user_id, place.provider_id), granted);
  assert.equal(await connections.find("bob@example.com", place.provider_id), undefined);
  await connections.revoke(id, ["a"]);
  const left = await connections.find(place.user_id, place.provider_id);
  assert.deepEqual(left?.scopes, ["b"]);
  await connections.revoke(id, []);
  assert.equal(await connections.find(place.user_id, place.provider_id), undefined);
});

for (const credential of ["login", "API key"]) {
  Deno.test(`the client reads a local Arcade's responses about secrets (${credential})`, async () => {
    await using fixture = await start();
    const session = await signIn(fixture.url);
    const { secrets } = credential === "login"
      ? engineOf(fixture, session)
      : openEngine(clientOf(await apiKeyOf(fixture.url, session)), {
        address: fixture.url,
        project: undefined,
      });
    await secrets.set("KEY", new Sensitive("a-long-value", "value"), { description: "Mine" });
    const [entry, ...others] = await secrets.list();
    assert(entry && others.length === 0);
    const { id: _id, ...shown } = entry;
    assert.deepEqual(shown, {
      key: "KEY",
      binding: { type: "project" },
      description: "Mine",
      hint: "alue",
      last_accessed_at: undefined,
      created_at: "2026-11-20T14:00:00.000Z",
    });
    await secrets.remove(entry);
    assert.deepEqual(await secrets.list(), []);
  });
}

Deno.test({
  name: "the client reads a local Arcade's responses about servers, tools, deployments and logs",
  ignore: withoutPython,
  async fn() {
    await using fixture = await start({ env: PYTHON_ENVIRONMENT });
    const session = await signIn(fixture.url);
    const engine = engineOf(fixture, session);
    const deployments = await engine.deployments({ answerMs: 30_000 });
    const { toolkits: { bundles: [sent] } } = await deploymentOf("test_server");
    assert(sent);
    const bundle = {
      name: "test_server",
      version: "1.0.0",
      entrypoint: "server.py",
      archive: async function* () {
        yield await Promise.resolve(Uint8Array.from(atob(sent.bytes), (one) => one.charCodeAt(0)));
      },
    };
    await deployments.create(bundle, { provider: undefined });
    const { org, project } = session;
    const scope = new Project(`${fixture.url}/v1/orgs/${org}/projects/${project}`, session.access);
    await scope.logged(/arcade: Healthy/);
    assert.equal(await deployments.status("test_server"), "running");

    const [server] = await engine.servers.list();
    const { url, ...shown } = server ?? {};
    assert.match(url ?? "", /^http:\/\/127\.0\.0\.1:\d+$/);
    assert.deepEqual(shown, {
      name: "test_server",
      type: "http",
      isEnabled: true,
      isManaged: true,
      binding: "project",
    });
    assert.deepEqual(await engine.servers.get("test_server"), server);
    assert.deepEqual(await engine.servers.health("test_server"), {
      isHealthy: true,
      message: "The server is healthy",
    });
    const tools = await (await engine.tools()).list("TestServer");
    assert(tools.length > 0);
    for (const { name, version, server } of tools) {
      assert.match(name, /^TestServer\.\w+$/);
      assert.deepEqual([version, server], ["1.0.0", "TestServer"]);
    }

    const logs = await engine.logs("test_server", http);
    const lines = await Array.fromAsync(await logs.read({ since: new Date(0) }));
    const stream = await logs.follow("1970-01-01T00:00:00Z");
    assert(stream);
    for await (const [first] of stream) {
      assert.deepEqual(first, lines[0]?.[0]);
      assert.match(first?.line ?? "", /^arcade: Starting/);
      assert.match(first?.timestamp ?? "", /Z$/);
      break;
    }
    assert(!Number.isNaN((await logs.time({ now: () => new Date(NaN) })).getTime()));

    await deployments.update({ ...bundle, version: "1.0.1" });
    await engine.servers.setEnabled("test_server", false);
    assert.equal((await engine.servers.get("test_server")).isEnabled, false);
    await engine.servers.remove("test_server");
    await assert.rejects(
      engine.servers.get("test_server"),
      (error) => error instanceof Failure && error.kind === "not-found",
    );
  },
});

Deno.test("a refused body is answered with the expected form and the invalid field", async () => {
  await using fixture = await start();
  const { org, project, access: token } = await signIn(fixture.url);
  const scope = `${fixture.url}/v1/orgs/${org}/projects/${project}`;
  const cases: readonly [line: string, json: unknown, message: RegExp][] = [
    ["PUT /secrets/KEY", { value: "" }, /^value must be a text of 1 to 5000 characters/],
    ["PUT /secrets/KEY", {}, /^value is missing$/],
    ["POST /tools/execute", { tool_name: "A.B", input: 1 }, /^input is missing or invalid$/],
    ["POST /deployments", { name: "a b" }, /^name must be 1 to 100 letters, digits/],
    ["POST /deployments", { name: "a", toolkits: { bundles: [{}] } }, /^toolkits\.bundles\.0\./],
    ["PUT /secrets/KEY", [], /^The body must be an object with a value/],
    [
      "POST /gateways",
      { name: "a", slug: "a b" },
      /^slug must be 1 to 100 letters, digits, [^;]*$/,
    ],
    ["POST /gateways", { name: "a", status: "open" }, /^status must be active or inactive$/],
    [
      "POST /auth/authorize",
      { user_id: "u", auth_requirement: { provider_id: "git hub" } },
      /^auth_requirement\.provider_id must be /,
    ],
  ];
  for (const [line, json, message] of cases) {
    const [method = "", path = ""] = line.split(" ");
    const answer = await call(scope + path, { method, token, json });
    assert.equal(answer.status, 422, line);
    assert.match(readErrorMessage(answer.at()) ?? "", message);
  }
});
