import assert from "node:assert/strict";
import { InProcess, InProcessArcade } from "../../support/in_process.ts";

Deno.test("`whoami` shows the stored login", async () => {
  using home = new InProcess();
  home.writeCredentials();
  const { code, stdout, stderr } = await home.run(["whoami"]);
  assert.equal(code, 0);
  assert.equal(
    stdout,
    [
      "Logged in as  someone@example.com",
      "Organization  First (org_1)",
      "Project       Only (proj_1)",
      "Context       default (Arcade Cloud)",
      "Coordinator   https://cloud.arcade.dev",
      "Engine        https://api.arcade.dev",
      "",
    ].join("\n"),
  );
  assert.equal(stderr, "");
});

Deno.test("`whoami --json` has stable keys", async () => {
  using home = new InProcess();
  home.writeCredentials();
  const { stdout } = await home.run(["whoami", "--json"]);
  assert.deepEqual(JSON.parse(stdout), {
    source: "login",
    coordinator_source: "login",
    identity: null,
    context: "default",
    kind: "cloud",
    email: "someone@example.com",
    coordinator_url: "https://cloud.arcade.dev",
    engine_url: "https://api.arcade.dev",
    engine_problem: null,
    accepted_by: null,
    dashboard_url: null,
    organization: { id: "org_1", name: "First" },
    project: { id: "proj_1", name: "Only" },
    token_expires_at: "2999-01-01T00:00:00.000Z",
  });
});

Deno.test("`whoami` works with an expired login and without an active project", async () => {
  using home = new InProcess();
  home.write(
    "cloud:\n  auth: { access_token: a, refresh_token: b, expires_at: '2020-01-01T00:00:00' }\n  user: { email: e@x }\n",
  );
  const { code, stdout } = await home.run(["whoami"]);
  assert.equal(code, 0);
  assert.match(stdout, /Project +none/);
  assert.equal(JSON.parse((await home.run(["whoami", "--json"])).stdout).project, null);
});

Deno.test("`whoami` escapes hostile names", async () => {
  using home = new InProcess();
  home.write(`cloud:
  auth: { access_token: a, refresh_token: b, expires_at: '2999-01-01T00:00:00' }
  user: { email: "e\\u001b[2J@x\\n\\u202e" }
  context: { org_id: o, org_name: "\\u009b31m", project_id: p, project_name: "\\r\\u0007" }
`);
  const { stdout } = await home.run(["whoami"]);
  // deno-lint-ignore no-control-regex
  assert.doesNotMatch(stdout, /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/);
  assert.equal(stdout.split("\n").length, 7);
});

for (
  const [title, env, engine] of [
    ["an API key", { ARCADE_API_KEY: "k" }, "https://api.arcade.dev"],
    [
      "an API key and its address",
      { ARCADE_API_KEY: "k", ARCADE_URL: "https://arcade.example" },
      "https://arcade.example",
    ],
    [
      "a token",
      { ARCADE_TOKEN: "t", ARCADE_ENGINE_URL: "http://127.0.0.1:9" },
      "http://127.0.0.1:9",
    ],
    [
      "a variable for an engine that the login is not for",
      { ARCADE_ENGINE_URL: "https://other.example" },
      "unknown: The login at https://cloud.example is for the engine https://engine.example, but " +
      "ARCADE_ENGINE_URL names https://other.example",
    ],
    ["the login", {}, "https://engine.example"],
  ] as const
) {
  Deno.test(`\`whoami\` shows the engine that receives requests, with ${title}`, async () => {
    using home = new InProcess();
    home.writeCredentials();
    home.moveLogin({ coordinator: "https://cloud.example", engine: "https://engine.example" });
    const { stdout } = await home.run(["whoami"], { env });
    assert.deepEqual(stdout.match(/^Engine +(.*)$/m)?.[1], engine);
    const { engine_url, engine_problem } = JSON.parse(
      (await home.run(["whoami", "--json"], { env })).stdout,
    );
    assert.equal(engine_url ?? `unknown: ${engine_problem}`, engine);
  });
}

Deno.test("`whoami` uses the network only with `--check`", async () => {
  await using playground = await InProcessArcade.loggedIn();
  const { home } = playground;
  assert.deepEqual((await home.run(["whoami"])).givenUp, ["write", "net", "run", "sys"]);
  const { code, stdout, givenUp } = await home.run(["whoami", "--check"]);
  assert.equal(code, 0);
  assert.deepEqual(givenUp, ["run", "sys"]);
  assert.match(stdout, new RegExp(`^Accepted by +${playground.arcade.url}$`, "m"));
});

Deno.test("`whoami --check` fails when the server refuses the login, and says how to log in again", async () => {
  await using playground = await InProcessArcade.loggedIn();
  const { home, arcade } = playground;
  home.write(home.read().replace(/arcl_(..)_[\w-]+/g, "arcl_$1_revoked"));
  const { code, stdout, stderr } = await home.run(["whoami", "--check"]);
  assert.equal(code, 4);
  assert.equal(stdout, "");
  assert.match(
    stderr,
    new RegExp(`The login at ${arcade.url} has expired.*\n  Run \`arcade login`),
  );
});

Deno.test("`whoami --check` asks the engine about an API key", async () => {
  await using playground = await InProcessArcade.start();
  const env = { ARCADE_API_KEY: "wrong", ARCADE_ENGINE_URL: playground.arcade.url };
  const { code, stderr } = await playground.home.run(["whoami", "--check"], { env });
  assert.equal(code, 4);
  assert.match(stderr, /rejected the token \(401\)[^]*Check ARCADE_API_KEY/);
});
