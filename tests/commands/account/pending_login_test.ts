import assert from "node:assert/strict";
import { Answers, json, type Seen } from "../../support/answers.ts";
import { errorIn } from "../../support/error_object.ts";
import { InProcess, InProcessArcade } from "../../support/in_process.ts";
import { assertMode } from "../../support/modes.ts";
import { oauthSettings, Services } from "../../support/services.ts";
import { challengeOf } from "../../local/harness.ts";

const PENDING = json({ error: "authorization_pending" }, { status: 400 });
const NOW = new Date("2026-11-20T12:00:00Z");
const LATER = new Date("2026-11-20T12:09:00Z");
const TOO_LATE = new Date("2026-11-20T12:10:01Z");

/** A coordinator with device codes, whose token endpoint answers as `tokens` says. */
function coordinatorWith(tokens: (seen: Seen) => Response): Answers {
  let codes = 0;
  return new Services((seen) => {
    switch (seen.path) {
      case "/device":
        codes++;
        return json({
          device_code: `CANARY-${codes}`,
          user_code: `AAAA-000${codes}`,
          verification_uri: "http://x/y",
          expires_in: 600,
          interval: 3,
        });
      case "/token":
        return tokens(seen);
      case "/api/v1/auth/whoami":
        return json({
          data: { account_id: "a", email: "ada@example.com", organizations: [], projects: [] },
        });
    }
  });
}

const TOKENS = () =>
  json({ access_token: "at", refresh_token: "rt", expires_in: 3600, token_type: "Bearer" });

/** A home that logs in at a coordinator. */
function homeAt(coordinator: Answers): InProcess {
  const home = new InProcess();
  home.env = { ARCADE_COORDINATOR_URL: coordinator.url };
  return home;
}

function pendingFile(home: InProcess): string {
  return `${home.folder}/credentials-pending.json`;
}

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

const at = (now: Date) => ({ now: () => now });

Deno.test("`login --no-wait` prints a page and a code and exits, and `--resume` finishes the login", async () => {
  const answers = [PENDING.clone(), json({ error: "slow_down" }, { status: 400 }), TOKENS()];
  await using coordinator = coordinatorWith(() => answers.shift() ?? assert.fail("asked again"));
  using home = homeAt(coordinator);

  const begun = await home.run(["login", "--no-wait"], at(NOW));
  assert.equal(begun.code, 0, begun.stderr);
  assert.equal(begun.stdout, "Page          http://x/y\nCode          AAAA-0001\n");
  assert.match(begun.stderr, /finish the login with `arcade login --resume --context default`\n$/);
  assert(!exists(home.credentials));
  assertMode(pendingFile(home), 0o600);

  for (let i = 0; i < 2; i++) {
    const { code, stdout, stderr } = await home.run(["login", "--resume", "--json"], at(NOW));
    assert.deepEqual([code, stdout], [4, ""]);
    const { message, next, retryable } = errorIn(stderr);
    assert.equal(message, "The login is not approved yet");
    assert.match(next ?? "", /^Open http:\/\/x\/y and check the code AAAA-0001, then run/);
    assert(retryable);
  }

  const resumed = await home.run(["login", "--resume", "--json"], at(LATER));
  assert.equal(resumed.code, 0, resumed.stderr);
  assert.equal(JSON.parse(resumed.stdout).email, "ada@example.com");
  assert.equal(JSON.parse(resumed.stdout).context, "default");
  assert.match(home.read(), /access_token: at/);
  assert(!exists(pendingFile(home)));
  // Its verifier belongs to the challenge of the first request (RFC 7636).
  const formOf = (path: string) =>
    new URLSearchParams(coordinator.seen.findLast((seen) => seen.path === path)?.body);
  assert.equal(formOf("/token").get("device_code"), "CANARY-1");
  assert.equal(
    formOf("/device").get("code_challenge"),
    challengeOf(formOf("/token").get("code_verifier") ?? ""),
  );
});

Deno.test("`login --no-wait --json` has everything that a program shows its user", async () => {
  await using coordinator = coordinatorWith(() => assert.fail("asked for tokens"));
  using home = homeAt(coordinator);
  // A coding agent can start a login, because it does not wait for a user.
  const { code, stdout } = await home.run(["login", "--no-wait"], {
    ...at(NOW),
    env: { CLAUDECODE: "1", ARCADE_OUTPUT: "json" },
  });
  assert.equal(code, 0);
  assert.deepEqual(JSON.parse(stdout), {
    context: "default",
    coordinator_url: coordinator.url,
    url: "http://x/y",
    code: "AAAA-0001",
    expires_at: "2026-11-20T12:10:00.000Z",
  });
});

Deno.test("`login --resume` waits with --timeout, and on a terminal", async () => {
  for (const world of [{ args: ["--timeout", "60"] }, { args: [], terminal: true }]) {
    const answers = [PENDING.clone(), PENDING.clone(), TOKENS()];
    await using coordinator = coordinatorWith(() => answers.shift() ?? assert.fail("asked again"));
    using home = homeAt(coordinator);
    await home.run(["login", "--no-wait"], at(NOW));
    const { code, stderr, pauses } = await home.run(["login", "--resume", ...world.args], {
      ...at(NOW),
      terminal: world.terminal ?? false,
    });
    assert.equal(code, 0, stderr);
    assert.deepEqual(pauses, [3000, 3000]);
  }
});

for (
  const [what, error, message] of [
    ["denied", "access_denied", /The login was denied/],
    ["expired at the server", "expired_token", /The login code has expired/],
    ["used already", "invalid_grant", /The server refused the login/],
  ] as const
) {
  Deno.test(`a login that is ${what} is forgotten`, async () => {
    await using coordinator = coordinatorWith(() => json({ error }, { status: 400 }));
    using home = homeAt(coordinator);
    await home.run(["login", "--no-wait"], at(NOW));
    const { code, stderr } = await home.run(["login", "--resume"], at(NOW));
    assert.equal(code, 4);
    assert.match(stderr, message);
    assert(!exists(pendingFile(home)));
  });
}

Deno.test("a code that has expired is not sent, and is removed", async () => {
  await using coordinator = coordinatorWith(() => assert.fail("asked for tokens"));
  using home = homeAt(coordinator);
  await home.run(["login", "--no-wait"], at(NOW));
  const { code, stderr } = await home.run(["login", "--resume"], at(TOO_LATE));
  assert.equal(code, 4);
  assert.match(stderr, /The login code has expired\n {2}Start one with `arcade login --no-wait`/);
  assert(!exists(pendingFile(home)));
  assert.match((await home.run(["login", "--resume"])).stderr, /No login is pending/);
});

Deno.test("a login stays pending after an outage, Ctrl-C and a timeout", async () => {
  const answers = [new Response(null, { status: 502 }), PENDING.clone(), TOKENS()];
  await using coordinator = coordinatorWith(() => answers.shift() ?? PENDING.clone());
  using home = homeAt(coordinator);
  await home.run(["login", "--no-wait"], at(NOW));
  assert.notEqual((await home.run(["login", "--resume"], at(NOW))).code, 0);
  const late = await home.run(["login", "--resume", "--timeout", "1"], {
    ...at(NOW),
    sleep: (_milliseconds, signal) =>
      new Promise((_resolve, reject) => {
        signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
      }),
  });
  assert.match(late.stderr, /Login timed out after 1 s/);
  assert.equal((await home.run(["login", "--resume"], at(NOW))).code, 0);
});

Deno.test("two logins can be pending for two contexts", async () => {
  await using coordinator = coordinatorWith(TOKENS);
  using home = homeAt(coordinator);
  for (const name of ["one", "two"]) {
    assert.equal((await home.run(["login", "--no-wait", "--context", name], at(NOW))).code, 0);
  }
  const which = await home.run(["login", "--resume"], at(NOW));
  assert.equal(which.code, 2);
  assert.match(which.stderr, /Several logins are pending\n {2}Name one with `--context`: one, two/);
  assert.equal((await home.run(["login", "--resume", "--context", "two"], at(NOW))).code, 0);
  const asked = coordinator.seen.findLast(({ path }) => path === "/token");
  assert.equal(new URLSearchParams(asked?.body).get("device_code"), "CANARY-2");
  assert.equal((await home.run(["login", "--resume"], at(NOW))).code, 0);
  const { stdout } = await home.run(["context", "list", "--json"]);
  const names = JSON.parse(stdout).contexts.map(({ name }: { name: string }) => name);
  assert.deepEqual(names.sort(), ["one", "two"]);
});

Deno.test("starting again replaces the pending login of the same context", async () => {
  await using coordinator = coordinatorWith(TOKENS);
  using home = homeAt(coordinator);
  for (let i = 0; i < 2; i++) await home.run(["login", "--no-wait"], at(NOW));
  assert.equal((await home.run(["login", "--resume"], at(NOW))).code, 0);
  const asked = coordinator.seen.find(({ path }) => path === "/token");
  assert.equal(new URLSearchParams(asked?.body).get("device_code"), "CANARY-2");
});

Deno.test("logging out, or logging in another way, forgets the pending login of that context", async () => {
  await using playground = await InProcessArcade.loggedIn();
  const { home } = playground;
  for (const end of [["logout"], ["login", "--device"]]) {
    await home.run(["logout"]);
    assert.equal((await home.run(["login", "--no-wait"])).code, 0);
    if (end[0] === "logout") await playground.logIn();
    else assert(exists(pendingFile(home)));
    await home.run(end);
    assert(!exists(pendingFile(home)), end.join(" "));
  }
});

Deno.test("the code is sent only to the server that issued it", async () => {
  await using other = new Answers(() => assert.fail("The code was sent elsewhere"));
  let isMoved = false;
  await using coordinator: Services = new Services(({ path }) => {
    if (path.endsWith("/cli_config")) {
      return json(oauthSettings(isMoved ? other.url : coordinator.url));
    }
    if (path === "/device") {
      return json({
        device_code: "CANARY",
        user_code: "AAAA-BBBB",
        verification_uri: "http://x/y",
        expires_in: 600,
      });
    }
  });
  using home = homeAt(coordinator);
  await home.run(["login", "--no-wait"]);
  isMoved = true;
  const { code, stderr } = await home.run(["login", "--resume"]);
  assert.equal(code, 1);
  assert.match(stderr, /now names .* for logins/);
});

Deno.test("a login that was started at a local Arcade is not sent to a program that takes its port", async () => {
  using home = new InProcess();
  let port: number;
  {
    await using playground = await InProcessArcade.start({ alsoFor: [home] });
    port = Number(new URL(playground.arcade.url).port);
    const { code, stderr } = await home.run(["login", "--no-wait", "--url", playground.arcade.url]);
    assert.equal(code, 0, stderr);
  }
  await using stranger = new Answers(() => assert.fail("A stranger was asked"), { port });
  const { code, stderr } = await home.run(["login", "--resume"]);
  assert.equal(code, 7, stderr);
  assert.deepEqual(stranger.seen, []);
});

Deno.test("a coordinator without codes is named", async () => {
  await using coordinator: Services = new Services(({ path }) => {
    const { device_authorization_endpoint: _none, ...settings } = oauthSettings(coordinator.url);
    return path.endsWith("/cli_config") ? json(settings) : undefined;
  });
  using home = homeAt(coordinator);
  const { code, stderr } = await home.run(["login", "--no-wait"]);
  assert.equal(code, 1);
  assert.match(stderr, /does not support login with a code/);
});

/** Contents that are not a list of logins, or have invalid fields. */
const HOSTILE: Readonly<Record<string, (content: string) => string>> = {
  "no JSON": () => "CANARY {",
  "a list": () => "[]",
  "a deep one": () => "[".repeat(100_000),
  "a number as a code": (content) => content.replace(/"CANARY-1"/, "1"),
  "another scheme": (content) => content.replace(/"http:\/\/127[^"]*"/, '"file:///etc/passwd"'),
  "a page for a shell": (content) => content.replace('"http://x/y"', '"javascript:CANARY"'),
  "a time that is none": (content) => content.replace(/"2026-[^"]*"/, '"soon CANARY"'),
};
for (const [what, change] of Object.entries(HOSTILE)) {
  Deno.test(`a file of pending logins with ${what} is refused, and does not affect other logins`, async () => {
    await using coordinator = coordinatorWith(TOKENS);
    using home = homeAt(coordinator);
    await home.run(["login", "--no-wait"], at(NOW));
    const path = pendingFile(home);
    Deno.writeTextFileSync(path, change(Deno.readTextFileSync(path)));
    for (const flag of ["--resume", "--no-wait"]) {
      const { code, stdout, stderr } = await home.run(["login", flag], at(NOW));
      assert.deepEqual([code, stdout], [1, ""]);
      assert.match(
        stderr,
        /credentials-pending\.json is corrupt\n {2}Remove it with `rm /,
      );
      assert.doesNotMatch(stderr, /CANARY/);
    }
    const { code, stderr } = await home.run(["login", "--device"], at(NOW));
    assert.equal(code, 0, stderr);
    assert.match(stderr, /^Warning: .*is corrupt$/m);
    assert.equal((await home.run(["logout"], at(NOW))).code, 0);
  });
}

Deno.test({
  name: "a link at the path of the file of pending logins is not followed",
  ignore: Deno.build.os === "windows",
}, async () => {
  await using coordinator = coordinatorWith(TOKENS);
  using home = homeAt(coordinator);
  await home.run(["login", "--no-wait"], at(NOW));
  const elsewhere = `${home.path}/elsewhere`;
  Deno.renameSync(pendingFile(home), elsewhere);
  Deno.symlinkSync(elsewhere, pendingFile(home));
  const before = Deno.readTextFileSync(elsewhere);
  for (const flag of ["--resume", "--no-wait"]) {
    const { code, stderr } = await home.run(["login", flag], at(NOW));
    assert.equal(code, 1);
    assert.match(stderr, /is a symlink, where a private file is expected/);
  }
  assert.equal(Deno.readTextFileSync(elsewhere), before);
});

Deno.test("the services of an installation must belong together when a login is resumed", async () => {
  await using playground = await InProcessArcade.start();
  const { home, arcade } = playground;
  home.env = {};
  const begun = await home.run(["login", "--no-wait", "--url", arcade.url, "--context", "x"]);
  assert.equal(begun.code, 0, begun.stderr);
  const path = pendingFile(home);
  const content = Deno.readTextFileSync(path);
  const changed = content.replace(
    /"engine_url": "[^"]*"/,
    '"engine_url": "https://api.arcade.dev"',
  );
  assert.notEqual(changed, content);
  Deno.writeTextFileSync(path, changed);
  const { code, stderr } = await home.run(["login", "--resume"]);
  assert.equal(code, 1);
  assert.match(stderr, /mixes services of Arcade Cloud with others/);
  Deno.writeTextFileSync(path, content);
  assert.equal((await home.run(["login", "--resume"])).code, 0);
  assert.match(home.read(), /engine_url: http:\/\/127/);
});
