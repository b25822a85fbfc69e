import assert from "node:assert/strict";
import { Answers, json } from "../../support/answers.ts";
import { InProcess, InProcessArcade } from "../../support/in_process.ts";

const SECRETS = "/v1/orgs/{org}/projects/{project}/secrets";

Deno.test("`api` sends an authenticated request to the engine, with the ids of the project filled in", async () => {
  await using playground = await InProcessArcade.loggedIn();
  const { home } = playground;
  assert.equal((await home.run(["secret", "set", "KEY=value"])).code, 0);
  for (const line of [["api", "GET", SECRETS], ["api", "get", SECRETS.slice(1)]]) {
    const { code, stdout, stderr } = await home.run(line);
    assert.equal(code, 0, stderr);
    assert.deepEqual(JSON.parse(stdout).items.map(({ key }: { key: string }) => key), ["KEY"]);
  }
});

Deno.test("`api --coordinator` sends the request to the coordinator", async () => {
  await using playground = await InProcessArcade.loggedIn();
  const { home } = playground;
  const { code, stdout } = await home.run(["api", "GET", "/api/v1/orgs", "--coordinator"]);
  assert.equal(code, 0);
  assert.equal(JSON.parse(stdout).data.items[0].name, "Default organization");
});

Deno.test("`api --field` and `--input` send a JSON object, or the query of a GET request", async () => {
  await using server = new Answers(({ path, body }, request) =>
    json({ path, method: request.method, body: body === "" ? null : JSON.parse(body) })
  );
  using home = new InProcess();
  const env = { ARCADE_TOKEN: "token", ARCADE_ENGINE_URL: server.url };
  const run = async (args: string[], stdin: string[] = []) => {
    const { code, stdout, stderr } = await home.run(["api", ...args], { env, stdin });
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout);
  };
  const fields = [
    "--field",
    "name=a=b",
    "--field",
    "n=2",
    "--field",
    "on=true",
    "--field",
    "no=null",
  ];
  assert.deepEqual(await run(["GET", "/v1/x?y=1", ...fields]), {
    path: "/v1/x?y=1&name=a%3Db&n=2&on=true&no=null",
    method: "GET",
    body: null,
  });
  const body = { name: "a=b", n: 2, on: true, no: null };
  assert.deepEqual((await run(["POST", "/v1/x", ...fields])).body, body);
  const fromInput = await run(["PATCH", "/v1/x", "--input", "-"], ['{"a": [1]}']);
  assert.deepEqual([fromInput.method, fromInput.body], ["PATCH", { a: [1] }]);
  const path = `${home.path}/body.json`;
  Deno.writeTextFileSync(path, '{"from": "file"}');
  assert.deepEqual((await run(["PUT", "/v1/x", "--input", path])).body, { from: "file" });
});

Deno.test("`api --include` prints status and headers, and text is printed unchanged", async () => {
  await using server = new Answers(() =>
    new Response("plain \x1b[2J text\n", { headers: { "x-note": "hello" } })
  );
  using home = new InProcess();
  const env = { ARCADE_TOKEN: "token", ARCADE_ENGINE_URL: server.url };
  const run = (args: string[], terminal: boolean) =>
    home.run(["api", "GET", "/v1/x", ...args], { env, terminal });
  const { stdout } = await run(["--include"], false);
  assert.match(stdout, /^HTTP 200\n(?:[\w-]+: .*\n)*x-note: hello\n(?:[\w-]+: .*\n)*\nplain/);
  assert.equal((await run([], false)).stdout, "plain \x1b[2J text\n");
  assert(!(await run([], true)).stdout.includes("\x1b"));
});

const ODD =
  `{ "n": 12345678901234567890, "e":1E+400, "d": -0.10,\r\n"2": "\\u00e9\\/", "1":[ ], "n": {}}\n`;

Deno.test("`api` sends and prints JSON unchanged", async () => {
  await using server = new Answers(({ body }) => new Response(body));
  using home = new InProcess();
  const env = { ARCADE_TOKEN: "token-of-the-api-test", ARCADE_ENGINE_URL: server.url };
  const path = `${home.path}/body.json`;
  Deno.writeTextFileSync(path, ODD);
  for (const [input, stdin] of [[path, []], ["-", [ODD.slice(0, 20), ODD.slice(20)]]] as const) {
    const { code, stdout, stderr } = await home.run(["api", "POST", "/v1/x", "--input", input], {
      env,
      stdin,
    });
    assert.equal(code, 0, stderr);
    assert.equal(server.seen.at(-1)?.body, ODD);
    assert.equal(stdout, ODD);
  }
  const shown = await home.run(["api", "POST", "/v1/x", "--input", path], { env, terminal: true });
  assert.equal(
    shown.stdout,
    `{
  "n": 12345678901234567890,
  "e": 1E+400,
  "d": -0.10,
  "2": "\\u00e9\\/",
  "1": [],
  "n": {}
}
`,
  );
});

Deno.test("`api --field` sends numbers as they are typed, in the order of the flags", async () => {
  await using server = new Answers(() => json({}));
  using home = new InProcess();
  const env = { ARCADE_TOKEN: "token-of-the-api-test", ARCADE_ENGINE_URL: server.url };
  const fields = ["2=12345678901234567890", "1=-0.10", "e=1e400", "t=01", 'q="a\\']
    .flatMap((one) => ["--field", one]);
  assert.equal((await home.run(["api", "POST", "/v1/x", ...fields], { env })).code, 0);
  const sent = `{"2":12345678901234567890,"1":-0.10,"e":"1e400","t":"01","q":"\\"a\\\\"}`;
  assert.equal(server.seen[0]?.body, sent);
  assert.equal((await home.run(["api", "GET", "/v1/x", ...fields], { env })).code, 0);
  assert.match(server.seen[1]?.path ?? "", /\?2=12345678901234567890&1=-0.10&e=1e400&t=01&/);
});

Deno.test("`api` writes binary answers as they are", async () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, i) => 255 - i);
  await using server = new Answers(() => new Response(bytes));
  using home = new InProcess();
  const env = { ARCADE_TOKEN: "token-of-the-api-test", ARCADE_ENGINE_URL: server.url };
  const { stdout } = await home.run(["api", "GET", "/v1/x"], { env });
  assert.equal(stdout, new TextDecoder("latin1").decode(bytes));
  const shown = await home.run(["api", "GET", "/v1/x"], { env, terminal: true });
  // deno-lint-ignore no-control-regex
  assert.doesNotMatch(shown.stdout, /[\x00-\x09\x0b-\x1f\x7f-\x9f]/);
  await using marked = new Answers(() => new Response("\uFEFF{}\r\n"));
  const answer = await home.run(
    ["api", "GET", "/v1/x", "--host", marked.url.slice(7), "--no-tls"],
    {
      env: { ARCADE_TOKEN: "token-of-the-api-test" },
    },
  );
  assert.equal(answer.stdout, "\uFEFF{}\r\n", answer.stderr);
});

Deno.test("`api` hides tokens and values in an answer, and leaves keys, names and ids", async () => {
  const value = "api_test_value";
  const answer = `{"items":[{"key":"${value}_URL","id":"${value}","name":"${value}","n":1e2,` +
    `"value":"${value}","${value}":["x ${value}"],"token":"token-of-the-api-test"}]}`;
  await using server = new Answers(() => new Response(answer));
  using home = new InProcess();
  const env = { ARCADE_TOKEN: "token-of-the-api-test", ARCADE_ENGINE_URL: server.url };
  const line = [
    "api",
    "PUT",
    "/v1/x",
    "--field",
    `value=${value}`,
    "--field",
    "other=items and more",
  ];
  const { stdout } = await home.run(line, { env });
  assert.equal(
    stdout,
    answer.replace(`"value":"${value}"`, `"value":"[hidden]"`).replace(`x ${value}`, "x [hidden]")
      .replace("token-of-the-api-test", "[hidden]"),
  );
});

const refused: [what: string, args: string[]][] = [
  ["another method", ["TRACE", "/v1/x"]],
  ["another address", ["GET", "https://evil.example/v1/x"]],
  ["another scheme", ["GET", "file:/etc/passwd"]],
  ["a field without a value", ["POST", "/v1/x", "--field", "CANARY"]],
  ["an input that is not JSON", ["POST", "/v1/x", "--input", "-"]],
  ["an input and fields", ["POST", "/v1/x", "--input", "-", "--field", "a=b"]],
  ["an input for a GET", ["GET", "/v1/x", "--input", "-"]],
  ["no path", ["GET"]],
  ["an id that the credential lacks", ["GET", "/v1/orgs/{org}"]],
];
for (const [what, args] of refused) {
  Deno.test(`\`api\` refuses ${what} before any request`, async () => {
    using home = new InProcess();
    const env = { ARCADE_TOKEN: "CANARY-token", ARCADE_ENGINE_URL: "http://127.0.0.1:1" };
    const { code, stdout, stderr } = await home.run(["api", ...args], {
      env,
      stdin: ["CANARY is not JSON"],
      fetch: () => assert.fail("A request was sent"),
    });
    assert.equal(code, 2, stderr);
    assert.equal(stdout, "");
    assert(!stderr.includes("CANARY"), stderr);
  });
}

Deno.test("`api` sends requests only to its service, whatever the path", async () => {
  await using server = new Answers(({ path }) => json({ path }));
  using home = new InProcess();
  const env = { ARCADE_TOKEN: "token", ARCADE_ENGINE_URL: server.url };
  for (
    const path of [
      "//evil.example/x",
      "/../../x",
      "@evil.example/x",
      "\\\\evil.example\\x",
      "?x",
      "#x",
    ]
  ) {
    const { code, stderr } = await home.run(["api", "GET", path], { env });
    assert.equal(code, 0, `${path}: ${stderr}`);
  }
  assert.equal(server.seen.length, 6);
});

Deno.test("`api` sends the token of a login only to the services of that login", async () => {
  using home = new InProcess();
  home.writeCredentials();
  for (const flags of [["--coordinator", "--host", "evil.example"], ["--coordinator"]]) {
    const { code } = await home.run(["api", "GET", "/x", ...flags], {
      env: flags.length === 1 ? { ARCADE_COORDINATOR_URL: "https://evil.example" } : {},
      fetch: () => assert.fail("A request was sent"),
    });
    assert.equal(code, 4);
  }
});

Deno.test("`api` reports errors of the service with the matching exit code", async () => {
  await using server = new Answers(() => json({ message: "Nope" }, { status: 403 }));
  using home = new InProcess();
  const env = { ARCADE_TOKEN: "token", ARCADE_ENGINE_URL: server.url };
  const { code, stderr } = await home.run(["api", "DELETE", "/v1/x"], { env });
  assert.equal(code, 4);
  assert.match(stderr, /does not allow this \(403\): Nope/);
});
