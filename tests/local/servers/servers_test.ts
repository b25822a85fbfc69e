import assert from "node:assert/strict";
import { formatTime, parseTime } from "../../../src/local/servers/log.ts";
import { sleep } from "../../../src/system/waiting.ts";
import { writeProgram } from "../../support/executable_files.ts";
import { runs } from "../../support/processes.ts";
import { Project } from "../../support/project.ts";
import {
  PYTHON_ENVIRONMENT,
  toolkitsOf,
  withoutPython as ignore,
} from "../../support/test_server.ts";
import {
  apiKeyOf,
  call,
  type Fixture,
  secretsUrl,
  type Session,
  signIn,
  start,
} from "../harness.ts";

/** The environment of the local Arcade, with a variable that servers must not inherit. */
const env = { ...PYTHON_ENVIRONMENT, ARCADE_TOKEN: "a-token-of-the-user" };

/** A local Arcade with short pauses, and a project in it. */
async function startWithProject(): Promise<
  { fixture: Fixture; session: Session; project: Project }
> {
  const fixture = await start({
    env,
    sleep: (milliseconds, signal) => sleep(Math.min(milliseconds, 20), signal),
  });
  const session = await signIn(fixture.url);
  return { fixture, session, project: projectOf(fixture, session) };
}

function projectOf({ url }: Fixture, { org, project, access }: Session): Project {
  return new Project(`${url}/v1/orgs/${org}/projects/${project}`, access);
}

/** Whether the server answers a call. */
async function answers(project: Project): Promise<boolean> {
  const call = await project.call("Greet", { name: "x" });
  return call.status === 200 && call.at("success") === true;
}

/** The names of all files and folders of servers. */
function filesOf({ dataDir }: Fixture): string[] {
  const list = (folder: string): string[] =>
    [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) => [
      `${folder}/${name}`,
      ...(isDirectory ? list(`${folder}/${name}`) : []),
    ]);
  return list(`${dataDir}/servers`);
}

Deno.test({ name: "a deployed server runs, and its tools can be called", ignore }, async () => {
  const { fixture, project } = await startWithProject();
  await using _ = fixture;
  await project.deployed();

  const worker = await project.request("GET /workers/test_server");
  const { id, type, enabled, managed, http } = JSON.parse(worker.text);
  assert.deepEqual({ id, type, enabled, managed }, {
    id: "test_server",
    type: "http",
    enabled: true,
    managed: true,
  });
  assert.match(http.uri, /^http:\/\/127\.0\.0\.1:\d+$/);
  const health = await project.request("GET /workers/test_server/health");
  assert.deepEqual(JSON.parse(health.text), {
    id: "test_server",
    enabled: true,
    healthy: true,
    message: "The server is healthy",
  });

  const greeting = await project.call("Greet", { name: "Ada" });
  assert.equal(greeting.status, 200);
  assert.equal(greeting.at("success"), true);
  assert.equal(greeting.at("status"), "completed");
  assert.equal(greeting.at("output", "value"), "Hello, Ada! (1.0.0)");
  await project.logged(/^Greeting Ada$/);

  const failure = await project.call("Fail");
  assert.equal(failure.status, 200);
  assert.equal(failure.at("success"), false);
  assert.equal(failure.at("status"), "failed");
  assert.equal(failure.at("output", "error", "message"), "Failed on purpose");

  assert.equal((await project.call("Unknown")).status, 404);
});

Deno.test(
  { name: "tools are listed in pages, and found in any spelling", ignore },
  async () => {
    const { fixture, project } = await startWithProject();
    await using _ = fixture;
    await project.deployed();
    const first = await project.request("GET /tools?limit=2");
    assert.equal(first.at("total_count"), 5);
    assert.equal(first.at("items", 0, "qualified_name"), "TestServer.Environment");
    assert.equal(first.at("items", 0, "fully_qualified_name"), "TestServer.Environment@1.0.0");
    const second = await project.request("GET /tools?limit=2&offset=4&toolkit=testserver");
    assert.equal(second.at("offset"), 4);
    assert.equal(second.at("items", "length"), 1);
    assert.equal((await project.request("GET /tools?toolkit=Other")).at("total_count"), 0);
    for (const query of ["limit=0", "limit=1001", "offset=-1", "offset=x"]) {
      assert.equal((await project.request(`GET /tools?${query}`)).status, 400, query);
    }
    for (const tool_name of ["TestServer.Greet", "testserver.greet@1.0.0"]) {
      const call = { tool_name, input: { name: "Ada" } };
      assert.equal((await project.request("POST /tools/execute", call)).status, 200, tool_name);
    }
    const other = { tool_name: "TestServer.Greet", tool_version: "2.0.0" };
    assert.equal((await project.request("POST /tools/execute", other)).status, 404);
  },
);

Deno.test(
  { name: "a tool gets its own secrets and no other data of the user", ignore },
  async () => {
    const { fixture, session, project } = await startWithProject();
    await using _ = fixture;
    await project.deployed();
    const missing = await project.call("WordOfSecret");
    assert.equal(missing.status, 400);
    assert.equal(missing.at("name"), "tool_requirements_not_met");
    assert.equal(missing.at("message"), "secret not found: TEST_SECRET");

    for (const [key, value] of [["TEST_SECRET", "first second"], ["OTHER", "other"]]) {
      const url = `${secretsUrl(fixture.url, session)}/${key}`;
      await call(url, { method: "PUT", token: session.access, json: { value } });
    }
    assert.equal((await project.call("WordOfSecret")).at("output", "value"), "first");

    const variables = (await project.call("Environment")).at("output", "value");
    assert(typeof variables === "object" && variables !== null);
    const names = new Set(Object.keys(variables));
    // Python and the shell add variables.
    for (const own of ["LC_CTYPE", "PWD", "OLDPWD", "SHLVL", "_"]) names.delete(own);
    assert.deepEqual([...names].sort(), [
      "ARCADE_API_URL",
      "ARCADE_AUTH_DISABLED",
      "ARCADE_SERVER_HOST",
      "ARCADE_SERVER_PORT",
      "ARCADE_SERVER_TRANSPORT",
      "ARCADE_USAGE_TRACKING",
      "ARCADE_WORKER_SECRET",
      "ARCADE_WORK_DIR",
      "HOME",
      "PATH",
      "PYTHONPATH",
      "PYTHONUNBUFFERED",
      "UV_PROJECT_ENVIRONMENT",
    ]);
    const at = (name: string) => Reflect.get(variables, name);
    assert.deepEqual(
      ["API_URL", "AUTH_DISABLED", "SERVER_HOST"].map((name) => at(`ARCADE_${name}`)),
      [
        ...[fixture.url, "false", "127.0.0.1"],
      ],
    );
    assert.throws(() => Deno.statSync(`${at("ARCADE_WORK_DIR")}`), Deno.errors.NotFound);
  },
);

Deno.test({ name: "the files of a server are private", ignore }, async () => {
  const { fixture, project } = await startWithProject();
  await using _ = fixture;
  await project.deployed();
  const files = filesOf(fixture);
  assert(files.some((path) => path.endsWith("/server.py")));
  for (const path of files) assert.equal((Deno.statSync(path).mode ?? 0) & 0o077, 0, path);
});

Deno.test(
  { name: "an update replaces the release once the new one is healthy", ignore },
  async () => {
    const { fixture, project } = await startWithProject();
    await using _ = fixture;
    await project.deployed();
    const { status } = await project.update({ version: "2.0.0" });
    assert.equal(status, 200);
    // The old release answers until the new one is healthy.
    assert.match(await project.status(), /updating|running/);
    assert(await answers(project));
    await project.logged(/TestServer 2\.0\.0 starts/);
    await project.logged(/^arcade: Stopped$/);
    assert.equal(await project.status(), "running");
    const greeting = await project.call("Greet", { name: "Ada" });
    assert.equal(greeting.at("output", "value"), "Hello, Ada! (2.0.0)");
    assert.equal(
      (await project.request("GET /tools")).at("items", 0, "toolkit", "version"),
      "2.0.0",
    );
  },
);

Deno.test(
  { name: "a failed update keeps the previous release and can be repeated", ignore },
  async () => {
    const { fixture, project } = await startWithProject();
    await using _ = fixture;
    await project.deployed();
    await project.update({ version: "2.0.0", misbehave: "exit" });
    await project.logged(/^arcade: Exited with code 3$/);
    assert.equal(await project.status(), "degraded");
    const greeting = await project.call("Greet", { name: "Ada" });
    assert.equal(greeting.at("output", "value"), "Hello, Ada! (1.0.0)");

    await fixture.restart();
    const again = new Project(project.scope.replace(/^http:\/\/[^/]+/, fixture.url), project.token);
    await again.logged(/^arcade: Healthy/);
    assert.equal(await again.status(), "degraded");
    await again.update({ version: "3.0.0" });
    await again.logged(/TestServer 3\.0\.0 starts/);
    await again.logged(/^arcade: Stopped$/);
    assert.equal(await again.status(), "running");
    // In the end one release is left.
    await again.request("PATCH /workers/test_server", { enabled: true });
    assert.equal(filesOf(fixture).filter((path) => path.endsWith("/server.py")).length, 1);
  },
);

Deno.test(
  { name: "a server that exits immediately has failed, and its log says why", ignore },
  async () => {
    const { fixture, project } = await startWithProject();
    await using _ = fixture;
    assert.equal((await project.deploy({ misbehave: "exit" })).status, 201);
    await project.logged(/^arcade: Exited with code 3$/);
    assert.equal(await project.status(), "failed");
    assert((await project.log()).includes("Exiting on purpose"));
    const health = await project.request("GET /workers/test_server/health");
    assert.equal(health.at("healthy"), false);
    assert.match(health.textAt("message"), /see its log/);
    assert.equal((await project.request("GET /workers/test_server")).at("http", "uri"), undefined);

    await project.update({});
    await project.logged(/^arcade: Healthy/);
    assert.equal(await project.status(), "running");
  },
);

Deno.test({ name: "a server that never becomes healthy has failed", ignore }, async () => {
  let elapsed = 0;
  await using fixture = await start({ env, elapsedMs: () => elapsed += 5000 });
  const project = projectOf(fixture, await signIn(fixture.url));
  await project.deploy({ misbehave: "never-healthy" });
  await project.logged(/^arcade: Not healthy within 60 s$/);
  assert.equal(await project.status(), "failed");
});

Deno.test({ name: "a server without worker routes has failed at once", ignore }, async () => {
  await using fixture = await start({ env });
  const project = projectOf(fixture, await signIn(fixture.url));
  await project.deploy({ misbehave: "no-worker-routes" });
  await project.logged(
    /^arcade: GET \/worker\/health was answered with 404, so the server has no worker routes$/,
  );
  assert.equal(await project.status(), "failed");
});

Deno.test(
  { name: "servers run with uv if it is installed, as deploy runs them", ignore },
  async () => {
    const folder = await Deno.makeTempDir();
    // A fake uv, which prints its arguments and runs Python.
    const script =
      '#!/bin/sh\necho "uv $*, $UV_PROJECT_ENVIRONMENT"\nexec "$(command -v python3)" "$5"\n';
    writeProgram(`${folder}/uv`, script);
    const dependent =
      '[project]\nname = "x"\nversion = "1"\ndependencies = ["arcade-mcp-server"]\n';
    for (
      const [path, files, said] of [
        [
          `${folder}:${env.PATH}`,
          {},
          /^uv run --project (\/\S+\/servers\/\S+) python server\.py, \1\/\.uv$/,
        ],
        [
          env.PATH,
          { "pyproject.toml": dependent },
          /^arcade: uv is not installed, so the dependenc.* Install uv \(https/,
        ],
        [env.PATH, {}, /^arcade: Starting version 1\.0\.0: \S*python3 server\.py$/],
      ] as const
    ) {
      await using fixture = await start({ env: { ...env, PATH: path } });
      const project = projectOf(fixture, await signIn(fixture.url));
      await project.deployed({ files });
      await project.logged(said);
    }
    await Deno.remove(folder, { recursive: true });
  },
);

for (
  const [what, PATH, files, said] of [
    ["without Python", "/nonexistent", {}, /^arcade: No Python found: no \.venv, and neither uv/],
    [
      "with a broken .venv",
      env.PATH,
      { ".venv/x": "" },
      /^arcade: This project's \.venv is broken: /,
    ],
  ] as const
) {
  Deno.test(`${what} a deployment has failed, and its log says why`, async () => {
    await using fixture = await start({ env: { PATH } });
    const project = projectOf(fixture, await signIn(fixture.url));
    assert.equal((await project.deploy({ files })).status, 201);
    await project.logged(said);
    assert.equal(await project.status(), "failed");
  });
}

Deno.test(
  { name: "a server that exits is restarted after growing pauses", ignore },
  async () => {
    const { fixture, project } = await startWithProject();
    await using _ = fixture;
    await project.deployed();
    for (const pause of [1, 2, 4]) {
      const failed = await project.call("Misbehave", { how: "exit" });
      assert.equal(failed.status, 200);
      assert.equal(failed.at("output", "error", "kind"), "NETWORK_TRANSPORT_RUNTIME_UNREACHABLE");
      await project.logged(new RegExp(`^arcade: Exited with code 3; restarting in ${pause} s$`));
      const starts = (line: string) => line.startsWith("arcade: Healthy");
      for await (const _line of project.follow("1970-01-01T00:00:00Z")) {
        if ((await project.log()).filter(starts).length > Math.log2(pause) + 1) break;
      }
      assert.equal(await project.status(), "running");
    }
  },
);

Deno.test({ name: "a disabled server stops, and an enabled one starts", ignore }, async () => {
  const { fixture, project } = await startWithProject();
  await using _ = fixture;
  await project.deployed();
  const disabled = await project.request("PATCH /workers/test_server", { enabled: false });
  assert.equal(disabled.at("enabled"), false);
  assert.equal(await project.status(), "unknown");
  assert.equal((await project.call("Greet", { name: "x" })).status, 404);
  const health = await project.request("GET /workers/test_server/health");
  assert.equal(health.textAt("message"), "The server is disabled");
  assert.equal((await project.log()).at(-1), "arcade: Stopped");

  await project.request("PATCH /workers/test_server", { enabled: true });
  for await (const { Line } of project.follow()) {
    if (Line.startsWith("arcade: Healthy") && await project.status() === "running") break;
  }
  assert(await answers(project));
  assert.equal((await project.request("PATCH /workers/test_server", {})).status, 422);
});

Deno.test(
  { name: "the log keeps unusual output unchanged, and a flood of it within limits", ignore },
  async () => {
    const { fixture, project } = await startWithProject();
    await using _ = fixture;
    await project.deployed({ misbehave: "flood odd-lines" });
    const lines = await project.log();
    assert(lines.includes("half é"));
    assert(lines.includes("\u001b[31mred\u001b[0m <b>bold</b>"));
    assert(lines.includes("invalid \ufffd"));
    assert(lines.includes(`029999 ${"x".repeat(92)}`));
    assert(lines.some((line) => /^y{32768}… \(line cut\)$/.test(line)));
    assert(lines.length <= 20_000);
  },
);

Deno.test({ name: "a stream continues where the previous one ended", ignore }, async () => {
  const { fixture, project } = await startWithProject();
  await using _ = fixture;
  await project.deployed();
  const seen: string[] = [];
  let start = "1970-01-01T00:00:00Z";
  for (let i = 0; i < 30; i++) {
    await project.call("Greet", { name: `number ${i}` });
    for await (const { Timestamp, Line } of project.follow(start)) {
      seen.push(Line);
      // The next stream starts a microsecond later, because the times in a log are unique.
      start = formatTime((parseTime(Timestamp) ?? 0) + 1);
      if (Line === `Greeting number ${i}`) break;
    }
  }
  assert.deepEqual(seen, await project.log());
  const query = new URLSearchParams({ start_time_utc: "yesterday" });
  assert.equal((await project.request(`GET /deployments/test_server/logs?${query}`)).status, 400);
});

Deno.test({ name: "a follower of an update sees its log from the beginning", ignore }, async () => {
  const { fixture, project } = await startWithProject();
  await using _ = fixture;
  await project.deployed();
  fixture.pass(60);
  await project.update({ version: "2.0.0" });
  for await (const { Line } of project.follow()) {
    assert.match(Line, /^arcade: Starting version 2\.0\.0: /);
    break;
  }
});

Deno.test({ name: "stopping the local Arcade ends streams and servers", ignore }, async () => {
  const { fixture, project } = await startWithProject();
  await using _ = fixture;
  await project.deployed();
  const [, pid = ""] = await project.logged(/^Process (\d+)$/);
  assert(runs(pid));
  const lines = project.follow();
  await lines.next();
  await fixture.arcade.stop();
  await Array.fromAsync(lines);
  assert(!runs(pid));
});

Deno.test({ name: "deleting a server removes its files and its log", ignore }, async () => {
  const { fixture, project } = await startWithProject();
  await using _ = fixture;
  await project.deployed();
  const lines = project.follow();
  await lines.next();
  assert.equal((await project.request("DELETE /workers/test_server")).status, 204);
  await Array.fromAsync(lines); // the stream has ended
  assert.equal((await project.request("GET /workers/test_server")).status, 404);
  assert.equal((await project.request("DELETE /workers/test_server")).status, 404);
  assert.deepEqual(filesOf(fixture), []);
  // The name is free again.
  await project.deployed();
});

Deno.test(
  { name: "a restart of the local Arcade starts enabled servers only", ignore },
  async () => {
    const { fixture, project } = await startWithProject();
    await using _ = fixture;
    await project.deployed();
    const again = () =>
      new Project(project.scope.replace(/^http:\/\/[^/]+/, fixture.url), project.token);
    await fixture.restart();
    await again().logged(/^arcade: Healthy/);
    assert(await answers(again()));
    await again().request("PATCH /workers/test_server", { enabled: false });
    await fixture.restart();
    assert.deepEqual(await again().log(), []);
    assert.equal(await again().status(), "unknown");
  },
);

Deno.test({ name: "removing a project stops its servers", ignore }, async () => {
  const { fixture, session } = await startWithProject();
  await using _ = fixture;
  const { url } = fixture;
  const created = await call(`${url}/api/v1/orgs/${session.org}/projects`, {
    method: "POST",
    token: session.access,
    json: { name: "Second" },
  });
  const id = created.textAt("data", "project_id");
  const project = projectOf(fixture, { ...session, project: id });
  await project.deployed();
  const lines = project.follow();
  await lines.next();
  const removed = await call(`${url}/dashboard/remove`, { form: { kind: "project", id } });
  assert.equal(removed.status, 303);
  await Array.fromAsync(lines);
  assert.deepEqual(filesOf(fixture), []);
});

Deno.test("an API key can access the servers of its project, with and without the project in the path", async () => {
  const { fixture, session, project } = await startWithProject();
  await using _ = fixture;
  assert.equal((await project.deploy({ misbehave: "exit" })).status, 201);
  const token = await apiKeyOf(fixture.url, session);
  for (const scope of [project.scope, `${fixture.url}/v1`]) {
    const list = await call(`${scope}/workers`, { token });
    assert.equal(list.at("total_count"), 1);
    assert.equal((await call(`${scope}/deployments/test_server/status`, { token })).status, 200);
    assert.equal((await call(`${scope}/tools`, { token })).status, 200);
  }
  const stranger = await signIn(fixture.url, "bob@example.com");
  for (const path of ["/workers", "/tools", "/deployments/test_server/logs"]) {
    const { status } = await call(project.scope + path, { token: stranger.access });
    assert.equal(status, 403, path);
    assert.equal((await call(project.scope + path)).status, 401, path);
    assert.equal((await call(`${fixture.url}/v1${path}`, { token: session.access })).status, 401);
  }
});

Deno.test("an unusable deployment is refused and leaves nothing behind", async () => {
  const { fixture, project } = await startWithProject();
  await using _ = fixture;
  const deploy = (toolkits: unknown, name = "refused") =>
    project.request("POST /deployments", { name, toolkits });
  const refused: [unknown, RegExp][] = [
    [{}, /exactly one bundle/],
    [{ bundles: [], packages: [] }, /exactly one bundle/],
    [toolkitsOf("x", "!"), /not a complete tar\.gz/],
    [toolkitsOf("x", ""), /not a complete tar\.gz/],
  ];
  for (const [toolkits, reason] of refused) {
    const answer = await deploy(toolkits);
    assert.equal(answer.status, 422, answer.text);
    assert.match(answer.textAt("message"), reason);
  }
  assert.equal((await deploy(toolkitsOf("x", "!"), "../x")).status, 422);
  assert.equal((await project.update({})).status, 404);
  assert.equal((await project.request("GET /workers")).at("total_count"), 0);
  assert.deepEqual(filesOf(fixture), []);
});

Deno.test("a second deployment of the same name is refused", async () => {
  const { fixture, project } = await startWithProject();
  await using _ = fixture;
  const answers = await Promise.all([1, 2, 3].map(() => project.deploy({ misbehave: "exit" })));
  assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 409, 409]);
});

Deno.test("only Python servers can be deployed, and the archive must contain the entrypoint", async () => {
  const { fixture, project } = await startWithProject();
  await using _ = fixture;
  const { toolkits } = await project.deployment();
  const bundle = toolkits.bundles[0];
  for (
    const [entrypoint, reason] of [
      ["server.ts", /runs only Python programs, and server\.ts is not one/],
      ["missing.py", /no file missing\.py/],
      ["../server.py", /no file/],
    ] as const
  ) {
    const bundles = [{ ...bundle, entrypoint }];
    const answer = await project.request("POST /deployments", { name: "x", toolkits: { bundles } });
    assert.equal(answer.status, 422, answer.text);
    assert.match(answer.textAt("message"), reason);
  }
});
