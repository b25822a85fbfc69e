import assert from "node:assert/strict";
import { isMapping } from "../../../src/contract/fields.ts";
import { call } from "../../local/harness.ts";
import { InProcess, InProcessArcade, type Ran } from "../../support/in_process.ts";

const ADA = "ada@example.com";

/** The status and the token of an authorization for scopes. */
async function ask({ arcade }: InProcessArcade, ...scopes: string[]) {
  const answer = await call(`${arcade.url}/v1/auth/authorize`, {
    method: "POST",
    token: arcade.environment.ARCADE_API_KEY ?? "",
    json: { user_id: ADA, auth_requirement: { provider_id: "github", oauth2: { scopes } } },
  });
  const context = answer.at("context");
  return {
    status: answer.at("status"),
    token: isMapping(context) ? String(context.token) : undefined,
  };
}

function succeeded({ code, stdout, stderr }: Ran): string {
  assert.equal(code, 0, stderr);
  return stdout;
}

Deno.test("`local grant` and `local revoke` change what a user has granted, without a login", async () => {
  await using arcade = await InProcessArcade.start();
  const { home } = arcade;
  const run = (...args: string[]) => home.run(["local", ...args]);
  const granted = await run("grant", ADA, "github", "--scope", "repo", "--scope", "gist");
  succeeded(granted);
  assert.equal(granted.stderr, `Granted github for ${ADA}: gist repo\n`);
  const { status, token } = await ask(arcade, "repo");
  assert.equal(status, "completed");
  assert(token !== undefined && !granted.stderr.includes(token));

  const more = succeeded(await run("grant", ADA, "github", "--scope", "user", "--json"));
  const { id, ...others } = JSON.parse(more);
  assert.match(id, /^uc_/);
  assert.deepEqual(others, {
    user_id: ADA,
    provider_id: "github",
    scopes: ["gist", "repo", "user"],
    expires_at: null,
    existing: [],
  });

  const one = await run("revoke", ADA, "github", "--scope", "repo");
  assert.equal(one.stderr, `Revoked github for ${ADA}: repo\n`);
  assert.equal((await ask(arcade, "repo")).status, "pending");
  assert.equal((await ask(arcade, "gist")).status, "completed");
  const all = JSON.parse(succeeded(await run("revoke", ADA, "github", "--json")));
  assert.deepEqual(all, {
    user_id: ADA,
    provider_id: "github",
    revoked: ["gist", "user"],
    missing: [],
  });
  assert.equal((await ask(arcade, "gist")).status, "pending");
  for (
    const [scope, what] of [[[], "has granted nothing"], [
      ["--scope", "repo"],
      "has not granted repo",
    ]] as const
  ) {
    const nothing = await run("revoke", ADA, "github", ...scope);
    assert.equal(nothing.code, 1);
    assert(nothing.stderr.startsWith(`Error: ${ADA} ${what} at github\n`), nothing.stderr);
  }
});

Deno.test("a grant with `--expires` ends after that time", async () => {
  let time = Date.UTC(2026, 10, 20);
  await using arcade = await InProcessArcade.start({ now: () => new Date(time) });
  const args = ["local", "grant", ADA, "github", "--scope", "repo", "--expires", "1m30s", "--json"];
  const { expires_at } = JSON.parse(succeeded(await arcade.home.run(args)));
  assert.equal(expires_at, "2026-11-20T00:01:30.000Z");
  assert.equal((await ask(arcade, "repo")).status, "completed");
  time += 90_000;
  assert.equal((await ask(arcade, "repo")).status, "pending");
});

Deno.test("`local grant` completes a pending authorization", async () => {
  await using arcade = await InProcessArcade.start();
  assert.equal((await ask(arcade, "repo")).status, "pending");
  succeeded(await arcade.home.run(["local", "grant", ADA, "github", "--scope", "repo"]));
  assert.equal((await ask(arcade, "repo")).status, "completed");
});

for (
  const [what, args] of [
    ["a user with a line break", ["a\nb", "github"]],
    ["a provider that is a path", [ADA, "a/b"]],
    ["two scopes in one", [ADA, "github", "--scope", "a b"]],
    ["a duration without a unit", [ADA, "github", "--expires", "60"]],
    ["no time", [ADA, "github", "--expires", "0s"]],
    ["a time without an end", [ADA, "github", "--expires", "999999999999d"]],
    ["one argument", [ADA]],
    ["three arguments", [ADA, "github", "repo"]],
  ] as const
) {
  Deno.test(`\`local grant\` refuses ${what} before it looks for a local Arcade`, async () => {
    using home = new InProcess();
    const { code, stderr } = await home.run(["local", "grant", ...args]);
    assert.equal(code, 2, stderr);
  });
}
