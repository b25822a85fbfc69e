import assert from "node:assert/strict";
import { json } from "../../support/answers.ts";
import { ScriptedEngine } from "../../support/services.ts";

const forecast = {
  name: "Forecast",
  fully_qualified_name: "Weather.Forecast",
  qualified_name: "Weather.Forecast",
  description: "Tells the weather.\n\nOf a place.",
  toolkit: { name: "Weather", description: "Weather tools", version: "1.2.0" },
  input: {
    parameters: [
      {
        name: "place",
        required: true,
        description: "Where",
        value_schema: { val_type: "string", enum: null },
        inferrable: true,
      },
      {
        name: "days",
        required: false,
        value_schema: { val_type: "array", inner_val_type: "string", enum: ["today", "tomorrow"] },
      },
    ],
  },
  output: { description: "The weather", value_schema: { val_type: "json" }, available_modes: [] },
  requirements: {
    authorization: {
      id: "x",
      provider_id: "weatherly",
      provider_type: "oauth2",
      oauth2: { scopes: ["read", "places"] },
    },
    secrets: [{ key: "WEATHER_KEY" }, { key: "REGION" }],
  },
};
const bare = { name: "Plain", toolkit: { name: "Notes" } };
const nameless = {};
const nulls = {
  name: "Nulls",
  qualified_name: "Notes.Nulls@0.9.0",
  description: null,
  toolkit: null,
  input: { parameters: null },
  output: null,
  requirements: { authorization: null, secrets: null, metadata: null },
};
const items = [forecast, bare, nameless, nulls];

/** An engine with these tools, which filters by server like the real one. */
function engineWith(tools: readonly { toolkit?: { name: string } | null }[]): ScriptedEngine {
  return new ScriptedEngine({
    "GET /tools": ({ path }) => {
      const server = new URL(path, "http://x").searchParams.get("toolkit");
      const found = tools.filter(({ toolkit }) => server === null || toolkit?.name === server);
      return json({ items: found, total_count: found.length, offset: 0, limit: 1000 });
    },
  });
}

const rowsOf = (stdout: string) =>
  stdout.trimEnd().split("\n").map((line) => line.split(/ {2,}/).filter((cell) => cell !== ""));

for (const command of [["tool", "list"], ["show"]]) {
  Deno.test(`${command.join(" ")} shows all tools, also with missing fields`, async () => {
    await using engine = engineWith(items);
    const { code, stdout } = await engine.home.run(command);
    assert.equal(code, 0);
    assert.deepEqual(rowsOf(stdout), [
      ["Name", "Version", "Needs", "Description"],
      ["-", "-", "-"],
      ["Notes.Nulls", "0.9.0", "-"],
      ["Notes.Plain", "-", "-"],
      ["Weather.Forecast", "1.2.0", "weatherly, WEATHER_KEY, REGION", "Tells the weather."],
    ]);
    assert.deepEqual(engine.asked, ["GET /tools?limit=1000"]);
  });
}

for (const command of [["tool", "list", "--server"], ["show", "-T"]]) {
  Deno.test(`${command.join(" ")} shows the tools of one server`, async () => {
    await using engine = engineWith(items);
    const { stdout } = await engine.home.run([...command, "Notes"]);
    assert.deepEqual(rowsOf(stdout).slice(1), [["Notes.Plain", "-", "-"]]);
    assert.deepEqual(engine.asked, ["GET /tools?toolkit=Notes&limit=1000"]);
    const none = await engine.home.run([...command, "Nots"]);
    assert.deepEqual([none.code, none.stdout], [1, ""]);
    assert.equal(
      none.stderr,
      'Error: No tools of a server called "Nots"\n' +
        "  `arcade tool list` lists the tools of all servers\n",
    );
    assert.equal((await engine.home.run([...command, "Nots", "--json"])).code, 1);
  });
}

const missing = {
  version: null,
  server: null,
  description: null,
  inputs: [],
  output: { type: null, description: null },
  secrets: [],
  authorization: null,
  deprecation: null,
};
const forecastJson = {
  name: "Weather.Forecast",
  version: "1.2.0",
  server: "Weather",
  description: "Tells the weather.\n\nOf a place.",
  inputs: [
    { name: "place", type: "string", required: true, description: "Where", values: [] },
    {
      name: "days",
      type: "array of string",
      required: false,
      description: null,
      values: ["today", "tomorrow"],
    },
  ],
  output: { type: "json", description: "The weather" },
  secrets: ["WEATHER_KEY", "REGION"],
  authorization: { provider: "weatherly", type: "oauth2", scopes: ["read", "places"] },
  deprecation: null,
};

Deno.test("`tool list --json` has stable keys", async () => {
  await using engine = engineWith(items);
  const { stdout } = await engine.home.run(["tool", "list", "--json"]);
  assert.deepEqual(JSON.parse(stdout), {
    tools: [
      { ...missing, name: null },
      { ...missing, name: "Notes.Nulls", version: "0.9.0" },
      { ...missing, name: "Notes.Plain", server: "Notes" },
      forecastJson,
    ],
  });
});

Deno.test("`tool list` and `show` report an invalid response, however deeply nested", async () => {
  const deep = `{"items":[{"name":"D","x":${"[".repeat(9000)}${"]".repeat(9000)}}]}`;
  const tools = () => new Response(deep, { headers: { "content-type": "application/json" } });
  await using engine = new ScriptedEngine({ "GET /tools": tools });
  for (const words of [["tool", "list"], ["tool", "list", "--json"], ["show", "-t", "D", "-f"]]) {
    const { code, stderr } = await engine.home.run([...words, "--debug"]);
    assert.equal(code, 1);
    assert.match(stderr, /answered with invalid JSON/);
  }
});

Deno.test("`tool list` shows all pages", async () => {
  const tools = Array.from({ length: 2500 }, (_, i) => ({ name: `T${i + 1000}` }));
  await using engine = new ScriptedEngine({
    "GET /tools": ({ path }) => {
      const offset = Number(new URL(path, "http://x").searchParams.get("offset") ?? 0);
      return json({ items: tools.slice(offset, offset + 1000), total_count: tools.length });
    },
  });
  const { stdout } = await engine.home.run(["tool", "list", "--json"]);
  assert.equal(JSON.parse(stdout).tools.length, 2500);
  assert.deepEqual(engine.asked, [
    "GET /tools?limit=1000",
    "GET /tools?limit=1000&offset=1000",
    "GET /tools?limit=1000&offset=2000",
  ]);
});

Deno.test("`tool list` without tools prints a message", async () => {
  await using engine = engineWith([]);
  const { code, stderr } = await engine.home.run(["tool", "list"]);
  assert.deepEqual([code, stderr], [0, "No tools in this project yet\n"]);
});

for (const command of [["tool", "get"], ["show", "--tool"], ["show", "-t"]]) {
  Deno.test(`${command.join(" ")} shows inputs, output and requirements`, async () => {
    await using engine = engineWith(items);
    const { code, stdout } = await engine.home.run([...command, "Weather.Forecast"]);
    assert.equal(code, 0);
    assert.deepEqual(rowsOf(stdout), [
      ["Name", "Weather.Forecast"],
      ["Version", "1.2.0"],
      ["Server", "Weather"],
      ["Description", "Tells the weather. Of a place."],
      ["Auth", "weatherly, oauth2 (read places)"],
      ["Secrets", "WEATHER_KEY, REGION"],
      ["Output", "json: The weather"],
      [],
      ["Input", "Type", "Required", "Description"],
      ["place", "string", "yes", "Where"],
      ["days", "array of string", "no", "One of: today, tomorrow"],
    ]);
    assert.deepEqual(engine.asked, ["GET /tools?toolkit=Weather&limit=1000"]);
  });

  Deno.test(`${command.join(" ")} prints JSON, or everything from the engine`, async () => {
    await using engine = engineWith(items);
    const { stdout } = await engine.home.run([...command, "Weather.Forecast", "--json"]);
    assert.deepEqual(JSON.parse(stdout), forecastJson);
    const full = await engine.home.run([...command, "Weather.Forecast", "--full"]);
    assert.deepEqual(JSON.parse(full.stdout), forecast);
  });
}

Deno.test("`tool get --full` prints the tool as the engine writes it", async () => {
  const written =
    `{"name": "Odd",  "2": 12345678901234567890, "1": 1E+400,"d": -0.10, "t": "\\u00e9\\/"}`;
  await using engine = new ScriptedEngine({
    "GET /tools": () => new Response(`{"items": [{"name": "Other"}, ${written} ]}`),
  });
  const piped = await engine.home.run(["tool", "get", "Odd", "--full"]);
  assert.equal(piped.stdout, `${written}\n`, piped.stderr);
  const shown = await engine.home.run(["tool", "get", "Odd", "--full"], { terminal: true });
  assert.equal(
    shown.stdout,
    `{
  "name": "Odd",
  "2": 12345678901234567890,
  "1": 1E+400,
  "d": -0.10,
  "t": "\\u00e9\\/"
}
`,
  );
});

Deno.test("`tool get` shows a tool with only a name", async () => {
  await using engine = engineWith(items);
  const { code, stdout } = await engine.home.run(["tool", "get", "Notes.Nulls"]);
  assert.equal(code, 0);
  assert.match(stdout, /^Auth +none\nSecrets +none\nOutput +-\n$/m);
});

const versions = [
  { name: "A", fully_qualified_name: "Kit.A", toolkit: { name: "Kit", version: "1.0.0" } },
  { name: "A", fully_qualified_name: "Kit.A", toolkit: { name: "Kit", version: "2.0.0" } },
  { name: "B", fully_qualified_name: "Kit.B@3.0.0", toolkit: { name: "Kit" } },
  { name: "b", fully_qualified_name: "Kit.b", toolkit: { name: "Kit", version: "4.0.0" } },
];
for (
  const [wanted, version] of [
    ["Kit.A@1.0.0", "1.0.0"],
    ["kit.a@2.0.0", "2.0.0"],
    ["Kit.B", "3.0.0"],
    ["Kit.b", "4.0.0"],
    ["KIT.B@3.0.0", "3.0.0"],
  ] as const
) {
  Deno.test(`\`tool get ${wanted}\` finds version ${version}`, async () => {
    await using engine = engineWith(versions);
    const { code, stdout } = await engine.home.run(["tool", "get", wanted, "--json"]);
    assert.equal(code, 0);
    assert.equal(JSON.parse(stdout).version, version);
  });
}

Deno.test("`tool get` asks for the version when several match", async () => {
  await using engine = engineWith(versions);
  const { code, stderr } = await engine.home.run(["tool", "get", "Kit.A"]);
  assert.equal(code, 2);
  assert.match(stderr, /More than one tool is called "Kit\.A"\n {2}Give .*, like Kit\.A@1\.0\.0\n/);
});

Deno.test("`tool get` finds a tool without its server's name, unless it is ambiguous", async () => {
  const tool = (server: string, name: string) => ({
    ...forecast,
    name,
    fully_qualified_name: `${server}.${name}@1.0.0`,
    toolkit: { name: server, version: "1.0.0" },
  });
  await using engine = engineWith([tool("One", "Greet"), tool("One", "Same"), tool("Two", "Same")]);
  const found = await engine.home.run(["tool", "get", "greet", "--json"]);
  assert.equal(found.code, 0, found.stderr);
  assert.equal(JSON.parse(found.stdout).name, "One.Greet");
  const { code, stderr } = await engine.home.run(["tool", "get", "Same"]);
  assert.equal(code, 2);
  assert.match(
    stderr,
    /More than one tool is called "Same"\n {2}Give its full name, like One\.Same/,
  );
});

Deno.test("`tool get` suggests a similar tool for an unknown one", async () => {
  await using engine = engineWith(items);
  const { code, stderr } = await engine.home.run(["tool", "get", "Wether.Forcast"]);
  assert.equal(code, 1);
  assert.match(stderr, /No tool called "Wether\.Forcast"\n {2}Did you mean "Weather\.Forecast"\?/);
  assert.match(stderr, /`arcade tool list`/);
});

Deno.test("`tool get` escapes hostile texts", async () => {
  const evil = "\x1b]0;owned\x07\u202e";
  const hostile = {
    ...forecast,
    description: evil,
    deprecation_message: `${evil}old`,
    input: { parameters: [{ name: evil, description: evil, value_schema: { val_type: evil } }] },
    output: { description: evil, value_schema: { val_type: "vector" } },
  };
  await using engine = engineWith([hostile]);
  for (const args of [["tool", "get", "Weather.Forecast"], ["tool", "list"]]) {
    const { code, stdout } = await engine.home.run(args);
    assert.equal(code, 0);
    // deno-lint-ignore no-control-regex
    assert.doesNotMatch(stdout, /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/);
  }
});

for (
  const [args, message] of [
    [
      ["show", "--local"],
      /`--local` would list .*\n {2}Use the Python CLI's `arcade-mcp show --local`/,
    ],
    [["show", "--full"], /`--full` needs `--tool`/],
  ] as const
) {
  Deno.test(`${args.join(" ")} suggests the alternative`, async () => {
    await using engine = engineWith(items);
    const { code, stderr } = await engine.home.run(args);
    assert.equal(code, 2);
    assert.match(stderr, message);
    assert.deepEqual(engine.asked, []);
  });
}
