import assert from "node:assert/strict";
import { Answers, json } from "../../support/answers.ts";
import { InProcess, type World } from "../../support/in_process.ts";
import { ProjectFolder } from "../../support/project_folder.ts";
import { PYTHON_ENVIRONMENT, serverFiles, withoutPython } from "../../support/test_server.ts";

interface Finding {
  readonly check: string;
  readonly status: "ok" | "warning" | "problem";
  readonly message: string;
  readonly next: string | null;
}

/** Services that do not exist, so that no test sends requests to the cloud. */
const NOWHERE = {
  ARCADE_COORDINATOR_URL: "http://127.0.0.1:2",
  ARCADE_ENGINE_URL: "http://127.0.0.1:2",
};

/** The results of `doctor`, by the names of the checks. */
async function examine(home: InProcess, world: World = {}) {
  const { code, stdout, stderr } = await home.run(["doctor", "--json"], world);
  assert.equal(stderr, "");
  const { ok, findings }: { ok: boolean; findings: Finding[] } = JSON.parse(stdout);
  assert.equal(code, ok ? 0 : 1);
  assert.equal(ok, findings.every(({ status }) => status !== "problem"));
  return {
    code,
    of: (check: string) => findings.filter((one) => one.check === check),
    statuses: () => new Set(findings.map(({ status }) => status)),
  };
}

/** A server that is coordinator and engine, and a home with a login there. */
function installation(answer: () => Response = () => json({})) {
  const services = new Answers(answer);
  const home = new InProcess();
  home.writeCredentials({ coordinatorUrl: services.url });
  home.env = { ARCADE_ENGINE_URL: services.url };
  home.moveLogin({ coordinator: services.url, engine: services.url });
  home.env = {};
  return {
    services,
    home,
    async [Symbol.asyncDispose]() {
      await services[Symbol.asyncDispose]();
      home[Symbol.dispose]();
    },
  };
}

Deno.test("`doctor` finds no problem in a working installation, and sends no credential", async () => {
  await using all = installation();
  const { code, of } = await examine(all.home);
  assert.equal(code, 0);
  for (const service of ["coordinator", "engine"]) {
    const [found, ...more] = of(service);
    assert.equal(found?.status, "ok");
    assert.match(found?.message ?? "", new RegExp(`^${all.services.url} answered in \\d+ ms$`));
    assert.deepEqual(more, []);
  }
  assert.deepEqual(of("login").map(({ message }) => message), [
    "Logged in as someone@example.com, in the project Only",
    "The access token is valid until 2999-01-01T00:00:00.000Z, and is then renewed",
  ]);
  assert.deepEqual(
    all.services.seen.map(({ method, path, authorization }) => [method, path, authorization]),
    [["GET", "/api/v1/auth/cli_config", null], ["GET", "/v1/health", null]],
  );
});

Deno.test("`doctor` shows a line for each result, with how to fix it", async () => {
  using home = new InProcess();
  const { code, stdout, stderr } = await home.run(["doctor"], {
    env: NOWHERE,
  });
  assert.equal(code, 1);
  assert.match(stdout, /^✓ version {6}arcade \S+, with Deno/);
  assert.match(
    stdout,
    /\n! login {8}Not logged in\n {15}Run `arcade login`, or `arcade local serve`/,
  );
  assert.match(stdout, /\n✗ engine {7}Nothing is listening at http:\/\/127\.0\.0\.1:2\n {15}\S/);
  assert.match(stderr, /^\n2 problems, \d+ warnings\n$/);
});

Deno.test("on a terminal, `doctor` wraps its sentences between words", async () => {
  using home = new InProcess();
  const { stdout } = await home.run(["doctor"], { env: NOWHERE, terminal: true, columns: 50 });
  assert.match(
    stdout,
    / {15}Run `arcade login`, or `arcade\n {15}local serve` to work without an\n {15}account\n/,
  );
});

Deno.test("`doctor` reports services that fail, are slow, or are not Arcade", async () => {
  for (
    const [answer, message] of [
      [() => json({}, { status: 503 }), /answered with 503$/],
      [() => json({}, { status: 404 }), /answered with 404$/],
      [
        () => new Response("<html>", { status: 401, headers: { "content-type": "text/html" } }),
        /web page/,
      ],
    ] as const
  ) {
    await using all = installation(answer);
    const { code, of } = await examine(all.home);
    assert.equal(code, 1);
    for (const service of ["coordinator", "engine"]) {
      assert.equal(of(service)[0]?.status, "problem");
      assert.match(of(service)[0]?.message ?? "", message);
    }
    assert.equal(all.services.seen.length, 2, "A request was repeated");
  }
});

for (
  const [minutes, status, message] of [
    [0, undefined, undefined],
    [-2, "warning", "The clock of this machine is 2 min behind the server's"],
    [8, "problem", "The clock of this machine is 8 min ahead of the server's"],
  ] as const
) {
  Deno.test(`\`doctor\` compares a clock that is ${minutes} minutes off with the server's clock`, async () => {
    const date = new Date("2026-11-30T12:00:00Z");
    await using all = installation(() => json({}, { headers: { date: date.toUTCString() } }));
    const now = () => new Date(date.getTime() + minutes * 60_000);
    const { of } = await examine(all.home, { now });
    const [, clock] = of("engine");
    assert.deepEqual([clock?.status, clock?.message], [status, message]);
  });
}

Deno.test("`doctor` distinguishes an expired token from one that can be renewed", async () => {
  await using all = installation();
  const expired = all.home.read().replace("2999", "2020");
  all.home.write(expired);
  const [, renewed] = (await examine(all.home)).of("login");
  assert.equal(renewed?.status, "ok");
  all.home.write(expired.replace(/refresh_token: .*/, "refresh_token: ''"));
  const [, ended] = (await examine(all.home)).of("login");
  assert.equal(ended?.status, "problem");
  assert.equal(ended?.next, "Run `arcade login`");
});

Deno.test({
  name: "`doctor` says which files other users can read or write, and how to close them",
  ignore: Deno.build.os === "windows",
}, async () => {
  await using all = installation();
  const { home } = all;
  const found = async () => (await examine(home)).of("files");
  assert.deepEqual((await found()).map(({ status }) => status), ["ok"]);
  for (
    const [mode, status, message] of [
      [0o640, "problem", `Other users can read ${home.credentials}`],
      [0o620, "problem", `Other users can write ${home.credentials}`],
    ] as const
  ) {
    Deno.chmodSync(home.credentials, mode);
    const [first, ...more] = await found();
    assert.deepEqual([first?.status, first?.message], [status, message]);
    assert.match(first?.next ?? "", new RegExp(`chmod 600 ${home.credentials}`));
    assert.deepEqual(more, []);
  }
  Deno.chmodSync(home.credentials, 0o600);
  for (const name of ["credentials-pending.json", "mcp-logins.json"]) {
    const path = `${home.folder}/${name}`;
    Deno.writeTextFileSync(path, "{}", { mode: 0o640 });
    assert.deepEqual((await found()).map(({ message }) => message), [
      `Other users can read ${path}`,
    ]);
    Deno.removeSync(path);
  }
  Deno.chmodSync(home.folder, 0o755);
  assert.deepEqual((await found()).map(({ status, next }) => [status, next]), [
    ["warning", `Run \`chmod 700 ${home.folder}\``],
  ]);
});

Deno.test("`doctor` continues after a file that cannot be read", async () => {
  await using all = installation();
  all.home.write("cloud: [");
  const { of } = await examine(all.home);
  for (const check of ["login", "engine"]) assert.equal(of(check)[0]?.status, "problem");
  assert.equal(of("telemetry")[0]?.status, "ok");
});

Deno.test("`doctor` names variables that replace the login or the server, without their values", async () => {
  await using all = installation();
  const env = { ARCADE_API_KEY: "CANARY-key", ARCADE_CONTEXT: "default", ARCADE_ORG_ID: " " };
  const { of } = await examine(all.home, { env });
  assert.deepEqual(of("variables").map(({ status, message }) => [status, message]), [
    ["warning", "ARCADE_API_KEY is set, so commands do not use your login"],
    ["warning", "ARCADE_CONTEXT is set and chooses the context"],
  ]);
});

Deno.test("`doctor` says why nothing is sent in the background", async () => {
  using home = new InProcess();
  const { of } = await examine(home, { env: { ...NOWHERE, ARCADE_NO_BACKGROUND_TRAFFIC: "1" } });
  assert.match(
    of("telemetry")[0]?.message ?? "",
    /off: turned off by ARCADE_NO_BACKGROUND_TRAFFIC/,
  );
});

Deno.test({
  name: "`doctor` finds servers of MCP clients whose program is missing, and files that are broken",
  ignore: Deno.build.os === "windows",
}, async () => {
  using home = new InProcess();
  const env = { ...NOWHERE, HOME: home.path, PATH: "/usr/bin:/bin" };
  const clients = async () =>
    (await examine(home, { env })).of("clients").map(({ status, message }) => [status, message]);
  assert.deepEqual(await clients(), [
    ["ok", "MCP clients have 0 servers from arcade, with no broken entries"],
  ]);
  Deno.mkdirSync(`${home.path}/.cursor`);
  const file = `${home.path}/.cursor/mcp.json`;
  const servers = { gone: { command: "/nowhere/arcade" }, here: { command: "sh" } };
  Deno.writeTextFileSync(file, JSON.stringify({ mcpServers: servers }));
  assert.deepEqual(await clients(), [
    ["warning", "Cursor: gone starts /nowhere/arcade, which is missing"],
  ]);
  Deno.writeTextFileSync(file, "{");
  const [[status, message = ""] = []] = await clients();
  assert.equal(status, "warning");
  assert.match(message, /^Cursor: .*mcp\.json/);
});

Deno.test("`doctor --report` has no name of a user, a project or a home folder", async () => {
  await using all = installation();
  const { path: HOME } = all.home;
  const { code, stdout } = await all.home.run(["doctor", "--report"], { env: { HOME } });
  assert.equal(code, 0);
  assert.match(stdout, /^arcade \S+ \(.*\), Deno \S+, V8 \S+, \S+\n\n- ok: version: /);
  assert.match(stdout, /\n- ok: login: Logged in as …, in the project …\n/);
  for (const name of ["someone@example.com", HOME]) assert(!stdout.includes(name), stdout);
});

Deno.test({
  name: "`doctor --report` has no name that tells whose machine this is",
  ignore: Deno.build.os === "windows",
}, async () => {
  using home = new InProcess();
  const HOME = `${home.path}/home/jane acme`;
  const at = { coordinatorUrl: "http://arcade.acme.test", engineUrl: "http://engine.acme.test:9" };
  home.writeCredentials(at);
  home.write(home.read().replaceAll("default", "acme").replaceAll("Only", "Acme"));
  const env = {
    HOME,
    PATH: `${HOME}/bin:/usr/bin:/bin`,
    HTTP_PROXY: "http://jane:secret@proxy.acme.test:1",
    ARCADE_COORDINATOR_URL: "http://coordinator.acme.test",
    ARCADE_DOWNLOAD_URL: "https://mirror.acme.test/arcade",
  };
  Deno.mkdirSync(`${HOME}/.cursor`, { recursive: true });
  const servers = {
    "acme-crm": { command: `${HOME}/acme work/server` },
    o: { command: "/srv/acme/bin/other" },
  };
  Deno.writeTextFileSync(`${HOME}/.cursor/mcp.json`, JSON.stringify({ mcpServers: servers }));
  Deno.mkdirSync(`${HOME}/bin`);
  Deno.writeTextFileSync(`${HOME}/bin/uv`, "#!/bin/sh\n", { mode: 0o755 });
  assert.equal(
    (await home.run(["identity", "add", "--hub", "hub.acme.test", "--token", "t"])).code,
    0,
  );
  const cwd = `${home.path}/acme project`;
  Deno.mkdirSync(cwd);
  Deno.writeTextFileSync(`${cwd}/.mcp.json`, "{");
  const stop = new AbortController();
  const started = Promise.withResolvers<void>();
  const serving = home.run(["local", "serve", "--port", "0", "--data", `${home.path}/acme data`], {
    interruption: stop.signal,
    onStdout: () => started.resolve(),
  });
  await Promise.race([started.promise, serving]);
  try {
    const { stdout } = await home.run(["doctor", "--report"], { env, cwd });
    assert.doesNotMatch(stdout, /acme|jane|secret|mirror|proxy\./i);
    assert.ok(!stdout.includes(home.path), stdout);
    assert.equal(stdout.match(/clients: Cursor: … starts …, which is missing/g)?.length, 2);
    assert.match(stdout, /python: .*~\/bin\/uv|python: uv is …/);
    assert.match(stdout, /local: A local Arcade is running at http:\/\/127\.0\.0\.1:\d+ on …\n/);
    assert.match(stdout, /coordinator: .*http:\/\/…/);
  } finally {
    stop.abort();
    await serving;
  }
});

Deno.test("`doctor --report` has no folder that a variable names", async () => {
  using home = new InProcess();
  const ARCADE_WORK_DIR = `${home.path}/.arcade`;
  const ARCADE_IDENTITY_FILE = `${home.path}/someone/identity.toml`;
  Deno.mkdirSync(ARCADE_IDENTITY_FILE, { recursive: true });
  const env = { ARCADE_WORK_DIR, ARCADE_IDENTITY_FILE };
  const { stdout } = await home.run(["doctor", "--report"], { env });
  assert.match(stdout, /: files: \$ARCADE_WORK_DIR does not exist yet\n/);
  assert.match(stdout, /: login: \$ARCADE_IDENTITY_FILE is a folder/);
  assert(!stdout.includes(home.path), stdout);
});

Deno.test({
  name: "`doctor --start-server` starts the server in the folder, and says what its tools need",
  ignore: withoutPython,
}, async () => {
  using home = new InProcess();
  using project = new ProjectFolder(serverFiles({ version: "3.1.4" }));
  const started = async (args: readonly string[], world: World = {}) => {
    const { stdout } = await home.run(["doctor", "--json", ...args], {
      cwd: project.path,
      env: { ...NOWHERE, ...PYTHON_ENVIRONMENT },
      ...world,
    });
    const { findings }: { findings: Finding[] } = JSON.parse(stdout);
    return findings.flatMap(({ check, status, message }) =>
      check === "server" ? [[status, message]] : []
    );
  };
  assert.deepEqual(await started([]), [
    ["ok", "There is a server in this folder; `--start-server` starts it"],
  ]);
  const starts = ["ok", "TestServer 3.1.4 starts, and has 5 tools"];
  assert.deepEqual(await started(["--start-server"]), [
    starts,
    ["warning", "Its tools need the secret TEST_SECRET"],
  ]);
  const variables = { TEST_SECRET: "value" };
  assert.deepEqual(await started(["--start-server"], { variables }), [starts]);
  project.write("server.py", "raise SystemExit(3)\n");
  assert.deepEqual(await started(["--start-server"]), [
    ["problem", "The server exited with code 3 before it was validated"],
  ]);
});
