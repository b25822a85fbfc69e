import assert from "node:assert/strict";
import type { HttpContext } from "../../../src/api/exchange.ts";
import { NetworkTime } from "../../../src/api/network_time.ts";
import { fetchOAuthSettings } from "../../../src/auth/oauth.ts";
import { Failure } from "../../../src/failure.ts";
import { parseExpiry } from "../../../src/store/expiry.ts";
import { Answers, closedPort, json, type Seen } from "../../support/answers.ts";
import { follow, InProcess, InProcessArcade, type World } from "../../support/in_process.ts";
import { WireTap } from "../../support/test_machine.ts";
import { Visitor } from "../../../scripts/visitor.ts";
import { challengeOf } from "../../local/harness.ts";
import { assertMode } from "../../support/modes.ts";
import { oauthSettings, Services } from "../../support/services.ts";

const LOGIN = ["login", "--callback-port", "0", "--browser"];

/** The final response in a browser. */
interface Visit {
  readonly status: number;
  readonly url: string;
  readonly page: string;
}

/** A browser that changes the redirect to the callback address, and records the response. */
function tampering(
  change: (callback: URL, visitor: Visitor) => void,
): { world: World; visits: Promise<Visit>[] } {
  const visits: Promise<Visit>[] = [];
  return {
    visits,
    world: {
      async browse(url) {
        const visitor = new Visitor();
        const callback = new URL(await callbackOf(url, visitor));
        change(callback, visitor);
        visits.push(visit(callback.href, visitor));
        return true;
      },
    },
  };
}

/** Presses Ctrl-C as soon as a text is shown. */
function interruptedAt(text: string): Pick<World, "interruption" | "onStderr"> {
  const interruption = new AbortController();
  return {
    interruption: interruption.signal,
    onStderr: (stderr) => {
      if (stderr.includes(text)) interruption.abort(new Failure("interrupted", "Cancelled"));
    },
  };
}

async function visit(
  url: string,
  visitor = new Visitor(),
  init: RequestInit = {},
): Promise<Visit> {
  const response = await visitor.fetch(url, init);
  return { status: response.status, url: response.url, page: await response.text() };
}

async function redirectOf(url: string, visitor: Visitor): Promise<string> {
  return (await visitor.fetchOnce(url)).headers.get("location") ?? "";
}

/** The redirect of the sign-in page of a local Arcade with autoApprove, given the address that is opened. */
async function callbackOf(url: string, visitor: Visitor): Promise<string> {
  return await redirectOf(await redirectOf(url, visitor), visitor);
}

Deno.test("`login` stores tokens, user, and the default organization and project", async () => {
  await using playground = await InProcessArcade.start({
    now: () => new Date("2026-11-20T12:00:00Z"),
  });
  const { home } = playground;
  const pages: Promise<Visit>[] = [];
  const { code, stdout, stderr } = await home.run(LOGIN, {
    now: () => new Date("2026-11-20T12:00:00Z"),
    browse: (url) => {
      pages.push(visit(url));
      return Promise.resolve(true);
    },
  });
  assert.equal(code, 0, stderr);
  assert.equal(stdout, "");
  assert.match(stderr, /Logged in as developer@arcade.local/);
  const stored = home.read();
  assert.match(stored, /access_token: arcl_at_/);
  assert.match(stored, /refresh_token: arcl_rt_/);
  assert.match(stored, /email: developer@arcade.local/);
  assert.match(stored, /org_name: Default organization/);
  assert.match(stored, /project_name: Default project/);
  assert.match(stored, new RegExp(`coordinator_url: ${playground.arcade.url}`));
  assertMode(home.credentials, 0o600);
  assert.deepEqual(home.files(), [".credentials.lock", "credentials.yaml"]);
  const page = await pages[0];
  assert.equal(page?.status, 200);
  assert.match(page?.page ?? "", /developer@arcade.local is logged in/);
  assert(!`${page?.page}${stderr}`.includes(playground.accessToken));
});

Deno.test("a login stores its coordinator and engine, so that later commands need no variables", async () => {
  await using playground = await InProcessArcade.loggedIn();
  playground.home.env = {};
  const { code, stderr } = await playground.home.run(["secret", "set", "KEY=value"]);
  assert.equal(code, 0, stderr);
});

Deno.test("the expiry of a token counts from its arrival, even if the account look-up is slow", async () => {
  await using playground = await InProcessArcade.start({ tokenTtlSeconds: 3600 });
  let now = Date.parse("2026-11-20T12:00:00Z");
  await using tap = new WireTap(playground.arcade.url, ({ path }) => {
    if (path.endsWith("/whoami")) now += 1_000_000;
    return Promise.resolve(undefined);
  });
  const { code, stderr } = await playground.home.run(LOGIN, {
    env: { ARCADE_COORDINATOR_URL: tap.url },
    now: () => new Date(now),
  });
  assert.equal(code, 0, stderr);
  const [, expiry = ""] = /expires_at: '(.*)'/.exec(playground.home.read()) ?? [];
  assert.equal(parseExpiry(expiry)?.toISOString(), "2026-11-20T13:00:00.000Z");
});

Deno.test("a login without a refresh token stores an empty one, and `logout` revokes the access token", async () => {
  await using playground = await InProcessArcade.start();
  const { home, arcade } = playground;
  await using tap: WireTap = new WireTap(arcade.url, async ({ path, body }) => {
    if (path !== "/oauth2/token") return undefined;
    const answer = await fetch(arcade.url + path, {
      method: "POST",
      body: new URLSearchParams(body),
    });
    const { refresh_token: _none, ...tokens }: Record<string, unknown> = await answer.json();
    return json(tokens);
  });
  home.env = { ARCADE_COORDINATOR_URL: tap.url, ARCADE_ENGINE_URL: tap.url };
  const { code, stderr } = await home.run(LOGIN);
  assert.equal(code, 0, stderr);
  assert.match(home.read(), /^ +refresh_token: ''$/m);
  assert.match(home.read(), /^ +lifetime_seconds: 3600$/m);
  const token = playground.accessToken;
  assert.equal((await home.run(["secret", "list"])).code, 0);
  assert.match((await home.run(LOGIN)).stderr, /Already logged in/);
  assert.equal((await home.run(["logout"])).code, 0);
  const revocation = tap.seen.find(({ path }) => path === "/oauth2/revoke")?.body;
  const form = new URLSearchParams(revocation);
  assert.deepEqual([form.get("token"), form.get("token_type_hint")], [token, "access_token"]);
});

Deno.test("`login` while logged in shows the user and changes nothing", async () => {
  await using playground = await InProcessArcade.loggedIn();
  const before = playground.home.read();
  const { code, stderr } = await playground.home.run(LOGIN, {
    browse: () => assert.fail("opened"),
  });
  assert.equal(code, 0);
  assert.match(stderr, /Already logged in as developer@arcade.local/);
  assert.equal(playground.home.read(), before);
});

for (const how of ["a flag", "a variable"] as const) {
  Deno.test(`\`login\` at another address from ${how} replaces a login whose server is gone`, async () => {
    await using playground = await InProcessArcade.start();
    const { home, arcade } = playground;
    home.writeCredentials({ expiresAt: "2020-01-01T00:00:00" });
    home.moveLogin({ coordinator: `http://127.0.0.1:${closedPort()}` });
    const flags = ["--host", new URL(arcade.url).host, "--no-tls"];
    if (how === "a flag") home.env = {};
    const { code, stderr } = await home.run([...LOGIN, ...(how === "a flag" ? flags : [])]);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /^Replacing your login as someone@example.com at http:\/\/127/);
    assert.match(stderr, /Could not revoke the login at the coordinator/);
    assert.match(home.read(), new RegExp(`coordinator_url: ${arcade.url}\n`));
    assert.match(home.read(), /arcl_at_/);
  });
}

Deno.test("`login` at another address revokes the login that it replaces, but not if it fails", async () => {
  await using before = await InProcessArcade.loggedIn();
  await using after = await InProcessArcade.start();
  const { home } = before;
  const original = home.read();
  const revocations = () => before.requests.filter(({ path }) => path === "/oauth2/revoke").length;
  const env = { ARCADE_COORDINATOR_URL: after.arcade.url, ARCADE_ENGINE_URL: after.arcade.url };
  const failed = await home.run([...LOGIN, "--timeout", "1"], {
    env,
    browse: () => Promise.resolve(true),
  });
  assert.equal(failed.code, 4);
  assert.equal(home.read(), original);
  assert.equal(revocations(), 0);
  const { code, stderr } = await home.run(LOGIN, { env });
  assert.equal(code, 0, stderr);
  assert.match(home.read(), new RegExp(`coordinator_url: ${after.arcade.url}\n`));
  assert.equal(revocations(), 1);
});

Deno.test("`login` sends no token to the server of the previous login", async () => {
  await using own = new Answers(() => json({}, { status: 500 }));
  await using playground = await InProcessArcade.start();
  const { home } = playground;
  home.writeCredentials();
  home.moveLogin({ coordinator: own.url });
  const { code, stderr } = await home.run([...LOGIN, "--timeout", "60"]);
  assert.equal(code, 0, stderr);
  // Only the revocation goes there, which has no Authorization header.
  assert.deepEqual(own.seen.map(({ authorization }) => authorization), own.seen.map(() => null));
});

Deno.test("`login` without an address explains how to drop a login whose server is gone", async () => {
  using home = new InProcess();
  home.writeCredentials({ expiresAt: "2020-01-01T00:00:00" });
  const url = `http://127.0.0.1:${closedPort()}`;
  home.moveLogin({ coordinator: url });
  const { code, stderr } = await home.run(LOGIN);
  assert.equal(code, 7);
  assert(stderr.includes(`Could not check the login as someone@example.com at ${url}`), stderr);
  assert.match(stderr, /`arcade logout --context default`/);
});

Deno.test("`login` replaces an expired login", async () => {
  await using playground = await InProcessArcade.start();
  playground.home.writeCredentials({
    expiresAt: "2020-01-01T00:00:00",
    coordinatorUrl: playground.arcade.url,
  });
  const { code, stderr } = await playground.home.run(LOGIN);
  assert.equal(code, 0, stderr);
  assert.match(playground.home.read(), /arcl_at_/);
});

Deno.test("`login` does not touch the older kind of credentials", async () => {
  await using playground = await InProcessArcade.start();
  const legacy = "cloud:\n  api:\n    key: arc_legacy\n";
  playground.home.write(legacy);
  const { code, stderr } = await playground.home.run(LOGIN);
  assert.equal(code, 4);
  assert.match(stderr, /arcade logout` .*arcade login/);
  assert.equal(playground.home.read(), legacy);
});

Deno.test("`login` moves a corrupt file aside", async () => {
  await using playground = await InProcessArcade.start();
  playground.home.write("cloud: [CANARY");
  const { code, stderr } = await playground.home.run(LOGIN);
  assert.equal(code, 0);
  assert(!stderr.includes("CANARY"));
  const aside = playground.home.files().find((name) => name.includes("unreadable"));
  assert(aside && stderr.includes(aside), stderr);
  assert.equal(Deno.readTextFileSync(`${playground.home.folder}/${aside}`), "cloud: [CANARY");
});

Deno.test("stray requests to the callback address are refused, and the login continues", async () => {
  await using playground = await InProcessArcade.start();
  const visits = Promise.withResolvers<Visit[]>();
  let state = "";
  const browse = async (url: string) => {
    const visitor = new Visitor();
    const authorization = await redirectOf(url, visitor);
    const parameters = new URL(authorization).searchParams;
    state = parameters.get("state") ?? "";
    const strays = [
      "",
      "?code=x",
      "?code=x&state=y",
      `?code=x&state=${state.slice(0, -1)}`,
      `?code=x&state=y&state=${state}`,
      `?code=x&state=${state}&state=y`,
      "?error=access_denied",
      "?error=access_denied&state=y",
    ];
    const seen = [];
    for (const stray of strays) {
      seen.push(await visit(parameters.get("redirect_uri") + stray, visitor));
    }
    const callback = await redirectOf(authorization, visitor);
    seen.push(await visit(callback, visitor, { method: "HEAD" }));
    seen.push(await visit(callback, new Visitor())); // another browser
    seen.push(await visit(callback, visitor));
    return seen;
  };
  const { code, stderr } = await playground.home.run(LOGIN, {
    browse: (url) => {
      browse(url).then(visits.resolve, visits.reject);
      return Promise.resolve(true);
    },
  });
  assert.equal(code, 0, stderr);
  const seen = await visits.promise;
  assert.deepEqual(seen.map(({ status }) => status), [...Array(8).fill(400), 404, 400, 200]);
  for (const { page } of seen) assert(!page.includes(state), "The page contains the state");
  assert.match(playground.home.read(), /arcl_at_/);
});

Deno.test("the URL of the result page contains neither code nor state", async () => {
  const changes: [change: (callback: URL) => void, number, number][] = [
    [() => {}, 0, 200],
    [({ searchParams }) => searchParams.set("error", "access_denied"), 4, 400],
  ];
  for (const [change, exitCode, status] of changes) {
    await using playground = await InProcessArcade.start();
    const first = Promise.withResolvers<Response>();
    const { world, visits } = tampering((callback, visitor) => {
      change(callback);
      visitor.fetchOnce(callback.href).then(first.resolve, first.reject);
    });
    assert.equal((await playground.home.run(LOGIN, world)).code, exitCode);
    const redirect = await first.promise;
    assert.equal(redirect.status, 303);
    assert.doesNotMatch(redirect.headers.get("location") ?? "", /[?#]/);
    assert.equal(redirect.headers.get("referrer-policy"), "no-referrer");
    const [shown] = await Promise.all(visits);
    assert.equal(shown?.status, status);
    assert.doesNotMatch(shown?.url ?? "", /[?#]/);
  }
});

const ISSUERS: [iss: (server: string) => string[], isAccepted: boolean][] = [
  [(server) => [server], true],
  [(server) => [`${server}/realms/x`], true],
  [() => [""], true],
  [() => ["https://identity.example"], false],
  [() => ["https://cloud.arcade.dev/oauth2"], false],
  [() => ["nowhere"], false],
  [(server) => [server, "https://identity.example"], false],
];
for (const [issuers, isAccepted] of ISSUERS) {
  for (const isDenied of [false, true]) {
    const title = `${issuers("http://own").join(" and ")} as \`iss\`${isDenied ? ", denied," : ""}`;
    Deno.test(`a callback with ${title} is ${isAccepted ? "" : "not "}accepted (RFC 9207)`, async () => {
      await using playground = await InProcessArcade.start();
      const { world, visits } = tampering(({ searchParams }) => {
        searchParams.delete("iss");
        for (const iss of issuers(playground.arcade.url)) searchParams.append("iss", iss);
        if (isDenied) searchParams.set("error", "access_denied");
      });
      const { code, stderr } = await playground.home.run(LOGIN, world);
      const said = !isAccepted
        ? /Error: The login response does not come from http/
        : isDenied
        ? /Error: The login was denied/
        : /Logged in/;
      assert.match(stderr, said);
      assert.equal(code, isAccepted ? isDenied ? 4 : 0 : 1);
      await visits[0];
      if (!isAccepted) {
        assert(!playground.requests.some(({ path }) => path === "/oauth2/token"), "Sent the code");
      }
    });
  }
}

for (const code of [undefined, ""]) {
  Deno.test(`\`login\` says that a callback has ${code === "" ? "an empty" : "no"} code`, async () => {
    await using playground = await InProcessArcade.start();
    const { world, visits } = tampering(({ searchParams }) => {
      if (code === undefined) searchParams.delete("code");
      else searchParams.set("code", code);
    });
    const ran = await playground.home.run(LOGIN, world);
    assert.equal(ran.code, 1, ran.stderr);
    assert.match(
      ran.stderr,
      /Error: http:\S+ completed the login without a code\n {2}Run the same command again/,
    );
    assert.doesNotMatch(ran.stderr, /tamper/);
    assert.match((await visits[0])?.page ?? "", /Login failed/);
    assert.deepEqual(playground.home.files(), [".credentials.lock"]);
  });
}

Deno.test("`login` reports a denial, and escapes hostile text", async () => {
  await using playground = await InProcessArcade.start();
  const denied = tampering((callback) => callback.searchParams.set("error", "access_denied"));
  const first = await playground.home.run(LOGIN, denied.world);
  assert.equal(first.code, 4);
  assert.match(first.stderr, /Error: The login was denied/);

  const hostile = tampering((callback) => {
    callback.searchParams.set("error", "server_error");
    callback.searchParams.set("error_description", "\x1b[2J<script>alert(1)</script>");
  });
  const second = await playground.home.run(LOGIN, hostile.world);
  assert.equal(second.code, 4);
  assert(!second.stderr.includes("\x1b"));
  const page = (await hostile.visits[0])?.page ?? "";
  assert(!page.includes("<script>") && page.includes("&lt;script&gt;"));
});

Deno.test("a repeated callback shows the same result and changes nothing", async () => {
  await using playground = await InProcessArcade.start();
  const isAskedTwice = Promise.withResolvers<void>();
  await using tap = new WireTap(playground.arcade.url, async ({ path }) => {
    if (path === "/oauth2/token") await isAskedTwice.promise;
    return undefined;
  });
  const shown = Promise.withResolvers<Visit>();
  const browse = async (url: string) => {
    const visitor = new Visitor();
    const callback = await callbackOf(url, visitor);
    const first = await redirectOf(callback, visitor);
    assert.equal(await redirectOf(callback, visitor), first);
    isAskedTwice.resolve();
    return await visit(new URL(first, callback).href, visitor);
  };
  const { code, stderr } = await playground.home.run(LOGIN, {
    env: { ARCADE_COORDINATOR_URL: tap.url },
    browse: (url) => {
      browse(url).then(shown.resolve, shown.reject);
      return Promise.resolve(true);
    },
  });
  assert.equal(code, 0, stderr);
  assert.match((await shown.promise).page, /You are logged in/);
});

Deno.test("the callback server answers other paths with 404, and refuses other hosts and methods", async () => {
  await using playground = await InProcessArcade.start();
  const statuses: number[] = [];
  const { code } = await playground.home.run(LOGIN, {
    async browse(url) {
      const callback = new URL("/callback", url);
      statuses.push((await visit(`${callback.origin}/favicon.ico`)).status);
      statuses.push(
        (await visit(callback.href.replace("127.0.0.1", "localhost")).catch(() => ({
          status: 421,
        }))).status,
      );
      const post = await fetch(callback, { method: "POST" });
      await post.body?.cancel();
      statuses.push(post.status);
      return follow(url);
    },
  });
  assert.equal(code, 0);
  assert.deepEqual(statuses, [404, 421, 404]);
});

Deno.test("the address that is opened holds no secret of the login, and the shown one works in any browser", async () => {
  await using playground = await InProcessArcade.start();
  const SHOWN = /open this address:\n\n {2}(\S+)\n/;
  for (const how of ["opened", "shown"]) {
    await playground.home.run(["logout"]);
    let stderr = "";
    const { code } = await playground.home.run(LOGIN, {
      onStderr: (text) => stderr = text,
      async browse(url) {
        assert.match(url, /^http:\/\/127\.0\.0\.1:\d+\/login\/[\da-f-]{36}$/);
        const [, shown = ""] = SHOWN.exec(stderr) ?? [];
        const visitor = new Visitor();
        const opened = new URL(await redirectOf(url, visitor));
        for (const name of ["state", "code_challenge"]) {
          assert.notEqual(opened.searchParams.get(name), new URL(shown).searchParams.get(name));
        }
        visit(how === "opened" ? opened.href : shown, how === "opened" ? visitor : new Visitor());
        return true;
      },
    });
    assert.equal(code, 0, stderr);
  }
});

Deno.test("only the browser that opened the address can complete the login", async () => {
  await using playground = await InProcessArcade.start();
  const seen: Promise<Visit>[] = [];
  const headers = Promise.withResolvers<Headers>();
  const { code, stderr } = await playground.home.run(LOGIN, {
    async browse(url) {
      const visitor = new Visitor();
      const opened = await visitor.fetchOnce(url);
      headers.resolve(opened.headers);
      const callback = await redirectOf(opened.headers.get("location") ?? "", visitor);
      seen.push(visit(callback, new Visitor()));
      await seen[0];
      seen.push(visit(callback, visitor));
      return true;
    },
  });
  assert.equal(code, 0, stderr);
  const pages = await Promise.all(seen);
  assert.deepEqual(pages.map(({ status }) => status), [400, 200]);
  assert.match(pages[0]?.page ?? "", /sent no cookie to 127\.0\.0\.1/);
  const [cookie = ""] = (await headers.promise).getSetCookie();
  assert.match(cookie, /^arcade_login_\d+=[\da-f-]{36}; Path=\/callback; HttpOnly; SameSite=Lax$/);
});

/** When the second browser comes. */
const MOMENTS = [
  "before the first one has signed in",
  "after the first one has signed in",
] as const;
for (const moment of MOMENTS) {
  Deno.test(`a second browser at the opened address ends the login ${moment}`, async () => {
    await using playground = await InProcessArcade.start();
    const { url } = playground.arcade;
    const page = Promise.withResolvers<Visit>();
    let opened = "";
    const second = async () => page.resolve(await visit(opened));
    await using tap = new WireTap(url, async ({ path }) => {
      if (path.endsWith("/whoami") && moment === MOMENTS[1]) await second();
      return undefined;
    });
    const { code, stderr } = await playground.home.run(LOGIN, {
      env: { ARCADE_COORDINATOR_URL: tap.url },
      async browse(address) {
        opened = address;
        const visitor = new Visitor();
        const authorization = await redirectOf(address, visitor);
        if (moment === MOMENTS[0]) await second();
        else visit(authorization, visitor).catch(() => {}); // the server may be closed by then
        return true;
      },
    });
    assert.equal(code, 4, stderr);
    assert.match(
      stderr,
      /Error: Two browsers opened the address of this login.*\n {2}.*--no-browser/,
    );
    assert.match((await page.promise).page, /Two browsers opened the address of this login/);
    assert.deepEqual(playground.home.files(), [".credentials.lock"]);
    const revoked = playground.requests.filter(({ path }) => path === "/oauth2/revoke").length;
    assert.equal(revoked, moment === MOMENTS[1] ? 1 : 0);
  });
}

Deno.test("`login` times out as the flag or the environment says", async () => {
  await using playground = await InProcessArcade.start();
  const browse = () => Promise.resolve(true);
  const flag = await playground.home.run([...LOGIN, "--timeout", "1"], { browse });
  assert.equal(flag.code, 4);
  assert.match(flag.stderr, /Login timed out after 1 s/);
  const env = await playground.home.run(LOGIN, {
    browse,
    env: { ARCADE_LOGIN_TIMEOUT_SECONDS: "0.05" },
  });
  assert.equal(env.code, 4);
  assert.match(env.stderr, /after 0.05 s/);
  assert.deepEqual(playground.home.files(), [".credentials.lock"]);
});

Deno.test("an interrupted login leaves nothing behind", async () => {
  await using playground = await InProcessArcade.start();
  const interruption = new AbortController();
  let redirect = "";
  const { code, stderr } = await playground.home.run(LOGIN, {
    interruption: interruption.signal,
    browse: (url) => {
      redirect = new URL("/callback", url).href;
      interruption.abort(new Failure("interrupted", "Cancelled"));
      return Promise.resolve(true);
    },
  });
  assert.equal(code, 130);
  assert.match(stderr, /Cancelled/);
  assert.deepEqual(playground.home.files(), [".credentials.lock"]);
  await assert.rejects(fetch(redirect), "The port is still open");
});

Deno.test("`login` reports a taken port", async () => {
  await using playground = await InProcessArcade.start();
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  const { code, stderr } = await playground.home.run([
    "login",
    "--browser",
    "--callback-port",
    String(port),
  ]);
  assert.equal(code, 1);
  assert.match(
    stderr,
    new RegExp(`Error: Port ${port} on 127.0.0.1 is in use\n  .*--callback-port`),
  );
});

Deno.test("the callback port is 9905 by default, and the request follows the RFCs", async () => {
  await using playground = await InProcessArcade.start();
  const requests: URL[] = [];
  const { code } = await playground.home.run(["login", "--browser"], {
    async browse(url) {
      const visitor = new Visitor();
      const authorization = await redirectOf(url, visitor);
      requests.push(new URL(authorization));
      return visit(authorization, visitor).then(() => true);
    },
  });
  if (code === 1) return; // something else on this machine has the port
  const parameters = Object.fromEntries(requests[0]?.searchParams ?? []);
  assert.equal(parameters.redirect_uri, "http://127.0.0.1:9905/callback");
  assert.equal(parameters.response_type, "code");
  assert.equal(parameters.scope, "openid offline_access");
  assert.equal(parameters.code_challenge_method, "S256");
  assert.equal(parameters.code_challenge?.length, 43);
  assert((parameters.state?.length ?? 0) >= 32);
});

Deno.test("`login --no-browser` prints the address and opens nothing", async () => {
  await using playground = await InProcessArcade.start();
  const { stderr } = await playground.home.run([...LOGIN, "--no-browser"], {
    browse: () => assert.fail("opened"),
    ...interruptedAt("/oauth2/authorize?"),
  });
  assert.match(stderr, /\n {2}http:\S+\/oauth2\/authorize\?\S+\n/);
});

Deno.test("`login --device` logs in with a code, without a browser", async () => {
  await using playground = await InProcessArcade.start();
  const { code, stderr } = await playground.home.run(["login", "--device"], {
    browse: () => assert.fail("opened"),
  });
  assert.equal(code, 0, stderr);
  assert.match(stderr, /^Your code: [A-Z0-9]{4}-[A-Z0-9]{4}\n[^]*\/device\S*\n/);
  assert.match(playground.home.read(), /arcl_at_/);
});

Deno.test("`login` without a browser uses the device grant", async () => {
  await using playground = await InProcessArcade.start();
  const { code, stderr } = await playground.home.run(["login"], { env: { BROWSER: "" } });
  assert.equal(code, 0, stderr);
  assert.match(stderr, /[A-Z0-9]{4}-[A-Z0-9]{4}/);
});

Deno.test("`login --device` prints the address where the coordinator offers no device grant", async () => {
  await using playground = await InProcessArcade.start();
  await using coordinator: Answers = new Answers(async ({ path }) => {
    const answer = await fetch(`${playground.arcade.url}${path}`);
    const settings: Record<string, string> = await answer.json();
    delete settings.device_authorization_endpoint;
    return json(settings);
  });
  const { code, stderr } = await playground.home.run([...LOGIN, "--device"], {
    env: { ARCADE_COORDINATOR_URL: coordinator.url },
    ...interruptedAt("/oauth2/authorize?"),
    browse: () => assert.fail("opened"),
  });
  assert.equal(code, 130);
  assert.match(stderr, /does not support login on another device/);
  assert.match(stderr, /\/oauth2\/authorize\?/);
});

Deno.test("polling for the device grant obeys slow_down, and stops after a denial", async () => {
  using home = new InProcess();
  const errors = ["authorization_pending", "slow_down", "authorization_pending", "access_denied"];
  await using coordinator = coordinatorWithDeviceGrant(() =>
    json({ error: errors.shift() }, { status: 400 })
  );
  home.env = { ARCADE_COORDINATOR_URL: coordinator.url };
  const { code, stderr, pauses } = await home.run(["login", "--device"]);
  assert.equal(code, 4);
  assert.match(stderr, /The login was denied/);
  assert.deepEqual(pauses, [3000, 3000, 8000, 8000]);
});

Deno.test("polling for the device grant continues after an outage, at a slower rate", async () => {
  using home = new InProcess();
  await using coordinator = coordinatorWithDeviceGrant(() =>
    json({ error: "access_denied" }, { status: 400 })
  );
  home.env = { ARCADE_COORDINATOR_URL: coordinator.url };
  let outages = 5;
  const withOutages: typeof fetch = (input, init) =>
    String(input).endsWith("/token") && outages-- > 0
      ? Promise.reject(new TypeError("connection reset"))
      : fetch(input, init);
  const { code, stderr, pauses } = await home.run(["login", "--device"], { fetch: withOutages });
  assert.equal(code, 4);
  assert.match(stderr, /The login was denied/);
  assert.deepEqual(pauses, [3000, 6000, 12_000, 24_000, 48_000, 60_000]);
});

/** Answers that mean "not yet", and the pauses before the next two polls. */
const NOT_YET: [what: string, answer: () => Response, pauses: number[]][] = [
  ["500", () => new Response("<html>", { status: 500 }), [3000, 6000]],
  ["503 with an error", () => json({ error: "access_denied" }, { status: 503 }), [3000, 6000]],
  ["408", () => new Response(null, { status: 408 }), [3000, 6000]],
  ["429", () =>
    json({ error: "slow_down" }, {
      status: 429,
      headers: { "retry-after": "60" },
    }), [3000, 6000]],
  ...[200, 401, 403, 404, 428].map((status): [string, () => Response, number[]] => [
    `authorization_pending with the status ${status}`,
    () =>
      json({ error: "authorization_pending" }, {
        status,
        headers: { "www-authenticate": "Basic" },
      }),
    [3000, 3000],
  ]),
];
for (const [what, answer, expected] of NOT_YET) {
  Deno.test(`polling for the device grant continues after ${what}`, async () => {
    using home = new InProcess();
    const answers = [answer(), json({ error: "access_denied" }, { status: 400 })];
    await using coordinator = coordinatorWithDeviceGrant(() => answers.shift() ?? new Response());
    home.env = { ARCADE_COORDINATOR_URL: coordinator.url };
    const { code, stderr, pauses } = await home.run(["login", "--device"]);
    assert.equal(code, 4, stderr);
    assert.match(stderr, /The login was denied/);
    assert.deepEqual(pauses, expected);
  });
}

Deno.test("a server that cannot answer is polled until the code has expired", async () => {
  using home = new InProcess();
  await using coordinator = coordinatorWithDeviceGrant(() => new Response(null, { status: 502 }));
  home.env = { ARCADE_COORDINATOR_URL: coordinator.url };
  const { code, stderr, pauses } = await home.run(["login", "--device"]);
  assert.equal(code, 4);
  assert.match(stderr, /The login code has expired/);
  const waited = pauses.reduce((sum, pause) => sum + pause, 0);
  assert(waited >= 600_000 && waited < 700_000, String(waited));
});

for (
  const [interval, pause] of [
    [1e9, 60_000],
    ["7", 7000],
    [0.001, 1000],
    [0, 5000],
    [-1, 5000],
    ["soon", 5000],
    [null, 5000],
  ] as const
) {
  Deno.test(`the interval ${JSON.stringify(interval)} means a pause of ${pause} ms`, async () => {
    using home = new InProcess();
    const errors = ["slow_down", "access_denied"];
    await using coordinator = coordinatorWithDeviceGrant(
      () => json({ error: errors.shift() }, { status: 400 }),
      { interval, expires_in: "600", verification_uri_complete: "" },
    );
    home.env = { ARCADE_COORDINATOR_URL: coordinator.url };
    const { code, stderr, pauses } = await home.run(["login", "--device"]);
    assert.equal(code, 4, stderr);
    assert.match(stderr, /The login was denied/);
    assert.match(stderr, /\n {2}http:\/\/x\/y\n/);
    assert.deepEqual(pauses, [pause, Math.min(pause + 5000, 60_000)]);
  });
}

Deno.test("the device grant uses PKCE (RFC 7636)", async () => {
  using home = new InProcess();
  await using coordinator = coordinatorWithDeviceGrant(() =>
    json({ error: "access_denied" }, { status: 400 })
  );
  home.env = { ARCADE_COORDINATOR_URL: coordinator.url };
  await home.run(["login", "--device"]);
  const formOf = (path: string) =>
    new URLSearchParams(coordinator.seen.find((seen) => seen.path === path)?.body);
  const [asked, polled] = [formOf("/device"), formOf("/token")];
  assert.equal(asked.get("code_challenge_method"), "S256");
  assert.equal(asked.get("code_challenge"), challengeOf(polled.get("code_verifier") ?? ""));
});

Deno.test("a code for Arcade Cloud is not shown for another coordinator", async () => {
  using home = new InProcess();
  await using coordinator = coordinatorWithDeviceGrant(
    () => assert.fail("The login continued"),
    { verification_uri: "https://cloud.arcade.dev/device" },
  );
  home.env = { ARCADE_COORDINATOR_URL: coordinator.url };
  const { code, stderr } = await home.run(["login", "--device"]);
  assert.equal(code, 1);
  assert.match(stderr, /mixes login addresses of Arcade Cloud with others/);
  assert.doesNotMatch(stderr, /AAAA-BBBB/);
});

for (const variable of ["CI", "CLAUDECODE", "GEMINI_CLI"] as const) {
  for (const args of [["login"], ["login", "--no-browser"]]) {
    Deno.test(`\`${args.join(" ")}\` fails at once with ${variable} and without a terminal`, async () => {
      await using playground = await InProcessArcade.start();
      const { code, stderr } = await playground.home.run(args, {
        env: { [variable]: "1" },
        browse: () => assert.fail("opened"),
      });
      assert.equal(code, 4, stderr);
      const expected = `Error: ${variable} is set and there is no terminal to complete the login`;
      assert(stderr.startsWith(`${expected}\n  Set ARCADE_API_KEY`), stderr);
      assert.deepEqual(playground.requests, []);
    });
  }
}

for (
  const [where, world] of [["without a terminal", {}], ["for an agent", {
    terminal: true,
  }]] as const
) {
  Deno.test(`\`login\` opens no browser ${where}, and gives a code`, async () => {
    await using playground = await InProcessArcade.start();
    const { code, stderr } = await playground.home.run(["login"], {
      env: { DISPLAY: ":0", ...("terminal" in world && { CURSOR_AGENT: "1" }) },
      browse: () => assert.fail("opened"),
      ...world,
    });
    assert.equal(code, 0, stderr);
    assert.match(stderr, /^Your code: /m);
  });
}

for (
  const [what, args, world] of [
    ["with --device", ["login", "--device"], { env: { CI: "true", BROWSER: "" } }],
    ["with --browser", LOGIN, { env: { CI: "true" } }],
    ["on a terminal", ["login"], { env: { CI: "true", BROWSER: "" }, terminal: true }],
    ["with CI=false", ["login"], { env: { CI: "false", BROWSER: "" } }],
  ] as const
) {
  Deno.test(`\`login\` in CI works ${what}`, async () => {
    await using playground = await InProcessArcade.start();
    const { code, stderr } = await playground.home.run(args, world);
    assert.equal(code, 0, stderr);
  });
}

Deno.test("private parts of a refusal that repeats the request are hidden", async () => {
  using home = new InProcess();
  await using coordinator = coordinatorWithDeviceGrant(({ body }) =>
    json({ error: "invalid_grant", error_description: `You sent ${body}` }, { status: 400 })
  );
  home.env = { ARCADE_COORDINATOR_URL: coordinator.url };
  const { code, stderr } = await home.run(["login", "--device", "--debug"]);
  assert.equal(code, 4);
  assert.match(stderr, /You sent .*device_code=\[hidden\]/);
  assert(!stderr.includes("CANARY"), stderr);
});

Deno.test("unusable tokens are revoked", async () => {
  using home = new InProcess();
  await using coordinator = coordinatorWithDeviceGrant(() =>
    json({
      access_token: "at",
      refresh_token: "rt",
      expires_in: 60,
      token_type: "Bearer",
      id_token: "not.a.jwt",
    })
  );
  home.env = { ARCADE_COORDINATOR_URL: coordinator.url };
  const { code } = await home.run(["login", "--device"]);
  assert.equal(code, 4);
  const revocation = coordinator.seen.find(({ path }) => path === "/revoke");
  assert.equal(new URLSearchParams(revocation?.body).get("token"), "rt");
  assert.deepEqual(home.files(), [".credentials.lock"]);
});

Deno.test("an endpoint without TLS is only used if it and the coordinator are on this machine", async () => {
  const names = Object.keys(oauthSettings("")).filter((name) => name.endsWith("_endpoint"));
  assert.equal(names.length, 4);
  const CASES = [
    ["https://x.example", "https://x.example", true],
    ["https://x.example", "http://x.example", false],
    ["https://x.example", "http://127.0.0.1:4444", false],
    ["http://localhost:8000", "http://127.0.0.1:4444", true], // Hydra beside a coordinator
    ["http://localhost:8000", "http://x.example", false],
  ] as const;
  for (const [coordinator, server, isAccepted] of CASES) {
    const settings = isAccepted ? [oauthSettings(server)] : names.map((name) => ({
      ...oauthSettings("https://x.example"),
      [name]: `${server}/x`,
    }));
    for (const one of settings) {
      const asked = fetchOAuthSettings(httpContext(() => json(one)), coordinator);
      if (isAccepted) assert.equal((await asked).token_endpoint, `${server}/token`);
      else await assert.rejects(asked, /offers a login address without TLS/);
    }
  }
});

Deno.test("the endpoints of a login belong to one server, and those of the cloud to its coordinator", async () => {
  const realm = "/realms/x/protocol/openid-connect";
  const accepted: [string, Record<string, string>][] = [
    ["https://arcade.example.com", oauthSettings("https://sso.example.com:8443")],
    ["https://arcade.example.com", oauthSettings(`https://sso.example.com${realm}`)], // Keycloak
    ["https://cloud.arcade.dev", oauthSettings("https://cloud.arcade.dev/oauth2")],
    ["https://cloud.arcade.dev", {
      ...oauthSettings("https://auth.arcade.dev"),
      token_endpoint: "https://cloud.arcade.dev/oauth2/token",
      device_authorization_endpoint: "", // an empty optional address counts as missing
    }],
  ];
  for (const [coordinator, settings] of accepted) {
    const got = await fetchOAuthSettings(httpContext(() => json(settings)), coordinator);
    assert.equal(got.token_endpoint, settings.token_endpoint);
  }
  const sso = oauthSettings("https://sso.example.com");
  const refused: [string, Record<string, string>][] = [
    ["https://arcade.example.com", oauthSettings("https://cloud.arcade.dev")],
    ["https://cloud.arcade.dev", sso],
    ["https://arcade.dev.example.com", oauthSettings("https://cloud.arcade.dev.")],
    ...Object.keys(sso).filter((name) => name.endsWith("_endpoint")).flatMap((name) =>
      ["https://sso.example.com:444", "https://evil.example", "https://cloud.arcade.dev"].map((
        other,
      ): [string, Record<string, string>] => [
        "https://arcade.example.com",
        { ...sso, [name]: `${other}/x` },
      ])
    ),
  ];
  for (const [coordinator, settings] of refused) {
    await assert.rejects(
      fetchOAuthSettings(httpContext(() => json(settings)), coordinator),
      /login addresses of (?:different servers|Arcade Cloud with others)/,
    );
  }
});

/** What a request needs, with a server that is never asked over the network. */
function httpContext(answer: () => Response): HttpContext {
  return {
    fetch: () => Promise.resolve(answer()),
    timeoutMs: () => 10_000,
    networkTime: new NetworkTime(() => 0),
    sleep: () => Promise.resolve(),
    random: () => 0.5,
    trace: undefined,
  };
}

Deno.test("`login` at a coordinator with TLS refuses a login address without TLS", async () => {
  using home = new InProcess();
  await using coordinator: Answers = new Answers(() => json(oauthSettings(coordinator.url)));
  home.env = { ARCADE_COORDINATOR_URL: "https://arcade.example" };
  const { code, stderr } = await home.run(LOGIN, {
    browse: () => assert.fail("opened"),
    fetch: (input, init) =>
      fetch(String(input).replace("https://arcade.example", coordinator.url), init),
  });
  assert.equal(code, 1);
  assert.match(stderr, /https:\/\/arcade\.example offers a login address without TLS/);
  assert.equal(coordinator.seen.length, 1);
});

/** URLs with which a browser starts a program, reads a file or runs code. */
const UNSAFE_URLS = [
  "file:///etc/passwd",
  "smb://127.0.0.1/share",
  "javascript:alert(1)",
  "java\nscript:alert(1)",
  "JAVASCRIPT:alert(1)",
  "data:text/html,<script>alert(1)</script>",
  "vscode://file/etc/passwd",
];

Deno.test("endpoints that are not http or https URLs are refused, and neither opened nor shown", async () => {
  for (const name of Object.keys(oauthSettings("")).filter((one) => one.endsWith("_endpoint"))) {
    for (const address of UNSAFE_URLS) {
      using home = new InProcess();
      await using coordinator: Answers = new Answers(() =>
        json({ ...oauthSettings(coordinator.url), [name]: address })
      );
      const { code, stdout, stderr } = await home.run(LOGIN, {
        env: { ARCADE_COORDINATOR_URL: coordinator.url },
        browse: () => assert.fail(`opened ${address}`),
      });
      assert.equal(code, 1, stderr);
      assert.match(stderr, new RegExp(`^Error: The coordinator's ${name} is not an http or https`));
      assert.equal(coordinator.seen.length, 1, "Another request was sent");
      assert(!`${stdout}${stderr}`.includes(address.slice(0, 5)), stderr);
    }
  }
});

Deno.test("verification addresses that are not http or https URLs are refused and not shown", async () => {
  for (const name of ["verification_uri", "verification_uri_complete"]) {
    for (const address of UNSAFE_URLS) {
      using home = new InProcess();
      await using coordinator = coordinatorWithDeviceGrant(
        () => assert.fail("The login continued"),
        { [name]: address },
      );
      const { code, stderr } = await home.run(["login", "--device"], {
        env: { ARCADE_COORDINATOR_URL: coordinator.url },
      });
      assert.equal(code, 1, stderr);
      assert.match(stderr, new RegExp(`^Error: The coordinator's ${name} is not an http or https`));
    }
  }
});

/** Longer than anything that a user would read or a browser would open. */
const LONG = "a".repeat(3_000_000);

Deno.test("addresses and names of a coordinator that are too long are refused and not shown", async () => {
  for (
    const [name, value, args] of [
      ["authorization_endpoint", (url: string) => `${url}/${LONG}`, LOGIN],
      ["token_endpoint", (url: string) => `${url}/${LONG}`, LOGIN],
      ["client_id", () => LONG, LOGIN],
      ["verification_uri", (url: string) => `${url}/${LONG}`, ["login", "--device"]],
      ["user_code", () => LONG, ["login", "--device"]],
    ] as const
  ) {
    using home = new InProcess();
    await using coordinator: Answers = new Answers(({ path }) => {
      const { url } = coordinator;
      const device = { device_code: "x", user_code: "A", verification_uri: url, expires_in: 600 };
      const known = path.endsWith("/cli_config") ? oauthSettings(url) : device;
      return json(name in known ? { ...known, [name]: value(url) } : known);
    });
    const { code, stdout, stderr } = await home.run(args, {
      env: { ARCADE_COORDINATOR_URL: coordinator.url },
      browse: () => assert.fail("opened"),
    });
    assert.equal(code, 1, name);
    assert.match(stderr, new RegExp(`^Error: .*${name}`), name);
    assert((stdout + stderr).length < 1000, name);
  }
});

Deno.test("`login` refuses DENO_SERVE_ADDRESS, which would make the runtime listen elsewhere", async () => {
  await using playground = await InProcessArcade.start();
  for (const address of ["tcp:0.0.0.0:0", "duplicate,tcp:0.0.0.0:0", "unix:/tmp/socket"]) {
    const { code, stderr } = await playground.home.run(LOGIN, {
      env: { DENO_SERVE_ADDRESS: address },
      browse: () => assert.fail("opened"),
    });
    assert.equal(code, 2);
    assert.match(
      stderr,
      /^Error: DENO_SERVE_ADDRESS .*127\.0\.0\.1.*\n {2}Unset DENO_SERVE_ADDRESS/,
    );
  }
});

Deno.test("`login` does not send tokens to another machine without encryption", async () => {
  using home = new InProcess();
  const { code, stderr } = await home.run(["login", "--host", "arcade.invalid", "--no-tls"]);
  assert.equal(code, 2);
  assert.match(stderr, /Refusing to send a token to http:\/\/arcade\.invalid without encryption/);
});

/** A coordinator with a device grant and the given token endpoint, but without accounts. */
function coordinatorWithDeviceGrant(
  token: (seen: Seen) => Response,
  device: Record<string, unknown> = {},
): Answers {
  return new Services((seen) => {
    switch (seen.path) {
      case "/device":
        return json({
          device_code: "CANARY",
          user_code: "AAAA-BBBB",
          verification_uri: "http://x/y",
          expires_in: 600,
          interval: 3,
          ...device,
        });
      case "/token":
        return token(seen);
      case "/api/v1/auth/whoami":
        return json({ message: "no" }, { status: 403 });
    }
  });
}

for (const context of [undefined, "second"]) {
  const flags = context === undefined ? [] : ["--context", context];
  Deno.test(`the hint after an expired login in the context ${context} leads to the same installation`, async () => {
    await using playground = await InProcessArcade.start();
    const { home, arcade } = playground;
    const first = await home.run([
      ...LOGIN,
      "--url",
      arcade.url,
      "--context",
      context ?? "default",
    ]);
    assert.equal(first.code, 0, first.stderr);
    home.env = {};
    home.write(home.read().replace(/arcl_(..)_[\w-]+/g, "arcl_$1_revoked"));
    const refused = await home.run(["secret", "list", ...flags]);
    assert.equal(refused.code, 4);
    assert.match(refused.stderr, new RegExp(`The login at ${arcade.url} has expired`));
    const [, hint = ""] = /Run `arcade (.*)`/.exec(refused.stderr) ?? [];
    assert.deepEqual(hint.split(" "), ["login", ...flags]);
    const again = await home.run([...hint.split(" "), "--callback-port", "0"]);
    assert.equal(again.code, 0, again.stderr);
    assert.equal((await home.run(["secret", "list", ...flags])).code, 0);
  });
}

Deno.test("`login` replaces a login that the server refuses even if its token has not expired", async () => {
  await using playground = await InProcessArcade.loggedIn();
  const { home } = playground;
  home.write(home.read().replace(/access_token: .*/g, "access_token: revoked"));
  home.write(home.read().replace(/refresh_token: .*/g, "refresh_token: ''"));
  const { code, stderr } = await home.run(LOGIN);
  assert.equal(code, 0, stderr);
  assert.match(stderr, /\nLogged in as/);
});

Deno.test("`login --url` without a scheme uses http on this machine", async () => {
  await using playground = await InProcessArcade.start();
  const { home, arcade } = playground;
  home.env = {};
  const { code, stderr } = await home.run([...LOGIN, "--url", new URL(arcade.url).host]);
  assert.equal(code, 0, stderr);
});

Deno.test("`login --url` never advises a flag that it refuses", async () => {
  using home = new InProcess();
  await using server = new Answers(() => json({}));
  const url = server.url.replace("http:", "https:");
  const { code, stderr } = await home.run([...LOGIN, "--url", url]);
  assert.notEqual(code, 0);
  assert.match(stderr, /does not use TLS\n {2}Check the port, or start the address with http:/);
});

for (const flags of [["--device"], []]) {
  Deno.test(`the page of a code on this machine is not for another device (${flags})`, async () => {
    await using playground = await InProcessArcade.start();
    const { home } = playground;
    const { stderr } = await home.run(["login", ...flags, "--timeout", "1"], {
      ...interruptedAt("Waiting for approval"),
      env: { BROWSER: "", SSH_TTY: "/dev/pts/1" },
    });
    assert.match(stderr, /pen this address in a browser on this machine and check the code/);
    assert.doesNotMatch(stderr, /(any|another) device/);
  });
}
