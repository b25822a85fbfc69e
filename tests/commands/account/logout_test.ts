import assert from "node:assert/strict";
import { Answers, json } from "../../support/answers.ts";
import { InProcess, InProcessArcade } from "../../support/in_process.ts";

Deno.test("`logout` removes the credentials and revokes the refresh token", async () => {
  await using playground = await InProcessArcade.loggedIn();
  const refreshToken = /refresh_token: (\S+)/.exec(playground.home.read())?.[1] ?? "";
  const { code, stderr } = await playground.home.run(["logout"]);
  assert.equal(code, 0);
  assert.equal(stderr, "Logged out developer@arcade.local\n");
  assert.deepEqual(playground.home.files(), [".credentials.lock"]);
  const response = await fetch(`${playground.arcade.url}/oauth2/token`, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "refresh_token",
      refresh_token: refreshToken,
      client_id: "arcade-cli",
    }),
  });
  assert.equal(response.status, 400, "The refresh token still works");
  await response.body?.cancel();
});

Deno.test("`logout` without a login does nothing", async () => {
  using home = new InProcess();
  const { code, stderr } = await home.run(["logout"]);
  assert.equal(code, 0);
  assert.match(stderr, /Already logged out/);
});

Deno.test("`logout` deletes the older kind of credentials", async () => {
  using home = new InProcess();
  home.write("cloud:\n  api:\n    key: arc_legacy\n");
  const { code, stderr } = await home.run(["logout"]);
  assert.equal(code, 0);
  assert.match(stderr, /key was deleted/);
  assert.deepEqual(home.files(), [".credentials.lock"]);
});

Deno.test("`logout` removes the credentials even if the coordinator is unreachable", async () => {
  using home = new InProcess();
  home.writeCredentials({ coordinatorUrl: "http://arcade.invalid" });
  const { code, stderr } = await home.run(["logout"]);
  assert.equal(code, 0);
  assert.match(
    stderr,
    /Logged out someone@example.com\nWarning: Could not revoke the login at the coordinator/,
  );
  assert.deepEqual(home.files(), [".credentials.lock"]);
});

Deno.test("`logout` waits at most two seconds for a silent coordinator", async () => {
  using home = new InProcess();
  const ended = Promise.withResolvers<Response>();
  await using server = new Answers(() => ended.promise);
  home.writeCredentials({ coordinatorUrl: server.url });
  // Without this limit the HTTP timeout of the test, 10 s, and its retries would apply.
  const { code, stderr } = await home.run(["logout", "--debug"]);
  assert.equal(code, 0);
  assert.match(stderr, /did not answer within 2 s/);
  ended.resolve(json({}));
});

Deno.test("`logout` reports a corrupt file", async () => {
  using home = new InProcess();
  home.write("cloud: [CANARY");
  const { code, stderr } = await home.run(["logout"]);
  assert.equal(code, 1);
  assert.match(stderr, /is corrupt/);
  assert(!stderr.includes("CANARY"));
  assert.equal(home.read(), "cloud: [CANARY");
});
