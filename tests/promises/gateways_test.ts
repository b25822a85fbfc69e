import assert from "node:assert/strict";
import { isMapping } from "../../src/contract/fields.ts";
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
} from "../support/mcp_client.ts";
import { FakeMcpServer } from "../support/mcp_server.ts";
import { ApiProject, FakeWorker, succeeded, workerTool } from "../support/workers.ts";
import {
  type Answer,
  call,
  type Fixture,
  hidden,
  post,
  query,
  rawRequest,
  secretsUrl,
  start,
  whoAmI,
} from "../local/harness.ts";

const ADA = "ada@example.com";
const MALLORY = "mallory@example.com";
const MCP_HEADERS = { accept: "application/json, text/event-stream" };

/** A project of Ada with a server, and a gateway `g`. */
async function withGateway(fixture: Fixture, worker?: FakeWorker): Promise<
  { project: ApiProject; id: string; address: string }
> {
  const project = await ApiProject.of(fixture);
  if (worker) await project.register("demo", worker);
  const created = await project.ask("POST /gateways", { name: "G", slug: "g" });
  assert.equal(created.status, 201, created.text);
  return { project, id: created.textAt("id"), address: `${fixture.url}/mcp/g` };
}

/** The status of a request that needs no session. */
async function statusAt(address: string, token: string): Promise<number> {
  return (await new StatelessClient(address, bearer(token)).ask("tools/list")).status;
}

Deno.test("a token works only at its own gateway", async () => {
  await using fixture = await start();
  const { url } = fixture;
  const { project, address } = await withGateway(fixture);
  await project.ask("POST /gateways", { name: "H", slug: "h" });
  const mallory = await ApiProject.of(fixture, MALLORY);
  await mallory.ask("POST /gateways", { name: "M", slug: "m" });
  const { access, refresh, client_id } = await gatewayTokens(url, "g");
  assert.equal(await statusAt(address, access), 200);
  for (const slug of ["h", "m"]) assert.equal(await statusAt(`${url}/mcp/${slug}`, access), 401);
  // Not for the API, and tokens of the API not for it.
  assert.equal((await whoAmI(url, access)).status, 401);
  const { org } = project;
  const secrets = secretsUrl(url, { ...project, org, account: "", refresh: "" });
  assert.equal((await call(secrets, { token: access })).status, 401);
  assert.equal((await call(`${url}/v1/gateways`, { token: access })).status, 401);
  for (const token of [project.access, project.token, refresh, "arcl_at_guess"]) {
    assert.equal(await statusAt(address, token), 401);
  }
  // A code and a refresh token stay with their gateway, and their client.
  const other = (await register(url)).textAt("client_id");
  const elsewhere = `${url}/mcp/h`;
  const code = await gatewayCode(url, { client_id, resource: address, email: ADA });
  const errors = [
    await gatewayExchange(url, { client_id, code, resource: elsewhere }),
    await gatewayExchange(url, { client_id, code, resource: "https://example.com/mcp/g" }),
    await gatewayExchange(url, { client_id: other, code, resource: address }),
    await gatewayExchange(url, { client_id: "arcade-cli", code, resource: address }),
    await gatewayExchange(url, { client_id, refresh_token: refresh, resource: elsewhere }),
    await gatewayExchange(url, { client_id: other, refresh_token: refresh }),
    await gatewayExchange(url, { client_id: "arcade-cli", refresh_token: refresh }),
  ].map((answer) => [answer.status, answer.at("error")]);
  const [target, grant] = [[400, "invalid_target"], [400, "invalid_grant"]];
  assert.deepEqual(errors, [target, target, grant, grant, target, grant, grant]);
  // The wrong tries have not used them up.
  assert.equal((await gatewayExchange(url, { client_id, code, resource: address })).status, 200);
});

Deno.test("a code that is used twice revokes the tokens of the first use", async () => {
  await using fixture = await start();
  const { url } = fixture;
  const { address } = await withGateway(fixture);
  const client_id = (await register(url)).textAt("client_id");
  const code = await gatewayCode(url, { client_id, resource: address, email: ADA });
  const first = await gatewayExchange(url, { client_id, code, resource: address });
  assert.equal(await statusAt(address, first.textAt("access_token")), 200);
  const second = await gatewayExchange(url, { client_id, code, resource: address });
  assert.equal(second.at("error"), "invalid_grant");
  assert.equal(await statusAt(address, first.textAt("access_token")), 401);
});

Deno.test("a stolen session is useless without its user's token", async () => {
  await using fixture = await start();
  const { url } = fixture;
  const { project, address } = await withGateway(fixture);
  await project.ask("POST /gateways", { name: "H", slug: "h" });
  const ada = await gatewayTokens(url, "g");
  const mallory = await gatewayTokens(url, "g", MALLORY);
  const elsewhere = await gatewayTokens(url, "h");
  const session = await SessionClient.open(address, bearer(ada.access));
  const stolen = { ...session.headers, ...bearer(mallory.access) };
  assert.equal((await send(address, { method: "ping" }, stolen)).status, 404);
  const atOther = { ...session.headers, ...bearer(elsewhere.access) };
  assert.equal((await send(elsewhere.resource, { method: "ping" }, atOther)).status, 404);
  const { authorization: _own, ...anonymous } = session.headers;
  assert.equal((await send(address, { method: "ping" }, anonymous)).status, 401);
  const ended = await call(address, { method: "DELETE", headers: stolen, stranger: true });
  assert.equal(ended.status, 404);
  assert.equal((await session.ask("ping")).status, 200);
  // Another token of the same user goes on with it.
  const again = { ...session.headers, ...bearer((await gatewayTokens(url, "g")).access) };
  assert.equal((await send(address, { method: "ping" }, again)).status, 200);
});

Deno.test("an inactive gateway is closed at once, and a new one with the slug of a deleted one inherits nothing", async () => {
  await using fixture = await start();
  const { url } = fixture;
  const { project, id, address } = await withGateway(fixture);
  const { access, client_id, refresh } = await gatewayTokens(url, "g");
  const session = await SessionClient.open(address, bearer(access));
  const code = await gatewayCode(url, { client_id, resource: address, email: ADA });
  const waiting = await call(gatewayLogin(url, client_id, { resource: address }));

  await project.ask(`PATCH /gateways/${id}`, { status: "inactive" });
  const closed = await session.ask("ping");
  assert.deepEqual([closed.status, closed.at("name")], [403, "gateway_inactive"]);
  assert.equal(await statusAt(address, access), 403);
  const metadata = `${url}/.well-known/oauth-protected-resource/mcp/g`;
  assert.equal((await call(metadata)).status, 403);
  const login = await call(gatewayLogin(url, client_id, { resource: address }));
  assert.equal(query(login).get("error"), "invalid_target");
  await project.ask(`PATCH /gateways/${id}`, { status: "active" });
  assert.equal((await session.ask("ping")).status, 200);

  await project.ask(`DELETE /gateways/${id}`);
  assert.equal(await statusAt(address, access), 404);
  const again = await project.ask("POST /gateways", { name: "New", slug: "g" });
  assert.equal(again.status, 201);
  assert.equal(await statusAt(address, access), 401);
  assert.equal((await session.ask("ping")).status, 401);
  const decided = await post(`${url}/oauth2/authorize/decision`, {
    authorization: hidden(waiting.text, "authorization"),
    account: "new",
    email: ADA,
    decision: "approve",
  });
  assert.equal(decided.status, 400);
  for (const form of [{ code }, { refresh_token: refresh }]) {
    const answer = await gatewayExchange(url, { client_id, resource: address, ...form });
    assert.equal(answer.at("error"), "invalid_grant");
  }
  const fresh = await gatewayTokens(url, "g");
  assert.equal(await statusAt(address, fresh.access), 200);
  const stale = { ...session.headers, ...bearer(fresh.access) };
  assert.equal((await send(address, { method: "ping" }, stale)).status, 404);
});

Deno.test("a new slug revokes the tokens, also for a gateway that takes the old slug", async () => {
  await using fixture = await start();
  const { url } = fixture;
  const { project, id } = await withGateway(fixture);
  const { access } = await gatewayTokens(url, "g");
  await project.ask(`PATCH /gateways/${id}`, { slug: "renamed" });
  const mallory = await ApiProject.of(fixture, MALLORY);
  assert.equal((await mallory.ask("POST /gateways", { name: "M", slug: "g" })).status, 201);
  assert.equal(await statusAt(`${url}/mcp/g`, access), 401);
  assert.equal(await statusAt(`${url}/mcp/renamed`, access), 401);
});

Deno.test("a client redirects only to this machine or to a known client", async () => {
  await using fixture = await start();
  const { url } = fixture;
  const { address } = await withGateway(fixture);
  const allowed = [
    "http://127.0.0.1/callback",
    "http://localhost:3000/oauth/callback?x=1",
    "http://[::1]:1/",
    "http://127.0.0.1:33389/mcp-oauth-callback",
    "cursor://anysphere.cursor-mcp/oauth/callback",
    "https://vscode.dev/redirect",
    "https://insiders.vscode.dev/redirect",
    "https://claude.ai/api/mcp/auth_callback",
    "https://chatgpt.com/connector_platform_oauth_redirect",
  ];
  for (const uri of allowed) {
    assert.equal((await register(url, { redirect_uris: [uri] })).status, 201, uri);
  }
  const refused = [
    "http://example.com/callback",
    "https://example.com/callback",
    "http://10.0.0.1/callback",
    "http://127.0.0.1.example.com/callback",
    "http://127.0.0.1@example.com/callback",
    "http://127.0.0.1:80@example.com/callback",
    "http://localhost:99999/callback",
    "http://localhost\\@example.com/",
    "http://localhost/#fragment",
    "http://localhost/a b",
    "https://vscode.dev/redirect/../evil",
    "https://vscode.dev/redirect?to=https://example.com",
    "cursor://evil/oauth/callback",
    "javascript:alert(1)",
    "data:text/html,x",
    `http://localhost/${"x".repeat(3000)}`,
    "",
  ];
  for (const uri of refused) {
    const answer = await register(url, { redirect_uris: [MCP_REDIRECT, uri] });
    assert.deepEqual([answer.status, answer.at("error")], [400, "invalid_redirect_uri"], uri);
  }
  for (
    const redirect_uris of [undefined, [], "http://localhost/", [1], Array(21).fill(MCP_REDIRECT)]
  ) {
    const answer = await register(url, { redirect_uris });
    assert.deepEqual([answer.status, answer.at("error")], [400, "invalid_client_metadata"]);
  }

  const client_id = (await register(url, {
    redirect_uris: ["http://localhost/callback", "https://vscode.dev/redirect"],
  })).textAt("client_id");
  const asked = async (redirect_uri: string) =>
    (await call(gatewayLogin(url, client_id, { resource: address, redirect_uri }))).status;
  for (const uri of ["http://localhost:51234/callback", "https://vscode.dev/redirect"]) {
    assert.equal(await asked(uri), 200, uri);
  }
  const others = [
    "http://127.0.0.1:51234/callback",
    "http://localhost:51234/other",
    "http://localhost:51234/callback?x=1",
    "https://claude.ai/api/mcp/auth_callback",
    "https://example.com/callback",
  ];
  for (const uri of others) assert.equal(await asked(uri), 400, uri);
  // Only the client of arcade itself signs in to everything.
  const login = await call(gatewayLogin(url, client_id, {
    redirect_uri: "http://localhost:1/callback",
    scope: "openid",
  }));
  assert.equal(query(login).get("error"), "invalid_scope");
  const device = await post(`${url}/oauth2/device_authorization`, { client_id });
  assert.equal(device.at("error"), "unauthorized_client");
});

Deno.test("a website cannot reach a gateway, neither with another Origin nor with another Host", async () => {
  await using fixture = await start();
  const { url } = fixture;
  const { address } = await withGateway(fixture);
  const { access } = await gatewayTokens(url, "g");
  const paths = [
    address,
    `${url}/oauth2/register`,
    `${url}/.well-known/oauth-protected-resource/mcp/g`,
  ];
  const foreign: Record<string, string>[] = [
    { origin: "https://evil.example" },
    { origin: "http://localhost:6274" },
    { "sec-fetch-site": "cross-site" },
  ];
  for (const path of paths) {
    for (const more of foreign) {
      const headers = { ...MCP_HEADERS, ...bearer(access), ...more };
      assert.equal((await send(path, { method: "ping" }, headers)).status, 403, path);
    }
  }
  const { port } = fixture.arcade;
  for (const host of [`evil.example:${port}`, "evil.example", `127.0.0.1:${port + 1}`]) {
    const head = [`POST /mcp/g HTTP/1.1`, `Host: ${host}`, `Authorization: Bearer ${access}`];
    assert.equal(await rawRequest(port, [...head, "Content-Length: 0"]), 403, host);
  }
});

Deno.test("hostile names and descriptions of tools and clients do not break lists or pages", async () => {
  await using fixture = await start();
  const { url } = fixture;
  const script = '"><script>alert(1)</script>\u001b[31m\u202e';
  const names = ["ok", "a\nb", "x".repeat(200), "<script>", "ünï", "__proto__", "a b", "a@1.0.0"];
  await using server = new FakeMcpServer({
    name: "evil",
    tools: names.map((name) => ({
      name,
      description: script,
      inputSchema: {
        type: "object",
        properties: JSON.parse('{"__proto__": {"type": "string"}, "a": {"type": 7}, "b": null}'),
        required: ["a", 3],
      },
    })),
  });
  const { project, address } = await withGateway(fixture);
  const mcp = { uri: server.url, timeout: 30, retry: 3 };
  await project.ask("POST /workers", { id: "evil", type: "mcp", mcp });
  const { access } = await gatewayTokens(url, "g");
  const session = await SessionClient.open(address, bearer(access));
  for (const client of [session, new StatelessClient(address, bearer(access))]) {
    const list = await client.ask("tools/list");
    const tools: { name: string; description: string }[] = JSON.parse(list.text).result.tools;
    assert.deepEqual(tools.map(({ name }) => name), ["Evil___proto__", "Evil_ok"]);
    assert.deepEqual(tools.map(({ description }) => description), [script, script]);
    for (const name of names.slice(1).filter((name) => !/^\w+$/.test(name) || name.length > 99)) {
      const called = await client.callTool(`Evil_${encodeURIComponent(name)}`);
      assert.notEqual(called.at("error"), undefined, name);
    }
    const called = await client.callTool("Evil_ok", { a: {} });
    assert.equal(called.at("result", "isError"), undefined);
  }

  await project.ask("POST /gateways", { name: '"><script>alert(2)</script>', slug: "s" });
  const resource = `${url}/mcp/s`;
  const client_name = '<img src=x onerror="alert(3)">';
  const client_id = (await register(url, { client_name })).textAt("client_id");
  const page = await call(gatewayLogin(url, client_id, { resource }));
  for (const text of [page.text, (await call(url)).text]) {
    assert(!/<script|<img/.test(text));
  }
  assert(page.text.includes("&lt;img"));
  const unnamed = (await register(url, { client_name: "a\nb\u0007" })).textAt("client_id");
  assert.match(
    (await call(gatewayLogin(url, unnamed, { resource }))).text,
    /An unnamed application/,
  );
});

Deno.test("10,000 tools are listed in pages, each once", async () => {
  await using fixture = await start();
  const tools = Array.from({ length: 10_000 }, (_, i) => workerTool(`Tool${i}`));
  await using worker = new FakeWorker(tools);
  const { address } = await withGateway(fixture, worker);
  const { access } = await gatewayTokens(fixture.url, "g");
  const session = await SessionClient.open(address, bearer(access));
  const names = new Set<string>();
  let pages = 0;
  for (let cursor: unknown = undefined; pages === 0 || cursor !== undefined; pages++) {
    const page = await session.ask("tools/list", cursor === undefined ? {} : { cursor });
    const { tools, nextCursor } = JSON.parse(page.text).result;
    for (const { name } of tools) names.add(name);
    cursor = nextCursor;
  }
  assert.deepEqual([pages, names.size], [10, 10_000]);
  const called = await session.callTool("Demo_Tool9999");
  assert.equal(called.at("result", "structuredContent", "tool", "name"), "Tool9999");
});

Deno.test("a huge body is refused, and a server that hangs is a failure of the tool", async () => {
  await using fixture = await start();
  const hanging = Promise.withResolvers<Response>();
  await using worker = new FakeWorker([workerTool("Hang")], () => hanging.promise);
  const { project, address } = await withGateway(fixture);
  await project.register("demo", worker, { timeout: 1 });
  const { access } = await gatewayTokens(fixture.url, "g");
  const session = await SessionClient.open(address, bearer(access));
  const large = await session.callTool("Demo_Hang", { text: "x".repeat(3 * 1024 * 1024) });
  assert.equal(large.status, 413);
  const name = "x".repeat(3 * 1024 * 1024);
  assert.equal((await register(fixture.url, { client_name: name })).status, 413);
  for (const client of [session, new StatelessClient(address, bearer(access))]) {
    const late = await client.callTool("Demo_Hang");
    assert.equal(late.at("result", "isError"), true);
  }
  hanging.resolve(succeeded(1));
});

Deno.test("a server gets the same call through a gateway as over REST", async () => {
  await using fixture = await start();
  await using worker = new FakeWorker([workerTool("Echo")]);
  const { project, address } = await withGateway(fixture, worker);
  const { access } = await gatewayTokens(fixture.url, "g");
  const client = new StatelessClient(address, bearer(access));
  /** What the server got, but for the id of the call. */
  const gotIn = (answer: Answer, ...path: string[]) => {
    const got = answer.at(...path);
    assert(isMapping(got));
    const { execution_id: _id, ...others } = got;
    return others;
  };
  const rest = await project.ask("POST /tools/execute", {
    tool_name: "Demo.Echo",
    input: {},
    user_id: ADA,
  });
  const mcp = await client.callTool("Demo_Echo");
  assert.deepEqual(gotIn(mcp, "result", "structuredContent"), gotIn(rest, "output", "value"));
  assert.equal(worker.invocations.length, 2);
});

Deno.test("a call that waits for its user ends when the gateway is closed", async () => {
  await using fixture = await start();
  const { url } = fixture;
  const authorization = {
    provider_id: "github",
    provider_type: "oauth2",
    oauth2: { scopes: ["repo"] },
  };
  await using worker = new FakeWorker([
    workerTool("Star", { requirements: { authorization, secrets: null } }),
  ]);
  const { project, id, address } = await withGateway(fixture, worker);
  const { access } = await gatewayTokens(url, "g");
  const client = new StatelessClient(address, bearer(access), { elicitation: { url: {} } });
  const asked = await client.callTool("Demo_Star");
  const page = asked.textAt("result", "inputRequests", "authorization", "params", "url");
  const inputResponses = { authorization: { action: "accept" } };
  const waiting = client.callTool("Demo_Star", {}, { inputResponses });
  await project.ask(`PATCH /gateways/${id}`, { status: "inactive" });
  const form = { flow_id: hidden((await call(page)).text, "flow_id"), account: ADA };
  assert.equal((await post(`${url}/grants/decision`, { ...form, decision: "allow" })).status, 303);
  const answer = await waiting;
  // It may also have come only when the gateway was closed.
  assert(answer.status === 403 || answer.at("result", "isError") === true, answer.text);
  assert.equal(worker.invocations.length, 0);
});
