import assert from "node:assert/strict";
import { unpackTar } from "modern-tar";
import { filesFor } from "../../../src/commands/new/template.ts";
import { json } from "../../support/answers.ts";
import { FakeWindows } from "../../support/fake_windows.ts";
import { InProcess, type World } from "../../support/in_process.ts";
import { ProjectFolder } from "../../support/project_folder.ts";
import { ScriptedEngine } from "../../support/services.ts";

const ENTER = "\r";
const CTRL_C = "\x03";

/** A home and an empty working directory. */
function start() {
  const home = new InProcess();
  const folder = new ProjectFolder({});
  return {
    folder: folder.path,
    run: (args: readonly string[], world: World = {}) =>
      home.run(["new", ...args], { cwd: folder.path, ...world }),
    names: () => [...Deno.readDirSync(folder.path)].map(({ name }) => name).sort(),
    [Symbol.dispose]() {
      folder[Symbol.dispose]();
      home[Symbol.dispose]();
    },
  };
}

Deno.test("`new` creates a server's project, and prints the next steps", async () => {
  using place = start();
  const { code, stdout, stderr } = await place.run(["weather"]);
  assert.deepEqual([code, stdout], [0, ""]);
  for (const [path, text] of filesFor("weather")) {
    assert.equal(Deno.readTextFileSync(`${place.folder}/weather/${path}`), text);
  }
  assert.deepEqual(place.names(), ["weather"]);
  assert.equal(
    stderr,
    `Created weather: an MCP server with three tools
Install uv (https://docs.astral.sh/uv), which the next steps need
Next steps (README.md there has more):
  cd weather
  uv sync
  arcade local exec --seed seed.yaml --auto-grant -- uv run pytest
  arcade local exec --seed seed.yaml -- arcade tool call Weather.Greet --name Ada
  arcade dev
  arcade login
  arcade deploy
`,
  );
});

Deno.test("`new` does not mention uv where it is installed", async () => {
  using place = start();
  using programs = new ProjectFolder({ "uv": "" });
  Deno.chmodSync(`${programs.path}/uv`, 0o755);
  const { stderr } = await place.run(["weather"], { env: { PATH: programs.path } });
  assert.doesNotMatch(stderr, /Install uv/);
});

Deno.test("`new --json` has the name, the folder, the files and the next steps", async () => {
  using place = start();
  Deno.mkdirSync(`${place.folder}/my projects`);
  const { code, stdout, stderr } = await place.run(["weather", "--dir", "my projects", "--json"]);
  assert.deepEqual([code, stderr], [0, ""]);
  const { next, ...others } = JSON.parse(stdout);
  assert.deepEqual(others, {
    name: "weather",
    folder: "my projects/weather",
    files: [...filesFor("weather").keys()],
  });
  assert.equal(next[0], "cd 'my projects/weather'");
  for (const file of others.files) {
    assert(Deno.statSync(`${place.folder}/my projects/weather/${file}`).isFile);
  }
});

for (
  const [dir, shown, step] of [
    [".", "./weather", "cd ./weather"],
    ["in/", "in/weather", "cd in/weather"],
    ["in", "in/weather", "cd in/weather"],
    ["-in", "-in/weather", "cd ./-in/weather"],
    ["it's", "it's/weather", "cd 'it'\\''s/weather'"],
  ] as const
) {
  Deno.test(`\`new --dir=${dir}\` creates the folder there`, async () => {
    using place = start();
    Deno.mkdirSync(`${place.folder}/${dir}`, { recursive: true });
    const { stdout } = await place.run(["weather", `--dir=${dir}`, "--json"]);
    const { folder, next } = JSON.parse(stdout);
    assert.deepEqual([folder, next[0]], [shown, step]);
    assert(Deno.statSync(`${place.folder}/${shown}/server.py`).isFile);
  });
}

Deno.test("`new` with an absolute --dir creates the folder there", async () => {
  using place = start();
  using other = new ProjectFolder({});
  const { stdout } = await place.run(["weather", "--dir", other.path, "--json"]);
  assert.equal(JSON.parse(stdout).folder, `${other.path}/weather`);
  assert(Deno.statSync(`${other.path}/weather/server.py`).isFile);
  assert.deepEqual(place.names(), []);
});

for (const dir of ["none", "", "file"]) {
  Deno.test(`\`new --dir=${dir}\` is refused where that is no folder`, async () => {
    using place = start();
    Deno.writeTextFileSync(`${place.folder}/file`, "");
    const { code, stdout, stderr } = await place.run(["weather", `--dir=${dir}`]);
    assert.deepEqual([code, stdout], [1, ""]);
    assert.match(stderr, /^Error: There is no folder .*\n {2}Create it first, or .*`--dir`\n$/);
    assert.deepEqual(place.names(), ["file"]);
  });
}

for (
  const [what, make] of [
    ["a folder", (path) => Deno.mkdirSync(path)],
    ["a file", (path) => Deno.writeTextFileSync(path, "")],
    ["a link to nothing", (path) => Deno.symlinkSync("/nowhere", path)],
  ] satisfies [string, (path: string) => void][]
) {
  Deno.test(`\`new\` leaves ${what} of that name alone`, async () => {
    using place = start();
    make(`${place.folder}/weather`);
    const before = Deno.lstatSync(`${place.folder}/weather`);
    const { code, stderr } = await place.run(["weather", "--yes"]);
    assert.equal(code, 1);
    assert.match(stderr, /^Error: weather already exists\n {2}Choose another name/);
    assert.deepEqual(Deno.lstatSync(`${place.folder}/weather`), before);
    assert.deepEqual(place.names(), ["weather"]);
  });
}

Deno.test("`new` refuses an invalid name, and suggests another one with the same folder", async () => {
  using place = start();
  const { code, stderr } = await place.run(["Weather-API", "--dir", "."]);
  assert.equal(code, 2);
  assert.match(
    stderr,
    /^Error: A name has .*\n {2}Use `arcade new weather_api --dir \.`\n$/,
  );
  assert.deepEqual(place.names(), []);
});

Deno.test("`new` needs a name without a terminal, unless --yes takes the default", async () => {
  using place = start();
  const refused = await place.run([]);
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /Name it, as in `arcade new weather`, or add `--yes`/);
  assert.deepEqual(place.names(), []);
  assert.equal((await place.run(["--yes"])).code, 0);
  assert.deepEqual(place.names(), ["my_server"]);
});

for (const [typed, name] of [[" weather ", "weather"], ["", "my_server"]] as const) {
  Deno.test(`\`new\` asks for a name on a terminal: ${JSON.stringify(typed)}`, async () => {
    using place = start();
    const world = { terminal: true, stdin: [...typed, ENTER] };
    const { code, stderr } = await place.run([], world);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /Name of the server \(my_server\): /);
    assert.deepEqual(place.names(), [name]);
  });
}

Deno.test("`new --yes` asks nothing on a terminal", async () => {
  using place = start();
  const { code, stderr } = await place.run(["--yes"], { terminal: true });
  assert.equal(code, 0);
  assert.doesNotMatch(stderr, /Name of/);
});

Deno.test("Ctrl-C at the prompt, and at the moment of writing, leaves nothing", async () => {
  using place = start();
  const asked = await place.run([], { terminal: true, stdin: ["w", CTRL_C] });
  assert.equal(asked.code, 130, asked.stderr);
  const interruption = new AbortController();
  const { Failure } = await import("../../../src/failure.ts");
  interruption.abort(new Failure("interrupted", "Cancelled"));
  const writing = await place.run(["weather"], { interruption: interruption.signal });
  assert.equal(writing.code, 130, writing.stderr);
  assert.deepEqual(place.names(), []);
});

Deno.test("the next steps on Windows do not use the local Arcade, which cannot run servers there", async () => {
  using place = start();
  Deno.mkdirSync(`${place.folder}/a b`);
  const args = ["weather", "--dir", "a b", "--json"];
  const { stdout } = await place.run(args, { windows: new FakeWindows() });
  assert.deepEqual(JSON.parse(stdout).next, [
    'cd "a b/weather"',
    "uv sync",
    "arcade login",
    "arcade deploy --skip-validate -n weather -v 1.0.0",
  ]);
});

Deno.test("`deploy` in a folder without a project names `new`", async () => {
  using home = new InProcess();
  const { code, stderr } = await home.run(["deploy", "--dry-run"]);
  assert.equal(code, 2);
  assert.match(stderr, /No pyproject\.toml in this folder\n {2}.* create one with `arcade new`\n$/);
});

Deno.test("`deploy` sends a new project as it is, without its .env", async () => {
  await using engine = new ScriptedEngine({
    "POST /deployments": () => json({}, { status: 201 }),
    "GET /deployments/weather/status": () => json({ status: "running" }),
    "GET /deployments/weather/logs/stream": () => new Response(null, { status: 204 }),
  });
  using folder = new ProjectFolder({});
  assert.equal((await engine.home.run(["new", "weather"], { cwd: folder.path })).code, 0);
  folder.write("weather/.env", "MY_SECRET_KEY=x\n");
  const { code, stderr } = await engine.home.run(
    ["deploy", "--skip-validate", "-n", "weather", "-v", "1.0.0"],
    { cwd: `${folder.path}/weather` },
  );
  assert.equal(code, 0, stderr);
  const sent = engine.answers.seen.find(({ method }) => method === "POST");
  const { toolkits: { bundles: [{ bytes, ...bundle }], packages }, ...others } = JSON.parse(
    sent?.body ?? "",
  );
  assert.deepEqual(others, { name: "weather", description: "MCP Server deployed via CLI" });
  assert.deepEqual(packages, []);
  assert.deepEqual(bundle, {
    name: "weather",
    version: "1.0.0",
    type: "mcp",
    entrypoint: "server.py",
  });
  const tar = new Blob([Uint8Array.fromBase64(bytes)]).stream()
    .pipeThrough(new DecompressionStream("gzip"));
  const entries = (await unpackTar(tar)).map(({ header }) => header.name);
  assert.deepEqual(entries.filter((name) => !name.endsWith("/")), [
    "weather/AGENTS.md",
    "weather/README.md",
    "weather/pyproject.toml",
    "weather/seed.yaml",
    "weather/server.py",
    "weather/tests/local_server.py",
    "weather/tests/test_server.py",
  ]);
});
