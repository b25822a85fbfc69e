import assert from "node:assert/strict";
import * as fc from "fast-check";
import { Sensitive } from "../../../src/secrecy/sensitive.ts";
import {
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
  const page = await call(url);
  const shown = [
    "ada@example.com",
    "Default organization",
    "Default project",
    "KEY",
    "For &lt;tests&gt;",
  ];
  for (const text of [...shown, session.org, session.project, "2026-11-20"]) {
    assert(page.text.includes(text), text);
  }
  for (const text of [VALUE, "~zQ~", session.access, session.refresh]) {
    assert(!page.text.includes(text));
  }
  assert(!page.text.includes("<script"));
});

Deno.test("the address of a project opens its section of the dashboard", async () => {
  await using fixture = await start();
  const { org, project } = await signIn(fixture.url);
  const { status, headers } = await call(`${fixture.url}/orgs/${org}/projects/${project}`);
  assert.equal(status, 302);
  const [page = "", fragment] = (headers.get("location") ?? "").split("#");
  assert.equal(fragment, project);
  assert((await call(fixture.url + page)).text.includes(`id="${fragment}"`));
});

Deno.test("every field of the dashboard has a label", async () => {
  await using fixture = await start();
  await signIn(fixture.url);
  const page = (await call(fixture.url)).text;
  const fields = [...page.matchAll(/<input id="([^"]+)"/g)].map(([, id]) => id);
  assert.equal(fields.length, 1 + 2 * 2, "The filter, and two fields for each account");
  assert.equal(new Set(fields).size, fields.length);
  for (const id of fields) assert(page.includes(`<label for="${id}">`));
});

Deno.test("the forms create an organization, a project and an API key", async () => {
  await using fixture = await start();
  const { url } = fixture;
  const session = await signIn(url);
  const organization = { account: session.account, name: "Second organization" };
  const created = await post(`${url}/dashboard/organizations`, organization);
  assert.equal(created.status, 303);
  assert.equal(created.headers.get("location"), "/");
  const project = { organization: session.org, name: "Second project" };
  assert.equal((await post(`${url}/dashboard/projects`, project)).status, 303);
  const page = (await call(url)).text;
  assert(page.includes("Second organization") && page.includes("Second project"));

  const owner = { organization: session.org, project: session.project };
  const answer = await post(`${url}/dashboard/api_keys`, owner);
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
  assert(!(await call(url)).text.includes(key));
});

Deno.test("secrets, API keys, projects and organizations are removed after a confirmation", async () => {
  await using fixture = await start();
  const { url } = fixture;
  const session = await signIn(url);
  const secret = `${secretsUrl(url, session)}/OLD_KEY`;
  await call(secret, { method: "PUT", token: session.access, json: { value: VALUE } });
  const owner = { organization: session.org, project: session.project };
  const created = await post(`${url}/dashboard/api_keys`, owner);
  const apiKey = /arc_local_[\w-]{43}/
    .exec((await call(url + created.headers.get("location"))).text)?.[0];
  await post(`${url}/dashboard/projects`, { organization: session.org, name: "Old project" });
  await post(`${url}/dashboard/organizations`, { account: session.account, name: "Old team" });

  const removals = async () => {
    const links = (await call(url)).text.matchAll(
      /href="(\/dashboard\/remove\?[^"]*)" aria-label="([^"]*)"/g,
    );
    return new Map(
      [...links].map(([, href = "", what = ""]) => [what, href.replaceAll("&amp;", "&")]),
    );
  };
  const wanted = [
    /^Remove the secret OLD_KEY$/,
    /^Remove the API key /,
    /project Old project/,
    /Old team/,
  ];
  for (const what of wanted) {
    const [name = "", href = ""] = [...await removals()].find(([name]) => what.test(name)) ?? [];
    const question = await call(url + href);
    assert.equal(question.status, 200, name);
    assert.match(question.text, /This permanently removes the .* and everything in it\./);
    assert((await removals()).has(name), "The confirmation page itself removed something");
    const form = Object.fromEntries(new URL(href, url).searchParams);
    assert.equal((await post(`${url}/dashboard/remove`, form)).status, 303);
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
  const { text } = await call(url);
  const flags = `--org ${org} --project ${project}`;
  assert(text.includes(`<pre>arcade secret set API_KEY ${flags}</pre>`));
  assert(text.includes(`<pre>arcade deploy ${flags}</pre>`));
});

Deno.test("names that are written from right to left are isolated from counts", async () => {
  await using fixture = await start();
  const { url } = fixture;
  const { account } = await signIn(url);
  await post(`${url}/dashboard/organizations`, { account, name: "ארגון" });
  const { text } = await call(url);
  assert.match(text, /<bdi>ארגון<\/bdi>\s+<span class="quiet">1 project/);
});

Deno.test("10,000 users and what they have are planted, and the pages show the first ones", async () => {
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
  const sections = (text: string, tag: string) => text.split(`<${tag}>`).length - 1;
  const page = await call(url);
  assert.equal(sections(page.text, "h2"), 100);
  for (const more of ["9900 accounts", "900 projects", "50 secrets"]) {
    assert(page.text.includes(`${more} more.`), more);
  }
  const one = await call(`${url}/?filter=USER9876@`);
  assert.equal(sections(one.text, "h2"), 1);
  assert(one.text.includes("user9876@example.com"));
  const named = await call(`${url}/?filter=project+987`);
  assert.match(named.text, /<h3><bdi>Project 987<\/bdi>/);
  assert.equal(sections(named.text, "h3"), 100);
  assert(named.text.indexOf("Project 987<") < named.text.indexOf("Project 1<"));
  assert.match((await call(`${url}/?filter=KEY_99`)).text, /<code>KEY_99<\/code>/);

  const signIn = await call(authorizeUrl(url));
  assert.equal(signIn.text.match(/type="radio"/g)?.length, 101);
  assert.match(signIn.text, /9900 accounts more\./);
  assert.match(await codeFor(url, { email: users[9876]?.email ?? "" }), /^arcl_ac_/);
  assert.equal(rowCounts(fixture).accounts, 10_000, "a typed address is that of its account");
});
