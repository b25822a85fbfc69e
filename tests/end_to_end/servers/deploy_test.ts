import assert from "node:assert/strict";
import { patiently } from "../../support/patience.ts";
import { gone, runs } from "../../support/processes.ts";
import { ProjectFolder } from "../../support/project_folder.ts";
import { isAvailable, succeeds, TestMachine } from "../../support/test_machine.ts";
import { PYTHON_ENVIRONMENT, serverFiles, withoutPython } from "../../support/test_server.ts";
import { withoutPipes } from "../../support/programs.ts";
import { errorIn } from "../../support/error_object.ts";
import { sleep } from "../../../src/system/waiting.ts";

const ignore = withoutPython;
const { PATH } = PYTHON_ENVIRONMENT;

Deno.test({
  name: "`deploy` validates a server with the permissions of the executable",
  ignore,
  async fn() {
    await using machine = new TestMachine();
    using project = new ProjectFolder({
      ...serverFiles(),
      ".env": "FROM_FILE=1\nTEST_SECRET=\n",
    });
    const { code, stdout, stderr } = await machine.run(["deploy", "--dry-run", "--json"], {
      cwd: project.path,
      env: { PATH, TEST_SECRET: 'in "the" $environment' },
    });
    assert.equal(code, 0, stderr);
    const { name, secrets } = JSON.parse(stdout);
    assert.deepEqual([name, secrets], [
      "TestServer",
      [{ key: "TEST_SECRET", source: "environment" }],
    ]);
    assert(!(stdout + stderr).includes("$environment"));
  },
});

Deno.test({
  name: "`deploy` asks git, and finds names that are not UTF-8, with the executable's permissions",
  ignore: Deno.build.os !== "linux" || !isAvailable("git", () => succeeds("git", "--version")),
  async fn() {
    await using machine = new TestMachine();
    using project = new ProjectFolder({
      "pyproject.toml": "",
      "server.py": "",
      "excluded": "",
      "tracked": "",
      ".gitignore": "tracked\n",
    });
    const script = 'cd "$1" && git init --quiet && git add -f tracked && ' +
      "echo excluded >> .git/info/exclude";
    assert(succeeds("sh", "-c", script, "sh", project.path));
    const words = ["deploy", "--dry-run", "--json", "--skip-validate", "-n", "x", "-v", "1"];
    const run = () =>
      machine.run(words, { cwd: project.path, env: { PATH: Deno.env.get("PATH") ?? "" } });
    const { stdout, stderr } = await run();
    const { files, without_git } = JSON.parse(stdout || "{}");
    assert.equal(without_git, null, stderr);
    assert.deepEqual(
      files.map(({ path }: { path: string }) => path).sort(),
      ["pyproject.toml", "server.py", "tracked"],
    );
    assert(succeeds("sh", "-c", ': > "$1/$(printf "a\\377")"', "sh", project.path));
    const refused = await run();
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /The name of a\uFFFD is not UTF-8/);
  },
});

async function endedDuringValidation(signal: Deno.Signal): Promise<void> {
  await using machine = new TestMachine();
  using project = new ProjectFolder(serverFiles({ misbehave: "never-healthy fork" }));
  const TMPDIR = `${machine.path}/temporary`;
  Deno.mkdirSync(TMPDIR);
  const running = machine.start(["deploy", "--dry-run", "--debug"], {
    cwd: project.path,
    env: { PATH, TMPDIR },
  });
  const [, server = ""] = await running.printed(/Process (\d+)/);
  const [, forked = ""] = await running.printed(/Forked (\d+)/);
  assert.deepEqual([server, forked].map(runs), [true, true]);
  const [copy] = Deno.readDirSync(TMPDIR);
  assert.equal(Deno.lstatSync(`${TMPDIR}/${copy?.name}`).mode, 0o40700);
  running.kill(signal);
  const { code, stderr } = await running.end();
  if (signal !== "SIGKILL") {
    assert.equal(code, 130, `${signal}: ${stderr}`);
    assert.match(stderr, /Cancelled\n$/);
  } else {
    // The guard ends the processes, and after five seconds the one that ignores SIGTERM.
    await gone(server, forked);
    await patiently("the end of the copy", emptied(TMPDIR));
  }
  assert.deepEqual([server, forked].map(runs), [false, false], signal);
  assert.deepEqual([...Deno.readDirSync(TMPDIR)], [], signal);
}

Deno.test({
  name: "`deploy` ended by any signal during validation leaves no process and no file",
  ignore,
  async fn() {
    // At once, because each takes five seconds.
    const signals = ["SIGINT", "SIGTERM", "SIGHUP", "SIGKILL"] as const;
    await Promise.all(signals.map(endedDuringValidation));
  },
});

Deno.test({
  name:
    "`deploy` can be interrupted while it waits for a .env file that is a pipe, and reads its content",
  ignore: withoutPipes,
  async fn() {
    await using machine = new TestMachine();
    using project = new ProjectFolder(serverFiles());
    const pipe = `${project.path}/.env`;
    new Deno.Command("mkfifo", { args: [pipe] }).outputSync();
    const names = ["--skip-validate", "--server-name", "x", "--server-version", "1"];
    const words = ["deploy", "--dry-run", "--json", "--secrets", "all", ...names];

    // A writer can open the pipe only once a reader opens it.
    const script = 'exec 3>"$0"; echo opened; read -r _';
    const writer = machine.startProgram(["sh", "-c", script, pipe], { isTyped: true });
    const waiting = machine.start(words, { cwd: project.path });
    await writer.printed(/opened/);
    waiting.kill("SIGINT");
    const { code, stderr: ended } = await waiting.end();
    assert.deepEqual([code, errorIn(ended).code], [130, "interrupted"], ended);
    await writer.type("\n");
    await writer.end();

    machine.startProgram(["sh", "-c", 'echo KEY=1 >"$0"', pipe]);
    const { stdout, stderr } = await machine.run(words, { cwd: project.path });
    assert.deepEqual(JSON.parse(stdout).secrets, [{ key: "KEY", source: ".env" }], stderr);
  },
});

async function emptied(folder: string): Promise<void> {
  while ([...Deno.readDirSync(folder)].length > 0) {
    await sleep(20);
  }
}
