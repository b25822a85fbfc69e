import assert from "node:assert/strict";
import { until } from "../../support/patience.ts";
import { hasProc } from "../../support/proc.ts";
import { killGuardOf, runs } from "../../support/processes.ts";
import { withoutPipes } from "../../support/programs.ts";
import { TelemetryMachine } from "../../support/telemetry_machine.ts";
import { ProjectFolder } from "../../support/project_folder.ts";
import { withTemporaryFolder } from "../../support/temporary_folder.ts";
import { PYTHON_ENVIRONMENT, serverFiles, withoutPython } from "../../support/test_server.ts";
import { assertRefused, BINARY, isAvailable, TestMachine } from "../../support/test_machine.ts";

const ignore = Deno.build.os === "windows";

function namesIn(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name);
}

function sh(line: string): string[] {
  return ["local", "exec", "--", "/bin/sh", "-c", line];
}

Deno.test({
  name: "`local exec` passes streams, variables and exit code of the command, and leaves nothing",
  ignore,
}, async () => {
  const { machine: own, temporary } = withTemporaryFolder();
  await using machine = own;
  const input = crypto.getRandomValues(new Uint8Array(50_000)).toHex();
  const line = "cat; env >&2; exit 7";
  const { code, stdout, stderr } = await machine.run(sh(line), { stdin: input });
  assert.deepEqual([code, stdout === input], [7, true]);
  const variables = new Map(
    stderr.split("\n").map((one) => [one.replace(/=.*/s, ""), one.replace(/^.*?=/s, "")]),
  );
  const url = variables.get("ARCADE_BASE_URL") ?? "";
  assert.match(url, /^http:\/\/127\.0\.0\.1:\d+$/);
  for (const name of ["API_URL", "COORDINATOR_URL", "ENGINE_URL", "POSTHOG_HOST"]) {
    assert.equal(variables.get(`ARCADE_${name}`), url);
  }
  assert.match(variables.get("ARCADE_API_KEY") ?? "", /^arc_local_/);
  assert.equal(variables.get("ARCADE_USER_ID"), "developer@arcade.local");
  assert(variables.get("ARCADE_WORK_DIR")?.startsWith(`${temporary}/arcade-local-`));
  assert.deepEqual(namesIn(temporary), []);
  assert.deepEqual(namesIn(machine.home), []);
  await assert.rejects(fetch(url));
});

Deno.test({
  name: "commands below `local exec` use its local Arcade, whatever the user has set",
  ignore,
}, async () => {
  await using machine = await TestMachine.loggedIn();
  const before = Deno.readTextFileSync(machine.credentials);
  const env = {
    ARCADE: BINARY,
    ARCADE_TOKEN: "token-of-the-user",
    ARCADE_ORG_ID: "org_of_the_user",
    ARCADE_PROJECT_ID: "project_of_the_user",
    ARCADE_CONTEXT: "context-of-the-user",
  };
  const line = '"$ARCADE" secret set KEY=value && "$ARCADE" secret list && ' +
    '"$ARCADE" login >&2 && "$ARCADE" org list && "$ARCADE" local env --json';
  const args = ["local", "exec", "--auto-approve", "--", "sh", "-c", line];
  const { code, stdout, stderr } = await machine.run(args, { env });
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^KEY /m);
  assert.match(stdout, /Default organization/);
  assert.match(stdout, /"ARCADE_BASE_URL"/);
  assert.equal(Deno.readTextFileSync(machine.credentials), before);
  assert.doesNotMatch((await machine.run(["secret", "list"])).stdout, /^KEY /m);
});

Deno.test({
  name: "`local exec --seed` gives the command the secrets of a seed, from variables and files too",
  ignore,
}, async () => {
  await using machine = new TestMachine();
  const folder = `${machine.path}/seeds`;
  Deno.mkdirSync(folder);
  Deno.writeTextFileSync(`${folder}/value.txt`, "x");
  Deno.writeTextFileSync(
    `${folder}/seed.yaml`,
    "users: [someone@example.com]\nsecrets: {A: env:OF_THE_USER, B: file:value.txt, C: c}\n",
  );
  const args = ["local", "exec", "--seed", `${folder}/seed.yaml`];
  const command = ["--", "sh", "-c", '"$ARCADE" secret list; echo "$ARCADE_USER_ID"'];
  const env = { ARCADE: BINARY, OF_THE_USER: "value-of-the-user" };
  const { code, stdout, stderr } = await machine.run([...args, ...command], { env });
  assert.deepEqual([code, stderr], [0, ""]);
  assert.deepEqual(stdout.match(/^[ABC] /gm), ["A ", "B ", "C "]);
  assert.match(stdout, /someone@example\.com\n$/);
  const unset = await machine.run([...args, ...command]);
  assertRefused(unset, 125, /seed\.yaml, line 2: The variable OF_THE_USER is not set/);
});

Deno.test({
  name: "`local exec --seed` starts servers, and their tools can be called when the command runs",
  ignore: withoutPython,
}, async () => {
  const { machine: own, temporary } = withTemporaryFolder();
  await using machine = own;
  using project = new ProjectFolder(serverFiles());
  const seed = `secrets: {TEST_SECRET: first second}
servers: [{name: local, folder: ${project.path}, command: [python3, server.py]}]
`;
  Deno.writeTextFileSync(`${machine.path}/seed.yaml`, seed);
  const call = 'curl -s "$ARCADE_BASE_URL/v1/tools/execute" -H content-type:application/json ' +
    '-H "authorization: Bearer $ARCADE_API_KEY" -d';
  const line = `${call} '{"tool_name": "TestServer.WordOfSecret", "user_id": "u"}'; ` +
    `${call} '{"tool_name": "TestServer.Fail", "user_id": "u"}' >/dev/null; ` +
    '"$ARCADE" local export "$OUT"';
  const args = ["local", "exec", "--seed", `${machine.path}/seed.yaml`, "--", "sh", "-c", line];
  const OUT = `${machine.path}/out.yaml`;
  const { PATH } = PYTHON_ENVIRONMENT;
  const { code, stdout, stderr } = await machine.run(args, { env: { PATH, OUT, ARCADE: BINARY } });
  assert.equal(code, 0, stderr);
  assert.equal(JSON.parse(stdout).output.value, "first", stdout);
  assert.match(stderr, /^Failed call: POST \/v1\/tools\/execute 200, the tool failed: TOOL_\w+$/m);
  assert.match(Deno.readTextFileSync(OUT), /folder: .*\n +command:\n +- python3\n +- server\.py/);
  assert.deepEqual(namesIn(temporary), []);
});

Deno.test({
  name: "`local exec` exits with 125 if a server in the seed does not run, and leaves nothing",
  ignore,
}, async () => {
  const { machine: own, temporary } = withTemporaryFolder();
  await using machine = own;
  const script = "seq 30; echo secret-of-the-seed; echo $ARCADE_WORKER_SECRET >&2; exit 3";
  const seed = `secrets: {KEY: secret-of-the-seed}
servers: [{name: broken, folder: ., command: [sh, -c, '${script}']}]
`;
  Deno.writeTextFileSync(`${machine.path}/seed.yaml`, seed);
  const file = ["--seed", `${machine.path}/seed.yaml`];
  for (const args of [["exec", ...file, "--", "echo", "started"], ["serve", ...file]]) {
    const { code, stderr } = await machine.run(["local", ...args]);
    assert.equal(code, args[0] === "exec" ? 125 : 1);
    const [above = "", error = ""] = stderr.split("Error: ");
    assert.match(error, /^The server broken in the seed .*exited with code 3\n/);
    assert.match(above, /The last lines of broken:\n(?: {2}.*\n){20}$/);
    assert.match(above, /\n {2}30\n/);
    assert.equal(above.match(/\[hidden\]/g)?.length, 2, above);
    assert.doesNotMatch(above, /secret-of-the-seed/);
  }
  assert.deepEqual(namesIn(temporary), []);
});

for (const words of [["exec"], ["serve", "--port", "0"]]) {
  const name = `Ctrl-C while \`local ${
    words[0]
  }\` starts the servers in a seed shows none of their lines`;
  Deno.test({ name, ignore }, async () => {
    await using machine = new TestMachine();
    const started = `${machine.path}/started`;
    const command = `[sh, -c, 'echo line-of-the-server; : >${started}; exec sleep 60']`;
    const seed = `${machine.path}/seed.yaml`;
    Deno.writeTextFileSync(seed, `servers: [{name: slow, folder: ., command: ${command}}]\n`);
    const end = words[0] === "exec" ? ["--", "true"] : [];
    const running = machine.start(["local", ...words, "--seed", seed, ...end]);
    await until("the start of the server", () => namesIn(machine.path).includes("started"));
    running.kill("SIGINT");
    const { code, stderr } = await running.end();
    assert.equal(code, words[0] === "exec" ? 130 : 0, stderr);
    assert.doesNotMatch(stderr, /server/);
  });
}

for (
  const [what, command, exit] of [
    ["a command that a signal ends", ["/bin/sh", "-c", "kill -TERM $$"], 143],
    ["a command that fails", ["/bin/sh", "-c", "exit 125"], 125],
  ] as const
) {
  Deno.test({ name: `\`local exec\` ends with ${exit} for ${what}`, ignore }, async () => {
    await using machine = new TestMachine();
    const ran = await machine.run(["local", "exec", "--", ...command]);
    assert.deepEqual(ran, { code: exit, stdout: "", stderr: "" });
  });
}

for (
  const [what, args, exit] of [
    ["there is no such program", ["--", "no-such-program"], 127],
    ["its path leads to nothing", ["--", "./no-such-program"], 127],
    ["a file is not executable", ["--", "./plain"], 126],
    ["a folder is no program", ["--", "/"], 126],
    ["no command is named", [], 125],
    ["a flag is unknown", ["--no-such-flag", "--", "true"], 125],
  ] as const
) {
  Deno.test({ name: `\`local exec\` ends with ${exit} if ${what}`, ignore }, async () => {
    const { machine: own, temporary } = withTemporaryFolder();
    await using machine = own;
    Deno.writeTextFileSync(`${machine.home}/plain`, "");
    assertRefused(await machine.run(["local", "exec", ...args]), exit, /./);
    assert.deepEqual(namesIn(temporary), []);
  });
}

Deno.test(
  { name: "`local exec` ends with 125 where it cannot keep its data", ignore },
  async () => {
    await using machine = new TestMachine();
    const TMPDIR = `${machine.path}/missing`;
    const ran = await machine.run(["local", "exec", "--", "true"], { env: { TMPDIR } });
    assertRefused(ran, 125, /Cannot create .*missing/);
  },
);

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  Deno.test({ name: `\`local exec\` passes ${signal} to the command once`, ignore }, async () => {
    const { machine: own, temporary } = withTemporaryFolder();
    await using machine = own;
    const name = signal.slice(3);
    const running = machine.start(sh(
      `trap 'got=1; echo got ${name}' ${name}; echo ready; ` +
        'while [ -z "$got" ]; do sleep 0.1; done; echo ending; exit 3',
    ));
    await running.printed(/ready/);
    running.kill(signal);
    const { code, stdout } = await running.end();
    assert.deepEqual([code, stdout], [3, `ready\ngot ${name}\nending\n`]);
    assert.deepEqual(namesIn(temporary), []);
  });
}

Deno.test({
  name: "`local exec` leaves no process, no file and no port when it is killed",
  ignore: withoutPipes,
}, async () => {
  const { machine: own, temporary } = withTemporaryFolder();
  await using machine = own;
  const running = machine.start(sh('sleep 600 & echo $$ $! "$ARCADE_BASE_URL"; wait'));
  const [, shell = "", child = "", url = ""] = await running.printed(/(\d+) (\d+) (http\S+)\n/);
  await (await fetch(`${url}/v1/health`)).body?.cancel();
  running.kill("SIGKILL");
  await until("its end", () => !runs(shell) && !runs(child) && namesIn(temporary).length === 0);
  await assert.rejects(fetch(url));
});

Deno.test({
  name: "`local exec` leaves no server of its seed when it is killed",
  ignore: withoutPipes || withoutPython,
}, async () => {
  const { machine: own, temporary } = withTemporaryFolder();
  await using machine = own;
  using project = new ProjectFolder(serverFiles());
  const seed = `servers: [{name: local, folder: ${project.path}, command: [python3, server.py]}]\n`;
  Deno.writeTextFileSync(`${machine.path}/seed.yaml`, seed);
  const line = 'echo "$ARCADE_BASE_URL $ARCADE_API_KEY"; exec sleep 600';
  const args = ["local", "exec", "--seed", `${machine.path}/seed.yaml`, "--", "sh", "-c", line];
  const running = machine.start(args, { env: { PATH: PYTHON_ENVIRONMENT.PATH } });
  const [, url = "", authorization = ""] = await running.printed(/(http\S+) (\S+)\n/);
  const workers = await fetch(`${url}/v1/workers`, { headers: { authorization } });
  const { items: [{ http: { uri } }] } = await workers.json();
  const isDown = async () => {
    const answer = await fetch(uri).catch(() => undefined);
    await answer?.body?.cancel();
    return answer === undefined;
  };
  assert.equal(await isDown(), false);
  running.kill("SIGKILL");
  await until("the end of the server", isDown);
  await until("the end of its folder", () => namesIn(temporary).length === 0);
});

Deno.test({
  name: "`local exec` removes what one that was killed with its guard has left",
  ignore: withoutPipes || !isAvailable("Linux with glibc, to find the guard", hasProc),
}, async () => {
  const { machine: own, temporary } = withTemporaryFolder();
  await using machine = own;
  const running = machine.start(sh('echo $$ "$ARCADE_WORK_DIR"; exec sleep 600'));
  const [, command = "", data = ""] = await running.printed(/(\d+) (\S+)\/home\n/);
  killGuardOf(data);
  running.kill("SIGKILL");
  Deno.kill(Number(command), "SIGKILL");
  await running.end();
  assert.equal(namesIn(temporary).length, 1);
  for (let runs = 0; runs < 10 && namesIn(temporary).length > 0; runs++) {
    // A machine that is very busy needs more than one run.
    assert.equal((await machine.run(["local", "exec", "--", "true"])).code, 0);
  }
  assert.deepEqual(namesIn(temporary), []);
});

Deno.test(
  { name: "`local exec` ends processes that its command leaves behind", ignore },
  async () => {
    await using machine = new TestMachine();
    const { code, stdout } = await machine.run(sh("sleep 600 >/dev/null 2>&1 & echo $!; exit 4"));
    assert.equal(code, 4);
    assert.equal(runs(stdout.trim()), false);
  },
);

Deno.test({
  name: "twenty `local exec` at once work, each with an address and data of its own",
  ignore,
}, async () => {
  const { machine: own, temporary } = withTemporaryFolder();
  await using machine = own;
  const line = '"$ARCADE" secret set "KEY_$N=v" && "$ARCADE" secret list; ' +
    'echo "$ARCADE_BASE_URL"';
  const ran = await Promise.all(
    Array.from(
      { length: 20 },
      (_, i) => machine.run(sh(line), { env: { ARCADE: BINARY, N: String(i) } }),
    ),
  );
  const addresses = ran.map(({ code, stdout, stderr }, i) => {
    assert.equal(code, 0, stderr);
    assert.deepEqual(stdout.match(/^KEY_\d+/mg), [`KEY_${i}`]);
    return /http\S+/.exec(stdout)?.[0];
  });
  assert.equal(new Set(addresses).size, 20);
  assert.deepEqual(namesIn(temporary), []);
});

Deno.test({
  name: "`local exec` lists the failed calls at the end, at most twenty lines, without tokens",
  ignore,
}, async () => {
  await using machine = new TestMachine();
  const get = 'curl -so /dev/null "$ARCADE_BASE_URL';
  const few = await machine.run(
    sh(`${get}/v1/health"; ${get}/v1/none/$ARCADE_API_KEY?q=query"; echo after >&2`),
  );
  assert.equal(few.stderr, "after\nFailed call: GET /v1/none/[hidden] 404\n");
  const many = await machine.run(sh(`${get}/v1/none/[1-25]"`));
  const lines = many.stderr.trimEnd().split("\n");
  assert.deepEqual([many.code, lines.length], [0, 20]);
  assert.equal(lines[18], "Failed call: GET /v1/none/19 404");
  assert.equal(lines[19], "And 6 more failed calls");
});

Deno.test(
  { name: "`local exec` reports nothing, and neither does what it runs", ignore },
  async () => {
    await using machine = new TelemetryMachine();
    const server = await machine.serveInProcess();
    machine.reportTo(server.url);
    const env = { ARCADE: BINARY };
    for (
      const args of [sh('"$ARCADE" whoami'), ["local", "exec", "--", "none"], ["local", "exec"]]
    ) {
      await machine.run(args, { env });
    }
    assert.deepEqual(namesIn(machine.folder).filter((name) => /usage/.test(name)), []);
  },
);
