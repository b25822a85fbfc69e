import assert from "node:assert/strict";
import { closedPort, json } from "../../support/answers.ts";
import type { Environment } from "../../../src/contract/variables.ts";
import { ScriptedEngine } from "../../support/services.ts";
import { InProcess, InProcessArcade } from "../../support/in_process.ts";

const VALUE = "CANARY-value";

/** Completes these words for zsh; returns the candidates and the rest of the answer. */
async function completions(
  home: InProcess,
  words: readonly string[],
  world: Parameters<InProcess["complete"]>[1] = {},
): Promise<string[]> {
  const { stdout, stderr } = await home.complete(["zsh", ...words], { terminal: true, ...world });
  assert.equal(stderr, "");
  const [kind, ...lines] = stdout.trimEnd().split("\n");
  assert.equal(kind, "words");
  return lines.map((line) => line.split("\t")[0] ?? "");
}

/** The same, without a network. */
async function completionsOffline(
  home: InProcess,
  words: readonly string[],
  env: Environment = {},
): Promise<string[]> {
  let requests = 0;
  const fetch = () => {
    requests++;
    return Promise.reject(new Error("No network"));
  };
  const names = await completions(home, words, { env, fetch });
  assert.equal(requests, 0, words.join(" "));
  return names;
}

const SECRET = { id: "1", binding: { type: "project" }, created_at: "2026-01-01T00:00:00Z" };

/** An engine with these secrets. */
function engineWith(...keys: readonly string[]): ScriptedEngine {
  return withCoordinator(
    new ScriptedEngine({
      "GET /secrets": () => json({ items: keys.map((key) => ({ ...SECRET, key })) }),
    }),
  );
}

/** The same engine, also used as the coordinator of the login. */
function withCoordinator(engine: ScriptedEngine): ScriptedEngine {
  engine.home.moveLogin({ coordinator: engine.answers.url });
  return engine;
}

Deno.test("the flags of a tool are completed from its parameters, and their values", async () => {
  const parameters = [
    { name: "owner", value_schema: { val_type: "string" } },
    { name: "starred", value_schema: { val_type: "boolean" } },
    { name: "size", value_schema: { val_type: "string", enum: ["small", "large"] } },
    { name: "x\u001b[2J", value_schema: { val_type: "string" } },
  ];
  const tool = { name: "Star", qualified_name: "Github.Star", input: { parameters } };
  await using engine = withCoordinator(
    new ScriptedEngine({ "GET /tools": () => json({ items: [tool] }) }),
  );
  const of = (...words: string[]) => completions(engine.home, ["tool", "call", ...words]);
  assert.deepEqual(await of("git"), ["Github.Star"]);
  const all = await of("github_star", "");
  assert.deepEqual(all.slice(0, 5), ["--owner", "--starred", "--no-starred", "--size", "--arg"]);
  assert.deepEqual(await of("Github.Star", "--st"), ["--starred"]);
  assert.deepEqual(await of("Github.Star", "--owner=o", "--o"), ["--output", "--org"]);
  assert.deepEqual(await of("Github.Star", "--size", ""), ["small", "large"]);
  assert.deepEqual(await of("Github.Star", "--size", "l"), ["large"]);
  assert.deepEqual(await of("Github.Star", "--size=s"), ["--size=small"]);
  assert.deepEqual(await of("Github.Star", "--owner", ""), []);
  assert.deepEqual(await of("Github.Star", "--output", "v"), ["value"]);
  // Nothing that was typed is sent.
  assert.deepEqual([...new Set(engine.asked)], ["GET /tools?limit=1000"]);
  const offline = await completionsOffline(engine.home, ["tool", "call", "Github.Star", "--y"], {
    ARCADE_COMPLETION_OFFLINE: "1",
  });
  assert.deepEqual(offline, ["--yes"]);
});

Deno.test("a tool cannot make completion offer a flag of arcade", async () => {
  const parameters = [
    { name: "host=evil.example.com", value_schema: { val_type: "string" } },
    { name: "-yes", value_schema: { val_type: "string" } },
    { name: "mode", value_schema: { val_type: "string", enum: ["--yes", "fast"] } },
  ];
  const tool = { name: "Star", qualified_name: "Github.Star", input: { parameters } };
  await using engine = withCoordinator(
    new ScriptedEngine({ "GET /tools": () => json({ items: [tool] }) }),
  );
  const of = (...words: string[]) =>
    completions(engine.home, ["tool", "call", "Github.Star", ...words]);
  assert.deepEqual((await of("")).slice(0, 2), ["--mode", "--arg"]);
  assert.deepEqual(await of("--mode", ""), ["fast"]);
  assert.deepEqual(await of("--mode="), ["--mode=--yes", "--mode=fast"]);
});

Deno.test("names of contexts and hubs come from files", async () => {
  using home = new InProcess();
  const names = [
    [["context", "show", ""], ["default", "work"]],
    [["context", "delete", "w"], ["work"]],
    [["whoami", "--context=w"], ["--context=work"]],
    [["identity", "show", "--hub", ""], ["musehub.ai", "localhost:8000"]],
  ] as const;
  for (const [words] of names) assert.deepEqual(await completionsOffline(home, words), []);
  home.write(`cloud:
  active_context: default
  contexts:
    default: { kind: cloud }
    work: { kind: self_hosted, coordinator_url: "https://arcade.example.com" }
`);
  Deno.writeTextFileSync(
    `${home.folder}/identity.toml`,
    '["musehub.ai"]\nname = "Ada"\n["localhost:8000"]\nname = "Bob"\n',
    { mode: 0o600 },
  );
  for (const [words, expected] of names) {
    assert.deepEqual(await completionsOffline(home, words), expected, words.join(" "));
  }
});

Deno.test("names of organizations, projects and secrets come from the services", async () => {
  await using playground = await InProcessArcade.loggedIn();
  const { home } = playground;
  await home.run(["secret", "set", "API_KEY=a", "API_URL=b", "REGION=c"]);
  assert.deepEqual(await completions(home, ["org", "set", ""]), ["Default organization"]);
  assert.deepEqual(await completions(home, ["project", "set", "def"]), ["Default project"]);
  assert.deepEqual(await completions(home, ["secret", "list", "--project", ""]), [
    "Default project",
  ]);
  assert.deepEqual(await completions(home, ["secret", "unset", "API"]), ["API_KEY", "API_URL"]);
  assert.deepEqual(await completions(home, ["secret", "unset", "API_KEY", "API"]), ["API_URL"]);
  const named = ["secret", "unset", "--project", "Default project", ""];
  assert.deepEqual(await completions(home, named), ["API_KEY", "API_URL", "REGION"]);
  assert.deepEqual(await completions(home, ["secret", "unset", "--project", "None", ""]), []);
});

Deno.test("names of servers and tools come from the engine, with their descriptions", async () => {
  await using engine = new ScriptedEngine({
    "GET /workers": () => json({ items: [{ id: "weather", http: { uri: "https://w.example" } }] }),
    "GET /tools": () =>
      json({ items: [{ fully_qualified_name: "Weather.Forecast@1", description: "Tells it\nx" }] }),
  });
  const servers = await engine.home.complete(["fish", "server", "get", ""]);
  assert.equal(servers.stdout, "words\nweather\thttps://w.example\n");
  const tools = await engine.home.complete(["fish", "tool", "get", ""]);
  assert.equal(tools.stdout, "words\nWeather.Forecast\tTells it\n");
  // The name of the server is user input, which is not sent.
  await completions(engine.home, ["show", "--server", VALUE, "--tool", ""]);
  assert(!JSON.stringify(engine.asked).includes(VALUE));
});

Deno.test("user input is not sent, and values are not completed", async () => {
  await using engine = engineWith("API_KEY");
  const { home } = engine;
  assert.deepEqual(await completions(home, ["secret", "set", `A=${VALUE}`, ""]), ["API_KEY"]);
  assert.deepEqual(engine.asked, ["GET /secrets"]);
  assert.deepEqual(await completions(home, ["secret", "set", `A=${VALUE}`]), []);
  assert.deepEqual(engine.asked.length, 1);
  for (const flag of ["--host=x", "--port=1", "--tls"]) {
    assert.deepEqual(await completionsOffline(home, ["secret", "unset", flag, ""]), []);
  }
});

Deno.test("--context and ARCADE_CONTEXT choose the login", async () => {
  await using first = engineWith("FIRST");
  await using second = engineWith("SECOND");
  const context = (url: string, token: string) => `
      kind: self_hosted
      coordinator_url: ${url}
      engine_url: ${url}
      auth: { access_token: ${token}, refresh_token: r, expires_at: '2999-01-01T00:00:00+00:00' }
      user: { email: e }
      context: { org_id: org_1, org_name: o, project_id: proj_1, project_name: p }`;
  first.home.write(`cloud:
  active_context: one
  contexts:
    one:${context(first.answers.url, "token-of-one")}
    two:${context(second.answers.url, "token-of-two")}
`);
  const { home } = first;
  assert.deepEqual(await completions(home, ["secret", "unset", ""]), ["FIRST"]);
  assert.deepEqual(await completions(home, ["secret", "unset", "--context", "two", ""]), [
    "SECOND",
  ]);
  const env = { ARCADE_CONTEXT: "two" };
  assert.deepEqual(await completions(home, ["secret", "unset", ""], { env }), ["SECOND"]);
  assert.deepEqual(await completionsOffline(home, ["secret", "unset", "--context=none", ""]), []);
  assert.deepEqual(second.answers.seen.map(({ authorization }) => authorization), [
    "Bearer token-of-two",
    "Bearer token-of-two",
  ]);
});

Deno.test("completion sends a token only to servers that the command would use", async () => {
  await using engine = engineWith("KEY");
  const { home } = engine;
  const env = { ARCADE_ENGINE_URL: "https://elsewhere.example" };
  assert.deepEqual(await completionsOffline(home, ["secret", "unset", ""], env), []);
  const coordinator = { ARCADE_COORDINATOR_URL: "https://elsewhere.example" };
  assert.deepEqual(await completionsOffline(home, ["org", "set", ""], coordinator), []);
  const given = { ARCADE_API_KEY: "key-of-ci", ARCADE_ENGINE_URL: engine.answers.url };
  await completions(home, ["secret", "unset", ""], { env: given });
  const [seen] = engine.answers.seen;
  assert.deepEqual([seen?.path, seen?.authorization], ["/v1/admin/secrets", "Bearer key-of-ci"]);
  assert.equal(engine.answers.seen.length, 1);
});

Deno.test("an agent without the capability is refused before any request", async () => {
  await using engine = engineWith("KEY");
  const { home } = engine;
  const { host } = new URL(engine.answers.url);
  const identity = (capability: string) =>
    Deno.writeTextFileSync(
      `${home.folder}/identity.toml`,
      `["${host}"]\ntype = "agent"\ntoken = "t"\ncapabilities = ["${capability}"]\n`,
      { mode: 0o600 },
    );
  identity("tools:read");
  assert.deepEqual(await completionsOffline(home, ["secret", "unset", ""]), []);
  identity("secrets:read");
  await completions(home, ["secret", "unset", ""]);
  assert.equal(engine.answers.seen[0]?.authorization, "Bearer t");
});

Deno.test("completion renews no token and writes no file", async () => {
  await using engine = engineWith("KEY");
  const { home } = engine;
  const complete = async (expiresAt: string) => {
    home.write(home.read().replace(/expires_at: .*/, `expires_at: '${expiresAt}'`));
    const [files, content] = [home.files(), home.read()];
    const words = await completions(home, ["secret", "unset", ""]);
    assert.deepEqual([home.files(), home.read()], [files, content]);
    return words;
  };
  const minute = new Date(Date.now() + 60_000).toISOString();
  assert.deepEqual(await complete(minute.replace("Z", "000+00:00")), ["KEY"]);
  assert.deepEqual(engine.asked, ["GET /secrets"]);
  assert.deepEqual(await complete("2001-01-01T00:00:00.000000+00:00"), []);
  assert.deepEqual(engine.asked, ["GET /secrets"]);
});

const refusals = [
  {},
  { "www-authenticate": 'Bearer error="insufficient_user_authentication"' },
];
for (const headers of refusals) {
  Deno.test(`completion does not renew a refused token: ${JSON.stringify(headers)}`, async () => {
    await using engine = withCoordinator(
      new ScriptedEngine({ "GET /secrets": () => json({}, { status: 401, headers }) }),
    );
    const { home } = engine;
    const [files, content] = [home.files(), home.read()];
    assert.deepEqual(await completions(home, ["secret", "unset", ""]), []);
    assert.deepEqual([home.files(), home.read()], [files, content]);
    assert.equal(engine.asked.length, 1);
  });
}

Deno.test("any failure means no candidates and no messages", async () => {
  using home = new InProcess();
  const words = ["secret", "unset", ""];
  assert.deepEqual(await completions(home, words), []);
  for (const content of ["cloud: [", "cloud: { auth: 1 }"]) {
    home.write(content);
    assert.deepEqual(await completions(home, words), []);
    assert.deepEqual(await completions(home, ["context", "show", ""]), []);
  }
  home.writeCredentials();
  home.moveLogin({ engine: `http://127.0.0.1:${closedPort()}` });
  assert.deepEqual(await completions(home, words), []);
  for (const body of ["", "<html>", '{"items": 1}', '{"items": [{}]}']) {
    await using engine = new ScriptedEngine({ "GET /secrets": () => new Response(body) });
    assert.deepEqual(await completions(engine.home, words), []);
  }
});

Deno.test("completion does not wait for a slow server", async () => {
  const end = Promise.withResolvers<Response>();
  await using engine = new ScriptedEngine({ "GET /secrets": () => end.promise });
  try {
    const words = ["secret", "unset", ""];
    assert.deepEqual(await completions(engine.home, words, { elapsedMs: () => 290 }), []);
  } finally {
    end.resolve(json({}));
  }
});

Deno.test("with ARCADE_COMPLETION_OFFLINE only names from files are completed", async () => {
  using home = new InProcess();
  home.writeCredentials();
  const env = { ARCADE_COMPLETION_OFFLINE: "1" };
  assert.deepEqual(await completionsOffline(home, ["secret", "unset", ""], env), []);
  assert.deepEqual(await completionsOffline(home, ["org", "set", ""], env), []);
  assert.deepEqual(await completionsOffline(home, ["context", "show", ""], env), ["default"]);
});

Deno.test("without background traffic only names from files are completed", async () => {
  using home = new InProcess();
  home.writeCredentials();
  const env = { ARCADE_NO_BACKGROUND_TRAFFIC: "1" };
  assert.deepEqual(await completionsOffline(home, ["secret", "unset", ""], env), []);
  Deno.writeTextFileSync(home.policyFile, "background_traffic = false\n");
  const offline = { ARCADE_COMPLETION_OFFLINE: "0", ARCADE_NO_BACKGROUND_TRAFFIC: "0" };
  assert.deepEqual(await completionsOffline(home, ["secret", "unset", ""], offline), []);
  assert.deepEqual(await completionsOffline(home, ["context", "show", ""], offline), ["default"]);
});

Deno.test("completion keeps only the permissions that it needs", async () => {
  using home = new InProcess();
  const givenUp = async (...words: string[]) => (await home.complete(["zsh", ...words])).givenUp;
  assert.deepEqual(await givenUp("context", "show", ""), ["write", "net", "run", "sys"]);
  assert.deepEqual(await givenUp("secret", "unset", ""), ["write", "run", "sys"]);
});

Deno.test("names that are unsafe on a terminal or look like a flag are omitted", async () => {
  const harmful = ["", "-rf", "--all", "a\nb", "a\tb", "a\x1b[2J", "a\x9b", "a\u202eb", "a\u2028b"];
  await using engine = engineWith("$(touch x)", ...harmful, "KEY", "KEY");
  const { stdout } = await engine.home.complete(["zsh", "secret", "unset", ""]);
  assert.equal(stdout, "words\n$(touch x)\nKEY\n");
});

Deno.test("descriptions from servers are escaped and fit one line", async () => {
  await using engine = new ScriptedEngine({
    "GET /secrets": () =>
      json({ items: [{ ...SECRET, key: "KEY", description: "\n a\x1b[2J\tb\nmore" }] }),
  });
  const { stdout } = await engine.home.complete(["fish", "secret", "unset", ""]);
  assert.equal(stdout, "words\nKEY\ta\uFFFD[2J\uFFFDb\n");
});

Deno.test("an unknown shell gets no candidates", async () => {
  using home = new InProcess();
  for (const passed of [[], ["tcsh", ""], ["toString", ""]]) {
    assert.equal((await home.complete(passed)).stdout, "");
  }
});
