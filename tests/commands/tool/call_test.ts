import assert from "node:assert/strict";
import { json } from "../../support/answers.ts";
import { ScriptedEngine } from "../../support/services.ts";
import type { Routes } from "../../support/services.ts";
import { errorIn } from "../../support/error_object.ts";
import { grantIn, grantRoutes, PAGE } from "../../support/grants.ts";

/** A parameter as the engine returns it. */
function parameter(name: string, schema: unknown, required = false) {
  return { name, required, description: `The ${name}`, value_schema: schema };
}

const parameters = [
  parameter("owner", { val_type: "string" }, true),
  parameter("name", { val_type: "string" }, true),
  parameter("starred", { val_type: "boolean" }),
  parameter("max_items", { val_type: "integer" }),
  parameter("ratio", { val_type: "number" }),
  parameter("visibility", { val_type: "string", enum: ["public", "private"] }),
  parameter("labels", { val_type: "array", inner_val_type: "string" }),
  parameter("numbers", { val_type: "array", inner_val_type: "integer" }),
  parameter("extra", { val_type: "json" }),
  parameter("user", { val_type: "string" }),
];

interface Changes {
  readonly requirements?: unknown;
  readonly metadata?: unknown;
}

function definition({ requirements = {}, metadata = null }: Changes = {}) {
  return {
    name: "SetStarred",
    qualified_name: "Github.SetStarred",
    fully_qualified_name: "Github.SetStarred@1.2.0",
    description: "Stars a repository.",
    toolkit: { name: "Github", version: "1.2.0" },
    input: { parameters },
    output: { description: "What changed", value_schema: { val_type: "string" } },
    requirements,
    metadata,
  };
}

const BOTH = ["--owner", "o", "--name", "n"];
const call = (...words: string[]) => ["tool", "call", "Github.SetStarred", ...BOTH, ...words];

const succeeded = (value: unknown) => () =>
  json({ id: "te_1", success: true, status: "completed", output: { value } });
const failed = (error: unknown) => () =>
  json({ id: "te_1", success: false, status: "failed", output: { error } });
const refused = (status: number, name: string, message: string) => () =>
  json({ name, message }, { status });

/** An engine with one tool, whose calls are answered as the test says. */
function engineWith(
  execute: Routes[string],
  { more = {}, ...changes }: Changes & { readonly more?: Routes } = {},
): ScriptedEngine {
  return new ScriptedEngine({
    "GET /tools/Github.SetStarred": () => json(definition(changes)),
    "GET /tools/Github.SetStarred%401.2.0": () => json(definition(changes)),
    "GET /tools": () => json({ items: [definition(changes)], total_count: 1 }),
    "POST /tools/execute": execute,
    ...more,
  });
}

const bodyOf = ({ answers }: ScriptedEngine) =>
  answers.seen.find(({ path }) => path.endsWith("/execute"))?.body ?? "";
const inputOf = (engine: ScriptedEngine) => JSON.parse(bodyOf(engine)).input;
const isCalled = ({ asked }: ScriptedEngine) => asked.includes("POST /tools/execute");

Deno.test("a tool is called with two requests, and its text is printed", async () => {
  await using engine = engineWith(succeeded("It is starred"));
  const { code, stdout, stderr } = await engine.home.run(call("--starred"));
  assert.deepEqual([code, stdout, stderr], [0, "It is starred\n", ""]);
  assert.deepEqual(engine.asked, [
    "GET /tools/Github.SetStarred?user_id=someone%40example.com",
    "POST /tools/execute",
  ]);
  assert.deepEqual(JSON.parse(bodyOf(engine)), {
    tool_name: "Github.SetStarred",
    user_id: "someone@example.com",
    input: { owner: "o", name: "n", starred: true },
  });
});

for (
  const [words, expected] of [
    [["--no-starred"], { starred: false }],
    [["--starred=no"], { starred: false }],
    [["--starred", "false"], { starred: false }],
    [["--max_items", "3"], { max_items: 3 }],
    [["--max-items", "-3"], { max_items: -3 }],
    [["--MAX-ITEMS=3"], { max_items: 3 }],
    [["--ratio", "1.5e3"], { ratio: 1500 }],
    [["--visibility", "private"], { visibility: "private" }],
    [["--labels", "a", "--labels", "b, c"], { labels: ["a", "b, c"] }],
    [["--labels", '["a","b"]'], { labels: ["a", "b"] }],
    [["--labels", "[draft] a"], { labels: ["[draft] a"] }],
    [["--numbers", "1", "--numbers=2"], { numbers: [1, 2] }],
    [["--extra", '{"a":[1]}'], { extra: { a: [1] } }],
    [["--arg", "user=me"], { user: "me" }],
    [["--arg", "max-items=3", "--arg", "labels=x=y"], { max_items: 3, labels: ["x=y"] }],
  ] as const
) {
  Deno.test(`the inputs of ${words.join(" ")}`, async () => {
    await using engine = engineWith(succeeded(null));
    const { code, stderr } = await engine.home.run(call(...words));
    assert.equal(code, 0, stderr);
    assert.deepEqual(inputOf(engine), { owner: "o", name: "n", ...expected });
  });
}

Deno.test("inputs come from --input, a file and standard input, and flags override them", async () => {
  await using engine = engineWith(succeeded(1));
  const path = `${engine.home.path}/input.json`;
  await Deno.writeTextFile(path, '{"owner": "file", "extra": {"n": 12345678901234567890}}');
  const ran = await engine.home.run([
    ...["tool", "call", "Github.SetStarred", "--input", `@${path}`, "--name", "n"],
    ...["--owner", "flag"],
  ]);
  assert.equal(ran.code, 0, ran.stderr);
  // Numbers are sent as they are written.
  assert.match(bodyOf(engine), /"input":\{"owner":"flag","extra":\{"n": 12345678901234567890\},/);

  await using other = engineWith(succeeded(1));
  const piped = await other.home.run(call("--extra", "-"), { stdin: ['{"b"', ": 2}\n"] });
  assert.equal(piped.code, 0, piped.stderr);
  assert.deepEqual(inputOf(other).extra, { b: 2 });
});

Deno.test("a required parameter without a value is one problem", async () => {
  await using engine = engineWith(succeeded(null));
  const line = ["tool", "call", "Github.SetStarred", "--name", "n", "--owner"];
  const { code, stderr } = await engine.home.run(line);
  assert.equal(code, 2);
  assert.match(stderr, /^Error: Github.SetStarred: --owner needs a value\n/);
});

for (
  const [words, problem] of [
    [["--max-items", "many"], "--max-items must be a whole number"],
    [["--ratio", "0x10"], "--ratio must be a number"],
    [["--starred=perhaps"], "--starred must be true or false"],
    [["--visibility", "secret"], "--visibility must be one of public, private"],
    [["--numbers", "1", "--numbers", "b"], "--numbers must be an array of integer"],
    [["--extra", "{"], "--extra must be JSON, @file, or - for stdin"],
    [["--max-items"], "--max-items needs a value"],
    [["--no-starred=yes"], "--no-starred takes no value"],
    [["--owner", "p"], "--owner is given more than once"],
    [["--owner-id", "p"], "--owner-id is not one of its parameters"],
    [
      ["--visibilty", "public"],
      "--visibilty is not one of its parameters (did you mean --visibility?)",
    ],
    [["--starred", "stray"], "a value does not belong to a flag"],
    [["--arg", "user"], "--arg must be NAME=VALUE"],
    [
      ["--arg", "usr=1"],
      "--arg usr is not one of its parameters (did you mean --arg user=<string>?)",
    ],
    [["--input", "[]"], "--input must be a JSON object, @file, or - for stdin"],
    [["--input", '{"other": 1}'], '"other" in --input is not one of its parameters'],
    [["--input", '{"max_items": "1"}'], '"max_items" in --input must be a whole number'],
    [["--input", "-", "--extra", "-"], "standard input can be read only once"],
  ] as const
) {
  Deno.test(`${words.join(" ")} is refused before the call`, async () => {
    await using engine = engineWith(succeeded(null));
    const { code, stdout, stderr } = await engine.home.run(call(...words), { stdin: ["{}"] });
    assert.deepEqual([code, stdout], [2, ""]);
    assert.ok(stderr.includes(problem), stderr);
    assert.match(stderr, /arcade tool call Github.SetStarred --help/);
    assert.ok(!isCalled(engine));
  });
}

Deno.test("everything that is missing is reported at once, without values", async () => {
  const requirements = { secrets: [{ key: "TOKEN_A", met: false }, { key: "B", met: true }] };
  await using engine = engineWith(succeeded(null), { requirements });
  const { code, stderr } = await engine.home.run([
    ...["tool", "call", "Github.SetStarred", "--max-items", "hunter2", "--nothing=hunter3"],
  ]);
  assert.equal(code, 2);
  assert.equal(
    stderr,
    "Error: Github.SetStarred: --nothing is not one of its parameters; " +
      "--max-items must be a whole number; --owner <string> is missing; " +
      "--name <string> is missing; the secret TOKEN_A is not set\n" +
      "  See `arcade tool call Github.SetStarred --help`\n",
  );
  assert.ok(!isCalled(engine));
});

Deno.test("an invalid parameter is not also missing, and is reported once", async () => {
  await using engine = engineWith(succeeded(null));
  for (
    const [words, problems] of [
      [
        ["--input", '{"owner": 1}'],
        '"owner" in --input must be a string; --name <string> is missing',
      ],
      [["--input", "{owner: 1}"], "--input must be a JSON object, @file, or - for stdin"],
      [[...BOTH, "a", "b"], "a value does not belong to a flag"],
    ] as const
  ) {
    const ran = await engine.home.run(["tool", "call", "Github.SetStarred", ...words]);
    assert.equal(ran.code, 2);
    assert.equal(ran.stderr.split("\n")[0], `Error: Github.SetStarred: ${problems}`);
  }
  assert.ok(!isCalled(engine));
});

Deno.test("flags of a tool come after its name", async () => {
  await using engine = engineWith(succeeded(null));
  const { code, stderr } = await engine.home.run(["tool", "call", ...BOTH, "Github.SetStarred"]);
  assert.equal(code, 2);
  assert.match(stderr, /Unknown flag `--owner`\n.*Put this flag after the name/);
  assert.deepEqual(engine.asked, []);
});

for (
  const [value, plain, raw] of [
    ["two\nlines", "two\nlines\n", "two\nlines"],
    ["ends\n", "ends\n", "ends\n"],
    ["", "", ""],
    [{ a: [1, "b"] }, '{"a":[1,"b"]}\n', '{"a":[1,"b"]}\n'],
    [null, "null\n", "null\n"],
    [false, "false\n", "false\n"],
    [undefined, "", ""],
  ] as const
) {
  Deno.test(`the value ${JSON.stringify(value)} is printed`, async () => {
    await using engine = engineWith(succeeded(value));
    assert.equal((await engine.home.run(call())).stdout, plain);
    assert.equal((await engine.home.run(call("--output", "value"))).stdout, plain);
    assert.equal((await engine.home.run(call("--output", "raw"))).stdout, raw);
  });
}

Deno.test("numbers of a value are printed as the engine writes them", async () => {
  const answer = '{"success": true, "output": {"value": {"id": 12345678901234567890, "x": 1.0}}}';
  await using engine = engineWith(() => new Response(answer));
  assert.equal((await engine.home.run(call())).stdout, '{"id": 12345678901234567890, "x": 1.0}\n');
  for (const words of [["--json"], ["--output", "json"]]) {
    assert.equal((await engine.home.run(call(...words))).stdout, `${answer}\n`);
  }
});

Deno.test("a text cannot change the terminal, except with --output raw", async () => {
  await using engine = engineWith(succeeded("a\tb\u001b[2J\nc"));
  const shown = await engine.home.run(call(), { terminal: true });
  assert.equal(shown.stdout, "a\tb\ufffd[2J\nc\n");
  assert.equal((await engine.home.run(call())).stdout, "a\tb\u001b[2J\nc\n");
});

Deno.test("what the tool logs is written to stderr", async () => {
  const logs = [{ level: "warning", message: "slow" }];
  await using engine = engineWith(() => json({ success: true, output: { value: 1, logs } }));
  const { stdout, stderr } = await engine.home.run(call());
  assert.deepEqual([stdout, stderr], ["1\n", "warning: slow\n"]);
});

Deno.test("a tool that fails is exit code 5, with the whole response for --json", async () => {
  const error = {
    message: "No such repository.",
    kind: "TOOL_RUNTIME_RETRY",
    can_retry: true,
    retry_after_ms: 1500,
    additional_prompt_content: "Yours are: a, b.",
  };
  await using engine = engineWith(failed(error));
  const { code, stdout, stderr } = await engine.home.run(call());
  assert.deepEqual([code, stdout], [5, ""]);
  assert.equal(
    stderr,
    "Error: Github.SetStarred: No such repository (TOOL_RUNTIME_RETRY)\n" +
      "  Yours are: a, b. Try again in 2 s\n",
  );
  const forPrograms = await engine.home.run(call("--json"));
  assert.equal(forPrograms.code, 5);
  assert.deepEqual(JSON.parse(forPrograms.stdout).output.error, error);
  const { code: kind, exit, retryable } = errorIn(forPrograms.stderr);
  assert.deepEqual([kind, exit, retryable], ["tool-failed", 5, true]);
});

Deno.test("a policy that denies the call is exit code 5 and not worth a retry", async () => {
  const message = "Tool execution was denied by an extension policy: not on Sundays";
  await using engine = engineWith(failed({ message, kind: "CONTEXT_DENIED", can_retry: true }));
  const { code, stderr } = await engine.home.run(call("--json"));
  const error = errorIn(stderr);
  assert.deepEqual([code, error.code, error.exit, error.retryable], [5, "denied", 5, false]);
  assert.match(error.message, /not on Sundays/);
});

Deno.test("a secret that is missing is exit code 6, with the command that sets it", async () => {
  const requirements = { secrets: [{ key: "GITHUB_KEY" }] };
  const refusal = refused(400, "tool_requirements_not_met", "secret not found: GITHUB_KEY");
  await using engine = engineWith(refusal, { requirements });
  const { code, stderr } = await engine.home.run(call());
  assert.equal(code, 6);
  assert.equal(
    stderr,
    "Error: Github.SetStarred needs the secret GITHUB_KEY\n" +
      "  Set it with `arcade secret set GITHUB_KEY`\n",
  );
  // The engine can say so before the call.
  const known = { secrets: [{ key: "GITHUB_KEY", met: false }] };
  await using other = engineWith(refusal, { requirements: known });
  const { code: early, stderr: told } = await other.home.run(call("--json"));
  const { code: kind, exit } = errorIn(told);
  assert.deepEqual([early, kind, exit, isCalled(other)], [6, "secret-missing", 6, false]);
});

Deno.test("an unknown tool is exit code 1, with a near name", async () => {
  await using engine = engineWith(succeeded(1));
  const { code, stderr } = await engine.home.run(["tool", "call", "Github.SetStared", ...BOTH]);
  assert.equal(code, 1);
  assert.match(stderr, /No tool called "Github.SetStared"\n.*Did you mean "Github.SetStarred"\?/);
});

for (const name of ["SetStared", "github_setstared", "Githb.SetStarred", "SETSTARED"]) {
  Deno.test(`${name} is nearly the name of a tool, for tool call and tool get`, async () => {
    await using engine = engineWith(succeeded(1));
    for (
      const line of [["tool", "call", name, ...BOTH], ["tool", "get", name], ["show", "-t", name]]
    ) {
      const { code, stderr } = await engine.home.run(line);
      assert.equal(code, 1);
      assert.match(stderr, /Did you mean "Github\.SetStarred"\? Run `arcade tool list`/);
    }
  });
}

for (const name of ["github.setstarred", "Github_SetStarred", "GITHUB_SETSTARRED", "SetStarred"]) {
  Deno.test(`the tool is found as ${name}`, async () => {
    await using engine = engineWith(succeeded("yes"));
    const { code, stdout, stderr } = await engine.home.run(["tool", "call", name, ...BOTH]);
    assert.deepEqual([code, stdout], [0, "yes\n"], stderr);
    assert.equal(JSON.parse(bodyOf(engine)).tool_name, "Github.SetStarred");
  });
}

for (const words of [["Github.SetStarred@1.2.0"], ["Github.SetStarred", "--tool-version=1.2.0"]]) {
  Deno.test(`the version is sent with ${words.join(" ")}`, async () => {
    await using engine = engineWith(succeeded("yes"));
    assert.equal((await engine.home.run(["tool", "call", ...words, ...BOTH])).code, 0);
    const { tool_name, tool_version } = JSON.parse(bodyOf(engine));
    assert.deepEqual([tool_name, tool_version], ["Github.SetStarred", "1.2.0"]);
  });
}

Deno.test("a call is not repeated on its own, and says that the tool may have run", async () => {
  await using engine = engineWith(() => new Response("", { status: 503 }));
  const { code, stderr } = await engine.home.run(call("--json"));
  assert.equal(code, 7);
  assert.equal(engine.asked.filter((one) => one === "POST /tools/execute").length, 1);
  const { next, retryable } = errorIn(stderr);
  assert.match(next ?? "", /may have run/);
  assert.equal(retryable, false);
});

for (const behavior of [{ read_only: true }, { idempotent: true }]) {
  Deno.test(`a call is repeated with the same key if ${JSON.stringify(behavior)}`, async () => {
    const keys: (string | null)[] = [];
    await using engine = engineWith((_seen, request) => {
      keys.push(request.headers.get("idempotency-key"));
      return keys.length === 1 ? new Response("", { status: 503 }) : succeeded("done")();
    }, { metadata: { behavior } });
    const { code, stdout } = await engine.home.run(call());
    assert.deepEqual([code, stdout], [0, "done\n"]);
    assert.equal(keys.length, 2);
    assert.match(keys[0] ?? "", /^arcade-cli-[\da-f-]{36}$/);
    assert.equal(keys[0], keys[1]);
  });
}

Deno.test("a destructive tool is called after a confirmation", async () => {
  const metadata = { behavior: { destructive: true } };
  const engineNow = () => engineWith(succeeded("gone"), { metadata });
  await using alone = engineNow();
  const { code, stderr } = await alone.home.run(call());
  assert.deepEqual([code, isCalled(alone)], [2, false]);
  assert.match(stderr, /is destructive.*\n.*--yes/);
  await using no = engineNow();
  const declined = await no.home.run(call(), { terminal: true, stdin: ["n\n"] });
  assert.deepEqual([declined.code, isCalled(no)], [0, false]);
  await using yes = engineNow();
  const accepted = await yes.home.run(call(), { terminal: true, stdin: ["y\n"] });
  assert.deepEqual([accepted.code, accepted.stdout], [0, "gone\n"]);
  await using told = engineNow();
  assert.equal((await told.home.run(call("--yes"))).stdout, "gone\n");
});

Deno.test("--dry-run checks everything and calls nothing", async () => {
  const requirements = {
    authorization: { provider_id: "github", token_status: "not_started" },
    secrets: [],
  };
  await using engine = engineWith(succeeded(1), { requirements });
  const { code, stdout, stderr } = await engine.home.run(call("--dry-run"));
  assert.deepEqual([code, stdout], [0, ""]);
  assert.match(stderr, /it was not called\nIt needs its user to grant access to github/);
  const { stdout: told } = await engine.home.run(call("--dry-run", "--json"));
  assert.deepEqual(JSON.parse(told), {
    dry_run: true,
    tool: "Github.SetStarred",
    version: "1.2.0",
    inputs: ["owner", "name"],
    granted: false,
    destructive: false,
  });
  assert.equal((await engine.home.run(call("--dry-run", "--max-items=x"))).code, 2);
  assert.ok(!engine.asked.some((one) => one.startsWith("POST")));
});

Deno.test("the user comes from --user, the login, or ARCADE_USER_ID", async () => {
  const userOf = async (words: readonly string[], env = {}) => {
    await using engine = engineWith(succeeded(1), {
      more: {
        "GET /v1/tools/Github.SetStarred": () => json(definition()),
        "POST /v1/tools/execute": succeeded(1),
      },
    });
    const url = engine.answers.url;
    const key = "ARCADE_API_KEY" in env ? { ARCADE_ENGINE_URL: url } : {};
    const { code } = await engine.home.run(call(...words), { env: { ...env, ...key } });
    return code === 0 ? JSON.parse(bodyOf(engine)).user_id : code;
  };
  assert.equal(await userOf(["--user", "u_1"]), "u_1");
  assert.equal(await userOf([], { ARCADE_USER_ID: "u_2" }), "someone@example.com");
  assert.equal(await userOf([], { ARCADE_API_KEY: "arc_1", ARCADE_USER_ID: "u_2" }), "u_2");
  assert.equal(await userOf([], { ARCADE_API_KEY: "arc_1" }), 2);
});

Deno.test("Ctrl-C cancels the request of the call", async () => {
  const { promise: cancelled, resolve } = Promise.withResolvers<void>();
  const controller = new AbortController();
  await using engine = engineWith((_seen, request) => {
    request.signal.addEventListener("abort", () => resolve());
    controller.abort(new (class extends Error {})("interrupted"));
    return cancelled.then(() => new Response());
  });
  await engine.home.run(call(), { interruption: controller.signal });
  await cancelled;
});

Deno.test("the help of a tool shows its parameters, what it needs, and an example", async () => {
  const requirements = {
    authorization: { provider_id: "github", oauth2: { scopes: ["repo"] } },
    secrets: [{ key: "GITHUB_KEY" }],
  };
  await using engine = engineWith(succeeded(1), { requirements });
  const { code, stdout } = await engine.home.run(["tool", "call", "Github.SetStarred", "--help"]);
  assert.equal(code, 0);
  assert.match(stdout, /^Stars a repository\.\n/);
  assert.match(stdout, /--owner <string> +The owner \(required\)\n/);
  assert.match(stdout, /--\[no-\]starred +The starred\n/);
  assert.match(stdout, /--visibility <string> +The visibility\. One of: public, private\n/);
  assert.match(stdout, /NEEDS\n +Grant +github \(repo\)\n +Secret +GITHUB_KEY\n/);
  assert.match(
    stdout,
    /EXAMPLE\n +arcade tool call Github.SetStarred --owner text --name text\n/,
  );
  assert.ok(stdout.split("\n").every(({ length }) => length <= 80));
  assert.deepEqual(engine.asked, ["GET /tools/Github.SetStarred"]);
  assert.equal(
    (await engine.home.run(["help", "tool", "call", "Github.SetStarred"])).stdout,
    stdout,
  );
  const asJson = await engine.home.run(["help", "--json", "tool", "call", "Github.SetStarred"]);
  const shown = await engine.home.run(["tool", "get", "Github.SetStarred", "--json"]);
  assert.equal(JSON.parse(asJson.stdout).inputs[0].name, "owner");
  assert.deepEqual(JSON.parse(asJson.stdout), JSON.parse(shown.stdout));
});

Deno.test("the help and the messages of a tool name a parameter so that it can be typed", async () => {
  const text = { val_type: "string" };
  const named = { ...definition(), input: { parameters: [] as unknown[] } };
  await using engine = engineWith(succeeded(1), {
    more: { "GET /tools/Github.SetStarred": () => json(named) },
  });
  const tool = ["tool", "call", "Github.SetStarred"];
  for (
    const [name, schema, row, example] of [
      // The address of another engine, which would get the credential.
      ["host", text, "--arg host=<string>", "--arg host=text"],
      ["user", text, "--arg user=<string>", "--arg user=text"],
      ["yes", { val_type: "boolean" }, "--arg yes=<boolean>", "--arg yes=true"],
      ["color", { val_type: "boolean" }, "--arg color=<boolean>", "--arg color=true"],
      ["a b", text, "--arg 'a b'=<string>", "--arg 'a b'=text"],
      ["$(id)", text, "--arg '$(id)'=<string>", "--arg '$(id)'=text"],
      ["`id`", { val_type: "boolean" }, "--arg '`id`'=<boolean>", "--arg '`id`'=true"],
      ["-x", text, "--arg=-x=<string>", "--arg=-x=text"],
      ["host=other", text, `--input '{"host=other":…}'`, `--input '{"host=other":…}'`],
      ["größe", text, "--größe <string>", "--größe text"],
      ["mode", { ...text, enum: ["--yes"] }, "--mode <string>", "--mode=--yes"],
      ["mode", { ...text, enum: ["a;b"] }, "--mode <string>", "--mode 'a;b'"],
    ] as const
  ) {
    named.input.parameters = [parameter(name, schema, true)];
    const { stdout } = await engine.home.run([...tool, "--help"]);
    const lines = stdout.split("\n").map((line) => line.trim());
    assert.ok(lines.some((line) => line.startsWith(`${row} `) || line === row), stdout);
    assert.ok(lines.includes(`arcade tool call Github.SetStarred ${example}`), stdout);
    const { stderr } = await engine.home.run(tool);
    assert.ok(stderr.includes(`Github.SetStarred: ${row} is missing\n`), stderr);
  }
  named.input.parameters = [parameter("host", text)];
  const misspelled = await engine.home.run([...tool, "--hosst=a"]);
  assert.ok(misspelled.stderr.includes("(did you mean --arg host=<string>?)"), misspelled.stderr);
});

Deno.test("the help of a tool cannot change the terminal", async () => {
  const evil = "\x1b]0;title\x07\x1b[2J\u202e";
  const told = {
    name: evil,
    fully_qualified_name: `Evil.Tool${evil}@1`,
    description: evil,
    input: {
      parameters: ["string", "boolean", "integer"].map((val_type) =>
        parameter(`p${evil}`, { val_type, enum: [evil] }, true)
      ),
    },
    output: { description: evil, value_schema: { val_type: evil } },
    requirements: { secrets: [{ key: evil }], authorization: { provider_id: evil } },
    deprecation_message: evil,
  };
  await using engine = new ScriptedEngine({ "GET /tools/Evil.Tool": () => json(told) });
  const { code, stdout } = await engine.home.run(["tool", "call", "Evil.Tool", "--help"]);
  assert.equal(code, 0);
  assert.doesNotMatch(stdout, /[^\n\P{Cc}]|\u202e/u);
});

const needsGrant = {
  authorization: { provider_id: "github", provider_type: "oauth2", oauth2: { scopes: ["repo"] } },
};
const notGranted = { authorization: { ...needsGrant.authorization, token_status: "not_started" } };

/** An engine that requires a grant before the first call. */
function engineWithoutGrant(states: readonly string[], requirements: unknown = needsGrant) {
  let calls = 0;
  const isTold = requirements === notGranted;
  const execute = () =>
    ++calls === 1 && !isTold
      ? refused(403, "tool_authorization_required", "authorization required")()
      : succeeded("starred")();
  return engineWith(execute, { requirements, more: grantRoutes("pending", states) });
}

for (const requirements of [needsGrant, notGranted]) {
  const how = requirements === notGranted ? "the definition" : "the engine";
  Deno.test(`without a terminal, a grant that ${how} requires is exit code 6`, async () => {
    await using engine = engineWithoutGrant([], requirements);
    const { code, stdout, stderr } = await engine.home.run(call());
    assert.deepEqual([code, stdout], [6, ""]);
    assert.equal(
      stderr,
      "Error: Github.SetStarred needs someone@example.com to grant access to github (ac_1)\n" +
        `  Open ${PAGE}, then run the same command again\n`,
    );
    await using other = engineWithoutGrant([], requirements);
    const { code: kind, exit } = errorIn((await other.home.run(call("--json"))).stderr);
    assert.deepEqual([kind, exit], ["grant-needed", 6]);
    assert.ok(!engine.asked.some((one) => one.startsWith("GET /auth/status")));
  });

  Deno.test(`on a terminal, a grant that ${how} requires is waited for`, async () => {
    await using engine = engineWithoutGrant(["pending", "completed"], requirements);
    const opened: string[] = [];
    const { code, stdout, stderr } = await engine.home.run(call(), {
      terminal: true,
      browse: (url) => Promise.resolve(opened.push(url) > 0),
    });
    assert.deepEqual([code, stdout], [0, "starred\n"], stderr);
    assert.deepEqual(opened, [PAGE]);
  });
}

Deno.test("--wait waits without a terminal, and --no-wait does not on one", async () => {
  await using waiting = engineWithoutGrant(["completed"]);
  const { code, stdout } = await waiting.home.run(call("--wait", "5"));
  assert.deepEqual([code, stdout], [0, "starred\n"]);
  await using ending = engineWithoutGrant([]);
  assert.equal((await ending.home.run(call("--no-wait"), { terminal: true })).code, 6);
});

Deno.test("a grant that is refused ends the wait at once", async () => {
  await using engine = engineWithoutGrant(["pending", "failed"]);
  const { code, stderr } = await engine.home.run(call("--wait", "--json"));
  const { code: kind, message } = errorIn(stderr);
  assert.deepEqual([code, kind, message], [6, "grant-needed", "Access to github was refused"]);
});

Deno.test("if the response of the call requires a grant, it is waited for, and the call is sent again", async () => {
  let calls = 0;
  const execute = () =>
    ++calls === 1
      ? json({ success: true, output: { authorization: grantIn("pending") } })
      : succeeded("starred")();
  await using engine = engineWith(execute, { more: grantRoutes("pending", ["completed"]) });
  const { code, stdout } = await engine.home.run(call("--wait"));
  assert.deepEqual([code, stdout], [0, "starred\n"]);
});

Deno.test("an engine that keeps requiring a grant is asked once", async () => {
  const execute = refused(403, "tool_authorization_required", "authorization required");
  await using engine = engineWith(execute, { more: grantRoutes("completed") });
  const { code, stderr } = await engine.home.run(call());
  assert.equal(code, 6);
  assert.match(stderr, /still needs someone@example.com to grant access/);
  assert.equal(engine.asked.filter((one) => one === "POST /tools/execute").length, 2);
});

Deno.test("telemetry gets neither a tool's message nor its requirements", async () => {
  const parts = ["canary", "SetStarred", "owner", "GITHUB", "someone", PAGE];
  const grant = { requirements: notGranted, more: grantRoutes("pending") };
  const secret = { requirements: { secrets: [{ key: "GITHUB_KEY", met: false }] } };
  const words = ["tool", "call", "github_setstarred"];
  for (
    const [engineOf, line] of [
      [() => engineWith(failed({ message: "canary", kind: "canary" })), [...words, ...BOTH]],
      [() => engineWith(failed(undefined)), [...words, ...BOTH]],
      [() => engineWith(succeeded(1), grant), [...words, ...BOTH]],
      [() => engineWith(succeeded(1), secret), [...words, ...BOTH]],
      [() => engineWith(succeeded(1), secret), words],
      [
        () => engineWith(succeeded(1), { metadata: { behavior: { destructive: true } } }),
        [...words, ...BOTH],
      ],
    ] as const
  ) {
    await using engine = engineOf();
    const { code, reported } = await engine.home.run(line, { env: { ARCADE_POSTHOG_KEY: "k" } });
    assert.notEqual(code, 0);
    const [event = ""] = reported;
    assert.match(event, /"error_message":"[A-Z]/);
    const { properties } = JSON.parse(event);
    for (const part of parts) assert.ok(!JSON.stringify(properties).includes(part), part);
  }
});
