import assert from "node:assert/strict";
import { sleep } from "../../../../src/system/waiting.ts";
import { json } from "../../../support/answers.ts";
import { writeProgram } from "../../../support/executable_files.ts";
import { ScriptedEngine } from "../../../support/services.ts";
import { freshText } from "../../../support/fresh_text.ts";
import { InProcess, type Ran, type World } from "../../../support/in_process.ts";
import { runs } from "../../../support/processes.ts";
import { ProjectFolder } from "../../../support/project_folder.ts";
import {
  PYTHON_ENVIRONMENT,
  type ServerChanges,
  serverFiles,
  withoutPython,
} from "../../../support/test_server.ts";

const ignore = withoutPython;

function serverFolder(changes: ServerChanges = {}): ProjectFolder {
  return new ProjectFolder(serverFiles(changes));
}

/** Validates a server without sending anything. */
async function dryRun(
  project: ProjectFolder,
  { args = [], ...world }: World & { readonly args?: readonly string[] } = {},
): Promise<Ran> {
  using home = new InProcess();
  return await home.run(["deploy", "--dry-run", ...args], {
    cwd: project.path,
    env: PYTHON_ENVIRONMENT,
    ...world,
  });
}

/** The id of the server's process, from its output. */
function pidIn(text: string): string {
  const [, pid = ""] = /Process (\d+)/.exec(text) ?? [];
  assert.notEqual(pid, "", text);
  return pid;
}

Deno.test({
  name: "`deploy` starts the server, reads its name, version and secrets, and stops it",
  ignore,
  async fn() {
    using project = serverFolder({ version: "3.1.4" });
    const { code, stdout, stderr } = await dryRun(project, { args: ["--json", "--debug"] });
    assert.equal(code, 0, stderr);
    const { name, version, secrets } = JSON.parse(stdout);
    assert.deepEqual([name, version], ["TestServer", "3.1.4"]);
    assert.deepEqual(secrets, [{ key: "TEST_SECRET", source: null }]);
    assert.deepEqual(
      stderr.split("\n").flatMap((line) => /^✓ (.*) \(\d+\.\d s\)$/.exec(line)?.[1] ?? []),
      [
        stderr.match(/Found 2 files, .* kB/)?.[0],
        "Found Python: python3",
        "Server is healthy",
        "Initialized TestServer 3.1.4",
        "Found 5 tools and 1 secret",
        "Stopped the server",
      ],
    );
    assert.equal(runs(pidIn(stderr)), false);
  },
});

Deno.test({
  name:
    "deploy uploads the secrets that the tools need, with the name and version that the server reports",
  ignore,
  async fn() {
    const value = freshText("the-secret-of-the-test");
    using project = serverFolder({ files: { ".env": `TEST_SECRET=${value}\nunclear\n` } });
    const bodies: string[] = [];
    await using engine = new ScriptedEngine({
      "GET /secrets": () => json({ items: [] }),
      "PUT /secrets/TEST_SECRET": ({ body }) => {
        bodies.push(body);
        return json({});
      },
      "POST /deployments": ({ body }) => {
        bodies.push(body);
        return json({});
      },
      "GET /deployments/TestServer/status": () => json({ status: "running" }),
      "GET /deployments/TestServer/logs/stream": () => new Response(""),
    });
    const { code, stderr } = await engine.home.run(["deploy"], {
      cwd: project.path,
      env: PYTHON_ENVIRONMENT,
    });
    assert.equal(code, 1, stderr);
    assert.match(stderr, /\nError: Skipped 1 line of \.env\n/);
    assert.equal(JSON.parse(bodies[0] ?? "").value, value);
    assert.equal(JSON.parse(bodies[1] ?? "").name, "TestServer");
    assert.equal(bodies.length, 2);
    assert.match(stderr, / {2}Uploaded TEST_SECRET from \.env\n/);
    assert(!stderr.includes(value));
  },
});

Deno.test({
  name: "`deploy` passes its variables and those of .env to the server, but not its own token",
  ignore,
  async fn() {
    const own = freshText("value-in-file");
    const script = "import json, os, sys\n" +
      'print(json.dumps(dict(os.environ, REVERSED=os.environ["FROM_FILE"][::-1])))\nsys.exit(1)\n';
    using project = new ProjectFolder({
      "pyproject.toml": "",
      "server.py": script,
      ".env": `FROM_FILE=${own}\nIN_BOTH=file\nARCADE_API_KEY=of-the-project\nHOME=other\n`,
    });
    Deno.env.set("ARCADE_TOKEN", "of-the-cli");
    Deno.env.set("ARCADE_API_KEY", "of-the-cli");
    let lines = "";
    try {
      const { stderr } = await dryRun(project, {
        args: ["--debug"],
        variables: { IN_BOTH: "set", HOME: "set", ARCADE_API_KEY: "of-the-cli" },
      });
      lines = stderr;
    } finally {
      Deno.env.delete("ARCADE_TOKEN");
      Deno.env.delete("ARCADE_API_KEY");
    }
    const seen = JSON.parse(/^server: (\{.*\})$/m.exec(lines)?.[1] ?? "{}");
    assert.equal(seen.FROM_FILE, "[hidden]");
    assert.equal(seen.REVERSED, [...own].reverse().join(""));
    assert.equal(seen.HOME, Deno.env.get("HOME"), ".env overrides the environment");
    assert.deepEqual([seen.ARCADE_TOKEN, seen.ARCADE_API_KEY], [undefined, undefined]);
    assert.match(seen.ARCADE_SERVER_PORT, /^\d+$/);
    const names = ["SERVER_HOST", "SERVER_TRANSPORT", "AUTH_DISABLED", "USAGE_TRACKING"];
    assert.deepEqual(names.map((name) => seen[`ARCADE_${name}`]), [
      ...["127.0.0.1", "http", "false", "0"],
    ]);
    assert.match(seen.ARCADE_WORKER_SECRET, /^[\da-f-]{36}$/);
    assert(!/\] \{.*value-in-file/.test(lines));
  },
});

Deno.test({
  name: "`deploy` leads the validated server to the engine that the command line names",
  ignore,
  async fn() {
    using project = new ProjectFolder({
      "pyproject.toml": "",
      "server.py": "import os, sys\nprint('at ' + os.environ['ARCADE_API_URL'])\nsys.exit(1)\n",
    });
    const args = ["--debug", "--host", "named.example"];
    const { stderr } = await dryRun(project, {
      args,
      env: { ...PYTHON_ENVIRONMENT, ARCADE_API_KEY: "arc_key" },
    });
    assert.match(stderr, /^server: at https:\/\/named\.example$/m);
  },
});

const failures: [misbehave: string, message: RegExp, lines: RegExp][] = [
  ["exit", /The server exited with code 3 before it was validated/, /^ {2}Exiting on purpose$/m],
  ["flood exit", /The server exited with code 3/, /^ {2}y{500}$\n^ {2}Exiting on purpose$/m],
  [
    "odd-lines exit",
    /The server exited with code 3/,
    /^ {2}half é\n {2}red <b>/m,
  ],
];
for (const [misbehave, message, lines] of failures) {
  Deno.test({
    name: `\`deploy\` shows the last lines of a misbehaving server: ${misbehave}`,
    ignore,
    async fn() {
      using project = serverFolder({ misbehave });
      const { code, stderr } = await dryRun(project);
      assert.equal(code, 1);
      assert.match(stderr, message);
      assert.match(stderr, lines);
      assert(stderr.split("\n").length < 40, stderr);
    },
  });
}

Deno.test({
  name: "`deploy` gives up on a server that never becomes healthy, and stops all its processes",
  ignore,
  async fn() {
    using project = serverFolder({ misbehave: "never-healthy fork ignore-sigterm" });
    let ms = 0;
    let seen = "";
    const { code, stderr } = await dryRun(project, {
      args: ["--debug"],
      elapsedMs: () => ms,
      // The clock advances with the first response of the server.
      sleep: async () => {
        await sleep(0);
        if (/< 503/.test(seen)) ms += 15_000;
      },
      onStderr: (text) => seen = text,
    });
    assert.equal(code, 1);
    assert.match(stderr, /The server was not healthy within 30 s\n {2}Check that it serves/);
    const [, forked = ""] = /Forked (\d+)/.exec(stderr) ?? [];
    assert.deepEqual([pidIn(stderr), forked].map(runs), [false, false]);
  },
});

Deno.test({
  name: "Ctrl-C during validation stops the server and leaves nothing behind",
  ignore,
  async fn() {
    using project = serverFolder({ misbehave: "never-healthy fork" });
    const { Failure } = await import("../../../../src/failure.ts");
    const interruption = new AbortController();
    const { code, stderr } = await dryRun(project, {
      args: ["--debug"],
      interruption: interruption.signal,
      onStderr: (text) =>
        /Forked/.test(text) && interruption.abort(new Failure("interrupted", "Cancelled")),
    });
    assert.equal(code, 130);
    assert.match(stderr, /Cancelled\n$/);
    const [, forked = ""] = /Forked (\d+)/.exec(stderr) ?? [];
    assert.deepEqual([pidIn(stderr), forked].map(runs), [false, false]);
  },
});

const servers: [what: string, answers: Record<string, string>, message: RegExp][] = [
  ["no MCP", { mcp: "404 {}" }, /answered POST \/mcp with 404\n.*arcade-mcp-server/],
  [
    "no worker routes",
    { health: "404 {}" },
    /answered GET \/worker\/health with 404, so it has no/,
  ],
  ["a closed health", { health: "401 {}" }, /answered GET \/worker\/health with 401, so it has no/],
  [
    "an event stream without a response",
    { mcp: '200 data: {"method":"x"}\n\ndata: {"id":2,"result":{}}\n\n' },
    /answered POST \/mcp with an event stream that has no response/,
  ],
  ["broken JSON", { mcp: "200 {" }, /answered POST \/mcp with invalid JSON/],
  [
    "no name",
    { mcp: '200 {"result":{"serverInfo":{}}}' },
    /unknown format \(answer\.result\.serverInfo\.name/,
  ],
  ["no list of tools", { tools: "200 {}" }, /answered GET \/worker\/tools with an unknown format/],
  ["no tools", { tools: "500 {}" }, /answered GET \/worker\/tools with 500/],
];
for (const [what, answers, message] of servers) {
  Deno.test({
    name: `\`deploy\` reports a server with ${what}`,
    ignore,
    async fn() {
      const all = {
        mcp: '200 {"result":{"serverInfo":{"name":"n","version":"v"}}}',
        tools: '200 [{"name":"t","requirements":{"secrets":null}},{"requirements":null}]',
        ...answers,
      };
      using project = new ProjectFolder({ "pyproject.toml": "", "server.py": program(all) });
      const { code, stderr } = await dryRun(project);
      assert.equal(code, 1);
      assert.match(stderr, message);
    },
  });
}

/** A server with these responses. */
function program(answers: Readonly<Record<string, string>>): string {
  return `
import json, os, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
ANSWERS = json.loads(${JSON.stringify(JSON.stringify(answers))})
class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        status, text = ANSWERS.get(self.path.split("/")[-1], "200 {}").split(" ", 1)
        self.send_response(int(status))
        if "data:" in text:
            self.send_header("Content-Type", "text/event-stream; charset=utf-8")
        self.end_headers()
        self.wfile.write(text.encode())
        self.wfile.flush()
        if text.startswith(": open"):
            time.sleep(3600)
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()
ThreadingHTTPServer((os.environ["ARCADE_SERVER_HOST"], int(os.environ["ARCADE_SERVER_PORT"])), Handler).serve_forever()
`;
}

Deno.test({
  name: "`deploy` reads the response to `initialize` from an event stream that stays open",
  ignore,
  async fn() {
    const mcp = [
      ": open\nid: 0\ndata:\n\n",
      "event: ping\ndata: 1\n\n",
      'data: {"jsonrpc":"2.0","method":"notifications/message"}\n\n',
      'event: message\ndata: {"jsonrpc":"2.0","id":1,\ndata: "result":{"serverInfo":{"name":"n","version":"v"}}}\n\n',
    ];
    const answers = { mcp: `200 ${mcp.join("")}`, tools: "200 []" };
    using project = new ProjectFolder({ "pyproject.toml": "", "server.py": program(answers) });
    const { stdout, stderr } = await dryRun(project, { args: ["--json"] });
    assert.equal(JSON.parse(stdout || `"${stderr}"`).name, "n");
  },
});

Deno.test({
  name: "`deploy` says how to get uv when a server fails with the Python of the system",
  ignore,
  async fn() {
    using project = serverFolder({ misbehave: "exit" });
    const { stderr } = await dryRun(project);
    assert.match(
      stderr,
      /before it was validated\n {2}If .* lacks packages that the server needs: Install uv \(https/,
    );
  },
});

Deno.test({
  name: "`deploy` prefers a name and version from flags",
  ignore,
  async fn() {
    const answers = {
      mcp: '200 {"result":{"serverInfo":{"name":"n","version":"v"}}}',
      tools: "200 []",
    };
    using project = new ProjectFolder({ "pyproject.toml": "", "server.py": program(answers) });
    const { stdout, stderr } = await dryRun(project, { args: ["--json", "-n", "own", "-v", "9"] });
    const { name, version } = JSON.parse(stdout || `"${stderr}"`);
    assert.deepEqual([name, version], ["own", "9"]);
  },
});

Deno.test({
  name: "`deploy` prefers the Python of .venv, then uv, then python3",
  ignore,
  async fn() {
    const say = (who: string) => `#!/bin/sh\necho ${who} "$@"\nexit 9\n`;
    using project = new ProjectFolder(serverFiles());
    const who = { ".venv/bin/python": "venv", "bin/uv": "uv", "bin/python3": "python3" };
    const programs = Object.keys(who);
    for (const [program, name] of Object.entries(who)) {
      writeProgram(`${project.path}/${program}`, say(name));
    }
    const env = { PATH: `relative:${project.path}/bin:/nowhere` };
    const found: string[] = [];
    for (const program of programs) {
      const { stderr } = await dryRun(project, { env });
      found.push(/^ {2}(?:venv|uv|python3) .*$/m.exec(stderr)?.[0].trim() ?? stderr);
      Deno.removeSync(`${project.path}/${program.replace(/^(\.venv).*/, "$1")}`, {
        recursive: true,
      });
    }
    assert.deepEqual(found, [
      "venv server.py",
      `uv run --project ${project.path} python server.py`,
      "python3 server.py",
    ]);
    const { code, stderr } = await dryRun(project, { env });
    assert.equal(code, 1);
    assert.match(stderr, /No Python found: .*\n {2}Install uv/);
  },
});

Deno.test({
  name: "`deploy` reports a broken .venv and takes no other Python",
  ignore,
  async fn() {
    using project = serverFolder();
    Deno.mkdirSync(`${project.path}/.venv/bin`, { recursive: true });
    Deno.symlinkSync("/nonexistent/python3.9", `${project.path}/.venv/bin/python`);
    const { code, stderr } = await dryRun(project);
    assert.equal(code, 1);
    assert.match(
      stderr,
      /This project's \.venv is broken: .*\n {2}Remove \.venv and create it/,
    );
  },
});

/** A program that prints what it finds in its environment, and exits. */
const REPORTER = `
import json, os, pathlib, stat, sys
here = pathlib.Path.cwd()
work = pathlib.Path(os.environ["ARCADE_WORK_DIR"])
print(json.dumps({
    "folder": str(here),
    "files": sorted(str(path.relative_to(here)) for path in here.rglob("*")),
    "open": [str(path) for path in [work.parent, here, *here.rglob("*")] if path.stat().st_mode & 0o077],
    "path": os.environ["PYTHONPATH"],
    "work": [str(work), work.exists()],
}), flush=True)
`;

interface Reported {
  readonly folder: string;
  readonly files: readonly string[];
  readonly open: readonly string[];
  readonly path: string;
  readonly work: readonly [string, boolean];
}

function reportIn(stderr: string): Reported {
  return JSON.parse(/^server: (\{.*\})$/m.exec(stderr)?.[1] ?? `"${stderr}"`);
}

Deno.test({
  name: "`deploy` starts the server from a private copy of what is sent, and removes it",
  ignore,
  async fn() {
    using project = new ProjectFolder({
      "pyproject.toml": "",
      "server.py": REPORTER,
      "src/own.py": "",
      "left/out.py": "",
      ".arcadeignore": "left/",
      ".env": "KEY=1",
    }, "weather");
    const { code, stderr } = await dryRun(project, { args: ["--debug"] });
    assert.equal(code, 1);
    const { folder, files, open, path, work } = reportIn(stderr);
    assert.deepEqual(files, ["pyproject.toml", "server.py", "src", "src/own.py"]);
    assert.deepEqual(open, []);
    assert.match(folder, /\/arcade-[\da-f-]{36}\/weather$/);
    assert.equal(path, `${folder}/src:${folder}`);
    assert.deepEqual(work, [folder.replace(/\/weather$/, "/.arcade"), false]);
    assert.throws(() => Deno.statSync(folder.replace(/\/weather$/, "")), Deno.errors.NotFound);
  },
});

Deno.test({
  name:
    "`deploy` fails if the server imports a file that is not sent, also from an editable install",
  ignore,
  async fn() {
    using project = new ProjectFolder({
      "pyproject.toml": "",
      ".arcadeignore": "helpers.py",
      "server.py": "import weather.helpers\n",
      "src/weather/__init__.py": "",
      "src/weather/helpers.py": "print('of the project')\n",
    });
    // What an editable install does: a .pth file adds the folder behind PYTHONPATH.
    const python = `#!/bin/sh\nexec python3 -c '
import runpy, sys
sys.path.append("${project.path}/src")
sys.argv = ["server.py"]
runpy.run_path("server.py", run_name="__main__")'\n`;
    writeProgram(`${project.path}/.venv/bin/python`, python);
    const { code, stderr } = await dryRun(project);
    assert.equal(code, 1);
    assert.match(stderr, /ModuleNotFoundError: No module named 'weather\.helpers'/);
  },
});
