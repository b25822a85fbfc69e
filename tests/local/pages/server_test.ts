import assert from "node:assert/strict";
import { Project } from "../../support/project.ts";
import { PYTHON_ENVIRONMENT as env, withoutPython as ignore } from "../../support/test_server.ts";
import { type Answer, call, post, signIn, start } from "../harness.ts";

/** The target of the first link that matches. */
function targetOf(page: Answer, pattern: RegExp): string {
  const path = pattern.exec(page.text)?.[1]?.replaceAll("&amp;", "&");
  assert(path !== undefined, `no ${pattern} in ${page.text}`);
  return path;
}

Deno.test("the dashboard shows how to deploy the first server", async () => {
  await using fixture = await start();
  await signIn(fixture.url);
  const page = await call(fixture.url);
  assert.match(
    page.text,
    /No servers yet\. Deploy one from its folder:<\/p>\s*<pre>arcade deploy --org \S+ --project \S+<\/pre>/,
  );
});

Deno.test({ name: "the pages show a server with its state, tools and log", ignore }, async () => {
  await using fixture = await start({ env });
  const { url } = fixture;
  const { org, project: id, access } = await signIn(url);
  const project = new Project(`${url}/v1/orgs/${org}/projects/${id}`, access);
  await project.deployed({ misbehave: "odd-lines" });

  const dashboard = await call(url);
  assert.match(dashboard.text, /<caption>Servers of <bdi>Default project<\/bdi><\/caption>/);
  assert.match(dashboard.text, /<span class="mark good">running<\/span>/);
  assert.match((await call(`${url}/?filter=test_ser`)).text, /test_server/);
  const path = targetOf(dashboard, /<a href="(\/servers\/[^"]+)">test_server</);

  const page = await call(url + path);
  assert.match(page.text, /<span class="mark good">running<\/span>/);
  assert.match(page.text, /Version 1\.0\.0, <code>server\.py<\/code>, at <code>http:\/\/127/);
  assert.match(page.text, /<code>TestServer\.Greet<\/code>/);
  assert.match(page.text, /14:00:00 {2}TestServer 1\.0\.0 starts\n/);
  assert.match(page.text, / {2}red &lt;b&gt;bold&lt;\/b&gt;/);
  assert.doesNotMatch(page.text, /<script/);
  assert(!page.text.includes("\u001b"));
  assert.equal((await call(url + path, { stranger: true })).status, 403);

  const form = { server: path.split("/").at(-1) ?? "" };
  const disabled = await post(`${url}/dashboard/servers`, { ...form, enabled: "false" });
  assert.equal(disabled.headers.get("location"), path);
  assert.equal(await project.status(), "unknown");
  const after = await call(url + path);
  assert.match(after.text, /<span class="mark ">disabled<\/span>/);
  assert.match(after.text, /Only a running server lists its tools/);
  await post(`${url}/dashboard/servers`, { ...form, enabled: "true" });
  assert.notEqual(await project.status(), "unknown");

  const question = targetOf(after, /href="([^"]+)" aria-label="Remove the server test_server"/);
  assert.match(
    (await call(url + question)).text,
    /This permanently removes the server <bdi>test_server<\/bdi> and everything/,
  );
  const removal = Object.fromEntries(new URL(question, url).searchParams);
  assert.equal((await post(`${url}/dashboard/remove`, removal)).status, 303);
  assert.equal((await call(url + path)).status, 404);
  assert.equal((await post(`${url}/dashboard/servers`, form)).status, 404);
  assert.match((await call(url)).text, /No servers yet/);
});

Deno.test("the page of a failed server says so", async () => {
  await using fixture = await start({ env: {} });
  const { url } = fixture;
  const { org, project: id, access } = await signIn(url);
  const project = new Project(`${url}/v1/orgs/${org}/projects/${id}`, access);
  await project.deploy();
  await project.logged(/^arcade: No Python/);
  const path = targetOf(await call(url), /<a href="(\/servers\/[^"]+)">test_server</);
  const page = await call(url + path);
  assert.match(page.text, /<span class="mark bad">failed<\/span>/);
  assert.match(page.text, /role="alert">The deployment failed; its log says why</);
  assert.match(page.text, /arcade: No Python found: no \.venv, and neither uv nor python3 on PATH/);
});
