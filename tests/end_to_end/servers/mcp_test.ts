import assert from "node:assert/strict";
import { reservePort } from "../../../src/system/own_port.ts";
import { writeProgram } from "../../support/executable_files.ts";
import { gone, runs } from "../../support/processes.ts";
import { CountingServer } from "../../support/signals.ts";
import { ProjectFolder } from "../../support/project_folder.ts";
import { only, TelemetryMachine } from "../../support/telemetry_machine.ts";
import { assertRefused, isAvailable, succeeds, TestMachine } from "../../support/test_machine.ts";
import { onTerminal, withoutTerminal } from "../../support/terminal.ts";
import { PYTHON_ENVIRONMENT, serverFiles, withoutPython } from "../../support/test_server.ts";
import { withoutPipes } from "../../support/programs.ts";

const windows = Deno.build.os === "windows";
const withoutNpx = !isAvailable("npx", () => succeeds("npx", "--version"));
const withoutUv = !isAvailable("uv", () => succeeds("uv", "--version"));
const STARTED = "MCP server started";

Deno.test({
  name: "`mcp stdio` passes streams, transport and exit code through unchanged",
  ignore: windows,
  async fn() {
    await using machine = new TestMachine();
    const script = 'cat; echo "$ARCADE_SERVER_TRANSPORT $0 $1" >&2; exit 7';
    const input = crypto.getRandomValues(new Uint8Array(50_000)).toHex();
    const { code, stdout, stderr } = await machine.run(
      ["mcp", "stdio", "--", "sh", "-c", script, "--host", "-x"],
      { stdin: input },
    );
    assert.deepEqual([code, stdout === input, stderr], [7, true, "stdio --host -x\n"]);
  },
});

Deno.test({
  name: "`mcp --env-file` gives a command the variables of the file that are not set",
  ignore: windows,
  async fn() {
    await using machine = new TestMachine();
    const folder = `${machine.path}/project`;
    Deno.mkdirSync(folder);
    Deno.writeTextFileSync(`${folder}/.env`, "A='of the file'\nB=of the file\nno line\n");
    const line = ["mcp", "stdio", "--cwd", folder, "--env-file", ".env", "--"];
    const command = ["sh", "-c", 'echo "$A, $B, $ARCADE_SERVER_TRANSPORT"'];
    const env = { B: "set before" };
    const { code, stdout, stderr } = await machine.run([...line, ...command], { env });
    assert.deepEqual([code, stdout], [0, "of the file, set before, stdio\n"]);
    assert.match(stderr, /\.env:3: no `=`; line skipped/);
    Deno.removeSync(`${folder}/.env`);
    const missing = await machine.run([...line, ...command], { env });
    assert.deepEqual([missing.code, missing.stdout], [1, ""]);
    assert.match(missing.stderr, /Cannot read .*\.env: it does not exist/);
  },
});

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  Deno.test({
    name: `\`mcp\` passes ${signal} to the server once and waits for it`,
    ignore: windows,
    async fn() {
      await using machine = new TestMachine();
      const name = signal.slice(3);
      const script = `trap 'got=1; echo got ${name}' ${name}; echo ready; ` +
        'while [ -z "$got" ]; do sleep 0.1; done; echo ending; exit 3';
      const running = machine.start(["mcp", "stdio", "--", "sh", "-c", script]);
      await running.printed(/ready/);
      running.kill(signal);
      const { code, stdout } = await running.end();
      assert.deepEqual([code, stdout], [3, `ready\ngot ${name}\nending\n`]);
    },
  });
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  const kinds: [what: string, wordsOf: (server: CountingServer) => readonly string[]][] = [
    ["a launcher that forwards it", ({ launched }) => launched],
    ["a shell that does not", ({ line }) => ["bash", "-c", line]],
  ];
  for (const [what, wordsOf] of kinds) {
    Deno.test({
      name: `\`mcp\` passes ${signal} to the server once below ${what}`,
      ignore: withoutPython,
      async fn() {
        await using machine = new TestMachine();
        using server = new CountingServer();
        const { PATH } = PYTHON_ENVIRONMENT;
        const words = wordsOf(server);
        const running = machine.start(["mcp", "stdio", "--", ...words], { env: { PATH } });
        await running.printed(/serving/);
        if (words === server.launched) await running.printed(/launched/);
        running.kill(signal);
        await running.printed(/signaled/);
        server.finish();
        const { stderr } = await running.end();
        assert.equal(/^got .*$/m.exec(stderr)?.[0], `got ${signal}`, stderr);
      },
    });
  }
}

const launchers: [name: string, ignore: boolean, words: (line: string) => readonly string[]][] = [
  ["npx", withoutNpx, (line) => ["npx", "-c", line]],
  ["uv", withoutUv, (line) => ["uv", "run", "--no-project", "sh", "-c", `exec ${line}`]],
];
for (const [name, ignore, wordsFor] of launchers) {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    Deno.test({
      name: `\`mcp\` passes ${signal} to the server once below the real ${name}`,
      ignore: withoutPython || ignore,
      async fn() {
        await using machine = new TestMachine();
        using server = new CountingServer();
        const PATH = `${PYTHON_ENVIRONMENT.PATH}:${Deno.env.get("PATH")}`;
        const words = wordsFor(server.words.map((word) => `'${word}'`).join(" "));
        const running = machine.start(["mcp", "stdio", "--", ...words], { env: { PATH } });
        await running.printed(/serving/);
        running.kill(signal);
        await running.printed(/signaled/);
        server.finish();
        const { stderr } = await running.end();
        assert.equal(/^got .*$/m.exec(stderr)?.[0], `got ${signal}`, stderr);
      },
    });
  }
}

Deno.test({
  name:
    "`mcp` passes Ctrl-C on a terminal to the server once, also below uv, which ignores it then",
  ignore: withoutPython || withoutTerminal,
  async fn() {
    await using machine = new TestMachine();
    const uv = `${machine.path}/uv`;
    writeProgram(uv, '#!/bin/bash\nshift\nexec -a uv python3 "$IGNORING" "$@"\n');
    const launcher = `${machine.path}/ignoring.py`;
    Deno.writeTextFileSync(
      launcher,
      "import signal, subprocess, sys\nchild = subprocess.Popen(sys.argv[1:])\n" +
        "signal.signal(signal.SIGINT, lambda *_: None)\nsys.exit(child.wait())\n",
    );
    for (const below of ["", `'${uv}' run `]) {
      using server = new CountingServer();
      const words = server.words.map((word) => `'${word}'`).join(" ");
      const running = onTerminal(machine, `arcade mcp stdio -- ${below}${words}`, {
        env: { PATH: PYTHON_ENVIRONMENT.PATH, IGNORING: launcher },
      });
      await running.printed(/serving/);
      await running.type("\x03");
      await running.printed(/signaled/);
      server.finish();
      const { stdout } = await running.end();
      assert.match(stdout, /got SIGINT\r\n/);
    }
  },
});

Deno.test({
  name: "`mcp` leaves no process when it is killed",
  ignore: withoutPipes,
  async fn() {
    await using machine = new TestMachine();
    const script = "sleep 600 & echo $$ $!; wait";
    const running = machine.start(["mcp", "--", "sh", "-c", script]);
    const [, server = "", child = ""] = await running.printed(/(\d+) (\d+)\n/);
    running.kill("SIGKILL");
    await gone(server, child);
  },
});

for (const signal of ["SIGKILL", "SIGTERM"] as const) {
  Deno.test({
    name: `\`mcp\` leaves no process when ${signal} ends it while it looks for its module`,
    ignore: withoutPipes,
    async fn() {
      await using machine = new TestMachine();
      using project = new ProjectFolder({});
      const python = "#!/bin/sh\necho looking $$ >&2\nexec sleep 600\n";
      writeProgram(`${project.path}/.venv/bin/python`, python);
      const running = machine.start(["mcp"], { cwd: project.path });
      const [, pid = ""] = await running.printed(/looking (\d+)\n/);
      running.kill(signal);
      await gone(pid);
    },
  });
}

Deno.test({
  name: "`mcp` reports a project's Python that cannot be started",
  ignore: windows,
  async fn() {
    await using machine = new TestMachine();
    using project = new ProjectFolder({ ".venv/bin/python": "" });
    const ran = await machine.run(["mcp"], { cwd: project.path });
    assertRefused(ran, 1, /This project's \.venv is broken: \.venv\/bin\/python cannot be/);
  },
});

Deno.test({
  name: "`mcp` leaves no process when it is killed as soon as its server runs",
  ignore: !isAvailable("strace", () => succeeds("strace", "-V")),
  async fn() {
    await using machine = new TestMachine();
    // The server kills its parent immediately, while pipes are created slowly: the guard has one.
    const slow = ["-f", "-e", "trace=pipe2", "-e", "inject=pipe2:delay_enter=100000"];
    const script = "kill -KILL $PPID; echo $$; exec sleep 600";
    const running = machine.start(["mcp", "stdio", "--", "sh", "-c", script], {
      through: ["strace", "-o", "/dev/null", ...slow],
    });
    try {
      await running.end(); // strace waits for all processes
    } finally {
      const server = Number(running.stdout);
      if (server > 0 && runs(server)) Deno.kill(server, "SIGKILL");
    }
  },
});

Deno.test({
  name: "`mcp` passes the whole environment to its server, and leaves no file",
  ignore: windows,
  async fn() {
    await using machine = new TestMachine();
    const folder = `${machine.path}/temporary`;
    Deno.mkdirSync(folder);
    const env = {
      "a.b": "c",
      "BASH_FUNC_f%%": "() { echo; }",
      BASH_ENV: "/dev/zero",
      TMPDIR: folder,
    };
    const { stdout } = await machine.run(["mcp", "stdio", "--", "env"], { env });
    for (const [name, value] of Object.entries({ ...machine.env, ...env })) {
      assert(`\n${stdout}`.includes(`\n${name}=${value}\n`), name);
    }
    assert.deepEqual([...Deno.readDirSync(folder)], []);
  },
});

Deno.test({
  name: "`mcp` reports a program that cannot be started",
  ignore: windows,
  async fn() {
    await using machine = new TestMachine();
    Deno.writeTextFileSync(`${machine.home}/plain`, "");
    for (
      const [program, code] of [
        ["no-such-program", 127],
        ["./no-such-program", 127],
        ["./plain", 126],
        ["/", 126],
      ] as const
    ) {
      const ran = await machine.run(["mcp", "stdio", "--", program]);
      assertRefused(ran, code, new RegExp(`Cannot start ${program}: `));
    }
  },
});

Deno.test({
  name: "`mcp` reports a running server with its tools, and the server itself reports nothing",
  ignore: withoutPython,
  async fn() {
    await using machine = new TelemetryMachine();
    const server = await machine.serveInProcess();
    machine.reportTo(server.url);
    using project = new ProjectFolder({
      ...serverFiles(),
      "run.py": "import os\nprint('tracking', os.environ['ARCADE_USAGE_TRACKING'], flush=True)\n" +
        "import server\nserver.main()\n",
    });
    const { port } = await reservePort();
    const running = machine.start(
      ["mcp", "http", "--port", String(port), "--", "python3", "run.py"],
      {
        cwd: project.path,
        env: { PATH: PYTHON_ENVIRONMENT.PATH, ARCADE_WORKER_SECRET: "x" },
      },
    );
    await running.printed(/tracking 0/);
    await server.output.printed(/200 POST \/batch\//);
    running.kill("SIGTERM");
    await running.end();
    const events = await machine.arrived();
    const { transport, host, port: reportedPort, tool_count, runtime } =
      only(events.filter(({ event }) => event === STARTED)).payload.properties;
    assert.deepEqual([transport, host, reportedPort, tool_count, runtime], [
      ...["http", "127.0.0.1", port, 5, "python"],
    ]);
  },
});

Deno.test({
  name: "`mcp` reports a server on standard streams without an address",
  ignore: windows,
  async fn() {
    await using machine = new TelemetryMachine();
    const server = await machine.serveInProcess();
    machine.reportTo(server.url);
    const running = machine.start(["mcp", "stdio", "--", "cat"], { isTyped: true });
    await server.output.printed(/200 POST \/batch\//);
    running.kill("SIGTERM");
    const { code, stdout, stderr } = await running.end();
    assert.deepEqual([code, stdout, stderr], [143, "", ""]);
    const { payload: { properties } } = only(
      (await machine.arrived()).filter(({ event }) => event === STARTED),
    );
    assert.deepEqual([properties.transport, properties.runtime], ["stdio", "other"]);
    for (const name of ["host", "port", "tool_count"]) assert(!(name in properties), name);
  },
});

Deno.test({
  name: "`mcp` without a command runs arcade_mcp_server of the project's Python with its flags",
  ignore: withoutPython,
  async fn() {
    await using machine = new TestMachine();
    using project = new ProjectFolder({
      "arcade_mcp_server/__init__.py": "raise Exception('imported only to find it')",
      "arcade_mcp_server/__main__.py": "",
    });
    const env = { PATH: PYTHON_ENVIRONMENT.PATH };
    const program = "import sys\nprint(sys.argv[1:])\nsys.exit(5)\n";
    project.write("arcade_mcp_server/__main__.py", program);
    project.write("arcade_mcp_server/__init__.py", "");
    const flags = [
      ...["--port", "9000", "--package", "x", "--all", "--show-packages", "--reload"],
      ...["--otel-enable", "--env-file", "e", "--name", "n", "--version", "v", "--debug"],
    ];
    const { code, stdout } = await machine.run(["mcp", "stdio", ...flags], {
      cwd: project.path,
      env,
    });
    assert.equal(code, 5);
    assert.equal(
      stdout,
      "['stdio', '--host', '127.0.0.1', '--port', '9000', '--debug', '--otel-enable', " +
        "'--tool-package', 'x', '--discover-installed', '--show-packages', '--reload', " +
        "'--env-file', 'e', '--name', 'n', '--version', 'v']\n",
    );
    const elsewhere = await machine.run(["mcp", "--cwd", project.path], { env });
    assert.equal(
      elsewhere.stdout,
      `['http', '--host', '127.0.0.1', '--port', '8000', '--cwd', '${project.path}']\n`,
    );
    const { code: missing, stdout: none, stderr } = await machine.run(["mcp"], { env });
    assert.deepEqual([missing, none], [1, ""]);
    assert.match(
      stderr,
      /python3 has no module arcade_mcp_server\n {2}Install uv \(https.*`uv add/,
    );
  },
});
