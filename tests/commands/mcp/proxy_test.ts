import assert from "node:assert/strict";
import { Answers, json } from "../../support/answers.ts";
import { InProcess, type World } from "../../support/in_process.ts";
import { SessionServer, TOOL } from "../../support/mcp_servers.ts";
import { assertMode } from "../../support/modes.ts";
import { ProtectedMcpServer } from "../../support/protected_mcp_server.ts";
import { ScriptedEngine } from "../../support/services.ts";

const INITIALIZE = {
  jsonrpc: "2.0",
  id: 0,
  method: "initialize",
  params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: {} },
};
const INITIALIZED = { jsonrpc: "2.0", method: "notifications/initialized" };
const LIST = { jsonrpc: "2.0", id: 1, method: "tools/list" };
const stdin = [INITIALIZE, INITIALIZED, LIST].map((one) => `${JSON.stringify(one)}\n`);

/** Runs `arcade mcp proxy`, and returns the messages on stdout by their ids. */
async function proxied(home: InProcess, args: readonly string[], world: World = {}) {
  const { code, stdout, stderr } = await home.run(["mcp", "proxy", ...args], { stdin, ...world });
  const lines = stdout.split("\n").filter(Boolean).map((line) => JSON.parse(line));
  return { code, stderr, messages: new Map(lines.map((one) => [one.id, one])) };
}

Deno.test("a client over stdio works with an HTTP server, and stdout has nothing else", async () => {
  using home = new InProcess();
  await using server = new SessionServer();
  const { code, messages, stderr } = await proxied(home, [server.url]);
  assert.equal(code, 0, stderr);
  assert.equal(stderr, "");
  assert.deepEqual([...messages.keys()], [0, 1]);
  assert.deepEqual(messages.get(1).result, { tools: [TOOL] });
  assert.deepEqual(server.sessions, []);
});

Deno.test("`--debug` shows no key in the query of an address", async () => {
  using home = new InProcess();
  await using server = new SessionServer();
  for (const name of ["key", "api_key", "token"]) {
    const { code, stderr } = await proxied(home, [`${server.url}?${name}=canary-1`, "--debug"]);
    assert.equal(code, 0, stderr);
    assert.match(stderr, new RegExp(`> POST .*/mcp\\?${name}=`));
    assert.doesNotMatch(stderr, /canary-1/);
  }
});

Deno.test("a gateway of the engine gets the login, with the user, whether named by address or slug", async () => {
  const seen: (string | null)[] = [];
  await using engine = new ScriptedEngine({
    "POST /mcp/mine": ({ body, authorization }, { headers }) => {
      seen.push(authorization, headers.get("arcade-user-id"));
      const { id } = JSON.parse(body);
      return id === undefined
        ? new Response(null, { status: 202 })
        : json({ jsonrpc: "2.0", id, result: { protocolVersion: "2025-11-25" } });
    },
  });
  for (const address of [`${engine.answers.url}/mcp/mine`, "mine"]) {
    const { code, messages, stderr } = await proxied(engine.home, [address]);
    assert.equal(code, 0, stderr);
    assert.equal(messages.size, 2);
  }
  assert.deepEqual(
    [...new Set(seen)],
    ["Bearer access-token-of-the-test", "someone@example.com"],
  );
});

Deno.test("the login and an API key are not sent to a server that is not the engine's", async () => {
  await using engine = new ScriptedEngine({});
  await using server = new SessionServer();
  for (const env of [{}, { ARCADE_API_KEY: "arc_key", ARCADE_USER_ID: "me" }]) {
    const { code } = await proxied(engine.home, [server.url], { env });
    assert.equal(code, 0);
  }
  assert(server.answers.seen.length > 0);
  assert(server.answers.seen.every(({ authorization }) => authorization === null));
  assert(server.received.every(({ headers }) => !headers.has("arcade-user-id")));
});

Deno.test("a server with an authorization server gets its own login, which is stored for it", async () => {
  await using engine = new ScriptedEngine({});
  const { home } = engine;
  await using server = new ProtectedMcpServer();
  const first = await proxied(home, [server.url]);
  assert.equal(first.code, 0, first.stderr);
  assert.deepEqual(first.messages.get(1).result, { tools: [TOOL] });
  assert.equal(server.authorizations.length, 1);
  const [asked] = server.authorizations;
  assert.equal(asked?.get("resource"), server.url);
  assert.equal(asked?.get("scope"), "mcp offline_access");
  assert.equal(asked?.get("code_challenge_method"), "S256");
  assert.deepEqual(server.forms.map((form) => form.get("resource")), [server.url]);
  assertMode(`${home.folder}/mcp-logins.json`, 0o600);

  const second = await proxied(home, [server.url]);
  assert.equal(second.code, 0, second.stderr);
  assert.equal(server.authorizations.length, 1, "the stored login counts");
  const sent = server.answers.seen.map(({ authorization }) => authorization);
  assert(!sent.includes("Bearer access-token-of-the-test"));

  await using other = new SessionServer();
  await proxied(home, [other.url]);
  assert(other.answers.seen.every(({ authorization }) => authorization === null));
});

Deno.test("a login to a server is renewed early and after a refusal; an unusable one is replaced", async () => {
  using home = new InProcess();
  await using server = new ProtectedMcpServer({ expiresIn: 30 });
  assert.equal((await proxied(home, [server.url])).code, 0);
  assert.equal((await proxied(home, [server.url])).code, 0);
  const grants = () => server.forms.map((form) => form.get("grant_type"));
  assert(grants().slice(1).every((one) => one === "refresh_token"));
  assert(grants().length > 1);
  assert.equal(server.forms.at(-1)?.get("resource"), server.url);
  assert.equal(server.authorizations.length, 1);

  server.valid.clear();
  server.refreshable.clear();
  const { code, stderr } = await proxied(home, [server.url]);
  assert.equal(code, 0, stderr);
  assert.equal(server.authorizations.length, 2);
});

Deno.test("a refused token is renewed without the user", async () => {
  using home = new InProcess();
  await using server = new ProtectedMcpServer();
  await proxied(home, [server.url]);
  server.valid.clear();
  const { code, messages } = await proxied(home, [server.url]);
  assert.equal(code, 0);
  assert.deepEqual(messages.get(1).result, { tools: [TOOL] });
  assert.equal(server.authorizations.length, 1);
});

Deno.test("without a browser, each request is answered with how to log in", async () => {
  using home = new InProcess();
  await using server = new ProtectedMcpServer();
  const { code, messages } = await proxied(home, [server.url], {
    env: { BROWSER: "", SSH_TTY: "/dev/pts/0" },
  });
  assert.equal(code, 0);
  for (const id of [0, 1]) {
    assert.match(
      messages.get(id).error.message,
      /Run `arcade gateway test http:\S+` in a terminal/,
    );
  }
});

Deno.test("a user who denies the login is not asked again by the next request", async () => {
  using home = new InProcess();
  await using server = new ProtectedMcpServer({
    answer: ({ path }) => {
      const { pathname, searchParams } = new URL(path, "http://x");
      if (pathname !== "/oauth2/authorize") return undefined;
      const back = new URL(searchParams.get("redirect_uri") ?? "");
      back.searchParams.set("error", "access_denied");
      back.searchParams.set("state", searchParams.get("state") ?? "");
      back.searchParams.set("iss", `${server.answers.url}/oauth2`);
      return new Response(null, { status: 303, headers: { location: back.href } });
    },
  });
  const { code, messages } = await proxied(home, [server.url]);
  assert.equal(code, 0);
  for (const id of [0, 1]) assert.match(messages.get(id).error.message, /The login was denied/);
  assert.equal(server.asked.filter((one) => one === "GET /oauth2/authorize").length, 1);
});

/** Changes to the metadata of a server, and the error for the client. */
const HOSTILE: readonly (readonly [
  what: string,
  path: string,
  change: (url: string, other: string) => unknown,
  told: RegExp,
])[] = [
  [
    "a resource of another server",
    "/.well-known/oauth-protected-resource/mcp",
    (url, other) => ({ resource: `${other}/mcp`, authorization_servers: [`${url}/oauth2`] }),
    /The server's metadata is for another server/,
  ],
  [
    "an authorization server with another scheme",
    "/.well-known/oauth-protected-resource/mcp",
    (url) => ({ resource: `${url}/mcp`, authorization_servers: ["file:///etc/passwd"] }),
    /is not an http or https address/,
  ],
  [
    "an authorization server without TLS",
    "/.well-known/oauth-protected-resource/mcp",
    (url) => ({ resource: `${url}/mcp`, authorization_servers: ["http://login.invalid"] }),
    /The server names an authorization server without TLS/,
  ],
  [
    "no authorization server",
    "/.well-known/oauth-protected-resource/mcp",
    (url) => ({ resource: `${url}/mcp` }),
    /does not name an authorization server/,
  ],
  [
    "an authorization server with another name",
    "/.well-known/oauth-authorization-server/oauth2",
    (url, other) => ({
      issuer: other,
      authorization_endpoint: `${url}/oauth2/authorize`,
      token_endpoint: `${url}/oauth2/token`,
      code_challenge_methods_supported: ["S256"],
    }),
    /name differs from the name in the server's metadata/,
  ],
  [
    "no PKCE",
    "/.well-known/oauth-authorization-server/oauth2",
    (url) => ({
      issuer: `${url}/oauth2`,
      authorization_endpoint: `${url}/oauth2/authorize`,
      token_endpoint: `${url}/oauth2/token`,
    }),
    /does not support PKCE/,
  ],
  [
    "a page that starts a program",
    "/.well-known/oauth-authorization-server/oauth2",
    (url) => ({
      issuer: `${url}/oauth2`,
      authorization_endpoint: "ms-settings:x",
      token_endpoint: `${url}/oauth2/token`,
      code_challenge_methods_supported: ["S256"],
    }),
    /is not an http or https address/,
  ],
];
for (const [what, path, change, told] of HOSTILE) {
  Deno.test(`a server whose metadata has ${what} gets no login`, async () => {
    using home = new InProcess();
    await using other = new Answers(() => json({}));
    await using server: ProtectedMcpServer = new ProtectedMcpServer({
      answer: (seen): Response | undefined =>
        seen.path === path ? json(change(server.answers.url, other.url)) : undefined,
    });
    const { messages } = await proxied(home, [server.url]);
    assert.match(messages.get(0).error.message, told);
    assert.deepEqual(other.seen, []);
    assert.equal(server.authorizations.length, 0);
  });
}

Deno.test("metadata at another server's address is not requested", async () => {
  using home = new InProcess();
  await using other = new Answers(() => json({}));
  await using server = new ProtectedMcpServer({
    answer: ({ path }) =>
      path === "/mcp"
        ? new Response(null, {
          status: 401,
          headers: { "www-authenticate": `Bearer resource_metadata="${other.url}/metadata"` },
        })
        : undefined,
  });
  const { messages } = await proxied(home, [server.url]);
  assert.match(messages.get(0).error.message, /points to another server's metadata/);
  assert.deepEqual(other.seen, []);
});

Deno.test("a response from another or an unknown authorization server is refused", async () => {
  for (const iss of ["https://evil.example", undefined]) {
    using home = new InProcess();
    await using server = new ProtectedMcpServer({
      answer: ({ path }) => {
        const { pathname, searchParams } = new URL(path, "http://x");
        if (pathname !== "/oauth2/authorize") return undefined;
        const back = new URL(searchParams.get("redirect_uri") ?? "");
        back.searchParams.set("code", "code-of-the-test");
        back.searchParams.set("state", searchParams.get("state") ?? "");
        if (iss !== undefined) back.searchParams.set("iss", iss);
        return new Response(null, { status: 303, headers: { location: back.href } });
      },
    });
    const { messages } = await proxied(home, [server.url]);
    assert.match(messages.get(0).error.message, /The login response does not come from/);
    assert.deepEqual(server.forms, []);
  }
});

for (
  const [address, told] of [
    ["ftp://example.com/mcp", /is not an http or https address/],
    ["https://me:secret@example.com/mcp", /contains a user name or a password/],
    ["localhost:8000/mcp/support", /does not begin with http:\/\/ or https:\/\//],
  ] as const
) {
  Deno.test(`${address} is not a server`, async () => {
    using home = new InProcess();
    const { code, stderr } = await proxied(home, [address]);
    assert.equal(code, 2);
    assert.match(stderr, told);
    assert.doesNotMatch(stderr, /secret/);
  });
}
