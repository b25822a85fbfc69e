import assert from "node:assert/strict";
import type { Mapping } from "../../../src/contract/fields.ts";
import {
  bearer,
  gatewayCode,
  gatewayExchange,
  gatewayLogin,
  gatewayTokens,
  MCP_REDIRECT,
  register,
  send,
  SessionClient,
  StatelessClient,
} from "../../support/mcp_client.ts";
import { FakeMcpServer } from "../../support/mcp_server.ts";
import { ApiProject, FakeWorker, parameter, succeeded, workerTool } from "../../support/workers.ts";
import { type Answer, call, hidden, post, query, start } from "../harness.ts";

const ECHO = workerTool("Echo", {
  input: { parameters: [parameter("text", "string", { required: true })] },
  metadata: { behavior: { read_only: true, destructive: false } },
});
const GITHUB = {
  authorization: { provider_id: "github", provider_type: "oauth2", oauth2: { scopes: ["repo"] } },
  secrets: null,
};
const STAR = workerTool("Star", { requirements: GITHUB });
const ADA = "ada@example.com";
const URL_ELICITATION = { elicitation: { url: {} } };

/** Both kinds of clients of a gateway, signed in as a user. */
async function bothEras(
  url: string,
  slug: string,
  { email = ADA, capabilities = {} }: { email?: string; capabilities?: Mapping } = {},
) {
  const { access, resource } = await gatewayTokens(url, slug, email);
  return {
    session: await SessionClient.open(resource, bearer(access), capabilities),
    stateless: new StatelessClient(resource, bearer(access), capabilities),
  };
}

/** The text of a result of a tool. */
function textOf(answer: Answer): string {
  return answer.textAt("result", "content", 0, "text");
}

Deno.test("a client signs in to a gateway, and lists and calls its tools in both eras", async () => {
  await using fixture = await start();
  await using worker = new FakeWorker([ECHO, workerTool("Other")]);
  const project = await ApiProject.of(fixture);
  await project.register("demo", worker);
  await project.ask("POST /gateways", {
    name: "My tools",
    slug: "mine",
    description: "Use them",
    tool_filter: { allowed_tools: ["Demo.Echo"] },
  });
  const { session, stateless } = await bothEras(fixture.url, "mine");
  const { initialized } = session;
  assert.equal(initialized.at("result", "protocolVersion"), "2025-11-25");
  const info = { name: "mine", title: "My tools", version: "0.1.0" };
  assert.deepEqual(initialized.at("result", "serverInfo"), info);
  assert.equal(initialized.at("result", "instructions"), "Use them");
  assert.deepEqual(initialized.at("result", "capabilities"), { tools: {} });
  const discovered = await stateless.ask("server/discover");
  assert.deepEqual(discovered.at("result", "supportedVersions"), ["2026-07-28"]);
  assert.deepEqual(
    discovered.at("result", "_meta", "io.modelcontextprotocol/serverInfo"),
    info,
  );
  assert.equal((await session.ask("ping")).status, 200);

  for (const client of [session, stateless]) {
    assert.deepEqual((await client.ask("tools/list")).at("result", "tools"), [{
      name: "Demo_Echo",
      description: "Does Echo",
      inputSchema: {
        type: "object",
        properties: { text: { type: "string", description: "The text" } },
        required: ["text"],
        additionalProperties: false,
      },
      annotations: { readOnlyHint: true, destructiveHint: false },
    }]);
    const called = await client.callTool("Demo_Echo", { text: "hi" });
    assert.deepEqual(called.at("result", "structuredContent", "inputs"), { text: "hi" });
    assert.equal(called.at("result", "structuredContent", "context", "user_id"), ADA);
    assert.deepEqual(JSON.parse(textOf(called)), called.at("result", "structuredContent"));
    assert.equal(called.at("result", "isError"), undefined);
  }
});

Deno.test("a value becomes text, and an object as it is or as the result of one", async () => {
  await using fixture = await start();
  const values: unknown[] = ["a text", 3, [1, 2], null, { a: 1 }];
  await using worker = new FakeWorker([workerTool("Get")], () => succeeded(values[0]));
  const project = await ApiProject.of(fixture);
  await project.register("demo", worker);
  await project.ask("POST /gateways", { name: "G", slug: "g" });
  const { session } = await bothEras(fixture.url, "g");
  const expected = ["a text", "3", "[1,2]", "null", '{"a":1}'];
  for (const text of expected) {
    const answer = await session.callTool("Demo_Get");
    assert.equal(textOf(answer), text);
    const [value] = values;
    const structured = text.startsWith("{") ? value : { result: value };
    assert.deepEqual(answer.at("result", "structuredContent"), structured);
    values.shift();
  }
});

Deno.test("the tools of servers of the type mcp are in a gateway too, and those of a disabled server are not", async () => {
  await using fixture = await start({ elapsedMs: ticking() });
  await using worker = new FakeWorker([ECHO]);
  await using weather = new FakeMcpServer({
    tools: [{ name: "forecast", description: "Tells it", inputSchema: { type: "object" } }],
    call: () => ({ content: [{ type: "text", text: "sunny" }] }),
  });
  const project = await ApiProject.of(fixture);
  await project.register("demo", worker);
  const mcp = { uri: weather.url, timeout: 30, retry: 3 };
  await project.ask("POST /workers", { id: "weather", type: "mcp", mcp });
  await project.ask("POST /gateways", { name: "G", slug: "g" });
  const { session, stateless } = await bothEras(fixture.url, "g");
  const namesOf = async (client: SessionClient | StatelessClient) => {
    const tools = (await client.ask("tools/list")).at("result", "tools");
    return Array.isArray(tools) ? tools.map(({ name }) => name) : tools;
  };
  assert.deepEqual(await namesOf(session), ["Demo_Echo", "Weather_forecast"]);
  assert.equal(textOf(await stateless.callTool("Weather_forecast")), "sunny");
  await project.ask("PATCH /workers/demo", { enabled: false });
  assert.deepEqual(await namesOf(stateless), ["Weather_forecast"]);
  const hiddenTool = await session.callTool("Demo_Echo", { text: "hi" });
  assert.equal(hiddenTool.at("error", "code"), -32602);
  assert.equal(hiddenTool.at("error", "message"), "tool not found");
  await project.ask("PATCH /workers/demo", { enabled: true });
  assert.deepEqual(await namesOf(session), ["Demo_Echo", "Weather_forecast"]);
});

/** A clock on which the lists of tools are always old. */
function ticking(): () => number {
  let ms = 0;
  return () => ms += 2000;
}

Deno.test("a tool that fails, and one whose secret is missing, is a result that says so", async () => {
  await using fixture = await start();
  const failure = {
    execution_id: "e",
    success: false,
    output: {
      error: {
        message: "Too many",
        kind: "TOOL_RUNTIME_RETRY",
        can_retry: true,
        additional_prompt_content: "Ask for fewer",
      },
    },
  };
  const needy = workerTool("Needy", {
    requirements: { authorization: null, secrets: [{ key: "API_KEY" }] },
  });
  await using worker = new FakeWorker([ECHO, needy], () => Response.json(failure));
  const project = await ApiProject.of(fixture);
  await project.register("demo", worker);
  await project.ask("POST /gateways", { name: "G", slug: "g" });
  const { session, stateless } = await bothEras(fixture.url, "g");
  for (const client of [session, stateless]) {
    const failed = await client.callTool("Demo_Echo", { text: "hi" });
    assert.equal(failed.at("result", "isError"), true);
    assert.deepEqual(failed.at("result", "content"), [
      { type: "text", text: "Too many" },
      { type: "text", text: "Ask for fewer" },
    ]);
    const wrong = await client.callTool("Demo_Echo", {});
    assert.equal(wrong.at("result", "isError"), true);
    assert.match(textOf(wrong), /text/);
    const missing = await client.callTool("Demo_Needy");
    assert.equal(missing.at("result", "isError"), true);
    assert.match(textOf(missing), /^secret not found: API_KEY\. .*arcade secret set API_KEY$/);
  }
});

Deno.test("a missing grant is a result with an address, and the call works once it is granted", async () => {
  await using fixture = await start();
  await using worker = new FakeWorker([STAR]);
  const project = await ApiProject.of(fixture);
  await project.register("demo", worker);
  await project.ask("POST /gateways", { name: "G", slug: "g" });
  const { session, stateless } = await bothEras(fixture.url, "g");
  const bob = await bothEras(fixture.url, "g", { email: "bob@example.com" });
  const missing = await session.callTool("Demo_Star");
  const address = missing.textAt("result", "structuredContent", "authorization_url");
  assert.equal(missing.at("result", "isError"), undefined);
  assert.match(missing.textAt("result", "structuredContent", "message"), /github/);
  assert(missing.textAt("result", "structuredContent", "llm_instructions").includes(address));
  assert.equal(JSON.parse(textOf(missing)).authorization_url, address);
  const again = await stateless.callTool("Demo_Star");
  assert.equal(again.at("result", "structuredContent", "authorization_url"), address);

  await decide(fixture.url, address, "allow");
  for (const client of [session, stateless]) {
    const called = await client.callTool("Demo_Star");
    assert.match(
      called.textAt("result", "structuredContent", "context", "authorization", "token"),
      /^fake_github_/,
    );
  }
  for (const client of [bob.session, bob.stateless]) {
    const other = await client.callTool("Demo_Star");
    assert.notEqual(other.at("result", "structuredContent", "authorization_url"), address);
  }
});

/** Decides on the page of a grant. */
async function decide(url: string, address: string, decision: "allow" | "deny"): Promise<void> {
  const page = await call(address);
  const form = { flow_id: hidden(page.text, "flow_id"), account: ADA, decision };
  assert.equal((await post(`${url}/grants/decision`, form)).status, 303);
}

Deno.test("a client that can open addresses is asked to do so, as in its era", async () => {
  await using fixture = await start();
  await using worker = new FakeWorker([STAR]);
  const project = await ApiProject.of(fixture);
  await project.register("demo", worker);
  await project.ask("POST /gateways", { name: "G", slug: "g" });
  const { url } = fixture;
  const { session, stateless } = await bothEras(url, "g", { capabilities: URL_ELICITATION });
  const asked = await session.callTool("Demo_Star");
  assert.equal(asked.at("error", "code"), -32042);
  const address = asked.textAt("error", "data", "elicitations", 0, "url");
  assert.equal(asked.at("error", "data", "elicitations", 0, "mode"), "url");
  assert.match(asked.textAt("error", "data", "elicitations", 0, "elicitationId"), /^ac_/);

  const needed = await stateless.callTool("Demo_Star");
  assert.equal(needed.at("result", "resultType"), "input_required");
  assert.equal(
    needed.at("result", "inputRequests", "authorization", "method"),
    "elicitation/create",
  );
  assert.equal(needed.at("result", "inputRequests", "authorization", "params", "mode"), "url");
  assert.equal(needed.at("result", "inputRequests", "authorization", "params", "url"), address);

  const answers = (action: string) => ({ inputResponses: { authorization: { action } } });
  const declined = await stateless.callTool("Demo_Star", {}, answers("decline"));
  assert.equal(declined.at("result", "isError"), true);
  const waiting = stateless.callTool("Demo_Star", {}, answers("accept"));
  await decide(url, address, "allow");
  const called = await waiting;
  assert.equal(called.at("result", "structuredContent", "context", "user_id"), ADA);
});

Deno.test("a gateway for headers accepts an API key of its project and a user header", async () => {
  await using fixture = await start();
  await using worker = new FakeWorker([ECHO]);
  const project = await ApiProject.of(fixture);
  const other = await ApiProject.of(fixture, "bob@example.com");
  await project.register("demo", worker);
  const gateway = { name: "G", slug: "g", auth_type: "arcade_header" };
  await project.ask("POST /gateways", gateway);
  const address = `${fixture.url}/mcp/g`;
  const user = { "arcade-user-id": "user_7" };
  const session = await SessionClient.open(address, { ...bearer(project.token), ...user });
  const stateless = new StatelessClient(address, { authorization: project.token, ...user });
  for (const client of [session, stateless]) {
    const called = await client.callTool("Demo_Echo", { text: "hi" });
    assert.equal(called.at("result", "structuredContent", "context", "user_id"), "user_7");
  }
  const refused: readonly [headers: Record<string, string>, status: number, message: RegExp][] = [
    [{}, 401, /Missing Authorization header/],
    [bearer(project.token), 401, /Missing Arcade-User-Id header/],
    [{ ...bearer(other.token), ...user }, 403, /another project/],
    [{ ...bearer(project.access), ...user }, 401, /unknown/],
    [{ ...bearer(project.token), "arcade-user-id": "x".repeat(257) }, 400, /is not a valid user/],
  ];
  for (const [headers, status, message] of refused) {
    const answer = await send(address, { method: "ping" }, headers);
    assert.equal(answer.status, status, answer.text);
    assert.match(answer.textAt("message"), message);
    assert(!/resource_metadata/.test(answer.headers.get("www-authenticate") ?? ""));
  }
  const metadata = `${fixture.url}/.well-known/oauth-protected-resource/mcp/g`;
  assert.equal((await call(metadata)).status, 404);
});

Deno.test("a client finds out where to sign in, and gets tokens for twelve hours", async () => {
  await using fixture = await start();
  const { url } = fixture;
  const project = await ApiProject.of(fixture);
  await project.ask("POST /gateways", { name: "My tools", slug: "mine" });
  const resource = `${url}/mcp/mine`;
  const refused = await send(resource, { method: "ping" }, {});
  assert.equal(refused.status, 401);
  const metadata = `${url}/.well-known/oauth-protected-resource/mcp/mine`;
  assert.equal(
    refused.headers.get("www-authenticate"),
    `Bearer resource_metadata="${metadata}", scope="mcp"`,
  );
  assert.deepEqual((await call(metadata, { stranger: true })).at(), {
    resource,
    authorization_servers: [`${url}/oauth2`],
    bearer_methods_supported: ["header"],
    scopes_supported: ["mcp"],
    resource_name: "My tools",
  });
  const server = await call(`${url}/.well-known/oauth-authorization-server/oauth2`, {
    stranger: true,
  });
  assert.equal(server.at("issuer"), `${url}/oauth2`);
  assert.equal(server.at("registration_endpoint"), `${url}/oauth2/register`);
  assert.equal(server.at("authorization_endpoint"), `${url}/oauth2/authorize`);
  assert.equal(server.at("token_endpoint"), `${url}/oauth2/token`);
  assert.deepEqual(server.at("code_challenge_methods_supported"), ["S256"]);
  assert.equal(server.at("authorization_response_iss_parameter_supported"), true);

  const registered = await register(url, { token_endpoint_auth_method: "client_secret_post" });
  assert.equal(registered.status, 201);
  const client_id = registered.textAt("client_id");
  const { client_secret } = JSON.parse(registered.text);
  assert.equal(client_secret, undefined);
  assert.equal(registered.at("token_endpoint_auth_method"), "none");
  assert.deepEqual(registered.at("redirect_uris"), [MCP_REDIRECT]);

  const page = await call(gatewayLogin(url, client_id, { resource }));
  assert.match(page.text, /A client/);
  assert.match(page.text, /My tools/);
  assert(page.text.includes(MCP_REDIRECT));
  const code = await gatewayCode(url, { client_id, resource, email: ADA });
  const tokens = await gatewayExchange(url, { client_id, code, resource });
  assert.equal(tokens.at("expires_in"), 12 * 3600);
  assert.equal(tokens.at("scope"), "mcp offline_access");
  const headers = bearer(tokens.textAt("access_token"));
  const ping = () => send(resource, { method: "ping" }, headers);
  assert.notEqual((await ping()).status, 401);
  fixture.pass(12 * 3600);
  const late = await ping();
  assert.equal(late.status, 401);
  assert.match(late.headers.get("www-authenticate") ?? "", /, error="invalid_token"$/);
});

Deno.test("a redirect names the issuer, and has a state only if the client sent one", async () => {
  await using fixture = await start({ autoApprove: true });
  const { url } = fixture;
  const token = fixture.arcade.environment.ARCADE_API_KEY ?? "";
  const json = { name: "G", slug: "g" };
  await call(`${url}/v1/gateways`, { method: "POST", token, json });
  const client_id = (await register(url)).textAt("client_id");
  const resource = `${url}/mcp/g`;
  const withState = query(await call(gatewayLogin(url, client_id, { resource })));
  assert.equal(withState.get("iss"), `${url}/oauth2`);
  assert.equal(withState.get("state"), "the-state");
  const without = query(await call(gatewayLogin(url, client_id, { resource, state: "" })));
  assert.equal(without.has("state"), false);
  const wrong = query(await call(gatewayLogin(url, client_id, { resource: `${url}/mcp/h` })));
  assert.equal(wrong.get("error"), "invalid_target");
  assert.equal(wrong.get("iss"), `${url}/oauth2`);
});

Deno.test("a used refresh token gets the same answer for a minute, and then revokes everything", async () => {
  await using fixture = await start();
  const { url } = fixture;
  const project = await ApiProject.of(fixture);
  await project.ask("POST /gateways", { name: "G", slug: "g" });
  const { client_id, resource, refresh } = await gatewayTokens(url, "g");
  const renew = (refresh_token: string) =>
    gatewayExchange(url, { client_id, refresh_token, resource });
  const first = await renew(refresh);
  assert.equal(first.status, 200);
  fixture.pass(59);
  assert.deepEqual((await renew(refresh)).at(), first.at());
  fixture.pass(1);
  const late = await renew(refresh);
  assert.equal(late.at("error"), "invalid_grant");
  const ping = await send(resource, { method: "ping" }, bearer(first.textAt("access_token")));
  assert.equal(ping.status, 401);
  assert.equal((await renew(first.textAt("refresh_token"))).at("error"), "invalid_grant");
});

Deno.test("a gateway answers invalid messages as the specification requires", async () => {
  await using fixture = await start();
  await using worker = new FakeWorker([ECHO]);
  const project = await ApiProject.of(fixture);
  await project.register("demo", worker);
  await project.ask("POST /gateways", { name: "G", slug: "g" });
  const { session, stateless } = await bothEras(fixture.url, "g");
  const { access, resource } = await gatewayTokens(fixture.url, "g");
  const headers = { ...bearer(access), accept: "application/json, text/event-stream" };

  const mismatch = await stateless.ask("tools/call", { name: "Demo_Echo", arguments: {} }, {
    "mcp-name": "Demo_Other",
  });
  assert.deepEqual([mismatch.status, mismatch.at("error", "code")], [400, -32020]);
  const version = await stateless.ask("tools/list", {
    _meta: {
      "io.modelcontextprotocol/protocolVersion": "2099-01-01",
      "io.modelcontextprotocol/clientInfo": { name: "test", version: "1" },
      "io.modelcontextprotocol/clientCapabilities": {},
    },
  }, { "mcp-protocol-version": "2099-01-01" });
  assert.deepEqual([version.status, version.at("error", "code")], [400, -32022]);
  assert.deepEqual(version.at("error", "data", "supported"), ["2026-07-28"]);
  const unknown = await stateless.ask("tools/forget");
  assert.deepEqual([unknown.status, unknown.at("error", "code")], [404, -32601]);
  const cursor = await session.ask("tools/list", { cursor: "x" });
  assert.equal(cursor.at("error", "code"), -32602);

  for (const body of ["{", "", "[".repeat(2000)]) {
    const response = await fetch(resource, {
      method: "POST",
      headers: { ...headers, "content-type": "application/json" },
      body,
    });
    assert.equal(response.status, 400);
    assert.equal((await response.json()).error.code, -32700);
  }
  const got = await call(resource, { headers, stranger: true });
  assert.equal(got.status, 405);
  assert.equal(got.headers.get("allow"), "POST, DELETE");
  const ended = await call(resource, { method: "DELETE", headers: session.headers });
  assert.equal(ended.status, 202);
  assert.equal((await session.ask("ping")).status, 404);
  assert.equal((await call(resource, { method: "DELETE", headers: session.headers })).status, 404);
  assert.equal((await send(`${fixture.url}/mcp/none`, { method: "ping" }, headers)).status, 404);
});

Deno.test("of two tools with one name in MCP, a gateway lists the one that a call finds", async () => {
  await using fixture = await start();
  const toolkit = (name: string, version: string) => ({ name, description: null, version });
  await using first = new FakeWorker([
    workerTool("B_C", { toolkit: toolkit("A", "1.0.0"), description: "The older" }),
  ]);
  await using second = new FakeWorker([
    workerTool("C", { toolkit: toolkit("A_B", "2.0.0"), description: "The newer" }),
  ]);
  const project = await ApiProject.of(fixture);
  await project.register("first", first);
  await project.register("second", second);
  await project.ask("POST /gateways", { name: "G", slug: "g" });
  const only = { tool_filter: { allowed_tools: ["A.B_C"] } };
  await project.ask("POST /gateways", { name: "H", slug: "h", ...only });
  for (
    const [slug, description, version] of [["g", "The newer", "2.0.0"], ["h", "The older", "1.0.0"]]
  ) {
    const { session } = await bothEras(fixture.url, slug ?? "");
    const list = await session.ask("tools/list");
    assert.equal(list.at("result", "tools", "length"), 1);
    assert.equal(list.at("result", "tools", 0, "description"), description);
    const called = await session.callTool("A_B_C");
    assert.equal(called.at("result", "structuredContent", "tool", "version"), version);
  }
});
