import assert from "node:assert/strict";
import { readAccount, readOrganizations, readProjects } from "../../../src/contract/coordinator.ts";
import { apiKeyOf, call, fieldsOf, signIn, start, whoAmI } from "../harness.ts";

Deno.test("clients can parse the responses", async () => {
  await using fixture = await start();
  const { access, org } = await signIn(fixture.url);
  const who = readAccount(fieldsOf(await whoAmI(fixture.url, access)));
  assert.equal(who.email, "ada@example.com");
  const orgs = await call(`${fixture.url}/api/v1/orgs`, { token: access });
  assert.deepEqual(readOrganizations(fieldsOf(orgs)), who.organizations);
  const projects = await call(`${fixture.url}/api/v1/orgs/${org}/projects`, { token: access });
  assert.deepEqual(readProjects(fieldsOf(projects)), who.projects);
});

Deno.test("a new organization has a default project, and the old default stays first", async () => {
  await using fixture = await start();
  const { access: token, org } = await signIn(fixture.url);
  const orgs = `${fixture.url}/api/v1/orgs`;
  const created = await call(orgs, { method: "POST", token, json: { name: " A new one " } });
  assert.equal(created.status, 201);
  assert.equal(created.at("data", "name"), "A new one");
  const id = created.textAt("data", "organization_id");
  const projects = await call(`${orgs}/${id}/projects`, { token });
  assert.equal(projects.at("data", "items", "length"), 1);
  assert.equal(projects.at("data", "items", 0, "name"), "Default project");
  assert.equal(projects.at("data", "items", 0, "is_default"), true);
  const all = await call(orgs, { token });
  assert.equal(all.at("data", "items", 0, "organization_id"), org);
  assert.equal(all.at("data", "items", 1, "organization_id"), id);
  assert.equal(all.at("data", "items", 1, "is_default"), false);
});

Deno.test("a project can be created", async () => {
  await using fixture = await start();
  const { access: token, org } = await signIn(fixture.url);
  const url = `${fixture.url}/api/v1/orgs/${org}/projects`;
  const created = await call(url, { method: "POST", token, json: { name: "Search" } });
  assert.equal(created.status, 201);
  assert.equal(created.at("data", "is_default"), false);
  const projects = await call(url, { token });
  const found = projects.at("data", "items", 1, "project_id");
  assert.equal(found, created.at("data", "project_id"));
});

Deno.test("invalid names are refused with 422", async () => {
  await using fixture = await start();
  const { access: token, org } = await signIn(fixture.url);
  const bodies = [{}, [], null, { name: "" }, { name: "  " }, { name: 1 }, { name: "a\nb" }, {
    name: "x".repeat(101),
  }];
  for (const url of [`${fixture.url}/api/v1/orgs`, `${fixture.url}/api/v1/orgs/${org}/projects`]) {
    for (const json of bodies) {
      const answer = await call(url, { method: "POST", token, json });
      assert.equal(answer.status, 422, JSON.stringify(json));
      assert.equal(typeof answer.at("message"), "string");
    }
    const headers = { authorization: `Bearer ${token}` };
    const broken = await fetch(url, { method: "POST", headers, body: "{" });
    assert.equal(broken.status, 422);
    await broken.body?.cancel();
  }
});

Deno.test("another account's organization and an unknown one are refused with the same message", async () => {
  await using fixture = await start();
  const { access: token } = await signIn(fixture.url, "ada@example.com");
  const bob = await signIn(fixture.url, "bob@example.com");
  const orgs = `${fixture.url}/api/v1/orgs`;
  for (const path of ["/projects", `/projects/${bob.project}/api_keys`]) {
    const method = path === "/projects" ? "GET" : "POST";
    const foreign = await call(`${orgs}/${bob.org}${path}`, { method, token });
    const unknown = await call(`${orgs}/${crypto.randomUUID()}${path}`, { method, token });
    assert.equal(foreign.status, 403);
    assert.equal(unknown.status, 403);
    assert.equal(foreign.text, unknown.text);
  }
});

Deno.test("an API key can be created only for a project of the organization", async () => {
  await using fixture = await start();
  const ada = await signIn(fixture.url, "ada@example.com");
  const bob = await signIn(fixture.url, "bob@example.com");
  const url = `${fixture.url}/api/v1/orgs/${ada.org}/projects/${bob.project}/api_keys`;
  const answer = await call(url, { method: "POST", token: ada.access });
  assert.equal(answer.status, 404);
});

Deno.test("an API key identifies its account, but is not an access token", async () => {
  await using fixture = await start();
  const session = await signIn(fixture.url);
  const key = await apiKeyOf(fixture.url, session);
  assert.match(key, /^arc_local_[\w-]{43}$/);
  const validate = `${fixture.url}/api/v1/auth/validate`;
  const valid = await call(validate, { token: key });
  assert.deepEqual(valid.at(), { data: { principal_id: session.account } });
  assert.equal((await call(validate, { token: `${key}x` })).status, 401);
  assert.equal((await call(validate, { token: session.access })).status, 401);
  assert.equal((await whoAmI(fixture.url, key)).status, 401);
});

Deno.test("without a valid token every endpoint asks for a Bearer token", async () => {
  await using fixture = await start();
  const paths = [
    "/api/v1/auth/whoami",
    "/api/v1/auth/validate",
    "/api/v1/orgs",
    "/api/v1/orgs/x/projects",
    "/v1/orgs/x/projects/y/secrets",
    "/v1/admin/secrets",
  ];
  for (const path of paths) {
    const values = ["", "Bearer", "bearer", "Basic YTpi", "Digest a=b", "a b", "a,b"];
    for (const authorization of [undefined, ...values]) {
      const headers: HeadersInit = authorization === undefined ? {} : { authorization };
      const answer = await call(fixture.url + path, { headers });
      assert.equal(answer.status, 401, path);
      assert.equal(answer.headers.get("www-authenticate"), "Bearer");
      assert.equal(typeof answer.at("message"), "string");
    }
  }
});

Deno.test("a token is accepted with the scheme Bearer, or bare as the SDKs send it", async () => {
  await using fixture = await start();
  const session = await signIn(fixture.url);
  const key = await apiKeyOf(fixture.url, session);
  const scope = `/v1/orgs/${session.org}/projects/${session.project}/secrets`;
  const tokens = {
    "/api/v1/auth/whoami": [session.access],
    "/api/v1/auth/validate": [key],
    "/api/v1/orgs": [session.access],
    "/v1/admin/secrets": [key],
    [scope]: [session.access, key],
  };
  for (const [path, accepted] of Object.entries(tokens)) {
    for (const token of accepted) {
      const status = async (authorization: string) =>
        (await call(fixture.url + path, { headers: { authorization } })).status;
      for (const prefix of ["", "Bearer ", "bearer   "]) {
        assert.equal(await status(prefix + token), 200, `${prefix}${path}`);
        assert.equal(await status(`${prefix}${token}x`), 401, `${prefix}${path}`);
      }
      for (const other of [`Basic ${token}`, `Token ${token}`, `${token} ${token}`]) {
        assert.equal(await status(other), 401, path);
      }
    }
  }
});
