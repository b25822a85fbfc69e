import assert from "node:assert/strict";
import { shellWord } from "../../../src/text/shell_word.ts";
import { writeProgram } from "../../support/executable_files.ts";
import { ProjectFolder } from "../../support/project_folder.ts";
import { PYTHON_FOLDER, UV_FOLDER, withoutPythonCli, withoutUv } from "../../support/python_cli.ts";
import { BINARY, browserOf, TestMachine } from "../../support/test_machine.ts";
import { PYTHON_ENVIRONMENT } from "../../support/test_server.ts";

const USER = "developer@arcade.local";
const STAR = ["Weather.StarRepo", "--owner", "ArcadeAI", "--repo", "arcade-mcp"];

/** A machine with these programs in PATH, and with `arcade`, whose login does not need the port of all logins. */
function machineWith(programs: string): TestMachine {
  const machine = new TestMachine();
  const own = `${machine.path}/bin`;
  Deno.mkdirSync(own);
  const login = '[ "$1" != login ] || set -- "$@" --callback-port 0';
  const source = `#!/bin/sh\n${login}\nexec ${shellWord(BINARY)} "$@"\n`;
  writeProgram(`${own}/arcade`, source);
  machine.env.PATH = `${own}:${programs}`;
  return machine;
}

/** Creates the project `weather`, and returns its folder and the printed next steps. */
async function create(machine: TestMachine, cwd: string) {
  const { code, stderr } = await machine.run(["new", "weather"], { cwd });
  assert.equal(code, 0, stderr);
  const steps = [...stderr.matchAll(/^ {2}(\S.*)$/gm)].map(([, step = ""]) => step);
  return { project: `${cwd}/weather`, steps };
}

/** Calls a tool for the user of the local Arcade. */
async function call(machine: TestMachine, ...args: string[]) {
  return await machine.run(["tool", "call", ...args, "--user", USER]);
}

async function assertValue(machine: TestMachine, args: readonly string[], value: string) {
  const { code, stdout, stderr } = await call(machine, ...args);
  assert.deepEqual([code, stdout], [0, `${value}\n`], stderr);
}

Deno.test({
  name: "the next steps of a new project work as they are printed, and its seed serves all tools",
  ignore: withoutUv,
}, async () => {
  await using machine = machineWith(`${UV_FOLDER}/bin:${PYTHON_ENVIRONMENT.PATH}`);
  machine.env.XDG_CACHE_HOME = `${UV_FOLDER}/cache`;
  // How this machine reaches PyPI.
  for (const name of ["HTTPS_PROXY", "SSL_CERT_FILE"]) {
    const value = Deno.env.get(name);
    if (value !== undefined) machine.env[name] = value;
  }
  machine.env.BROWSER = browserOf(machine);
  await machine.serve();
  using folder = new ProjectFolder({});
  const { project, steps } = await create(machine, folder.path);
  assert.equal(steps.length, 7);

  // `uv sync` may download packages, which takes longer than an event that a test waits for.
  const typed = steps.map((step) =>
    // It runs until Ctrl-C.
    step === "arcade dev" ? "arcade dev --until-ready --ephemeral --port 0 -- echo developed" : step
  );
  const script = [...typed.slice(0, 2), "echo installed", ...typed.slice(2)].join("\n");
  const running = machine.startProgram(["sh", "-ec", script], { cwd: folder.path });
  const { code, stdout, stderr } = await running.ended;
  assert.equal(code, 0, stdout + stderr);
  assert.match(stdout, /\b3 passed\b/);
  assert.match(stdout, /^Hello, Ada!$/m);
  assert.match(stdout, /^developed$/m);
  assert.match(stderr, /^Deployed weather 1\.0\.0\./m);

  // The lowest versions that its pyproject.toml allows pass the same tests.
  Deno.writeTextFileSync(
    `${project}/pyproject.toml`,
    '\n[tool.uv]\nresolution = "lowest-direct"\n',
    { append: true },
  );
  const lowest = machine.startProgram(
    ["sh", "-ec", ["uv sync", steps[2], "uv pip freeze"].join("\n")],
    { cwd: project },
  );
  const tested = await lowest.ended;
  assert.equal(tested.code, 0, tested.stdout + tested.stderr);
  assert.match(tested.stdout, /\b3 passed\b[^]*^arcadepy==1\.8\.0$[^]*^pytest==9\.0\.0$/m);

  // Another local Arcade, with the seed of the project.
  await machine.serve({
    args: ["--data", `${machine.path}/seeded`, "--seed", `${project}/seed.yaml`],
  });
  await machine.logIn();
  await assertValue(machine, ["Weather.Greet", "--name", "Ada"], "Hello, Ada!");
  await assertValue(
    machine,
    ["Weather.WhisperSecret"],
    "The last 4 characters of the secret are: ests",
  );
  const asked = await call(machine, ...STAR);
  assert.equal(asked.code, 6, asked.stderr);
  const port = new URL(machine.server.url).port;
  const granted = await machine.run(["local", "grant", USER, "github", "--port", port]);
  assert.equal(granted.code, 0, granted.stderr);
  await assertValue(machine, STAR, "Starred ArcadeAI/arcade-mcp");
});

Deno.test({
  name: "a new project is deployed as it is, and its tools get their secret and their grant",
  ignore: withoutPythonCli,
}, async () => {
  // Without uv, which would install packages for the deployed server.
  await using machine = machineWith(`${PYTHON_FOLDER}/bin:/usr/bin:/bin`);
  // No request of a tool leaves this machine.
  machine.env.HTTPS_PROXY = "http://127.0.0.1:9";
  await machine.serve();
  await machine.logIn();
  using folder = new ProjectFolder({});
  const { project } = await create(machine, folder.path);
  const { code, stderr } = await machine.run(["deploy"], { cwd: project });
  assert.equal(code, 0, stderr);
  assert.match(stderr, /Found 3 tools and 1 secret/);

  await assertValue(machine, ["Weather.Greet", "--name", "Ada"], "Hello, Ada!");
  const without = await call(machine, "Weather.WhisperSecret");
  assert.equal(without.code, 6, without.stderr);
  assert.match(without.stderr, /needs the secret MY_SECRET_KEY/);
  Deno.copyFileSync(`${project}/.env.example`, `${project}/.env`);
  const again = await machine.run(["deploy", "--json"], { cwd: project });
  const { action, secrets } = JSON.parse(again.stdout);
  assert.deepEqual([action, secrets.uploaded], ["updated", ["MY_SECRET_KEY"]], again.stderr);
  await assertValue(
    machine,
    ["Weather.WhisperSecret"],
    "The last 4 characters of the secret are: alue",
  );

  const asked = await call(machine, ...STAR);
  assert.equal(asked.code, 6, asked.stderr);
  assert.equal((await machine.run(["local", "grant", USER, "github"])).code, 0);
  // The tool has got the token, and does not reach GitHub.
  const called = await call(machine, ...STAR, "--json");
  assert.equal(called.code, 5, called.stderr);
  assert.match(
    called.stdout,
    /"endpoint":"https:\/\/api\.github\.com\/user\/starred\/ArcadeAI\/arcade-mcp"/,
  );
});

Deno.test({
  name:
    "the afternoon of a stranger: from an empty home to a tool that an editor and a terminal call",
  ignore: withoutPythonCli,
}, async () => {
  await using machine = machineWith(`${PYTHON_FOLDER}/bin:/usr/bin:/bin`);
  machine.env.BROWSER = browserOf(machine);
  using folder = new ProjectFolder({});
  const done = async (args: readonly string[], cwd = `${folder.path}/weather`) => {
    const { code, stdout, stderr } = await machine.run(args, { cwd });
    assert.equal(code, 0, `arcade ${args.join(" ")}: ${stdout}${stderr}`);
    return stdout;
  };
  await done(["new", "weather"], folder.path);
  const greet = ["tool", "call", "Weather_Greet", "--name", "Ada"];
  assert.equal(await done([...greet, "--", "python3", "server.py"]), "Hello, Ada!\n");
  await done(["configure", "cursor"]);

  await machine.serve({ args: ["--data", `${machine.folder}/local`] });
  await done(["login", "--local", "--callback-port", "0", "--browser"]);
  await done(["deploy", "--secrets", "skip"]);
  assert.equal(await done(greet), "Hello, Ada!\n");
  await done(["connect", "claude-code", "--server", "Weather"]);
  const { mcpServers: ofCursor } = JSON.parse(
    Deno.readTextFileSync(`${machine.home}/.cursor/mcp.json`),
  );
  assert.deepEqual(Object.keys(ofCursor), ["weather"]);
  const { mcpServers } = JSON.parse(Deno.readTextFileSync(`${machine.home}/.claude.json`));
  const [gateway] = Object.values(mcpServers) as { url: string }[];
  assert.match(gateway?.url ?? "", new RegExp(`^${machine.server.url}/mcp/`));

  const { ok, findings } = JSON.parse(await done(["doctor", "--json"]));
  assert.equal(ok, true);
  const of = (check: string) =>
    findings.filter((one: { check: string }) => one.check === check)
      .map(({ message }: { message: string }) => message);
  assert.deepEqual(of("clients"), [
    "MCP clients have 2 servers from arcade, with no broken entries",
  ]);
  assert.match(of("login")[0], /^Logged in as developer@arcade\.local, in the project/);
});
