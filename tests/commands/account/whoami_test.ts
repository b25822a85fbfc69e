import assert from "node:assert/strict";
import { InProcess } from "../../support/in_process.ts";

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
