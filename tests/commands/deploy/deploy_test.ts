import assert from "node:assert/strict";
import { unpackTar } from "modern-tar";
import { findProject } from "../../../src/commands/shared/project/project.ts";
import { Failure } from "../../../src/failure.ts";
import { zonedTime } from "../../../src/terminal/times.ts";
import { json, type Seen } from "../../support/answers.ts";
import { type Routes, SCOPE, ScriptedEngine } from "../../support/services.ts";
import { freshText } from "../../support/fresh_text.ts";
import type { Ran, World } from "../../support/in_process.ts";
import { ProjectFolder } from "../../support/project_folder.ts";
import { errorTextIn } from "../../support/error_object.ts";
import type { Os } from "../../../src/system/os.ts";

const files = { "pyproject.toml": "[project]\n", "server.py": "print('hello')\n" };
/** Deploys without starting the server first. */
const UNVALIDATED = ["deploy", "--skip-validate", "-n", "weather", "-v", "1.2.0"];
const NOW = new Date("2026-11-21T12:00:00Z");

const at = (second: string, line: string) => ({ timestamp: `2026-11-21T12:00:${second}Z`, line });
const event = ({ timestamp, line }: ReturnType<typeof at>) =>
  `data: ${JSON.stringify({ Timestamp: timestamp, Line: line })}\n\n`;
const stream = (text: string) =>
  new Response(text, { headers: { "content-type": "text/event-stream" } });
const printed = ({ timestamp, line }: ReturnType<typeof at>) =>
  `[${zonedTime(new Date(timestamp))}] ${line}\n`;

/** An engine that accepts a new server, which passes through these statuses. */
function engineWith(
  routes: Routes = {},
  statuses: readonly string[] = ["running"],
): ScriptedEngine {
  let polls = 0;
  return new ScriptedEngine({
    "POST /deployments": () => json({}, { status: 201 }),
    "PUT /deployments/weather": () => json({}),
    "GET /deployments/weather/status": () =>
      json({ status: statuses[Math.min(polls++, statuses.length - 1)] }),
    "GET /deployments/weather/logs/stream": () => stream(""),
    "GET /deployments/weather/logs": () => json([]),
    ...routes,
  });
}

async function deploy(
  engine: ScriptedEngine,
  args: readonly string[] = [],
  world: World & { readonly project?: ProjectFolder } = {},
): Promise<Ran & { readonly pauses: readonly number[] }> {
  using own = new ProjectFolder(files, "weather-project");
  const { project = own, ...others } = world;
  return await engine.home.run([...UNVALIDATED, ...args], {
    now: () => NOW,
    cwd: project.path,
    ...others,
  });
}

interface Body {
  readonly name?: string;
  readonly description: string;
  readonly provider?: string;
  readonly toolkits: {
    readonly bundles: readonly [{ readonly bytes: string } & Record<string, string>];
    readonly packages: readonly unknown[];
  };
}

function bodyOf(seen: Seen | undefined): Body {
  return JSON.parse(seen?.body ?? "");
}

function sent(engine: ScriptedEngine, line: string): Seen | undefined {
  return engine.answers.seen.find(({ method, path }) =>
    `${method} ${path.replace(SCOPE, "")}` === line
  );
}

Deno.test("`deploy` sends a new server with its files, and watches until it runs", async () => {
  await using engine = engineWith({}, ["pending", "unknown", "running"]);
  const { code, stdout, stderr } = await deploy(engine);
  assert.deepEqual([code, stdout], [0, ""], stderr);
  const { toolkits: { bundles: [{ bytes, ...bundle }], packages }, ...others } = bodyOf(
    sent(engine, "POST /deployments"),
  );
  assert.deepEqual(others, { name: "weather", description: "MCP Server deployed via CLI" });
  assert.deepEqual(packages, []);
  assert.deepEqual(bundle, {
    name: "weather",
    version: "1.2.0",
    type: "mcp",
    entrypoint: "server.py",
  });
  const tar = new Blob([Uint8Array.fromBase64(bytes)]).stream()
    .pipeThrough(new DecompressionStream("gzip"));
  assert.deepEqual((await unpackTar(tar)).map(({ header }) => header.name), [
    "weather-project/",
    "weather-project/pyproject.toml",
    "weather-project/server.py",
  ]);
  assert.equal(engine.asked.filter((line) => line.endsWith("/status")).length, 3);
  assert.match(
    stderr,
    /^✓ Found 2 files, 25 B \(0\.0 s\)\n✓ Uploaded weather 1\.2\.0 \(.* s\)\n✓ Status: running \(.*\)\nDeployed weather 1\.2\.0\. Follow its log with `arcade server logs weather --follow`\n$/,
  );
});

Deno.test("`deploy` updates a managed server", async () => {
  await using engine = engineWith({
    "GET /workers/weather": () => json({ id: "weather", managed: true }),
  });
  const { code, stdout } = await deploy(engine, ["--provider", "x", "--json"]);
  assert.equal(code, 0);
  const body = bodyOf(sent(engine, "PUT /deployments/weather"));
  assert.deepEqual([body.name, body.provider], [undefined, undefined]);
  assert.deepEqual(JSON.parse(stdout), {
    name: "weather",
    version: "1.2.0",
    action: "updated",
    status: "running",
    secrets: { uploaded: [], skipped: [], failed: [] },
  });
});

const managed = { "GET /workers/weather": () => json({ id: "weather", managed: true }) };

for (
  const [statuses, code, polls] of [
    [["running", "failed"], 1, 2],
    [["running", "updating", "running"], 0, 3],
    [["running", "running", "unknown", "running"], 0, 4],
    [["failed", "running"], 0, 2],
    [["degraded", "degraded", "failed"], 1, 3],
    [["updating", "running"], 0, 2],
  ] as const
) {
  Deno.test(`\`deploy\` does not confuse the status of the previous release with that of an update: ${statuses.join(", ")}`, async () => {
    await using engine = engineWith(managed, statuses);
    const { code: ended, stderr } = await deploy(engine);
    assert.equal(ended, code, stderr);
    assert.equal(engine.asked.filter((line) => line.endsWith("/status")).length, polls);
    const last = code === 0 ? "✓ Status: running (" : "✗ Status: failed (";
    assert(stderr.includes(last), stderr);
    assert(!stderr.includes("Warning"), stderr);
  });
}

for (const [status, mark, code] of [["running", "✓", 0], ["failed", "✗", 1]] as const) {
  Deno.test(`\`deploy\` waits a limited time for another status than ${status} after an update, and says so`, async () => {
    await using engine = engineWith(managed, [status]);
    const { code: ended, stderr, pauses } = await deploy(engine);
    assert.equal(ended, code, stderr);
    assert(stderr.includes("Warning: The status did not change within 30 s of the upload"), stderr);
    assert(stderr.includes(`${mark} Status: ${status} (`), stderr);
    const waited = pauses.reduce((sum, pause) => sum + pause, 0);
    assert(waited >= 30_000 && waited < 36_000, `${waited} ms`);
  });
}

Deno.test("`deploy` reads the last lines since the upload, by the engine's clock", async () => {
  const date = "Sat, 21 Nov 2026 11:55:00 GMT";
  const failing = { timestamp: "2026-11-21T11:55:03Z", line: "the failing line" };
  await using engine = engineWith({
    "GET /v1/health": () => json({ healthy: true }, { headers: { date } }),
    "GET /deployments/weather/logs": ({ path }) => {
      const query = new URL(path, engine.answers.url).searchParams;
      const [start, end] = [query.get("start_time_utc") ?? "", query.get("end_time_utc")];
      return json(start <= failing.timestamp && end === null ? [failing] : []);
    },
  }, ["pending", "failed"]);
  const { stderr } = await deploy(engine);
  assert(stderr.includes("] the failing line\n"), stderr);
});

Deno.test("`deploy` stops requesting a log that has ended (204), and continues to watch", async () => {
  const ended = Promise.withResolvers<void>();
  await using engine = engineWith({
    "GET /deployments/weather/logs/stream": () => {
      ended.resolve();
      return new Response(null, { status: 204 });
    },
    "GET /deployments/weather/status": async () => {
      await ended.promise;
      return json({ status: "running" });
    },
  });
  const { code, pauses } = await deploy(engine);
  assert.deepEqual([code, pauses], [0, []]);
});

Deno.test("`deploy` creates a server when the existing one with that name is not managed", async () => {
  await using engine = engineWith({ "GET /workers/weather": () => json({ managed: false }) });
  assert.equal((await deploy(engine, ["--provider", "x"])).code, 0);
  assert.equal(bodyOf(sent(engine, "POST /deployments")).provider, "x");
});

Deno.test("`deploy` names a server that was registered with the same name, and what to do", async () => {
  await using engine = engineWith({
    "GET /workers/weather": () => json({ managed: false }),
    "POST /deployments": () => json({ message: "taken" }, { status: 409 }),
  });
  const { code, stderr } = await deploy(engine);
  assert.equal(code, 1);
  assert.match(
    stderr,
    /Error: "weather" is a registered server, which a deployment cannot replace\n {2}Remove it with `arcade server delete weather`, or choose another name with `--server-name`\n$/,
  );
});

Deno.test("`deploy` shows the log while it waits, without repeating lines after a reconnect", async () => {
  const first = [at("01", "one\x1b[2J"), at("02", "two")];
  const all = [...first, at("03", "three")];
  let connections = 0;
  const { promise: shown, resolve: show } = Promise.withResolvers<void>();
  await using engine = engineWith({
    "GET /deployments/weather/logs/stream": () =>
      ++connections === 1
        ? json({ message: "warming up" }, { status: 500 })
        : stream((connections === 2 ? first : all).map(event).join("")),
    "GET /deployments/weather/status": async () => {
      if (connections === 0) return json({ status: "pending" });
      await shown;
      return json({ status: "running" });
    },
  });
  const { code, stderr } = await deploy(engine, [], {
    onStderr: (text) => text.includes("three") && show(),
  });
  assert.equal(code, 0);
  const expected = all.map(printed).join("").replace("\x1b", "\uFFFD");
  assert(stderr.includes(expected), stderr);
  assert.equal(stderr.split("] two").length, 2);
});

for (
  const [status, message] of [
    ["failed", /The deployment of \S+ failed\n/],
    ["degraded", /did not start \(status degraded\); the previous release keeps serving\n/],
    ["odd\x1b[2J", /did not start \(status odd\uFFFD\[2J\)\n/],
  ] as const
) {
  Deno.test(`\`deploy\` fails with the last lines of the log when the status is ${JSON.stringify(status)}`, async () => {
    const lines = Array.from({ length: 30 }, (_, i) => at(`${10 + i}`, `line ${i}`));
    await using engine = engineWith(
      { "GET /deployments/weather/logs": () => json(lines) },
      ["pending", status],
    );
    const { code, stdout, stderr } = await deploy(engine, ["--json"]);
    assert.equal(code, 1);
    assert.match(errorTextIn(stderr), message);
    assert(stderr.includes(lines.slice(-20).map(printed).join("")), stderr);
    assert(!stderr.includes("line 9\n"));
    assert.equal(JSON.parse(stdout).status, status);
  });
}

Deno.test("`deploy` continues while the engine cannot report the status", async () => {
  let polls = 0;
  await using engine = engineWith({
    "GET /deployments/weather/status": () =>
      ++polls < 5
        ? json({ message: "busy" }, { status: polls < 4 ? 500 : 404 })
        : json({ status: "running" }),
  });
  assert.equal((await deploy(engine)).code, 0);
});

Deno.test("`deploy` gives up when the engine never reports the status", async () => {
  await using engine = engineWith({
    "GET /deployments/weather/status": () => json({ message: "gone" }, { status: 404 }),
  });
  const { code, stderr } = await deploy(engine);
  assert.equal(code, 1);
  assert.match(stderr, /not found \(404\): gone/);
});

for (
  const [status, message] of [
    [413, /does not accept this much \(413\): the engine says so\n.*`--dry-run`/],
    [409, /reports a conflict \(409\): the engine says so/],
    [403, /does not allow this \(403\): the engine says so/],
    [500, /failed \(500\): the engine says so/],
  ] as const
) {
  Deno.test(`\`deploy\` reports a ${status} of the engine, and does not create twice`, async () => {
    await using engine = engineWith({
      "POST /deployments": () => json({ message: "the engine says so" }, { status }),
    });
    const { code, stderr } = await deploy(engine);
    assert.equal(code, status === 403 ? 4 : status === 500 ? 7 : 1);
    assert.match(stderr, message);
    assert.equal(engine.asked.filter((line) => line === "POST /deployments").length, 1);
  });
}

Deno.test("`deploy` retries an update after a 503", async () => {
  const bodies = new Set<string>();
  await using engine = engineWith({
    "GET /workers/weather": () => json({ managed: true }),
    "PUT /deployments/weather": ({ body }) => {
      bodies.add(body);
      return json({}, {
        status: engine.asked.filter((one) => one.startsWith("PUT")).length > 1 ? 200 : 503,
      });
    },
  });
  assert.equal((await deploy(engine)).code, 0);
  assert.equal(engine.asked.filter((one) => one.startsWith("PUT")).length, 2);
  assert.equal(bodies.size, 1, "The bodies differ");
});

Deno.test("`deploy` reports a broken connection during the upload", async () => {
  using project = new ProjectFolder(files);
  const noise = crypto.getRandomValues(new Uint8Array(65_536));
  const file = Deno.openSync(`${project.path}/big.bin`, { write: true, create: true });
  for (let i = 0; i < 200; i++) file.writeSync(noise);
  file.close();
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const serve = (async () => {
    for await (const connection of listener) {
      const buffer = new Uint8Array(65_536);
      const count = await connection.read(buffer) ?? 0;
      const isGet = new TextDecoder().decode(buffer.subarray(0, count)).startsWith("GET");
      const notFound = "HTTP/1.1 404 Not Found\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}";
      if (isGet) await connection.write(new TextEncoder().encode(notFound));
      connection.close();
    }
  })();
  await using engine = engineWith();
  engine.home.moveLogin({ engine: `http://127.0.0.1:${listener.addr.port}` });
  const { code, stderr } = await deploy(engine, [], { project });
  listener.close();
  await serve;
  assert.equal(code, 7);
  assert.match(stderr, /Cannot reach http:\S+ the connection was lost\n {2}`arcade server list`/);
});

Deno.test("`deploy` names a file that changed during the upload", async () => {
  using project = new ProjectFolder({ ...files, "z.bin": "x".repeat(3_000_000) });
  await using engine = engineWith({
    "GET /workers/weather": () => {
      project.write("z.bin", "y");
      return json({ managed: true });
    },
  });
  const { code, stderr } = await deploy(engine, [], { project });
  assert.equal(code, 1);
  assert.match(stderr, /^Error: z\.bin changed while it was being read$/m);
});

Deno.test("Ctrl-C while watching does not stop the deployment, and explains how to follow it", async () => {
  const interruption = new AbortController();
  await using engine = engineWith({}, ["pending"]);
  const { code, stderr } = await deploy(engine, [], {
    interruption: interruption.signal,
    sleep: () => {
      // As the context of the real process does.
      interruption.abort(new (class extends Error {})());
      return Promise.reject(interruption.signal.reason);
    },
  });
  assert.equal(code, 130);
  assert.match(
    stderr,
    /The deployment of weather continues\n {2}Follow its log with `arcade server logs weather --follow`\n$/,
  );
});

for (const [shown, isPrinted] of [["✓ Found", false], ["was not deployed", true]] as const) {
  Deno.test(`\`deploy --dry-run\` that is interrupted after "${shown}" does not succeed`, async () => {
    await using engine = engineWith();
    const user = new AbortController();
    const { code, stdout } = await deploy(engine, ["--dry-run"], {
      interruption: user.signal,
      onStderr: (text) =>
        text.includes(shown) && user.abort(new Failure("interrupted", "Cancelled")),
    });
    assert.deepEqual([code, stdout.includes("server.py")], [130, isPrinted]);
  });
}

const projects: [what: string, files: Record<string, string>, args: string[], message: RegExp][] = [
  ["no pyproject.toml", { "server.py": "" }, [], /No pyproject\.toml in this folder/],
  ["no entrypoint", { "pyproject.toml": "" }, [], /No server\.py in this folder/],
  ["an entrypoint elsewhere", files, ["-e", "../server.py"], /is not in the project/],
  ["an absolute entrypoint elsewhere", files, ["-e", "/server.py"], /is not in the project/],
  [
    "an entrypoint in no folder",
    files,
    ["-e", "no/server.py"],
    /No no\/server\.py in this/,
  ],
  [
    "an entrypoint in TypeScript",
    { ...files, "a.ts": "" },
    ["-e", "a.ts"],
    /only servers in Python, and a\.ts is not/,
  ],
  [
    "an entrypoint in JavaScript",
    { ...files, "a.js": "" },
    ["-e", "a.js"],
    /only servers in Python, and a\.js is not/,
  ],
  ["everything ignored", { ...files, ".gitignore": "*" }, [], /There are no files to deploy/],
  [
    "the entrypoint ignored",
    { ...files, "build/server.py": "" },
    ["-e", "./build/server.py"],
    /build\/server\.py would not be deployed\n {2}Add the line !build\/server\.py/,
  ],
  ["--secrets all without .env", files, ["-s", "all"], /`--secrets all` needs a \.env file/],
  ["an invalid --secrets", files, ["-s", "some"], /`--secrets`: expected one of auto, all, skip/],
];
for (const [what, content, args, message] of projects) {
  Deno.test(`\`deploy\` rejects ${what} before sending anything`, async () => {
    using project = new ProjectFolder(content);
    await using engine = engineWith();
    const { code, stderr } = await deploy(engine, args, { project });
    assert.equal(code, 2);
    assert.match(stderr, message);
    assert.deepEqual(engine.asked, []);
  });
}

for (const flags of [[], ["-n", "x"], ["-v", "1"]]) {
  Deno.test(`\`deploy\` rejects \`--skip-validate\` with ${flags.join(" ") || "nothing else"}`, async () => {
    await using engine = engineWith();
    for (const skip of ["--skip-validate", "--yolo"]) {
      const { code, stderr } = await engine.home.run(["deploy", skip, ...flags]);
      assert.equal(code, 2);
      assert.match(stderr, /`--skip-validate` needs `--server-name` and `--server-version`/);
    }
  });
}

Deno.test("`deploy` needs a login", async () => {
  await using engine = engineWith();
  Deno.removeSync(engine.home.credentials);
  const { code, stderr } = await deploy(engine);
  assert.equal(code, 4);
  assert.match(stderr, /Not logged in/);
});

Deno.test("`deploy` on a terminal mentions once that an API key is used instead of the login", async () => {
  const key = freshText("arc_key_12345");
  await using engine = new ScriptedEngine({
    [`POST ${"/v1/deployments"}`]: () => json({}),
    "GET /v1/deployments/weather/status": () => json({ status: "running" }),
  });
  const { code, stderr } = await deploy(engine, [], {
    terminal: true,
    env: { ARCADE_API_KEY: key, ARCADE_ENGINE_URL: engine.answers.url },
  });
  assert.equal(code, 0, stderr);
  assert.equal(stderr.split("Using ARCADE_API_KEY instead of your login").length, 2);
  assert(engine.answers.seen.every(({ authorization }) => authorization === `Bearer ${key}`));
});

Deno.test("`deploy --secrets all` takes values from the environment, or else from .env", async () => {
  const [own, other] = [freshText("own-value-1"), freshText("other-value-1")];
  using project = new ProjectFolder({
    ...files,
    ".env": `IN_BOTH=file-value\nIN_FILE=${other}\nEMPTY=\nBAD=${
      freshText("bad-value-1")
    }\nno line\n`,
  });
  await using engine = engineWith({
    "GET /secrets": () =>
      json({
        items: [{
          id: "1",
          key: "IN_FILE",
          binding: { type: "project" },
          description: "Mine",
          created_at: "x",
        }],
      }),
    "PUT /secrets/IN_BOTH": () => json({}),
    "PUT /secrets/IN_FILE": () => json({}),
    "PUT /secrets/BAD": () => json({ message: "no" }, { status: 422 }),
  });
  const { code, stdout, stderr } = await deploy(engine, ["--secrets", "all", "--json"], {
    project,
    variables: { IN_BOTH: own },
  });
  const body = (key: string) => JSON.parse(sent(engine, `PUT /secrets/${key}`)?.body ?? "");
  assert.deepEqual(body("IN_BOTH"), { description: "Secret set via CLI", value: own });
  assert.deepEqual(body("IN_FILE"), { description: "Mine", value: other });
  assert.equal(code, 1);
  assert.match(stderr, /"\.env:5: no `=`; line skipped/);
  assert.match(stderr, /"The secret EMPTY is not in the environment or in \.env/);
  assert.match(stderr, /The server runs, but 1 secret failed/);
  for (const value of [own, other]) assert(!(stdout + stderr).includes(value.slice(-4)), stderr);
  const { status, secrets } = JSON.parse(stdout);
  assert.equal(status, "running", "A failed upload of a secret stopped the deployment");
  assert.deepEqual([secrets.uploaded, secrets.skipped], [["IN_BOTH", "IN_FILE"], ["EMPTY"]]);
  assert.equal(secrets.failed[0].key, "BAD");
});

const unclear: [args: string[], expected: number][] = [
  [["--secrets", "all"], 1],
  [["--secrets", "all", "--dry-run"], 1],
  [["--secrets", "skip"], 0],
  [[], 0], // no tool is known to need a secret
];
for (const [args, expected] of unclear) {
  Deno.test(`\`deploy ${args.join(" ")}\` ends with ${expected} if a line of .env is unclear`, async () => {
    using project = new ProjectFolder({ ...files, ".env": "A: CANARY\rB=2\r" });
    await using engine = engineWith({
      "GET /secrets": () => json({ items: [] }),
      "PUT /secrets/B": () => json({}),
    });
    const { code, stdout, stderr } = await deploy(engine, args, { project });
    assert.equal(code, expected, stderr);
    const isUsed = expected === 1;
    assert.equal(/\nError: Skipped 1 line of \.env\n/.test(stderr), isUsed, stderr);
    assert.equal(/Warning: \.env:1: no `=`; line skipped/.test(stderr), isUsed, stderr);
    assert(!(stdout + stderr).includes("CANARY"));
    const isDry = args.includes("--dry-run");
    assert.equal(sent(engine, "PUT /secrets/B") !== undefined, isUsed && !isDry);
    assert.equal(sent(engine, "POST /deployments") !== undefined, !isDry);
  });
}

const unusable: [what: string, envFile: string, message: RegExp][] = [
  ["a private key without quotes", "A=-----BEGIN KEY-----\nQ0FOQVJZ==\n", /Line 1: a PEM block/],
  ["a wrong key", "A=1\nQ0FO/QVJZ=1\n", /Line 2: the key is invalid/],
  [
    "a value that is too long",
    `A=${"Q0FO".repeat(1251)}\n`,
    /The value of "A" has 5004 characters/,
  ],
  ["NUL", "A\0=\0Q0FO\0", /\.env contains a NUL character/],
];
for (const [what, envFile, message] of unusable) {
  Deno.test(`\`deploy --secrets all\` sends nothing for a .env file with ${what}`, async () => {
    using project = new ProjectFolder({ ...files, ".env": envFile });
    await using engine = engineWith();
    const { code, stderr } = await deploy(engine, ["--secrets", "all"], { project });
    assert.equal(code, 2);
    assert.match(stderr, message);
    assert(!/Q0FO|QVJZ/.test(stderr), stderr);
    assert.equal(engine.answers.seen.length, 0);
  });
}

Deno.test("the log of a deployment hides values, and keeps names that contain one", async () => {
  const value = freshText("logged-value-1");
  using project = new ProjectFolder({ ...files, ".env": `A=${value}\nB=production\n` });
  await using engine = engineWith({
    "GET /secrets": () => json({ items: [] }),
    "PUT /secrets/A": () => json({}),
    "PUT /secrets/B": () => json({}),
    "GET /deployments/weather/logs/stream": () =>
      stream(event(at("01", `x${value}x production production_url`))),
  });
  const { code, stderr } = await deploy(engine, ["--secrets", "all"], { project });
  assert.equal(code, 0, stderr);
  assert.match(stderr, /\] x\[hidden\]x \[hidden\] production_url\n/);
});

Deno.test("`deploy` accepts a .env file with a long value if it uploads none of its secrets", async () => {
  using project = new ProjectFolder({ ...files, ".env": `A=${"x".repeat(5001)}\n` });
  await using engine = engineWith();
  assert.equal((await deploy(engine, [], { project })).code, 0);
});

Deno.test("`deploy --dry-run` lists the files, largest first, and sends nothing", async () => {
  using project = new ProjectFolder({
    ...files,
    "small.txt": "x",
    "large.txt": "x".repeat(2_000_000),
    ".env": "KEY=some-value\n",
  });
  await using engine = engineWith();
  Deno.removeSync(engine.home.credentials);
  const shown = await deploy(engine, ["--dry-run", "--secrets", "all"], { project });
  assert.equal(shown.code, 0, shown.stderr);
  assert.deepEqual(shown.stdout.split("\n").map((line) => line.trim().split(/ {2,}/)), [
    ["File", "Size"],
    ["large.txt", "2.0 MB"],
    ["server.py", "15 B"],
    ["pyproject.toml", "10 B"],
    ["small.txt", "1 B"],
    [""],
  ]);
  assert.match(shown.stderr, /Skipped, may contain keys: \.env\n/);
  assert.match(shown.stderr, /Secret KEY: from \.env\nDry run: weather 1\.2\.0 was not deployed\n/);
  const { stdout } = await deploy(engine, ["--dry-run", "--json", "-s", "all"], { project });
  assert.deepEqual(JSON.parse(stdout), {
    dry_run: true,
    name: "weather",
    version: "1.2.0",
    entrypoint: "server.py",
    bytes: 2_000_026,
    files: [
      { path: "large.txt", bytes: 2_000_000 },
      { path: "server.py", bytes: 15 },
      { path: "pyproject.toml", bytes: 10 },
      { path: "small.txt", bytes: 1 },
    ],
    left_out: [".env"],
    secrets: [{ key: "KEY", source: ".env" }],
    without_git: "this folder is not in a git work tree",
  });
  assert.deepEqual(engine.asked, []);
});

const entrypoints: [written: string, sent: string][] = [
  ["server.py", "server.py"],
  ["./sub/../server.py", "server.py"],
  [".//sub/./main.py", "sub/main.py"],
  ["link/main.py", "sub/main.py"],
  ["alias.py", "alias.py"],
  ["sub/../../project/server.py", "server.py"],
  ["PROJECT/server.py", "server.py"],
  ["PROJECT/link/../server.py", "server.py"],
  ["PROJECT/../by-link/sub/main.py", "sub/main.py"],
];
for (const folder of ["project", "by-link"]) {
  for (const [written, expected] of entrypoints) {
    Deno.test(`the entrypoint ${written} in ${folder}/ is sent as ${expected}`, async () => {
      using parent = new ProjectFolder({ "project/sub/main.py": "" });
      for (const [name, text] of Object.entries(files)) parent.write(`project/${name}`, text);
      const link = (target: string, path: string) =>
        Deno.symlinkSync(target, `${parent.path}/${path}`);
      link("project", "by-link");
      link("sub", "project/link");
      link("sub/main.py", "project/alias.py");
      const cwd = `${parent.path}/${folder}`;
      await using engine = engineWith();
      const args = ["--dry-run", "--json", "-e", written.replace("PROJECT", cwd)];
      const { stdout, stderr } = await engine.home.run([...UNVALIDATED, ...args], { cwd });
      assert.equal(JSON.parse(stdout || "{}").entrypoint, expected, stderr);
    });
  }
}

Deno.test("an entrypoint is found with the separators of Windows", async () => {
  using project = new ProjectFolder({ ...files, "sub/main.py": "" });
  const on = (os: Os) => ({
    files: { cwd: () => project.path },
    machine: { os, variables: () => Promise.resolve(new Map<string, string>()) },
  });
  const flags = { entrypoint: "sub\\..\\sub\\main.py", envFile: undefined };
  const { entrypoint } = await findProject(on("windows"), flags);
  assert.equal(entrypoint, "sub/main.py");
  await assert.rejects(findProject(on("linux"), flags), /^Failure: No sub/);
});

Deno.test("`deploy` warns about a project over 50 MB and lists its largest files", async () => {
  using project = new ProjectFolder(files);
  for (const [name, size] of [["a.bin", 30], ["b.bin", 21]] as const) {
    project.write(name, "");
    Deno.truncateSync(`${project.path}/${name}`, size * 1_000_000);
  }
  await using engine = engineWith();
  const { stderr } = await deploy(engine, ["--dry-run"], { project });
  assert.match(
    stderr,
    /^Warning: The project has 51\.0 MB; the largest files: a\.bin \(30\.0 MB\), b\.bin \(21\.0 MB\), server\.py/m,
  );
});
