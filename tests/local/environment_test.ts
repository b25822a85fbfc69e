import assert from "node:assert/strict";
import { call, signIn, start } from "./harness.ts";

Deno.test("the API key of the variables stays the same at the next start, as long as it is valid", async () => {
  await using fixture = await start();
  const key = () => fixture.arcade.environment.ARCADE_API_KEY ?? "";
  const first = key();
  await fixture.restart();
  assert.equal(key(), first);
  assert.equal((await call(`${fixture.url}/v1/admin/secrets`, { token: first })).status, 200);
  await Deno.writeTextFile(`${fixture.dataDir}/env.json`, "{");
  await fixture.restart();
  assert.notEqual(key(), first);
});

Deno.test("the API key is for the project that a login picks", async () => {
  await using fixture = await start();
  const { org, project } = await signIn(fixture.url, "developer@arcade.local");
  const { ARCADE_API_KEY: token = "", ARCADE_USER_ID: user } = fixture.arcade.environment;
  assert.equal(user, "developer@arcade.local");
  const scoped = `${fixture.url}/v1/orgs/${org}/projects/${project}/secrets`;
  assert.equal((await call(scoped, { token })).status, 200);
});
