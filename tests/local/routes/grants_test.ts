import assert from "node:assert/strict";
import { sleep } from "../../../src/system/waiting.ts";
import { Project } from "../../support/project.ts";
import {
  GRANT_TOOLS,
  PYTHON_ENVIRONMENT as env,
  withoutPython as ignore,
} from "../../support/test_server.ts";
import type { LocalArcadeOptions } from "../../../src/local/mod.ts";
import {
  type Answer,
  apiKeyOf,
  call,
  type Fixture,
  hidden,
  post,
  query,
  type Session,
  signIn,
  start,
} from "../harness.ts";

const ADA = "ada@example.com";
const BOB = "bob@example.com";

/** A local Arcade, an account there, and a key of its project. */
async function prepared(options: Partial<LocalArcadeOptions> = {}): Promise<{
  fixture: Fixture;
  session: Session;
  /** Sends a request to a short path with the key. */
  ask: (line: string, json?: unknown) => Promise<Answer>;
}> {
  const fixture = await start(options);
  const session = await signIn(fixture.url, ADA);
  const key = await apiKeyOf(fixture.url, session);
  return { fixture, session, ask: asker(fixture, key) };
}

function asker({ url }: Fixture, token: string) {
  return (line: string, json?: unknown) => {
    const [method = "", path = ""] = line.split(" ");
    return call(`${url}/v1${path}`, { method, token, ...(json === undefined ? {} : { json }) });
  };
}

function requirement(provider_id: string, ...scopes: string[]) {
  return { provider_id, provider_type: "oauth2", oauth2: { scopes } };
}

function authorization(user_id: string, ...scopes: string[]) {
  return { user_id, auth_requirement: requirement("github", ...scopes) };
}

/** Decides on the page of an authorization, as a browser without scripts. */
async function decide(
  authorization: Answer,
  decision: string,
  form: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const address = authorization.textAt("url");
  const page = await call(address);
  assert.equal(page.status, 200, page.text);
  const flow_id = hidden(page.text, "flow_id");
  return await post(new URL("/grants/decision", address).href, { flow_id, decision, ...form });
}

Deno.test("an authorization waits for its user, and gives a token when they allow it", async () => {
  const { fixture, ask } = await prepared();
  await using _ = fixture;
  const asked = await ask("POST /auth/authorize", authorization(ADA, "repo", "gist"));
  assert.equal(asked.status, 200, asked.text);
  const { id, url, ...others } = JSON.parse(asked.text);
  assert.deepEqual(others, {
    status: "pending",
    provider_id: "github",
    scopes: ["gist", "repo"],
    user_id: ADA,
  });
  assert.match(id, /^ac_/);
  const again = await ask("POST /auth/authorize", authorization(ADA, "gist", "repo"));
  assert.deepEqual(again.at(), asked.at(), "programs that ask often get the same one");

  const page = await call(url);
  for (const text of [ADA, "github", "<code>gist</code>", "<code>repo</code>"]) {
    assert(page.text.includes(text), text);
  }
  assert(!page.text.includes("<script"));
  const decided = await decide(asked, "allow");
  assert.equal(decided.status, 303, "a reload does not send the form again");
  const result = await call(decided.headers.get("location") ?? "");
  assert.match(result.text, /Access allowed/);

  const status = await ask(`GET /auth/status?id=${id}`);
  const token = status.textAt("context", "token");
  assert.deepEqual(status.at(), {
    id,
    status: "completed",
    provider_id: "github",
    scopes: ["gist", "repo"],
    user_id: ADA,
    context: { token, user_info: { sub: ADA } },
  });
  assert.match(token, /^fake_github_ada_[0-9a-f]{10}$/);
  assert.doesNotMatch(page.text + result.text, /fake_/);
  const late = { flow_id: hidden(page.text, "flow_id"), decision: "deny" };
  assert.equal((await post(`${fixture.url}/grants/decision`, late)).status, 303);
  assert.equal((await ask(`GET /auth/status?id=${id}`)).at("status"), "completed");

  const smaller = await ask("POST /auth/authorize", authorization(ADA, "repo"));
  assert.equal(smaller.at("status"), "completed", "an existing grant covers it");
  const more = await ask("POST /auth/authorize", authorization(ADA, "user"));
  assert.equal(more.at("status"), "pending");
  assert.deepEqual(more.at("scopes"), ["gist", "repo", "user"], "the union");
});

Deno.test("tokens are the same for a user, a provider and scopes, and differ between them", async () => {
  const tokens = async () => {
    const { fixture, ask } = await prepared({ autoGrant: true });
    await using _ = fixture;
    const tokenOf = async (user: string, provider: string, ...scopes: string[]) => {
      const body = { user_id: user, auth_requirement: requirement(provider, ...scopes) };
      const asked = await ask("POST /auth/authorize", body);
      return asked.textAt("context", "token");
    };
    return [
      await tokenOf(ADA, "github", "a"),
      await tokenOf(ADA, "google", "a"),
      await tokenOf("ada@other.example", "github", "a"),
      await tokenOf(BOB, "github", "a", "b"),
      await tokenOf(BOB, "github", "c"),
    ];
  };
  const first = await tokens();
  assert.equal(new Set(first).size, first.length);
  assert.deepEqual(await tokens(), first);
});

Deno.test("a status waits for the decision, and a denied one for the whole time", async () => {
  const waits: number[] = [];
  let waiting = Promise.withResolvers<void>();
  const { fixture, ask } = await prepared({
    sleep: async (milliseconds, signal) => {
      waits.push(milliseconds);
      waiting.resolve();
      await sleep(milliseconds === 59_000 ? milliseconds : 0, signal);
    },
  });
  await using _ = fixture;
  const asked = await ask("POST /auth/authorize", authorization(ADA, "repo"));
  const path = `/auth/status?id=${asked.textAt("id")}`;
  const polls = [1, 2, 3].map(() => ask(`GET ${path}&wait=59`));
  await waiting.promise;
  assert.equal((await ask(`GET ${path}&wait=7`)).at("status"), "pending");
  await decide(asked, "allow");
  for (const poll of await Promise.all(polls)) assert.equal(poll.at("status"), "completed");
  assert.equal((await ask(`GET ${path}&wait=58`)).at("status"), "completed");
  assert.deepEqual(waits, [59_000, 59_000, 59_000, 7000], "a completed one does not wait");

  const denied = await ask("POST /auth/authorize", authorization(BOB, "repo"));
  assert.match((await decide(denied, "deny")).headers.get("location") ?? "", /flow_id=/);
  waits.length = 0;
  const failed = await ask(`GET /auth/status?id=${denied.textAt("id")}&wait=45`);
  assert.equal(failed.at("status"), "failed");
  assert.equal(failed.at("url"), undefined);
  assert.deepEqual(waits, [45_000]);

  // A client that leaves and a server that stops end a wait.
  const other = await ask("POST /auth/authorize", authorization(ADA, "user"));
  waiting = Promise.withResolvers();
  const last = ask(`GET /auth/status?id=${other.textAt("id")}&wait=59`);
  await waiting.promise;
  await fixture.arcade.stop();
  assert.equal((await last).at("status"), "pending");
});

Deno.test("a client that disconnects ends its wait", async () => {
  const ended = Promise.withResolvers<void>();
  const began = Promise.withResolvers<void>();
  const { fixture, session, ask } = await prepared({
    sleep: async (milliseconds, signal) => {
      began.resolve();
      await sleep(milliseconds, signal).finally(ended.resolve);
    },
  });
  await using _ = fixture;
  const asked = await ask("POST /auth/authorize", authorization(ADA, "repo"));
  const leaving = new AbortController();
  const { url } = fixture;
  const path = `orgs/${session.org}/projects/${session.project}/auth/status`;
  const poll = fetch(`${url}/v1/${path}?id=${asked.textAt("id")}&wait=59`, {
    headers: { authorization: `Bearer ${session.access}` },
    signal: leaving.signal,
  });
  await began.promise;
  leaving.abort();
  await assert.rejects(poll, { name: "AbortError" });
  await ended.promise;
});

Deno.test("no more than a thousand requests wait at the same time", async () => {
  let waiting = 0;
  const all = Promise.withResolvers<void>();
  const { fixture, ask } = await prepared({
    sleep: async (milliseconds, signal) => {
      if (++waiting === 1000) all.resolve();
      await sleep(milliseconds, signal);
    },
  });
  await using _ = fixture;
  const asked = await ask("POST /auth/authorize", authorization(ADA, "repo"));
  const status = `GET /auth/status?id=${asked.textAt("id")}`;
  const polls = Array.from({ length: 1000 }, () => ask(`${status}&wait=59`));
  await all.promise;
  const refused = await ask(`${status}&wait=59`);
  assert.equal(refused.status, 429);
  assert.equal((await ask(status)).at("status"), "pending", "without a wait it is answered");
  await decide(asked, "allow");
  for (const poll of await Promise.all(polls)) assert.equal(poll.at("status"), "completed");
  assert.equal((await ask(`${status}&wait=1`)).at("status"), "completed");
});

Deno.test("invalid requests are refused with a reason", async () => {
  const { fixture, ask } = await prepared();
  await using _ = fixture;
  const good = authorization(ADA, "repo");
  const wrong: Record<string, unknown> = {
    "no user with an API key": { ...good, user_id: "" },
    "no provider": { ...good, auth_requirement: {} },
    "a provider that is a path": { ...good, auth_requirement: requirement("..") },
    "no scope": { ...good, auth_requirement: requirement("github", "re po") },
    "a script": { ...good, next_uri: "javascript:alert(1)" },
    "an address without a scheme": { ...good, next_uri: "app.example" },
    "a long user": { ...good, user_id: "x".repeat(257) },
  };
  for (const [what, body] of Object.entries(wrong)) {
    const { status, text } = await ask("POST /auth/authorize", body);
    assert([400, 422].includes(status), `${what}: ${status} ${text}`);
    assert.match(text, /"name":.*"message":/);
  }
  const asked = await ask("POST /auth/authorize", good);
  for (const wait of ["60", "-1", "x", "1.5"]) {
    const answer = await ask(`GET /auth/status?id=${asked.textAt("id")}&wait=${wait}`);
    assert.equal(answer.status, 400, wait);
  }
  assert.equal((await ask("GET /auth/status")).status, 404);
  assert.equal((await ask("POST /tools/authorize", { tool_name: "No.Tool" })).status, 404);
});

Deno.test("no user reaches the grants of another user, project or account", async () => {
  const { fixture, session, ask } = await prepared();
  await using _ = fixture;
  const asked = await ask("POST /auth/authorize", authorization(ADA, "repo"));
  const id = asked.textAt("id");
  await decide(asked, "allow");
  const connection = (await ask("GET /admin/user_connections")).textAt("items", 0, "id");

  const bob = await ask("POST /auth/authorize", authorization(BOB, "repo"));
  assert.equal(bob.at("status"), "pending", "another user_id");

  const mallory = await signIn(fixture.url, "mallory@example.com");
  const other = asker(fixture, await apiKeyOf(fixture.url, mallory));
  const created = await call(`${fixture.url}/api/v1/orgs/${session.org}/projects`, {
    method: "POST",
    token: session.access,
    json: { name: "Other" },
  });
  const sibling = { ...session, project: created.textAt("data", "project_id") };
  const siblingKey = asker(fixture, await apiKeyOf(fixture.url, sibling));
  for (const stranger of [other, siblingKey]) {
    assert.equal((await stranger(`GET /auth/status?id=${id}`)).status, 404);
    assert.equal((await stranger("GET /admin/user_connections")).at("total_count"), 0);
    const removed = await stranger(`DELETE /admin/user_connections/${connection}`);
    assert.equal(removed.status, 404);
    const same = await stranger("POST /auth/authorize", authorization(ADA, "repo"));
    assert.equal(same.at("status"), "pending");
  }
  const scope = `/v1/orgs/${session.org}/projects/${session.project}`;
  for (const path of [`auth/status?id=${id}`, "admin/user_connections", "admin/auth_providers"]) {
    const foreign = await call(`${fixture.url}${scope}/${path}`, { token: mallory.access });
    assert.equal(foreign.status, 403, path);
    const own = await call(`${fixture.url}${scope}/${path}`, { token: session.access });
    assert.equal(own.status, 200, path);
    assert.equal((await call(`${fixture.url}/v1/${path}`)).status, 401, path);
  }
  const guesses = [id.slice(0, -1), `${id}x`, "ac_", "", "%", "ac_' OR 1=1 --"];
  for (const guess of guesses) {
    const answer = await ask(`GET /auth/status?id=${encodeURIComponent(guess)}`);
    assert.equal(answer.status, 404, guess);
  }
});

Deno.test("strangers and other websites cannot decide", async () => {
  const { fixture, ask } = await prepared();
  await using _ = fixture;
  const asked = await ask("POST /auth/authorize", authorization(ADA, "repo"));
  const address = asked.textAt("url");
  const stranger = await call(address, { stranger: true });
  assert.equal(stranger.status, 403);
  assert.match(stranger.text, /Is this your local Arcade\?/);
  assert(!stranger.text.includes(ADA));
  const flow_id = new URL(address).searchParams.get("flow_id") ?? "";
  const form = { flow_id, decision: "allow" };
  const decision = `${fixture.url}/grants/decision`;
  assert.equal((await call(decision, { form, stranger: true })).status, 403);
  for (const headers of [{ origin: "http://evil.example" }, { "sec-fetch-site": "cross-site" }]) {
    assert.equal((await post(decision, form, headers)).status, 403);
  }
  const link = {
    "sec-fetch-site": "cross-site",
    "sec-fetch-mode": "navigate",
    "sec-fetch-dest": "document",
  };
  const linked = await call(address, { headers: link });
  assert.match(linked.text, /Another website sent you here/, "a link asks first");
  assert.match(linked.text, /href="\/grants\?flow_id=/);
  assert.equal((await ask(`GET /auth/status?id=${asked.textAt("id")}`)).at("status"), "pending");
  for (const unknown of ["", "?flow_id=arcl_fl_x"]) {
    assert.equal((await call(`${fixture.url}/grants${unknown}`)).status, 404);
  }
});

Deno.test("with autoApprove, everyone can decide, but nothing is granted automatically", async () => {
  await using fixture = await start({ autoApprove: true });
  const ask = asker(fixture, fixture.arcade.environment.ARCADE_API_KEY ?? "");
  const asked = await ask("POST /auth/authorize", authorization(ADA, "repo"));
  assert.equal(asked.at("status"), "pending");
  const page = await call(asked.textAt("url"), { stranger: true });
  assert.equal(page.status, 200);
  const form = { flow_id: hidden(page.text, "flow_id"), decision: "allow" };
  await call(`${fixture.url}/grants/decision`, { form, stranger: true });
  assert.equal((await ask(`GET /auth/status?id=${asked.textAt("id")}`)).at("status"), "completed");
});

Deno.test("after the decision, the browser goes where the application says, and the page shows it", async () => {
  const { fixture, ask } = await prepared();
  await using _ = fixture;
  const next_uri = "https://app.example/done?x=1&y=<b>";
  const asked = await ask("POST /auth/authorize", { ...authorization(ADA, "repo"), next_uri });
  const page = await call(asked.textAt("url"));
  assert(page.text.includes("https://app.example/done?x=1&amp;y=&lt;b&gt;"), page.text);
  const policy = page.headers.get("content-security-policy") ?? "";
  assert.match(policy, /form-action 'self' https:\/\/app\.example;/);
  assert.equal((await decide(asked, "allow")).headers.get("location"), new URL(next_uri).href);

  const denied = await ask("POST /auth/authorize", { ...authorization(BOB, "repo"), next_uri });
  const location = (await decide(denied, "deny")).headers.get("location") ?? "";
  assert.equal(new URL(location).origin, fixture.url, "not after a denial");
});

Deno.test("an address of an application cannot change the policy of the page or the headers", async () => {
  const { fixture, ask } = await prepared();
  await using _ = fixture;
  for (const next_uri of ["http://a;sandbox/", "http://a,b/", "http://[::1]:1/"]) {
    const asked = await ask("POST /auth/authorize", { ...authorization(ADA, next_uri), next_uri });
    const page = await call(asked.textAt("url"));
    const policy = page.headers.get("content-security-policy") ?? "";
    assert.match(policy, /form-action 'self' http:; base-uri/, next_uri);
  }
  for (const next_uri of ["http://a/\r\nset-cookie: x", " http://a", "http://a/ b"]) {
    const asked = await ask("POST /auth/authorize", { ...authorization(ADA), next_uri });
    assert.equal(asked.status, 422);
  }
  const next_uri = "http://app.example/ä?x=“";
  const asked = await ask("POST /auth/authorize", { ...authorization(BOB), next_uri });
  const { headers } = await decide(asked, "allow");
  assert.equal(headers.get("location"), "http://app.example/%C3%A4?x=%E2%80%9C");
});

Deno.test("a user who is signed in as someone else cannot allow anything, and sees why", async () => {
  const { fixture, ask } = await prepared();
  await using _ = fixture;
  await signIn(fixture.url, BOB);
  const asked = await ask("POST /auth/authorize", authorization(ADA, "repo"));
  for (const form of [{ account: BOB }, { account: "new", email: "eve@example.com" }]) {
    const other = await decide(asked, "allow", form);
    assert.equal(other.status, 400);
    assert.match(other.text, /You are signed in as another user/);
    assert(other.text.includes(ADA) && other.text.includes(form.email ?? BOB));
  }
  const typo = await decide(asked, "allow", { account: "new", email: "no address" });
  assert.equal(typo.status, 422);
  assert.equal((await ask(`GET /auth/status?id=${asked.textAt("id")}`)).at("status"), "pending");
  const warning = /No account has the e-mail address/;
  assert.doesNotMatch((await call(asked.textAt("url"))).text, warning);
  const unknown = await ask("POST /auth/authorize", authorization("user-123", "repo"));
  assert.match((await call(unknown.textAt("url"))).text, warning);
  assert.equal((await decide(asked, "allow", { account: "ADA@example.com" })).status, 303);
  assert.equal((await ask(`GET /auth/status?id=${asked.textAt("id")}`)).at("status"), "completed");
});

Deno.test("an application with a verifier confirms the user itself", async () => {
  const { fixture, ask } = await prepared();
  await using _ = fixture;
  const setting = "/admin/settings/session_verification";
  const none = { verifier_url: null, unsafe_skip_verification: false };
  assert.deepEqual((await ask(`GET ${setting}`)).at(), none);
  const verifier_url = "http://127.0.0.1:4000/verify?app=1";
  const set = await ask(`PUT ${setting}`, { verifier_url });
  assert.deepEqual(set.at(), { ...none, verifier_url });
  assert.equal((await ask(`PUT ${setting}`, { verifier_url: "file:///x" })).status, 422);

  const next_uri = "http://127.0.0.1:4000/done";
  const asked = await ask("POST /auth/authorize", { ...authorization("user-123"), next_uri });
  const id = asked.textAt("id");
  const page = await call(asked.textAt("url"));
  assert(page.text.includes("http://127.0.0.1:4000/verify"));
  const early = { flow_id: hidden(page.text, "flow_id"), user_id: "user-123" };
  assert.equal((await ask("POST /auth/confirm_user", early)).status, 404, "not yet allowed");
  const sent = query(await decide(asked, "allow"));
  const flow_id = sent.get("flow_id") ?? "";
  assert.equal(sent.get("app"), "1");
  assert.equal((await ask(`GET /auth/status?id=${id}`)).at("status"), "pending");

  const wrong = await ask("POST /auth/confirm_user", { flow_id, user_id: "user-124" });
  assert.equal(wrong.status, 400);
  assert.equal(wrong.at("error"), "user_mismatch");
  assert.equal(wrong.at("code"), 400);
  assert.equal((await ask(`GET /auth/status?id=${id}`)).at("status"), "pending");
  const confirmed = await ask("POST /auth/confirm_user", { flow_id, user_id: "user-123" });
  assert.deepEqual(confirmed.at(), { auth_id: id, next_uri });
  assert.equal((await ask(`GET /auth/status?id=${id}`)).at("status"), "completed");
  const twice = await ask("POST /auth/confirm_user", { flow_id, user_id: "user-123" });
  assert.equal(twice.status, 404, "once");

  const skip = { verifier_url, unsafe_skip_verification: true };
  assert.deepEqual((await ask(`PUT ${setting}`, skip)).at(), skip);
  const skipped = await ask("POST /auth/authorize", authorization("user-125"));
  await decide(skipped, "allow", { account: BOB });
  const status = await ask(`GET /auth/status?id=${skipped.textAt("id")}`);
  assert.equal(status.at("status"), "completed");
});

Deno.test("an authorization without a decision fails after an hour", async () => {
  const { fixture, ask } = await prepared();
  await using _ = fixture;
  const asked = await ask("POST /auth/authorize", authorization(ADA, "repo"));
  fixture.pass(3600);
  assert.equal((await ask(`GET /auth/status?id=${asked.textAt("id")}`)).at("status"), "failed");
  assert.match((await call(asked.textAt("url"))).text, /denied, or it expired after an hour/);
  const again = await ask("POST /auth/authorize", authorization(ADA, "repo"));
  assert.equal(again.at("status"), "pending");
  assert.notEqual(again.at("id"), asked.at("id"));
});

Deno.test("connections are listed and found by both forms of the filter, and removed", async () => {
  const { fixture, ask } = await prepared();
  await using _ = fixture;
  const granted: Answer[] = [];
  for (const user_id of [ADA, BOB]) {
    for (const provider_id of ["github", "google"]) {
      const body = { user_id, provider_id, scopes: ["b", "a"], expires_in: 60 };
      granted.push(await ask("POST /admin/user_connections", body));
    }
  }
  const [first] = granted;
  assert.equal(first?.status, 201);
  const { id, connection_id, ...connection } = JSON.parse(first.text);
  assert.equal(connection_id, id);
  assert.deepEqual(connection, {
    connection_status: "active",
    provider_id: "github",
    provider_type: "oauth2",
    provider_description: "A fake provider of the local Arcade",
    provider_user_info: { sub: ADA },
    scopes: ["a", "b"],
    user_id: ADA,
    expires_at: "2026-11-20T14:01:00.000Z",
  });
  const listed = async (query: string) => {
    const page = await ask(`GET /admin/user_connections?${query}`);
    assert.equal(page.status, 200, page.text);
    assert.doesNotMatch(page.text, /fake_/);
    const { items }: { items: { user_id: string; provider_id: string }[] } = JSON.parse(page.text);
    return items.map((one) => `${one.user_id} ${one.provider_id}`);
  };
  const all = [ADA, BOB].flatMap((user) => [`${user} github`, `${user} google`]);
  assert.deepEqual(await listed(""), all);
  assert.deepEqual(await listed("limit=1&offset=1"), [all[1]]);
  assert.deepEqual(await listed(`user_id=${BOB}`), all.slice(2));
  assert.deepEqual(await listed(`user[id]=${BOB}&provider%5Bid%5D=google`), [all[3]]);
  assert.deepEqual(await listed("provider_id=github"), [all[0], all[2]]);

  assert.equal((await ask(`DELETE /admin/user_connections/${id}`)).status, 204);
  assert.equal((await ask(`DELETE /admin/user_connections/${id}`)).status, 404);
  assert.deepEqual(await listed(`user_id=${ADA}`), [`${ADA} google`]);
  fixture.pass(60);
  const expired = await ask(`GET /admin/user_connections?user_id=${ADA}`);
  assert.equal(expired.at("items", 0, "connection_status"), "expired");
});

Deno.test("providers are created, listed, changed and removed, with a masked client secret", async () => {
  const { fixture, ask } = await prepared();
  await using _ = fixture;
  const secret = "the-client-secret-~zQ~";
  const provider = {
    id: "my-hub",
    description: "Ours",
    provider_id: "github",
    type: "oauth2",
    oauth2: {
      client_id: "abc",
      client_secret: secret,
      scope_delimiter: " ",
      token_request: { endpoint: "https://hub.example/token", params: { a: "b" } },
    },
  };
  const created = await ask("POST /admin/auth_providers", provider);
  assert.equal(created.status, 201, created.text);
  const twice = await ask("POST /admin/auth_providers", provider);
  assert.equal(twice.status, 409);
  assert.equal(twice.headers.get("x-should-retry"), "false", "the SDKs do not repeat it");
  const patched = await ask("PATCH /admin/auth_providers/my-hub", {
    description: "Theirs",
    oauth2: { client_id: "def" },
  });
  const page = await ask("GET /admin/auth_providers");
  for (const { text } of [created, patched, page]) assert(!text.includes(secret), text);
  assert.equal(page.at("total_count"), 1);
  const found = await ask("GET /admin/auth_providers/my-hub");
  assert.deepEqual(found.at(), page.at("items", 0));
  assert.equal(found.at("description"), "Theirs");
  assert.equal(found.at("status"), "active");
  assert.equal(found.at("oauth2", "client_id"), "def");
  assert.equal(found.at("oauth2", "token_request", "endpoint"), "https://hub.example/token");
  assert.equal(found.at("oauth2", "client_secret", "exists"), true);
  const database = await Deno.readTextFile(`${fixture.dataDir}/arcade.db`);
  const log = await Deno.readTextFile(`${fixture.dataDir}/arcade.db-wal`);
  for (const stored of [database, log]) assert(!stored.includes(secret), "encrypted");

  // It is the provider of its kind.
  const asked = await ask("POST /auth/authorize", authorization(ADA, "repo"));
  assert.equal(asked.at("provider_id"), "my-hub");
  await decide(asked, "allow");
  const byId = { user_id: ADA, auth_requirement: { id: "my-hub", oauth2: { scopes: ["repo"] } } };
  assert.equal((await ask("POST /auth/authorize", byId)).at("status"), "completed");
  await ask("PATCH /admin/auth_providers/my-hub", { status: "inactive" });
  assert.equal((await ask("POST /auth/authorize", byId)).status, 400, "inactive");

  const removed = await ask("DELETE /admin/auth_providers/my-hub");
  assert.equal(removed.at("id"), "my-hub");
  assert.equal((await ask("GET /admin/auth_providers/my-hub")).status, 404);
  assert.equal((await ask("GET /admin/user_connections")).at("total_count"), 0);
  for (const body of [{}, { id: "a/b" }, { id: "x", oauth2: {} }, { id: "x", type: "saml" }]) {
    assert.equal((await ask("POST /admin/auth_providers", body)).status, 422);
  }
});

Deno.test("grants survive a restart, encrypted with the key of the data folder", async () => {
  const { fixture, session } = await prepared();
  await using _ = fixture;
  const key = await apiKeyOf(fixture.url, session);
  const token = "a-token-that-nobody-may-find-~zQ~";
  const json = { user_id: ADA, provider_id: "github", scopes: ["repo"], token };
  await asker(fixture, key)("POST /admin/user_connections", json);
  await fixture.restart();
  const asked = await asker(fixture, key)("POST /auth/authorize", authorization(ADA, "repo"));
  assert.equal(asked.at("context", "token"), token);
  assert.doesNotMatch(fixture.log.join("\n"), /~zQ~|flow_id/);
  await fixture.arcade.stop();
  for (const { name, isFile } of Deno.readDirSync(fixture.dataDir)) {
    if (!isFile) continue;
    const content = new TextDecoder().decode(Deno.readFileSync(`${fixture.dataDir}/${name}`));
    assert(!content.includes(token), name);
  }
  const keyFile = `${fixture.dataDir}/encryption.key`;
  Deno.writeFileSync(keyFile, new Uint8Array(32));
  await assert.rejects(fixture.restart(), /cannot be used/, "another key");
  Deno.removeSync(keyFile);
  await assert.rejects(fixture.restart(), /missing or damaged/);
});

Deno.test("the dashboard shows grants without tokens, and removes them", async () => {
  const { fixture, session, ask } = await prepared();
  await using _ = fixture;
  const body = { user_id: BOB, provider_id: "github", scopes: ["repo"], expires_in: 60 };
  const granted = await ask("POST /admin/user_connections", body);
  const address = `${fixture.url}/projects/${session.project}`;
  const page = await call(address);
  for (const text of [BOB, "github", "<code>repo</code>", "2026-11-20 14:01:00"]) {
    assert(page.text.includes(text), text);
  }
  assert.doesNotMatch(page.text, /fake_/);
  assert((await call(`${fixture.url}/?filter=bob`)).text.includes("github"));
  for (let i = 0; i < 101; i++) {
    await ask("POST /admin/user_connections", { user_id: `zoe${i}`, provider_id: "x" });
  }
  assert((await call(address)).text.includes("2 grants more."));
  const id = granted.textAt("id");
  const question = await call(`${fixture.url}/dashboard/remove?kind=connection&id=${id}`);
  assert(question.text.includes(`${BOB} at github`));
  await post(`${fixture.url}/dashboard/remove`, { kind: "connection", id });
  const left = await ask(`GET /admin/user_connections?user_id=${BOB}`);
  assert.equal(left.at("total_count"), 0);
});

/** A local Arcade with a server whose tools need grants. */
async function deployed(options: Partial<LocalArcadeOptions> = {}) {
  const made = await prepared({ env, ...options });
  const { fixture: { url }, session } = made;
  const scope = `${url}/v1/orgs/${session.org}/projects/${session.project}`;
  const project = new Project(scope, session.access);
  await project.deployed(GRANT_TOOLS);
  const execute = (tool: string, user_id?: string) =>
    made.ask("POST /tools/execute", { tool_name: `TestServer.${tool}`, user_id });
  return { ...made, project, execute };
}

Deno.test({ name: "a tool gets only the grant of its user", ignore }, async () => {
  const { fixture, project, ask, execute } = await deployed();
  await using _ = fixture;
  const nobody = await execute("Star", ADA);
  assert.equal(nobody.status, 403);
  assert.deepEqual(nobody.at(), {
    name: "tool_authorization_required",
    message: "authorization required",
  });
  assert.equal((await execute("Star")).status, 400, "user_id is required with a key");

  const statusFor = async (user: string) => {
    const tool = await ask(`GET /tools/TestServer.Star?user_id=${user}`);
    return [
      tool.at("requirements", "met"),
      tool.at("requirements", "authorization", "token_status"),
    ];
  };
  assert.deepEqual(await statusFor(ADA), [false, "not_started"]);
  const asked = await ask("POST /tools/authorize", {
    tool_name: "TestServer.Star",
    user_id: ADA,
  });
  assert.deepEqual(await statusFor(ADA), [false, "pending"]);
  assert.deepEqual(asked.at("scopes"), ["repo"]);
  assert.doesNotMatch((await call(asked.textAt("url"))).text, /No tool of this project names/);
  await decide(asked, "allow");
  const called = await execute("Star", ADA);
  assert.equal(called.status, 200, called.text);
  const { token, ...others } = JSON.parse(called.text).output.value;
  assert.match(token, /^fake_github_ada_/);
  assert.deepEqual(others, { user_info: { sub: ADA }, secrets: [], user_id: ADA });
  assert.equal((await execute("Star", BOB)).status, 403);
  assert.deepEqual(await statusFor(ADA), [true, "completed"]);
  await decide(await ask("POST /auth/authorize", authorization(BOB, "repo")), "deny");
  assert.deepEqual(await statusFor(BOB), [false, "failed"]);
  assert.equal((await execute("Gist", ADA)).status, 403, "another scope");

  // The user of a login is the one who is called for.
  const own = await project.request("POST /tools/execute", { tool_name: "TestServer.Star" });
  assert.equal(own.at("output", "value", "user_id"), ADA);
  const more = await project.request("POST /tools/authorize", { tool_name: "TestServer.Gist" });
  assert.deepEqual(more.at("scopes"), ["gist", "repo"]);
  assert.equal(more.at("user_id"), ADA);
  const free = { tool_name: "TestServer.Greet" };
  const needless = await ask("POST /tools/authorize", free);
  assert.equal(needless.at("status"), "completed", "a tool without a requirement");
  const known = await ask(`GET /auth/status?id=${needless.textAt("id")}`);
  assert.deepEqual(known.at(), needless.at());

  const providers = await ask("GET /admin/auth_providers");
  assert.equal(providers.at("items", 0, "id"), "github", "a tool names it");
  assert.equal((await ask("GET /admin/auth_providers/github")).at("binding", "type"), "static");
});

Deno.test({ name: "a tool with a grant still needs its secrets", ignore }, async () => {
  const { fixture, ask, execute } = await deployed();
  await using _ = fixture;
  const all = { user_id: ADA, provider_id: "github" };
  const granted = await ask("POST /admin/user_connections", all);
  assert.deepEqual(granted.at("scopes"), ["gist", "repo"], "all that the tools need");
  assert.equal((await execute("Sign", ADA)).at("name"), "tool_requirements_not_met");
  await ask("PUT /admin/secrets/TEST_SECRET", { value: "four words of text" });
  const signed = await execute("Sign", ADA);
  assert.deepEqual(signed.at("output", "value", "secrets"), [
    { key: "TEST_SECRET", value: "four words of text" },
  ]);
  assert.match(signed.textAt("output", "value", "token"), /^fake_github_ada_/);
});

Deno.test({ name: "a grant for a minute expires for calls too", ignore }, async () => {
  const { fixture, ask, execute } = await deployed();
  await using _ = fixture;
  const star = { tool_name: "TestServer.Star", user_id: ADA };
  const asked = await ask("POST /tools/authorize", star);
  await decide(asked, "allow-briefly");
  fixture.pass(59);
  assert.equal((await execute("Star", ADA)).status, 200);
  fixture.pass(1);
  assert.equal((await execute("Star", ADA)).status, 403);
  const status = await ask(`GET /auth/status?id=${asked.textAt("id")}`);
  assert.equal(status.at("status"), "failed");
  const again = await ask("POST /tools/authorize", star);
  assert.equal(again.at("status"), "pending");
  assert.notEqual(again.at("id"), asked.at("id"));
});

Deno.test({ name: "autoGrant grants what a call needs", ignore }, async () => {
  const { fixture, ask, execute } = await deployed({ autoGrant: true });
  await using _ = fixture;
  const listed = await ask(`GET /tools?user_id=${BOB}`);
  assert.doesNotMatch(listed.text, /"met":false,"authorization"|not_started/);
  assert.equal(
    (await ask("GET /admin/user_connections")).at("total_count"),
    0,
    "a list is no call",
  );
  assert.equal((await execute("Star", BOB)).status, 200);
  assert.equal((await execute("Gist", BOB)).status, 200);
  const connections = await ask("GET /admin/user_connections");
  assert.deepEqual(connections.at("items", 0, "scopes"), ["gist", "repo"]);
  const asked = await ask("POST /auth/authorize", authorization(ADA, "repo"));
  assert.equal(asked.at("status"), "completed");
});
