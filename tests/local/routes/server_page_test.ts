import assert from "node:assert/strict";
import { EventSourceParserStream } from "eventsource-parser/stream";
import { exampleLine } from "../../../src/commands/shared/parameter_forms.ts";
import { FakeMcpServer } from "../../support/mcp_server.ts";
import { patiently } from "../../support/patience.ts";
import { ApiProject, FakeWorker, parameter, succeeded, workerTool } from "../../support/workers.ts";
import { type Answer, call, type Fixture, start } from "../harness.ts";

const EVERY_KIND = workerTool("Every", {
  input: {
    parameters: [
      parameter("text", "string", { required: true }),
      parameter("unit", "string", { enum: ["celsius", "kelvin"] }),
      parameter("days", "integer"),
      parameter("ratio", "number"),
      parameter("is_long", "boolean"),
      parameter("tags", "array", { inner_val_type: "string" }),
      parameter("parts", "array", { inner_val_type: "string", enum: ["wind", "rain"] }),
      parameter("numbers", "array", { inner_val_type: "integer" }),
      parameter("options", "json"),
    ],
  },
});

/** The page of the server `demo`, without scripts. */
class ServerPage {
  readonly #fixture: Fixture;
  readonly project: ApiProject;

  constructor(fixture: Fixture, project: ApiProject) {
    this.#fixture = fixture;
    this.project = project;
  }

  static async of(fixture: Fixture, worker: FakeWorker): Promise<ServerPage> {
    const project = await ApiProject.of(fixture);
    await project.register("demo", worker);
    return new ServerPage(fixture, project);
  }

  async get(query: Record<string, string> = {}): Promise<string> {
    return (await this.show(`/servers/${this.project.project}/demo?${new URLSearchParams(query)}`))
      .text;
  }

  async show(address: string | URL): Promise<Answer> {
    return await call(new URL(address, this.#fixture.url).href);
  }

  /** Sends a form; returns the page that it leads to. */
  async send(path: string, fields: Record<string, string>): Promise<Answer> {
    const form = { server: `${this.project.project}/demo`, ...fields };
    const answer = await call(this.#fixture.url + path, { form });
    const location = answer.headers.get("location");
    return location === null ? answer : await this.show(new URL(location, this.#fixture.url));
  }

  async call(tool: string, fields: Record<string, string> = {}): Promise<Answer> {
    const inputs = Object.entries(fields).map(([name, text]) => [`input.${name}`, text]);
    const form = { tool: `Demo.${tool}`, ...Object.fromEntries(inputs) };
    return await this.send("/dashboard/tool_calls", form);
  }
}

Deno.test("a form has a field for each parameter, and what is typed reaches the server with its types", async () => {
  await using fixture = await start({ exampleLine });
  await using worker = new FakeWorker([EVERY_KIND]);
  const page = await ServerPage.of(fixture, worker);
  const form = await page.get();
  for (
    const field of [
      /<textarea id="field-0" name="input\.text"[^>]*required/,
      /<select id="field-1" name="input\.unit"/,
      /<option value="kelvin"/,
      /<input id="field-2" name="input\.days"[^>]*inputmode="numeric"/,
      /<select id="field-4" name="input\.is_long"/,
      /<input type="checkbox" name="input\.parts" value="rain"/,
      /<textarea id="field-8" name="input\.options"[^>]*placeholder="JSON"/,
    ]
  ) assert.match(form, field);

  const called = await page.call("Every", {
    text: "two\r\nlines",
    unit: "kelvin",
    days: "3",
    ratio: "0.5",
    is_long: "false",
    tags: "a b\r\n\r\nc",
    parts: "rain",
    numbers: "[1, 2]",
    options: '{"deep": [null]}',
  });
  assert.equal(called.status, 200, called.text);
  const input = {
    text: "two\nlines",
    unit: "kelvin",
    days: 3,
    ratio: 0.5,
    is_long: false,
    tags: ["a b", "c"],
    parts: ["rain"],
    numbers: [1, 2],
    options: { deep: [null] },
  };
  assert.deepEqual(worker.invocations.map(({ inputs }) => inputs), [input]);
  assert.match(called.text, /<h3>Result <span class="mark good">completed<\/span>/);
  // The form has the input again, and the command line too.
  assert.match(called.text, /class="">\n*two\nlines<\/textarea>/);
  assert.match(called.text, /<option value="kelvin" selected>/);
  assert.match(called.text, /value="rain"\s+checked/);
  assert.match(called.text, /--unit kelvin --days 3 --ratio 0\.5 --no-is_long --tags /);
  assert.match(called.text, /--text &#39;two\nlines&#39;/);
  assert.match(called.text, /--numbers &#39;\[1,2\]&#39;/);
});

Deno.test("a large number keeps its digits, and an empty field is not given", async () => {
  await using fixture = await start();
  await using worker = new FakeWorker([EVERY_KIND]);
  const page = await ServerPage.of(fixture, worker);
  await page.call("Every", { text: "x", days: "12345678901234567890", options: "" });
  assert.deepEqual(worker.invocations[0]?.inputs, { text: "x", days: "12345678901234567890" });
});

Deno.test("errors stand beside their fields, the rest of the form is kept, and nothing is called", async () => {
  await using fixture = await start();
  await using worker = new FakeWorker([EVERY_KIND]);
  const page = await ServerPage.of(fixture, worker);
  const wrong = await page.call("Every", {
    unit: "rankine",
    days: "many",
    numbers: "1\n<b>two",
    options: "{broken",
    ratio: "0.25",
  });
  assert.equal(wrong.status, 422);
  const problems = [...wrong.text.matchAll(/id="field-(\d)-problem"><bdi>([^<]*)</g)]
    .map(([, at, text]) => `${at} ${text}`);
  assert.deepEqual(problems, [
    "0 Field required",
    "1 Input should be &#39;celsius&#39; or &#39;kelvin&#39;",
    "2 Input should be a valid integer",
    "7 1: Input should be a valid integer",
    "8 This is not JSON",
  ]);
  assert.match(wrong.text, /aria-describedby="field-2-problem field-2-note"\s+aria-invalid="true"/);
  for (
    const kept of [/value="many"/, /1\n&lt;b&gt;two<\/textarea>/, /\{broken</, /value="0\.25"/]
  ) {
    assert.match(wrong.text, kept);
  }
  assert.match(wrong.text, /5 fields to correct\. The tool was not called\./);
  assert.equal(worker.invocations.length, 0);
});

Deno.test("a secret is entered on the page and never shown, and the server gets it", async () => {
  await using fixture = await start();
  const needy = workerTool("Needy", { requirements: { secrets: [{ key: "API_KEY" }] } });
  await using worker = new FakeWorker([needy], ({ context }) => succeeded(context.secrets));
  const page = await ServerPage.of(fixture, worker);
  const missing = await page.call("Needy");
  assert.match(missing.text, /secret not found: API_KEY/);
  assert.match(missing.text, /needs secret</);
  assert.match(missing.text, /<input id="secret-0" name="value" type="password"/);

  const place = { tool: "Demo.Needy", key: "API_KEY" };
  const refused = await page.send("/dashboard/secrets", { ...place, value: "x".repeat(5001) });
  assert.equal(refused.status, 422);
  assert.match(refused.text, /id="secret-0-problem">A value has 1 to 5000 characters/);
  assert(!refused.text.includes("xxxx"));

  const saved = await page.send("/dashboard/secrets", { ...place, value: 'a "long" value' });
  assert.match(saved.text, /<code>API_KEY<\/code>\s*<span class="mark good">set</);
  const called = await page.call("Needy");
  assert.deepEqual(worker.invocations.at(-1)?.context.secrets, [
    { key: "API_KEY", value: 'a "long" value' },
  ]);
  assert.match(called.text, /&quot;value&quot;: &quot;\[hidden\]&quot;/);
  for (const { text } of [saved, called]) assert.doesNotMatch(text, /a (?:\\?"|&quot;)long/);
  assert.equal((await page.send("/dashboard/secrets", { key: "../x" })).status, 404);
});

Deno.test("a result with a hidden value is whole, and does not tell the length of the value", async () => {
  await using fixture = await start();
  await using worker = new FakeWorker([workerTool("Tell")], () => succeeded("v1-".repeat(50)));
  const page = await ServerPage.of(fixture, worker);
  const secret = { tool: "Demo.Tell", key: "API_KEY", value: "v1-".repeat(50) };
  await page.send("/dashboard/secrets", secret);
  const { text } = await page.call("Tell");
  assert.match(text, /aria-label="Value">\[hidden\]<\/pre>/);
  assert.doesNotMatch(text, /more characters/);
});

Deno.test("a value of several lines is hidden where a result has one of its lines", async () => {
  await using fixture = await start();
  const value = "-----BEGIN KEY-----\r\nMIIEvQIBADANBg\r\nkqhkiG9w0BAQEF\r\n-----END KEY-----";
  const [, second, third] = value.split("\r\n");
  await using worker = new FakeWorker(
    [workerTool("Tell")],
    () => succeeded({ found: second, indented: `  ${third}\n` }),
  );
  const page = await ServerPage.of(fixture, worker);
  await page.send("/dashboard/secrets", { tool: "Demo.Tell", key: "KEY", value });
  const { text } = await page.call("Tell");
  assert.equal(text.match(/\[hidden\]/g)?.length, 2);
  for (const line of [second, third]) assert(!text.includes(line ?? ""), line);
});

Deno.test("the page grants for the chosen user, asks on the page of grants, and revokes", async () => {
  await using fixture = await start();
  const authorization = { provider_id: "github", oauth2: { scopes: ["repo"] } };
  const star = workerTool("Star", { requirements: { authorization } });
  await using worker = new FakeWorker([star], ({ context }) => succeeded(context.user_id));
  const page = await ServerPage.of(fixture, worker);
  const markOf = (text: string) =>
    /<\/strong> grant[^]*?<span class="mark \w+">(\w+)</.exec(text)?.[1];
  assert.equal(markOf(await page.get()), "missing");
  assert.match((await page.call("Star")).text, /authorization required/);
  assert.match(await page.get({ user: "" }), /Name the user first/);

  const send = (what: string, user: string) =>
    page.send("/dashboard/grants", { tool: "Demo.Star", user, do: what });
  assert.equal(markOf((await send("grant", "bob@example.com")).text), "granted");
  assert.equal(markOf(await page.get()), "missing");
  const asBob = await page.send("/dashboard/tool_calls", {
    tool: "Demo.Star",
    user: "bob@example.com",
  });
  assert.match(asBob.text, /aria-label="Value">bob@example\.com<\/pre>/);
  assert.equal(markOf((await send("revoke", "bob@example.com")).text), "missing");

  const asked = await page.send("/dashboard/grants", { tool: "Demo.Star", do: "ask" });
  assert.match(asked.text, /An application wants to use/);
  const flow_id = /name="flow_id" value="([^"]+)"/.exec(asked.text)?.[1] ?? "";
  const allowed = await page.send("/grants/decision", {
    flow_id,
    account: "ada@example.com",
    decision: "allow",
  });
  assert.equal(markOf(allowed.text), "granted", allowed.text);
});

Deno.test("a destructive tool is called only after the user has said so", async () => {
  await using fixture = await start();
  const metadata = { behavior: { destructive: true } };
  const parameters = [parameter("name", "string", { required: true })];
  await using worker = new FakeWorker([workerTool("Drop", { metadata, input: { parameters } })]);
  const page = await ServerPage.of(fixture, worker);
  const unsure = await page.call("Drop", { name: "all" });
  assert.equal(unsure.status, 422);
  assert.match(unsure.text, /id="sure-problem">Check this first/);
  assert.match(unsure.text, />\n*all<\/textarea>/);
  const form = { tool: "Demo.Drop", "input.name": "all" };
  await page.send("/dashboard/tool_calls", { ...form, sure: "yes" });
  assert.equal(worker.invocations.length, 1);
  const repeat = /name="repeat" value="(tc_[\w-]+)"/.exec(await page.get())?.[1] ?? "";
  assert.equal((await page.send("/dashboard/tool_calls", { repeat })).status, 422);
  assert.equal(worker.invocations.length, 1);
});

Deno.test("calls from anywhere can be repeated, and their values are hidden until then", async () => {
  await using fixture = await start({ exampleLine });
  await using worker = new FakeWorker([EVERY_KIND]);
  const page = await ServerPage.of(fixture, worker);
  const input = { text: "value-of-text", days: 3, tags: ["b", "c d"], options: { a: 1 } };
  await page.project.execute("Demo.Every", input, { user_id: "bob@example.com" });
  const list = await page.get();
  assert.match(list, /<code class="masked">text=•••<\/code>/);
  assert(!list.includes("value-of-"));
  const repeat = /name="repeat" value="(tc_[\w-]+)"/.exec(list)?.[1] ?? "";
  const filled = await page.get({ call: repeat });
  assert.match(filled, />\n*value-of-text<\/textarea>/);
  assert.match(filled, />\n*b\nc d<\/textarea>/);
  assert.match(filled, /Only the results of the most recent calls/);
  const ofCall = await page.show(`/calls/${repeat}`);
  assert.match(ofCall.text, /href="[^"]+user=bob%40example\.com&amp;call=tc_[^"]+">Repeat it on/);
  assert(!ofCall.text.includes("value-of-"));
  const again = await page.send("/dashboard/tool_calls", { repeat });
  assert.match(again.text, /<h3>Result <span class="mark good">completed/);
  assert.deepEqual(worker.invocations.map(({ inputs }) => inputs), [input, input]);
  assert.deepEqual(worker.invocations.map(({ context }) => context.user_id), [
    "bob@example.com",
    "bob@example.com",
  ]);
});

Deno.test("a call whose input is no longer kept is not repeated without it", async () => {
  await using fixture = await start();
  const parameters = [parameter("text", "string")];
  await using worker = new FakeWorker([workerTool("Note", { input: { parameters } })]);
  const page = await ServerPage.of(fixture, worker);
  await page.project.execute("Demo.Note", { text: "first" });
  const repeat = /name="repeat" value="(tc_[\w-]+)"/.exec(await page.get())?.[1] ?? "";
  for (let i = 0; i < 100; i++) await page.project.execute("Demo.Note", { text: "later" });
  const calls = worker.invocations.length;
  assert.equal((await page.send("/dashboard/tool_calls", { repeat })).status, 422);
  assert.equal(worker.invocations.length, calls);
});

Deno.test("the inputs of the last calls are kept, and long ones are not", async () => {
  await using fixture = await start();
  await using worker = new FakeWorker([EVERY_KIND]);
  const page = await ServerPage.of(fixture, worker);
  const ofFirst = async () => {
    await page.project.execute("Demo.Every", { text: "first" });
    return /name="repeat" value="(tc_[\w-]+)"/.exec(await page.get())?.[1] ?? "";
  };
  const first = await ofFirst();
  await page.project.execute("Demo.Every", { text: "x".repeat(64 * 1024) });
  assert.equal((await page.get()).match(/name="repeat"/g)?.length, 1);
  for (let i = 0; i < 98; i++) await page.project.execute("Demo.Every", { text: "x" });
  assert.match(await page.get({ call: first }), />\n*first<\/textarea>/);
  await page.project.execute("Demo.Every", { text: "x" });
  assert(!(await page.get({ call: first })).includes("first</textarea>"));
  assert.equal((await page.get()).match(/name="repeat"/g)?.length, 20);
});

Deno.test("the tools are found by their names and descriptions, those with the name first", async () => {
  await using fixture = await start();
  const tools = Array.from({ length: 10_000 }, (_, i) => workerTool(`T${i}`));
  await using worker = new FakeWorker([
    ...tools,
    workerTool("Rain", { description: "Sun and <b>" }),
    workerTool("Sun"),
  ]);
  const page = await ServerPage.of(fixture, worker);
  const listed = async (filter: string) =>
    [...(await page.get({ filter })).matchAll(/<span class="head">\s*<code>([^<]+)/g)]
      .map(([, name]) => name);
  assert.deepEqual(await listed("SUN"), ["Demo.Sun", "Demo.Rain"]);
  assert.deepEqual(await listed("does t9999"), ["Demo.T9999"]);
  assert.deepEqual(await listed("none"), []);
  assert.match(await page.get({ filter: "none" }), /No tool matches/);
});

Deno.test("the page of a server calls its own tool, also where another server has one of the same name", async () => {
  await using fixture = await start();
  await using other = new FakeWorker([EVERY_KIND]);
  await using worker = new FakeWorker([EVERY_KIND]);
  const project = await ApiProject.of(fixture);
  await project.register("another", other);
  await project.register("demo", worker);
  const page = new ServerPage(fixture, project);
  await page.call("Every", { text: "x" });
  assert.deepEqual([other.invocations.length, worker.invocations.length], [0, 1]);
  assert.match(await page.get(), /name="repeat"/);
  const ofOther = await page.show(`/servers/${project.project}/another`);
  assert.doesNotMatch(ofOther.text, /name="repeat"/);
});

Deno.test("a tool with too much of everything has a page of limited size", async () => {
  await using fixture = await start();
  const long = "x".repeat(100_000);
  const parameters = [
    parameter(long, "string", { enum: ["a".repeat(60_000)] }),
    parameter("many", "string", { enum: Array.from({ length: 10_000 }, (_, i) => `v${i}`) }),
    ...Array.from({ length: 1000 }, (_, i) => parameter(`p${i}`, "string")),
  ];
  const secrets = Array.from({ length: 1000 }, (_, i) => ({ key: `KEY_${i}` }));
  const more = { description: long, input: { parameters }, requirements: { secrets } };
  await using worker = new FakeWorker([workerTool("Huge", more)]);
  const { length } = await (await ServerPage.of(fixture, worker)).get();
  assert(length < 500_000, String(length));
});

Deno.test("defaults of an MCP server are shown beside their fields", async () => {
  await using fixture = await start();
  const project = await ApiProject.of(fixture);
  await using weather = new FakeMcpServer({
    tools: [{
      name: "forecast",
      inputSchema: { type: "object", properties: { days: { type: "integer", default: 7 } } },
    }],
  });
  const mcp = { uri: `${weather.url}/mcp`, timeout: 30, retry: 0 };
  const added = await project.ask("POST /workers", { id: "weather", type: "mcp", mcp });
  assert.equal(added.status, 201, added.text);
  const { text } = await call(`${fixture.url}/servers/${project.project}/weather`);
  assert.match(text, /Default: <code><bdi>7<\/bdi><\/code>/);
});

Deno.test("the parts of the page are for browsers that may use the pages, and for no website", async () => {
  await using fixture = await start();
  await using worker = new FakeWorker([EVERY_KIND]);
  const page = await ServerPage.of(fixture, worker);
  const { url } = fixture;
  const server = `${page.project.project}/demo`;
  const form = { server, tool: "Demo.Every", "input.text": "x", key: "KEY", value: "v" };
  for (const path of ["tool_calls", "secrets", "grants"]) {
    const address = `${url}/dashboard/${path}`;
    assert.equal((await call(address, { form, stranger: true })).status, 403);
    const headers = { origin: "http://evil.example" };
    assert.equal((await call(address, { form, headers })).status, 403);
    assert.equal((await call(address, { form: { ...form, server: "none" } })).status, 404);
  }
  for (const path of ["server.js", `live?server=${encodeURIComponent(server)}`]) {
    assert.equal((await call(`${url}/dashboard/${path}`, { stranger: true })).status, 403);
  }
  assert.equal(worker.invocations.length, 0);
  assert.equal((await call(`${url}/dashboard/live?server=none`)).status, 404);
  const script = await call(`${url}/dashboard/server.js`);
  assert.match(script.headers.get("content-type") ?? "", /^text\/javascript/);
  const policy = (await page.show(`/servers/${server}`)).headers.get("content-security-policy");
  assert.match(
    policy ?? "",
    /^default-src 'none'; style-src 'sha256-\S+ 'sha256-\S+'; img-src data:; /,
  );
  assert.match(policy ?? "", /script-src 'self'; connect-src 'self'; require-trusted-types-for/);
});

Deno.test("a request for the headers of a stream opens none", async () => {
  await using fixture = await start();
  await using worker = new FakeWorker([EVERY_KIND]);
  const page = await ServerPage.of(fixture, worker);
  const live = `${fixture.url}/dashboard/live?server=${page.project.project}/demo`;
  for (let i = 0; i < 101; i++) {
    const { status, headers } = await call(live, { method: "HEAD" });
    assert.equal(status, 200);
    assert.equal(headers.get("content-type"), "text/event-stream");
  }
});

Deno.test("the stream of a page tells changes and ends with its server", async () => {
  await using fixture = await start();
  await using worker = new FakeWorker([EVERY_KIND]);
  const page = await ServerPage.of(fixture, worker);
  const live = /data-live="([^"]+)"\s+data-version="(\w+)"/.exec(await page.get());
  const path = `${live?.[1]?.replaceAll("&amp;", "&")}&version=${live?.[2]}`;
  const form = { code: fixture.arcade.code ?? "" };
  const admitted = await call(`${fixture.url}/access`, { form, stranger: true });
  const cookie = admitted.headers.getSetCookie()[0]?.split(";", 1)[0] ?? "";
  const response = await fetch(fixture.url + path, { headers: { cookie } });
  assert.equal(response.headers.get("content-type"), "text/event-stream");
  assert(response.body);
  const events = response.body.pipeThrough(new TextDecoderStream())
    .pipeThrough(new EventSourceParserStream()).getReader();
  await page.call("Every", { text: "x" });
  const { value } = await patiently("a change", events.read());
  assert.equal(value?.event, "changed");
  assert.notEqual(value?.data, live?.[2]);
  await page.project.ask("DELETE /workers/demo");
  await patiently(
    "the end",
    (async () => {
      while (!(await events.read()).done);
    })(),
  );
});
