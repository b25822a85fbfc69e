import assert from "node:assert/strict";
import { exampleLine } from "../../../src/commands/shared/parameter_forms.ts";
import { closedPort } from "../../support/answers.ts";
import { FakeMcpServer } from "../../support/mcp_server.ts";
import { ROOT } from "../../support/root.ts";
import { Project } from "../../support/project.ts";
import { PYTHON_ENVIRONMENT as env, withoutPython as ignore } from "../../support/test_server.ts";
import { ApiProject, FakeWorker, workerTool } from "../../support/workers.ts";
import { type Answer, call, post, signIn, start } from "../harness.ts";

/** The target of the first link that matches. */
function targetOf(page: Answer, pattern: RegExp): string {
  const path = pattern.exec(page.text)?.[1]?.replaceAll("&amp;", "&");
  assert(path !== undefined, `no ${pattern} in ${page.text}`);
  return path;
}

/** The only script of a page. */
const SCRIPT = '<script src="/dashboard/server.js" defer>';

Deno.test("the dashboard shows how to deploy the first server", async () => {
  await using fixture = await start();
  const { project } = await signIn(fixture.url);
  const page = await call(`${fixture.url}/projects/${project}`);
  assert.match(
    page.text,
    /No servers yet\. Deploy one from its folder:<\/p>\s*<pre class="whole">arcade deploy --org \S+ --project \S+<\/pre>/,
  );
});

Deno.test({ name: "the pages show a server with its state, tools and log", ignore }, async () => {
  await using fixture = await start({ env });
  const { url } = fixture;
  const { org, project: id, access } = await signIn(url);
  const project = new Project(`${url}/v1/orgs/${org}/projects/${id}`, access);
  await project.deployed({ misbehave: "odd-lines" });

  const dashboard = await call(`${url}/projects/${id}`);
  assert.match(dashboard.text, /Servers of <bdi>Default project<\/bdi>/);
  assert.match(dashboard.text, /<span class="mark good">running<\/span>/);
  assert.match((await call(`${url}/?filter=test_ser`)).text, /test_server/);
  const path = targetOf(dashboard, /<a href="(\/servers\/[^"]+)">test_server</);

  const page = await call(url + path);
  assert.match(page.text, /<span class="mark good">running<\/span>/);
  assert.match(page.text, /Version 1\.0\.0, <code>server\.py<\/code>, at <code>http:\/\/127/);
  assert.match(page.text, /<code>TestServer\.Greet<\/code>/);
  assert.match(page.text, />14:00:00<\/span> {2}TestServer 1\.0\.0 starts\n/);
  assert.match(page.text, /<span class="sgr-red">red<\/span> &lt;b&gt;bold&lt;\/b&gt;\n/);
  assert.deepEqual(page.text.match(/<script[^>]*>/g), [SCRIPT]);
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
    /This permanently removes the server <bdi>test_server<\/bdi>\./,
  );
  const removal = Object.fromEntries(new URL(question, url).searchParams);
  assert.equal((await post(`${url}/dashboard/remove`, removal)).status, 303);
  assert.equal((await call(url + path)).status, 404);
  assert.equal((await post(`${url}/dashboard/servers`, form)).status, 404);
  assert.match((await call(`${url}/projects/${id}`)).text, /No servers yet/);
});

/** Adds a tool whose texts would break a page or a command line. */
const HOSTILE = {
  files: {
    "server.py": Deno.readTextFileSync(`${ROOT}/tests/data/mcp_server/server.py`).replace(
      "def call(name",
      String.raw`evil = tool("$(id)'><script>alert(1)</script>\u202e", "</details><b>bold</b>", {
    "user": "string", "a b": "integer", "<i>\u202e\u0007": "boolean",
})
evil["input"]["parameters"][0]["value_schema"]["enum"] = ["--yes; id", "<u>"]
broken = tool("Broken", "Has an unknown format", {})
broken["input"]["parameters"] = [{"name": "x", "required": "perhaps"}]
TOOLS += [evil, broken]


def call(name`,
    ),
  },
};

Deno.test({
  name: "the page of a server shows how to call its tools, whatever their names",
  ignore,
}, async () => {
  await using fixture = await start({ env, exampleLine });
  const { url } = fixture;
  const { org, project: id, access } = await signIn(url);
  const project = new Project(`${url}/v1/orgs/${org}/projects/${id}`, access);
  await project.deployed(HOSTILE);
  const dashboard = await call(`${url}/projects/${id}`);
  const path = targetOf(dashboard, /<a href="(\/servers\/[^"]+)">/);
  const of = async (name: string) =>
    (await call(`${url}${path}?${new URLSearchParams({ tool: name })}`)).text;
  const greet = await of("TestServer.Greet");
  assert.match(
    greet,
    /<code>name<\/code>\s*<span class="quiet">string<\/span>\s*<span class="required">required</,
  );
  assert.match(greet, /<p class="quiet" id="field-0-note">\s*<bdi>The name<\/bdi>/);
  assert.match(greet, /id="line">arcade tool call TestServer\.Greet --name text<\/pre>/);
  assert.match(await of("TestServer.Fail"), /id="line">arcade tool call TestServer\.Fail<\/pre>/);
  const text = await of("TestServer.$(id)'><script>alert(1)</script>\u202e");
  assert.match(text, /<option value="&lt;u&gt;" >&lt;u&gt;<\/option>/);
  const [, line = ""] = /id="line">(arcade tool call .*script[^]*?)<\/pre>/.exec(text) ?? [];
  assert.equal(
    line.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&#39;", "'"),
    String.raw`arcade tool call 'TestServer.$(id)'\''><script>alert(1)</script>�' ` +
      "--arg user='--yes; id' --arg 'a b'=1 --arg '<i>\ufffd\ufffd'=true",
  );
  assert.deepEqual(text.match(/<script[^>]*>/g), [SCRIPT]);
  assert.doesNotMatch(text, /<b>|<i>|<u>|alert\(1\)<\/script>/);
  // In the values of fields and in addresses, characters are as the server wrote them.
  const shown = text.replace(/<[^>]*>/g, "");
  assert.doesNotMatch(shown, /[^\n\P{Cc}]|\p{Cf}/u);
  assert.match(text, /<code>TestServer\.Broken<\/code>/);
  assert.match(await of("TestServer.Broken"), /describes it in an unknown format/);
});

Deno.test("the page of a failed server says so", async () => {
  await using fixture = await start({ env: {} });
  const { url } = fixture;
  const { org, project: id, access } = await signIn(url);
  const project = new Project(`${url}/v1/orgs/${org}/projects/${id}`, access);
  await project.deploy();
  await project.logged(/^arcade: No Python/);
  const dashboard = await call(`${url}/projects/${id}`);
  const path = targetOf(dashboard, /<a href="(\/servers\/[^"]+)">test_server</);
  const page = await call(url + path);
  assert.match(page.text, /<span class="mark bad">failed<\/span>/);
  assert.match(page.text, /role="alert">The deployment failed; see its log</);
  assert.match(page.text, /arcade: No Python found: no \.venv, and neither uv nor python3 on PATH/);
});

Deno.test("the pages show a server that runs elsewhere, without possible tokens", async () => {
  await using fixture = await start({ exampleLine });
  const { url } = fixture;
  const project = await ApiProject.of(fixture);
  await using weather = new FakeMcpServer({
    tools: [{ name: "forecast", description: "<Tells>" }],
  });
  const mcp = {
    uri: `${weather.url}/mcp?key=token-in-query`,
    timeout: 30,
    retry: 1,
    headers: { authorization: "Bearer token-in-header" },
    secrets: { OWN: "token-in-secret" },
  };
  const added = await project.ask("POST /workers", { id: "weather", type: "mcp", mcp });
  assert.equal(added.status, 201, added.text);
  const dashboard = await call(`${url}/projects/${project.project}`);
  const path = targetOf(dashboard, /<a href="(\/servers\/[^"]+)">weather</);
  assert.equal(path, `/servers/${project.project}/weather`);
  assert.match(dashboard.text, /<td>MCP<\/td>\s*<td><span class="mark good">running</);
  assert((await call(`${url}/?filter=WEATH`)).text.includes("weather"));

  const page = await call(url + path);
  assert.match(
    page.text,
    /Runs elsewhere, asked with\s+MCP at\s+<code>http:\/\/[\d.:]+\/mcp<\/code>/,
  );
  assert.match(page.text, /is repeated 1 time\./);
  for (const name of ["authorization", "OWN", "Weather.forecast"]) {
    assert(page.text.includes(`<code>${name}</code>`), name);
  }
  assert.match(page.text, /<bdi>&lt;Tells&gt;<\/bdi>/);
  assert.match(page.text, /<pre [^>]*>arcade tool call Weather\.forecast<\/pre>/);
  assert.doesNotMatch(page.text, /<h2>Log</);
  for (const { text } of [dashboard, page]) assert.doesNotMatch(text, /token-in-/);
  assert.equal((await call(url + path, { stranger: true })).status, 403);
  assert.equal((await call(`${url}/servers/${project.project}/none`)).status, 404);

  const form = { server: `${project.project}/weather` };
  const disabled = await post(`${url}/dashboard/servers`, { ...form, enabled: "false" });
  assert.equal(disabled.headers.get("location"), path);
  assert.equal((await project.ask("GET /workers/weather")).at("enabled"), false);
  assert.match((await call(url + path)).text, /<span class="mark ">disabled<\/span>/);
  await post(`${url}/dashboard/servers`, { ...form, enabled: "true" });
  assert.equal((await project.ask("GET /tools")).at("total_count"), 1);

  const question = targetOf(page, /href="([^"]+)" aria-label="Remove the server weather"/);
  assert.match((await call(url + question)).text, /removes the server <bdi>weather<\/bdi>/);
  const removal = Object.fromEntries(new URL(question, url).searchParams);
  assert.equal((await post(`${url}/dashboard/remove`, removal)).status, 303);
  assert.equal((await project.ask("GET /workers/weather")).status, 404);
  const after = await call(`${url}/projects/${project.project}`);
  assert.match(after.text, /No servers yet/);
});

Deno.test("a server that runs elsewhere and does not answer says so on its page", async () => {
  await using fixture = await start();
  const { url } = fixture;
  const project = await ApiProject.of(fixture);
  const http = { uri: `http://127.0.0.1:${closedPort()}`, secret: "s", timeout: 1, retry: 0 };
  await project.ask("POST /workers", { id: "demo", http });
  const page = await call(`${url}/servers/${project.project}/demo`);
  assert.match(page.text, /<span class="mark bad">failed<\/span>/);
  assert.match(page.text, /role="alert">GET \/worker\/tools: The connection failed</);
});

Deno.test("the page of a server with 10,000 tools shows the first ones, and how many there are", async () => {
  await using fixture = await start();
  const project = await ApiProject.of(fixture);
  await using worker = new FakeWorker(
    Array.from({ length: 10_000 }, (_, i) => workerTool(`T${i}`)),
  );
  await project.register("demo", worker);
  const dashboard = await call(`${fixture.url}/projects/${project.project}`);
  assert.match(dashboard.text, /data-label="Tools">\s*10000\s*</);
  const { text } = await call(`${fixture.url}/servers/${project.project}/demo`);
  assert.equal(text.match(/id="tool-\d+"/g)?.length, 100);
  assert.match(text, /9900 tools more\./);
});
