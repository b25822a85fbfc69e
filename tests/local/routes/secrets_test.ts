import assert from "node:assert/strict";
import * as fc from "fast-check";
import { readSecrets } from "../../../src/contract/secrets.ts";
import { apiKeyOf, call, fieldsOf, secretsUrl, signIn, start } from "../harness.ts";

const VALUE = "a-value-that-nobody-may-find-~zQ~";

async function listed(url: string, token: string) {
  const answer = await call(url, { token });
  assert.equal(answer.status, 200, answer.text);
  return readSecrets(fieldsOf(answer));
}

Deno.test("a secret is set, listed without its value, and deleted by its id", async () => {
  await using fixture = await start();
  const session = await signIn(fixture.url);
  const token = session.access;
  const url = secretsUrl(fixture.url, session);
  const set = await call(`${url}/API_KEY`, {
    method: "PUT",
    token,
    json: { description: "For tests", value: VALUE },
  });
  assert.equal(set.status, 200);
  assert(!set.text.includes(VALUE));
  const items = await listed(url, token);
  assert.deepEqual(items, [{
    id: set.textAt("id"),
    key: "API_KEY",
    binding: { type: "project" },
    description: "For tests",
    hint: "~zQ~",
    last_accessed_at: undefined,
    created_at: "2026-11-20T14:00:00.000Z",
  }]);
  assert.match(set.textAt("id"), /^sec_/);

  assert.equal((await call(`${url}/API_KEY`, { method: "DELETE", token })).status, 404);
  const byId = `${url}/${set.textAt("id")}`;
  const deleted = await call(byId, { method: "DELETE", token });
  assert.equal(deleted.status, 204);
  assert.equal(deleted.text, "");
  assert.equal((await call(byId, { method: "DELETE", token })).status, 404);
  assert.deepEqual(await listed(url, token), []);
});

Deno.test("setting a secret again keeps its id, time and an omitted description, and replaces its value", async () => {
  await using fixture = await start();
  const session = await signIn(fixture.url);
  const url = secretsUrl(fixture.url, session);
  const set = (json: unknown) => call(`${url}/KEY`, { method: "PUT", token: session.access, json });
  const first = await set({ description: "old", value: VALUE });
  fixture.pass(100);
  const second = await set({ value: "another-value-that-ends-in-9z9z" });
  assert.equal(second.at("id"), first.at("id"));
  assert.equal(second.at("created_at"), first.at("created_at"));
  assert.equal(second.at("description"), "old");
  assert.equal(second.at("hint"), "9z9z");
  assert.equal((await set({ value: VALUE, description: "new" })).at("description"), "new");
  assert.equal((await set({ value: VALUE, description: null })).at("description"), null);
  assert.equal((await listed(url, session.access)).length, 1);
});

Deno.test("the list has only the secrets of the project, ordered by key", async () => {
  await using fixture = await start();
  const session = await signIn(fixture.url);
  const token = session.access;
  const created = await call(`${fixture.url}/api/v1/orgs/${session.org}/projects`, {
    method: "POST",
    token,
    json: { name: "Other" },
  });
  const other = { ...session, project: created.textAt("data", "project_id") };
  const url = secretsUrl(fixture.url, session);
  for (const key of ["b", "C", "a.1", "A_2"]) {
    await call(`${url}/${key}`, { method: "PUT", token, json: { value: "v" } });
  }
  const otherUrl = secretsUrl(fixture.url, other);
  const set = await call(`${otherUrl}/b`, { method: "PUT", token, json: { value: "v" } });
  const keys = (await listed(url, token)).map(({ key }) => key);
  assert.deepEqual(keys, ["A_2", "C", "a.1", "b"]);
  assert.deepEqual((await listed(otherUrl, token)).map(({ key }) => key), ["b"]);
  const foreign = await call(`${url}/${set.textAt("id")}`, { method: "DELETE", token });
  assert.equal(foreign.status, 404);
});

Deno.test("only values of twelve characters or more have a hint", async () => {
  await using fixture = await start();
  const session = await signIn(fixture.url);
  const hints = new Map([["elevenchars", null], ["twelve-chars", "hars"], [
    "🔑".repeat(12),
    "🔑🔑🔑🔑",
  ], [
    "🔑".repeat(11),
    null,
  ]]);
  for (const [value, hint] of hints) {
    const url = `${secretsUrl(fixture.url, session)}/KEY`;
    const set = await call(url, { method: "PUT", token: session.access, json: { value } });
    assert.equal(set.at("hint"), hint, value);
  }
});

Deno.test("invalid keys and bodies are refused with 422 without repeating the value", async () => {
  await using fixture = await start();
  const session = await signIn(fixture.url);
  const token = session.access;
  const url = secretsUrl(fixture.url, session);
  const put = (key: string, json: unknown) => call(`${url}/${key}`, { method: "PUT", token, json });
  for (const key of ["a%20b", "%C3%A9", "a%2Fb", "a%0A", "x".repeat(257), "%"]) {
    assert.equal((await put(key, { value: VALUE })).status, 422, key);
  }
  assert.equal((await put("x".repeat(256), { value: VALUE })).status, 200);
  const bodies = [
    {},
    [],
    null,
    { value: "" },
    { value: 5 },
    { value: [VALUE] },
    { value: VALUE, description: 5 },
    { value: VALUE, description: "d".repeat(1001) },
    { value: "x".repeat(5001) },
    { value: "C\0A\0" },
  ];
  for (const body of bodies) {
    const answer = await put("KEY", body);
    assert.equal(answer.status, 422, JSON.stringify(body)?.slice(0, 100));
    assert(!answer.text.includes(VALUE));
    assert.equal(typeof answer.at("message"), "string");
  }
  assert.equal((await put("KEY", { value: "😀".repeat(5000) })).status, 200);
});

Deno.test("a body over 2 MiB is refused with 413, with and without Content-Length", async () => {
  await using fixture = await start();
  const session = await signIn(fixture.url);
  const url = `${secretsUrl(fixture.url, session)}/KEY`;
  const json = { value: "x".repeat(2 * 1024 * 1024) };
  const withLength = await call(url, { method: "PUT", token: session.access, json });
  assert.equal(withLength.status, 413);
  const body = new Blob([JSON.stringify(json)]).stream();
  const headers = { authorization: `Bearer ${session.access}` };
  const withoutLength = await fetch(url, { method: "PUT", headers, body });
  assert.equal(withoutLength.status, 413);
  await withoutLength.body?.cancel();
  assert.deepEqual(await listed(secretsUrl(fixture.url, session), session.access), []);
});

Deno.test("an API key gives access to its own project only, with and without the project in the path", async () => {
  await using fixture = await start();
  const ada = await signIn(fixture.url, "ada@example.com");
  const bob = await signIn(fixture.url, "bob@example.com");
  const token = await apiKeyOf(fixture.url, ada);
  const scoped = secretsUrl(fixture.url, ada);
  const unscoped = `${fixture.url}/v1/admin/secrets`;
  const set = await call(`${unscoped}/KEY`, { method: "PUT", token, json: { value: VALUE } });
  assert.equal(set.status, 200);
  assert.deepEqual(await listed(unscoped, token), await listed(scoped, token));
  assert.deepEqual(await listed(scoped, ada.access), await listed(scoped, token));
  assert.equal((await call(secretsUrl(fixture.url, bob), { token })).status, 403);
  const mixed = { ...ada, org: bob.org };
  assert.equal((await call(secretsUrl(fixture.url, mixed), { token })).status, 403);
  const created = await call(`${fixture.url}/api/v1/orgs/${ada.org}/projects`, {
    method: "POST",
    token: ada.access,
    json: { name: "Other" },
  });
  const sibling = { ...ada, project: created.textAt("data", "project_id") };
  assert.equal((await call(secretsUrl(fixture.url, sibling), { token })).status, 403);
  assert.equal((await call(unscoped, { token: ada.access })).status, 401);
  const remove = { method: "DELETE", token };
  assert.equal((await call(`${unscoped}/${set.textAt("id")}`, remove)).status, 204);
});

Deno.test("another account's secrets are inaccessible", async () => {
  await using fixture = await start();
  const ada = await signIn(fixture.url, "ada@example.com");
  const bob = await signIn(fixture.url, "bob@example.com");
  const token = ada.access;
  assert.equal((await call(secretsUrl(fixture.url, bob), { token })).status, 403);
  const foreignProject = { ...bob, org: ada.org };
  assert.equal((await call(secretsUrl(fixture.url, foreignProject), { token })).status, 404);
});

Deno.test("keys of allowed characters are accepted unchanged, and all others refused", async () => {
  await using fixture = await start();
  const session = await signIn(fixture.url);
  const url = secretsUrl(fixture.url, session);
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: "binary", minLength: 1, maxLength: 20 }), async (key) => {
      // These cannot be a path segment of a URL.
      fc.pre(key !== "." && key !== ".." && key.isWellFormed());
      const set = await call(`${url}/${encodeURIComponent(key)}`, {
        method: "PUT",
        token: session.access,
        json: { value: VALUE },
      });
      if (/^[A-Za-z0-9_.-]+$/.test(key)) assert.equal(set.at("key"), key);
      else assert.equal(set.status, 422);
    }),
    { numRuns: 60, examples: [["A-b_c.9"], ["a\n"], ["../x"], ["\u0000"]] },
  );
});
