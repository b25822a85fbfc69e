import assert from "node:assert/strict";
import * as fc from "fast-check";
import { Sensitive } from "../../../src/secrecy/sensitive.ts";
import {
  apiKeyOf,
  authorizeUrl,
  call,
  codeFor,
  post,
  rowCounts,
  secretsUrl,
  signIn,
  start,
} from "../harness.ts";

const VALUE = "a-value-that-nobody-may-find-~zQ~";

Deno.test("the dashboard shows everything but values and hints", async () => {
  await using fixture = await start();
  const { url } = fixture;
  const empty = (await call(url)).text;
  assert(empty.includes("developer@arcade.local"));
  assert(empty.includes(`<code>arcade login --url ${url}</code>`));
  const session = await signIn(url);
  const json = { value: VALUE, description: "For <tests>" };
  await call(`${secretsUrl(url, session)}/KEY`, { method: "PUT", token: session.access, json });
  const pages = [await call(url), await call(`${url}/projects/${session.project}`)] as const;
  const both = ["ada@example.com", "Default organization", "Default project", session.project];
  const shown = [both, [...both, "KEY", "For &lt;tests&gt;", session.org, "2026-11-20"]] as const;
  for (const [at, page] of pages.entries()) {
    for (const text of shown[at] ?? []) assert(page.text.includes(text), text);
    for (const text of [VALUE, "~zQ~", session.access, session.refresh]) {
      assert(!page.text.includes(text));
    }
    assert(!page.text.includes("<script"));
  }
});

Deno.test("the first page counts what each project has, and leads to its page", async () => {
  await using fixture = await start();
  const { url } = fixture;
  const session = await signIn(url);
  const { project, access: token } = session;
  for (const key of ["A", "B"]) {
    const secret = `${secretsUrl(url, session)}/${key}`;
    await call(secret, { method: "PUT", token, json: { value: VALUE } });
  }
  await post(`${url}/dashboard/gateways`, { project, name: "For clients" });
  const { text } = await call(url);
  const [row = ""] =
    new RegExp(`<tr>\\s*<th scope="row">\\s*<a href="/projects/${project}"[^]*?</tr>`)
      .exec(text) ?? [];
  const counts = [...row.matchAll(/data-label="([^"]+)">(\d+)</g)].map(([, what, n]) =>
    `${what} ${n}`
  );
  assert.deepEqual(counts, ["Servers 0", "Secrets 2", "Gateways 1", "Grants 0", "API keys 0"]);
  const page = await call(`${url}/projects/${project}`);
  assert.equal(page.status, 200);
  assert.match(page.text, /<nav class="crumbs"[^]*href="\/">[^]*Default organization[^]*<\/nav>/);
  assert.equal((await call(`${url}/projects/unknown`)).status, 404);
  assert.equal((await call(`${url}/projects/${project}`, { stranger: true })).status, 403);
});

Deno.test("the addresses that `arcade dashboard` writes lead to the pages", async () => {
  await using fixture = await start();
  const { org, project } = await signIn(fixture.url);
  for (const start of ["", "/dashboard"]) {
    const path = `${start}/orgs/${org}/projects/${project}`;
    const { status, headers } = await call(fixture.url + path);
    assert.deepEqual([status, headers.get("location")], [302, `/projects/${project}`]);
  }
  const dashboard = await call(`${fixture.url}/dashboard`);
  assert.deepEqual([dashboard.status, dashboard.headers.get("location")], [302, "/"]);
});

Deno.test("the page of a project shows its last calls", async () => {
  await using fixture = await start();
  const { url } = fixture;
  const session = await signIn(url);
  const path = `${url}/projects/${session.project}`;
  assert.match((await call(path)).text, /No calls yet\./);
  const token = await apiKeyOf(url, session);
  for (let i = 0; i < 12; i++) {
    const json = { tool_name: `Kit.Tool${i}`, input: {} };
    await call(`${url}/v1/tools/execute`, { method: "POST", token, json });
  }
  const { text } = await call(path);
  assert.equal(text.match(/href="\/calls\//g)?.length, 10);
  assert(text.includes("Kit.Tool11") && !text.includes("Kit.Tool1<"));
  const { project } = await signIn(url, "grace@example.com");
  assert.match((await call(`${url}/projects/${project}`)).text, /No calls yet\./);
});

Deno.test("the page of a project stores a secret, and never shows its value", async () => {
  await using fixture = await start();
  const { url } = fixture;
  const session = await signIn(url);
  const { project, access: token } = session;
  const path = `/projects/${project}`;
  const form = `${url}/dashboard/project_secrets`;
  const stored = await post(form, { project, key: " NEW_KEY ", value: VALUE });
  assert.deepEqual([stored.status, stored.headers.get("location")], [303, `${path}#secrets`]);
  const listed = await call(secretsUrl(url, session), { token });
  assert.equal(listed.textAt("items", 0, "key"), "NEW_KEY");
  assert(!(await call(url + path)).text.includes(VALUE));
  const refused: [Record<string, string>, RegExp][] = [
    [{ key: "not a key", value: VALUE }, /role="alert">A key has/],
    [{ key: "..", value: VALUE }, /role="alert">A key has/],
    [{ key: "OTHER", value: "" }, /role="alert">A value has 1 to 5000/],
    [{ key: "OTHER", value: `${VALUE}\0` }, /role="alert">A value has/],
    [{ key: "OTHER", value: VALUE.repeat(500) }, /role="alert">A value has/],
  ];
  for (const [fields, problem] of refused) {
    const answer = await post(form, { project, ...fields });
    assert.equal(answer.status, 422);
    assert.match(answer.text, problem);
    assert(answer.text.includes(`value="${fields.key}"`), "the key is kept in its field");
    assert(!answer.text.includes(VALUE));
  }
  const fields = { key: "OTHER", value: VALUE };
  assert.equal((await post(form, { project: "unknown", ...fields })).status, 422);
  assert.equal((await call(form, { form: { project, ...fields }, stranger: true })).status, 403);
  assert.equal((await call(secretsUrl(url, session), { token })).at("items", 1), undefined);
});

Deno.test("every field of the dashboard has a label", async () => {
  await using fixture = await start();
  const { project } = await signIn(fixture.url);
  const count = [
    ["", 1 + 2 * 2, "The filter, and two fields for each account"],
    [`/projects/${project}?filter=a`, 4, "The filter, the key and value of a secret, a gateway"],
  ] as const;
  for (const [path, expected, what] of count) {
    const page = (await call(fixture.url + path)).text;
    const fields = [...page.matchAll(/<input\s+id="([^"]+)"/g)].map(([, id]) => id);
    assert.equal(fields.length, expected, what);
    assert.equal(new Set(fields).size, fields.length);
    for (const id of fields) assert.match(page, new RegExp(`<label\\s+for="${id}"`));
  }
});

Deno.test("the forms create an organization, a project and an API key", async () => {
  await using fixture = await start();
  const { url } = fixture;
  const session = await signIn(url);
  const organization = { account: session.account, name: "Second organization" };
  const created = await post(`${url}/dashboard/organizations`, organization);
  assert.equal(created.status, 303);
  const [, anchor] = (created.headers.get("location") ?? "").split("/#");
  const form = { organization: session.org, name: "Second project" };
  const second = await post(`${url}/dashboard/projects`, form);
  assert.equal(second.status, 303);
  const page = (await call(url)).text;
  assert(page.includes("Second organization") && page.includes(`id="${anchor}"`));
  assert(page.includes(`href="${second.headers.get("location")}"`), "leads to the new project");

  const { project } = session;
  const answer = await post(`${url}/dashboard/api_keys`, { project });
  assert.equal(answer.status, 303, "A reload would create another key");
  const shown = await call(url + answer.headers.get("location"));
  const key = /arc_local_[\w-]{43}/.exec(shown.text)?.[0] ?? "";
  assert.match(
    shown.text,
    new RegExp(`>export ARCADE_ENGINE_URL=${url}\nexport ARCADE_API_KEY=${key}<`),
  );
  const again = await call(url + answer.headers.get("location"));
  assert.equal(again.status, 404);
  assert(!again.text.includes(key));
  const valid = await call(`${url}/api/v1/auth/validate`, { token: key });
  assert.equal(valid.at("data", "principal_id"), session.account);
  assert(!(await call(`${url}/projects/${project}`)).text.includes(key));
});

Deno.test("secrets, API keys, projects and organizations are removed after a confirmation", async () => {
  await using fixture = await start();
  const { url } = fixture;
  const session = await signIn(url);
  const secret = `${secretsUrl(url, session)}/OLD_KEY`;
  await call(secret, { method: "PUT", token: session.access, json: { value: VALUE } });
  const created = await post(`${url}/dashboard/api_keys`, { project: session.project });
  const apiKey = /arc_local_[\w-]{43}/
    .exec((await call(url + created.headers.get("location"))).text)?.[0];
  const path = `/projects/${session.project}`;
  const old = { organization: session.org, name: "Old project" };
  const oldPath = (await post(`${url}/dashboard/projects`, old)).headers.get("location") ?? "";
  await post(`${url}/dashboard/organizations`, { account: session.account, name: "Old team" });

  const removals = async () => {
    const pages = await Promise.all(["", path, oldPath].map((path) => call(url + path)));
    const links = pages.map(({ text }) => text).join("").matchAll(
      /href="(\/dashboard\/remove\?[^"]*)"\s+aria-label="([^"]*)"/g,
    );
    return new Map(
      [...links].map(([, href = "", what = ""]) => [what, href.replaceAll("&amp;", "&")]),
    );
  };
  const wanted = [
    [/^Remove the secret OLD_KEY$/, `${path}#secrets`],
    [/^Remove the API key /, `${path}#keys`],
    [/project Old project/, "/"],
    [/Old team/, "/"],
  ] as const;
  for (const [what, back] of wanted) {
    const [name = "", href = ""] = [...await removals()].find(([name]) => what.test(name)) ?? [];
    const question = await call(url + href);
    assert.equal(question.status, 200, name);
    assert.match(question.text, /This permanently removes the /);
    assert.equal(question.text.includes("and everything in it"), back === "/");
    assert((await removals()).has(name), "The confirmation page itself removed something");
    const form = Object.fromEntries(new URL(href, url).searchParams);
    const removed = await post(`${url}/dashboard/remove`, form);
    assert.deepEqual([removed.status, removed.headers.get("location")], [303, back]);
    assert(!(await removals()).has(name));
    assert.equal((await call(url + href)).status, 422);
    assert.equal((await post(`${url}/dashboard/remove`, form)).status, 422);
  }
  const refused = await call(`${url}/api/v1/auth/validate`, { token: apiKey ?? "" });
  assert.equal(refused.status, 401);
});

Deno.test("an account keeps at least one organization, and an organization one project", async () => {
  await using fixture = await start();
  const { url } = fixture;
  const { org, project } = await signIn(url);
  for (const form of [{ kind: "organization", id: org }, { kind: "project", id: project }]) {
    const answer = await post(`${url}/dashboard/remove`, form);
    assert.equal(answer.status, 422);
    assert.match(answer.text, /the last one/);
  }
  assert((await call(url)).text.includes(project));
});

Deno.test("the dashboard filters what it shows", async () => {
  await using fixture = await start();
  const { url } = fixture;
  const { account } = await signIn(url);
  for (const name of ["Red team", "Blue team"]) {
    await post(`${url}/dashboard/organizations`, { account, name });
  }
  const { text } = await call(`${url}/?filter=bLUE`);
  assert.match(text, /Blue team/);
  assert.doesNotMatch(text, /Red team/);
  assert.match((await call(`${url}/?filter=nothing-like-it`)).text, /Nothing here matches/);
});

Deno.test("forms with invalid names or unknown owners create nothing", async () => {
  await using fixture = await start();
  const { url } = fixture;
  const { account, org } = await signIn(url);
  const before = (await call(url)).text;
  const bad: [string, Record<string, string>][] = [
    ["organizations", { account, name: " " }],
    ["organizations", { account: "unknown", name: "x" }],
    ["projects", { organization: org, name: "x".repeat(101) }],
    ["projects", { organization: "unknown", name: "x" }],
    ["api_keys", { organization: org, project: "unknown" }],
    ["api_keys", {}],
  ];
  for (const [form, fields] of bad) {
    assert.equal((await post(`${url}/dashboard/${form}`, fields)).status, 422, form);
  }
  assert.equal((await call(url)).text, before);
});

Deno.test("a form body over 2 MiB is refused", async () => {
  await using fixture = await start();
  const name = "x".repeat(2 * 1024 * 1024);
  const answer = await post(`${fixture.url}/dashboard/organizations`, { account: "", name });
  assert.equal(answer.status, 413);
});

Deno.test("hostile names are escaped", async () => {
  await using fixture = await start();
  const { url } = fixture;
  const session = await signIn(url);
  const tags = (page: string) => page.replaceAll(/>[^<]*/g, ">").replaceAll(/="[^"]*"/g, "");
  const rename = (name: string) =>
    call(`${url}/api/v1/orgs`, { method: "POST", token: session.access, json: { name } });
  await rename("Harmless");
  const one = tags((await call(url)).text).length;
  await rename("Harmless");
  let expected = tags((await call(url)).text).length;
  const perOrganization = expected - one;
  const hostile = fc.array(fc.constantFrom(..."<>\"'&/=`abc ", "script", "onload="), {
    minLength: 1,
    maxLength: 10,
  }).map((parts) => parts.join("")).filter((name) => name.trim() !== "");
  await fc.assert(
    fc.asyncProperty(hostile, async (name) => {
      assert.equal((await rename(name)).status, 201);
      expected += perOrganization;
      assert.equal(tags((await call(url)).text).length, expected, name);
    }),
    { numRuns: 30, examples: [["</h3><script>alert(1)</script>"], ['" onload="alert(1)']] },
  );
});

Deno.test("an unknown path gets a page in a browser, and JSON elsewhere", async () => {
  await using fixture = await start();
  for (const path of ["/api", "/api/v2", "/v1/nothing", "/oauth2/x", "/v1/orgs/a/projects/b"]) {
    const answer = await call(fixture.url + path);
    assert.equal(answer.status, 404);
    assert.equal(typeof answer.at("message"), "string", path);
  }
  for (const path of ["/favicon.ico", "/v10", "/apiary"]) {
    const answer = await call(fixture.url + path);
    assert.equal(answer.status, 404);
    assert.match(answer.headers.get("content-type") ?? "", /^text\/html/, path);
  }
});

Deno.test("the commands on the dashboard name the project", async () => {
  await using fixture = await start();
  const { url } = fixture;
  const { org, project } = await signIn(url);
  const { text } = await call(`${url}/projects/${project}`);
  const flags = `--org ${org} --project ${project}`;
  const commands = [
    "secret set API_KEY",
    "deploy",
    "gateway create",
    "auth start github --scope repo",
  ];
  for (const command of commands) {
    assert(text.includes(`>arcade ${command} ${flags}</pre>`), command);
  }
});

Deno.test("names that are written from right to left do not reorder what stands around them", async () => {
  await using fixture = await start();
  const { url } = fixture;
  const { account, org } = await signIn(url);
  await post(`${url}/dashboard/organizations`, { account, name: "ארגון" });
  const { text } = await call(url);
  assert.match(text, /<bdi>ארגון<\/bdi>/);
  const form = { organization: org, name: "פרויקט" };
  const created = await post(`${url}/dashboard/projects`, form);
  const path = created.headers.get("location") ?? "";
  assert.match((await call(url)).text, new RegExp(`href="${path}"><bdi>פרויקט</bdi>`));
  const page = (await call(url + path)).text;
  assert.match(page, /<h1><bdi>פרויקט<\/bdi><\/h1>/);
});

Deno.test("10,000 users with their projects are seeded, and the pages show the first ones", async () => {
  const users = Array.from({ length: 10_000 }, (_, i) => ({ email: `user${i}@example.com` }));
  const projects = Array.from({ length: 1000 }, (_, i) => ({ name: `Project ${i}` }));
  const secrets = Array.from({ length: 150 }, (_, i) => [`KEY_${i}`, new Sensitive("v")] as const);
  const seed = {
    users,
    organizations: [{ name: "Large", projects }],
    secrets: new Map(secrets),
    servers: [],
    grants: [],
    gateways: [],
  };
  await using fixture = await start({ seed });
  const { url } = fixture;
  const count = (text: string, part: string) => text.split(part).length - 1;
  const page = await call(url);
  assert.equal(count(page.text, "<h2"), 100);
  for (const more of ["9900 accounts", "900 projects"]) {
    assert(page.text.includes(`${more} more.`), more);
  }
  const one = await call(`${url}/?filter=USER9876@`);
  assert.equal(count(one.text, "<h2"), 1);
  assert(one.text.includes("user9876@example.com"));
  const named = await call(`${url}/?filter=project+987`);
  assert.match(named.text, /<bdi>Project 987<\/bdi>/);
  assert.equal(count(named.text, 'href="/projects/'), 1);

  const found = await call(`${url}/?filter=key_99`);
  const [, path = ""] = /href="(\/projects\/[^"]+\?filter=key_99)"/.exec(found.text) ?? [];
  assert.match(found.text, /secret <bdi>KEY_99<\/bdi>/);
  const project = await call(url + path.split("?")[0]);
  assert.equal(count(project.text, '<th scope="row"><code>KEY_'), 100);
  assert(project.text.includes("50 secrets more."));
  const part = await call(url + path);
  assert.equal(count(part.text, '<th scope="row"><code>KEY_'), 1);
  assert.match(part.text, /<code>KEY_99<\/code>/);
  assert.match(part.text, /1 of 150/);

  const signIn = await call(authorizeUrl(url));
  assert.equal(signIn.text.match(/type="radio"/g)?.length, 101);
  assert.match(signIn.text, /9900 accounts more\./);
  assert.match(await codeFor(url, { email: users[9876]?.email ?? "" }), /^arcl_ac_/);
  assert.equal(rowCounts(fixture).accounts, 10_000, "a typed address is that of its account");
});
