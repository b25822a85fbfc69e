import { closedPort } from "../../support/answers.ts";
import assert from "node:assert/strict";
import { bytesBody } from "../../../src/local/body.ts";
import { startLocalArcade } from "../../../src/local/mod.ts";
import {
  type Answer,
  apiKeyOf,
  authorizeUrl,
  call,
  type Fixture,
  hidden,
  post,
  rowCounts,
  SCOPE,
  signIn,
  start,
} from "../harness.ts";

/** How long a test waits before it gives up. */
const PATIENCE_MS = 60_000;
const CLIENT = { client_id: "arcade-cli" };
const NAVIGATION = { "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };
const IMAGE = { "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image" };
/** `Sec-Fetch-Site` of requests from another host, and from another port of this machine. */
const SITES = ["cross-site", "same-site"];

function pagesOf(url: string): string[] {
  return [
    url,
    `${url}/`,
    authorizeUrl(url),
    `${url}/device`,
    `${url}/device?user_code=BBBB-BBBB`,
    `${url}/grants?flow_id=x`,
    `${url}/calls`,
    `${url}/calls/x`,
    `${url}/events`,
    `${url}/servers/x`,
    `${url}/servers/x/y`,
    `${url}/dashboard/remove?kind=server&id=x`,
  ];
}

/** Every form, with valid values. */
async function formsOf(fixture: Fixture): Promise<[string, Record<string, string>][]> {
  const { url } = fixture;
  const session = await signIn(url);
  const { account, org: organization, project } = session;
  const token = await apiKeyOf(url, session);
  const mcp = { uri: `http://127.0.0.1:${closedPort()}`, timeout: 1, retry: 0 };
  await call(`${url}/v1/workers`, { method: "POST", token, json: { id: "weather", mcp } });
  const authorization = hidden((await call(authorizeUrl(url))).text, "authorization");
  const device = await post(`${url}/oauth2/device_authorization`, { ...CLIENT, scope: SCOPE });
  const approval = { decision: "approve", email: "mallory@example.com" };
  const asked = await call(`${url}/v1/auth/authorize`, {
    method: "POST",
    token,
    json: { user_id: "ada@example.com", auth_requirement: { provider_id: "github" } },
  });
  const flow_id = new URL(asked.textAt("url")).searchParams.get("flow_id") ?? "";
  return [
    ["/grants/decision", { flow_id, decision: "allow" }],
    ["/oauth2/authorize/decision", { authorization, ...approval }],
    ["/device/decision", { user_code: device.textAt("user_code"), ...approval }],
    ["/dashboard/organizations", { account, name: "Mallory's" }],
    ["/dashboard/projects", { organization, name: "Mallory's" }],
    ["/dashboard/api_keys", { organization, project }],
    ["/dashboard/servers", { server: `${project}/weather`, enabled: "false" }],
    ["/dashboard/remove", { kind: "server", id: `${project}/weather` }],
  ];
}

function enter(fixture: Fixture, code: string, next = "/"): Promise<Answer> {
  return call(`${fixture.url}/access`, { form: { code, next }, stranger: true });
}

/** A code that differs from the one on the terminal. */
function wrongCode({ arcade }: Fixture): string {
  return arcade.code === "BBBB-BBBB" ? "CCCC-CCCC" : "BBBB-BBBB";
}

Deno.test("without a cookie a browser sees no page and changes nothing", async () => {
  await using fixture = await start();
  const { url } = fixture;
  const forms = await formsOf(fixture);
  const before = rowCounts(fixture);
  const answers = [
    ...await Promise.all(pagesOf(url).map((page) => call(page, { stranger: true }))),
    ...await Promise.all(
      forms.map(([path, form]) => call(url + path, { form, stranger: true })),
    ),
    ...await Promise.all(
      forms.map(([path, form]) =>
        call(url + path, { form, headers: { cookie: "arcade_local_1=x" }, stranger: true })
      ),
    ),
  ];
  for (const { status, text, headers } of answers) {
    assert.equal(status, 403);
    assert.match(text, /Code from the terminal/);
    assert.doesNotMatch(text, /ada@example\.com|Default/);
    assert.equal(headers.get("set-cookie"), null);
  }
  assert.deepEqual(rowCounts(fixture), before);
});

Deno.test("the address admits one browser, once, and redirects to a URL without the token", async () => {
  await using fixture = await start(); // the harness has used the address
  const again = await call(fixture.arcade.address, { stranger: true });
  assert.equal(again.status, 303);
  assert.equal(again.headers.get("location"), "/");
  assert.equal(again.headers.get("set-cookie"), null);
  assert.equal((await call(fixture.url)).status, 200);
});

Deno.test("the cookie is limited to this host, and hidden from scripts and other sites", async () => {
  await using fixture = await start();
  const { url } = fixture;
  const admitted = await enter(fixture, fixture.arcade.code ?? "");
  const [pair, ...attributes] = (admitted.headers.get("set-cookie") ?? "").split("; ");
  assert.match(pair ?? "", new RegExp(`^arcade_local_${fixture.arcade.port}=\\S{40,}$`));
  assert.deepEqual(attributes.sort(), ["HttpOnly", "Max-Age=2592000", "Path=/", "SameSite=Strict"]);
  const headers = { cookie: `other=1; ${pair}` };
  for (const page of pagesOf(url)) {
    assert.notEqual((await call(page, { headers, stranger: true })).status, 403, page);
  }
});

Deno.test("a prefetch or a foreign request does not use up the address", async () => {
  const dataDir = await Deno.makeTempDir();
  const arcade = await startLocalArcade({ dataDir, port: 0 });
  const open = async (init: RequestInit = {}) => {
    const response = await fetch(arcade.address, { redirect: "manual", ...init });
    await response.body?.cancel();
    return response;
  };
  const probes: RequestInit[] = [
    { method: "HEAD" },
    { headers: { "sec-purpose": "prefetch" } },
    { headers: { "sec-purpose": "prefetch;prerender" } },
    { headers: { "sec-fetch-site": "cross-site", ...NAVIGATION } },
    { headers: { "sec-fetch-site": "same-site", ...IMAGE } },
  ];
  for (const probe of probes) assert.deepEqual((await open(probe)).headers.getSetCookie(), []);
  const opened = await open();
  assert.equal(opened.status, 303);
  assert.equal(opened.headers.get("location"), "/");
  assert.equal(opened.headers.getSetCookie().length, 1);
  await arcade.stop();
  await Deno.remove(dataDir, { recursive: true });
});

Deno.test("the code can be reused, and opens the requested page", async () => {
  await using fixture = await start();
  const wanted = authorizeUrl(fixture.url);
  const page = await call(wanted, { stranger: true });
  const next = hidden(page.text, "next").replaceAll("&amp;", "&");
  assert.equal(fixture.url + next, wanted);
  const code = fixture.arcade.code ?? "";
  for (const typed of [code, code.toLowerCase().replace("-", " ")]) {
    const admitted = await enter(fixture, typed, next);
    assert.equal(admitted.status, 303);
    assert.equal(admitted.headers.get("location"), next);
    assert.notEqual(admitted.headers.get("set-cookie"), null);
  }
});

Deno.test("the code never redirects to another site", async () => {
  await using fixture = await start();
  const code = fixture.arcade.code ?? "";
  const { port } = fixture.arcade;
  const foreign = [
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example/",
    "javascript:alert(1)",
    `http://127.0.0.1:${port + 1}/`,
    `http://evil@127.0.0.1.evil.example:${port}/`,
    "",
    "/.//evil.example/",
    "/x/..//evil.example",
    "https://evil.example//evil.example/",
  ];
  for (const next of foreign) {
    const location = (await enter(fixture, code, next)).headers.get("location");
    assert.equal(new URL(location ?? "", fixture.url).origin, fixture.url, next);
  }
});

Deno.test("codes cannot be guessed: after ten wrong ones in a minute all are refused", async () => {
  await using fixture = await start();
  const right = fixture.arcade.code ?? "";
  for (let i = 0; i < 10; i++) {
    const wrong = await enter(fixture, wrongCode(fixture), "/device");
    assert.equal(wrong.status, 403);
    assert.equal(hidden(wrong.text, "next"), "/device");
    assert.equal(wrong.headers.get("set-cookie"), null);
  }
  fixture.pass(59);
  assert.equal((await enter(fixture, right)).status, 429);
  assert.equal((await enter(fixture, wrongCode(fixture))).status, 429);
  fixture.pass(1);
  assert.equal((await enter(fixture, right)).status, 303);
});

Deno.test("after a restart every browser needs the new code", async () => {
  await using fixture = await start();
  const { code, port } = fixture.arcade;
  const admitted = await enter(fixture, code ?? "");
  const session = /=([^;]+)/.exec(admitted.headers.get("set-cookie") ?? "")?.[1];
  await fixture.restart();
  assert.notEqual(fixture.arcade.code, code);
  assert(port > 0 && session !== undefined);
  const cookie = `arcade_local_${fixture.arcade.port}=${session}`;
  const page = await call(fixture.url, { headers: { cookie }, stranger: true });
  assert.equal(page.status, 403);
});

Deno.test("with autoApprove the pages need no code", async () => {
  await using fixture = await start({ autoApprove: true });
  assert.equal(fixture.arcade.address, fixture.url);
  assert.equal(fixture.arcade.code, undefined);
  for (const page of [fixture.url, `${fixture.url}/device`]) {
    assert.equal((await call(page, { stranger: true })).status, 200);
  }
});

for (const autoApprove of [false, true]) {
  const how = autoApprove ? "with" : "without";
  Deno.test(`requests from other sites create no rows, ${how} autoApprove`, async () => {
    await using fixture = await start({ autoApprove });
    const { url } = fixture;
    const forms = autoApprove ? [] : await formsOf(fixture);
    const before = rowCounts(fixture);
    const batch = [{ event: "e", distinct_id: "d" }];
    for (const site of SITES) {
      const image = { "sec-fetch-site": site, ...IMAGE };
      const navigation = { "sec-fetch-site": site, ...NAVIGATION };
      const framed = { ...navigation, "sec-fetch-dest": "iframe" };
      for (const page of pagesOf(url)) {
        assert.equal((await call(page, { headers: image })).status, 403, page);
        assert.equal((await call(page, { headers: framed })).status, 403, page);
        const led = await call(page, { headers: navigation });
        assert.equal(led.status, 200, page);
        assert.match(led.text, /Another website sent you here/);
        assert.equal(led.headers.get("set-cookie"), null);
      }
      for (const [path, form] of forms) {
        assert.equal((await post(url + path, form, image)).status, 403, path);
        assert.equal((await post(url + path, form, navigation)).status, 403, path);
      }
      const authorized = await post(`${url}/oauth2/device_authorization`, CLIENT, image);
      assert.equal(authorized.status, 403);
      const json = { api_key: "k", batch };
      const sent = await call(`${url}/batch/`, { method: "POST", json, headers: navigation });
      assert.equal(sent.status, 403);
    }
    assert.deepEqual(rowCounts(fixture), before);
  });
}

Deno.test("a user who comes from another site continues through a link", async () => {
  await using fixture = await start();
  const headers = { "sec-fetch-site": "cross-site", ...NAVIGATION };
  const wanted = authorizeUrl(fixture.url, { state: '"><script>alert(1)</script>&x=' });
  const page = await call(wanted, { headers });
  assert(!page.text.includes("<script"));
  const link = /<a href="([^"]*)">Continue<\/a>/.exec(page.text)?.[1]?.replaceAll("&amp;", "&");
  assert.equal(fixture.url + link, wanted);
  const sameOrigin = { "sec-fetch-site": "same-origin", ...NAVIGATION };
  assert.match((await call(wanted, { headers: sameOrigin })).text, /Approve/);
});

Deno.test("typed addresses, own links and own forms are allowed", async () => {
  await using fixture = await start();
  for (const site of ["none", "same-origin"]) {
    const headers = { "sec-fetch-site": site, ...NAVIGATION };
    assert.match((await call(authorizeUrl(fixture.url), { headers })).text, /Approve/);
  }
});

Deno.test("only admitted browsers and accounts can list events", async () => {
  await using fixture = await start();
  const events = `${fixture.url}/api/v1/events`;
  const stranger = await call(events, { stranger: true });
  assert.equal(stranger.status, 401);
  assert.equal(stranger.headers.get("www-authenticate"), "Bearer");
  const session = await signIn(fixture.url);
  const token = await apiKeyOf(fixture.url, session);
  assert.equal((await call(events, { stranger: true, token })).status, 401);
  assert.equal((await call(events, { stranger: true, token: session.access })).status, 200);
  assert.equal((await call(events)).status, 200);
  await using open = await start({ autoApprove: true });
  assert.equal((await call(`${open.url}/api/v1/events`, { stranger: true })).status, 200);
});

Deno.test("at most 100 devices can wait, until their codes expire", async () => {
  await using fixture = await start();
  const url = `${fixture.url}/oauth2/device_authorization`;
  const ask = async () => (await call(url, { form: CLIENT, stranger: true })).status;
  for (let i = 0; i < 100; i++) assert.equal(await ask(), 200);
  assert.equal(await ask(), 429);
  assert.equal(rowCounts(fixture).device_codes, 100);
  fixture.pass(600);
  assert.equal(await ask(), 200);
  // Expired codes are kept for an hour.
  fixture.pass(3600);
  assert.equal(await ask(), 200);
  assert.equal(rowCounts(fixture).device_codes, 2);
});

Deno.test("only the newest 100 pending sign-ins are kept", async () => {
  await using fixture = await start();
  const first = hidden((await call(authorizeUrl(fixture.url))).text, "authorization");
  let last = first;
  for (let i = 0; i < 100; i++) {
    last = hidden((await call(authorizeUrl(fixture.url))).text, "authorization");
  }
  assert.equal(rowCounts(fixture).pending_authorizations, 100);
  const decide = (authorization: string) =>
    post(`${fixture.url}/oauth2/authorize/decision`, { authorization, decision: "deny" });
  assert.equal((await decide(first)).status, 400);
  assert.equal((await decide(last)).status, 303);
});

Deno.test("expired authorization codes are deleted", async () => {
  await using fixture = await start({ autoApprove: true });
  for (let i = 0; i < 5; i++) await call(authorizeUrl(fixture.url));
  fixture.pass(60);
  await call(authorizeUrl(fixture.url));
  assert.equal(rowCounts(fixture).codes, 1);
});

Deno.test("only the newest 10,000 profiles are kept", async () => {
  await using fixture = await start();
  const alias = (index: number) => ({
    event: "$create_alias",
    distinct_id: `anonymous-${index}`,
    properties: { alias: `principal-${index}` },
  });
  for (let first = 0; first < 10_100; first += 5050) {
    const batch = Array.from({ length: 5050 }, (_, index) => alias(first + index));
    const json = { api_key: "k", batch };
    assert.equal((await call(`${fixture.url}/batch/`, { method: "POST", json })).status, 200);
  }
  assert.equal(rowCounts(fixture).profiles, 10_000);
  const json = {
    api_key: "k",
    batch: [{ event: "e", distinct_id: "principal-10099" }, {
      event: "e",
      distinct_id: "principal-99",
    }],
  };
  await call(`${fixture.url}/batch/`, { method: "POST", json });
  const events = await call(`${fixture.url}/api/v1/events?after=10100`);
  assert.deepEqual([
    events.at("data", "items", 0, "reason"),
    events.at("data", "items", 1, "reason"),
  ], [
    null,
    "no-alias-yet",
  ]);
});

Deno.test("a user code cannot be approved without the code from the terminal", async () => {
  await using fixture = await start();
  const device = await call(`${fixture.url}/oauth2/device_authorization`, {
    form: CLIENT,
    stranger: true,
  });
  const form = { user_code: device.textAt("user_code"), decision: "approve", email: "m@x" };
  const decided = await call(`${fixture.url}/device/decision`, { form, stranger: true });
  assert.equal(decided.status, 403);
  const polled = await post(`${fixture.url}/oauth2/token`, {
    ...CLIENT,
    grant_type: "urn:ietf:params:oauth:grant-type:device_code",
    device_code: device.textAt("device_code"),
  });
  assert.equal(polled.at("error"), "authorization_pending");
});

const ENDLESS = {
  "with its length": "Content-Length: 10\r\n\r\nhalf",
  "in chunks": "Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
};

for (const [form, rest] of Object.entries(ENDLESS)) {
  Deno.test(`a body that never ends times out (${form})`, async () => {
    const given = Promise.withResolvers<unknown>();
    await using server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      async (request) => {
        given.resolve(await bytesBody(request, { timeoutMs: 50 }).catch((error) => error));
        return new Response();
      },
    );
    using connection = await Deno.connect({ hostname: "127.0.0.1", port: server.addr.port });
    const request = `POST / HTTP/1.1\r\nHost: x\r\n${rest}`;
    await connection.write(new TextEncoder().encode(request));
    const timer = setTimeout(() => given.resolve("Still waiting"), PATIENCE_MS);
    const error = await given.promise;
    clearTimeout(timer);
    assert(error instanceof Error && "status" in error, String(error));
    assert.equal(error.status, 408);
  });
}

Deno.test("the code of a login in the box of the terminal's code is recognized", async () => {
  await using fixture = await start();
  const { url } = fixture;
  const device = await post(`${url}/oauth2/device_authorization`, { ...CLIENT, scope: SCOPE });
  const answer = await enter(fixture, device.textAt("user_code"));
  assert.equal(answer.status, 403);
  assert.match(answer.text, /That code is for a login/);
});

Deno.test("the terminal's code in the box of a login is recognized", async () => {
  await using fixture = await start();
  const { url, arcade } = fixture;
  const answer = await call(`${url}/device?user_code=${arcade.code}`);
  assert.equal(answer.status, 404);
  assert.match(
    answer.text,
    /That code is for signing in to the dashboard\. Enter the code that arcade login shows/,
  );
});
