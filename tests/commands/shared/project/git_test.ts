/** The files that `deploy` uploads from a folder in a git work tree. git itself is the reference. */

import assert from "node:assert/strict";
import fc from "fast-check";
import {
  findFiles,
  type ProjectFiles,
} from "../../../../src/commands/shared/project/project_files.ts";
import type { Os } from "../../../../src/system/os.ts";
import { copyProgram, writeProgram } from "../../../support/executable_files.ts";
import { InProcess, type World } from "../../../support/in_process.ts";
import { ProjectFolder } from "../../../support/project_folder.ts";
import { runs } from "../../../support/processes.ts";
import { isAvailable, succeeds } from "../../../support/test_machine.ts";

const os: Os = Deno.build.os === "windows" || Deno.build.os === "darwin" ? Deno.build.os : "linux";
const PATH = Deno.env.get("PATH") ?? "";
const withoutGit = !isAvailable("git", () => succeeds("git", "--version"));
const isRoot = Deno.build.os !== "windows" && Deno.uid() === 0;

/** A git work tree with a project in it, and a home folder. */
class Repository implements Disposable {
  readonly #folder: ProjectFolder;
  readonly path: string;
  readonly home: string;

  constructor(files: Readonly<Record<string, string>>) {
    this.#folder = new ProjectFolder({ "home/": "", "work/": "" });
    this.path = `${this.#folder.path}/work`;
    this.home = `${this.#folder.path}/home`;
    for (const [path, content] of Object.entries(files)) this.write(path, content);
    this.git("init", "--quiet");
  }

  write(path: string, content: string): void {
    this.#folder.write(`work/${path}`, content);
  }

  /** Runs git as the user does. */
  git(...args: string[]): string {
    const { success, stdout, stderr } = new Deno.Command("git", {
      args: ["-c", "user.name=x", "-c", "user.email=x@x.x", ...args],
      cwd: this.path,
      clearEnv: true,
      env: { PATH, HOME: this.home },
    }).outputSync();
    assert(success, new TextDecoder().decode(stderr));
    return new TextDecoder().decode(stdout);
  }

  /** Creates a program that leaves a trace, and returns the path of the program. */
  trap(): string {
    const program = `${this.#folder.path}/trap`;
    writeProgram(program, `#!/bin/sh\necho ran >> '${this.#folder.path}/trapped'\n`);
    return program;
  }

  get isTrapped(): boolean {
    return [...Deno.readDirSync(this.#folder.path)].some(({ name }) => name === "trapped");
  }

  async find(folder = "", { path = PATH, timeoutMs = 60_000 } = {}): Promise<ProjectFiles> {
    const env = { PATH: path, HOME: this.home };
    return await findFiles(`${this.path}/${folder}`, { env, os, timeoutMs: () => timeoutMs });
  }

  /** The uploaded paths, after git decided. */
  async paths(folder = ""): Promise<string[]> {
    const { entries, withoutGit } = await this.find(folder);
    assert.equal(withoutGit, undefined);
    return entries.map(({ path }) => path);
  }

  [Symbol.dispose](): void {
    this.#folder[Symbol.dispose]();
  }
}

/** A folder with a program named git, for PATH. */
function fakeGit(script: string): ProjectFolder {
  const folder = new ProjectFolder({});
  writeProgram(`${folder.path}/git`, `#!/bin/sh\n${script}\n`);
  return folder;
}

function test(name: string, work: () => Promise<void>, ignore = false): void {
  Deno.test({ name, ignore: withoutGit || ignore }, work);
}

const server = { "pyproject.toml": "", "server.py": "" };
const SERVER = Object.keys(server);

test("git decides: by its index, .git/info/exclude and core.excludesFile", async () => {
  using repository = new Repository({
    ...server,
    ".gitignore": "*.csv\n/data/\n",
    "tracked.csv": "",
    "other.csv": "",
    "data/tracked": "",
    "data/other": "",
    "excluded": "",
    "globally": "",
    "new": "",
    "deleted": "",
    "logs/a.csv": "",
  });
  repository.git("add", "--force", "tracked.csv", "data/tracked", "deleted");
  Deno.removeSync(`${repository.path}/deleted`);
  repository.write(".git/info/exclude", "excluded\n");
  Deno.writeTextFileSync(`${repository.home}/global`, "globally\n");
  Deno.writeTextFileSync(
    `${repository.home}/.gitconfig`,
    `[core]\n\texcludesFile = ${repository.home}/global\n`,
  );
  assert.deepEqual(await repository.paths(), [
    ...["data", "data/tracked", "new", "pyproject.toml", "server.py", "tracked.csv"],
  ]);
});

test("files that may contain keys are omitted even if git tracks them", async () => {
  using repository = new Repository({ ...server, ".env": "", "a/key.pem": "", "venv/x": "" });
  repository.write("env/pyvenv.cfg", "");
  repository.git("add", "--force", ".");
  const { entries, secrets } = await repository.find();
  assert.deepEqual(entries.map(({ path }) => path), ["a", ...SERVER]);
  assert.deepEqual(secrets, [".env", "a/key.pem"]);
});

test(".arcadeignore overrides git", async () => {
  using repository = new Repository({
    ...server,
    ".gitignore": "/data/\n/partly/\n*.csv\n",
    ".arcadeignore": "!data/\n!partly/\n!kept.csv\nnotes\n!excluded/\n",
    "data/x": "",
    "data/y.csv": "",
    "partly/tracked": "",
    "partly/other": "",
    "excluded/x": "",
    "kept.csv": "",
    "notes": "",
  });
  repository.write(".git/info/exclude", "excluded\n");
  repository.git("add", "--force", "partly/tracked", "notes");
  assert.deepEqual(await repository.paths(), [
    ...["data", "data/x", "excluded", "excluded/x", "kept.csv"],
    ...["partly", "partly/other", "partly/tracked", "pyproject.toml", "server.py"],
  ]);
});

test("a project in a folder of the work tree, also of a second one", async () => {
  using repository = new Repository({
    ".gitignore": "*.csv\n",
    "servers/weather/server.py": "",
    "servers/weather/a.csv": "",
    "servers/weather/x": "",
    "servers/other/x": "",
  });
  repository.write(".git/info/exclude", "/servers/weather/x\n");
  assert.deepEqual(await repository.paths("servers/weather"), ["server.py"]);
  repository.git("add", ".");
  repository.git("commit", "--quiet", "--message=x");
  repository.git("worktree", "add", "--quiet", "../second");
  repository.write("../second/servers/weather/a.csv", "");
  repository.write("../second/servers/weather/new", "");
  assert.deepEqual(await repository.paths("../second/servers/weather"), ["new", "server.py"]);
});

test("names with line ends, quotes and other scripts", async () => {
  const names = ["a\nb", 'c"d', "e\tf", "ünü", "漢字", "-x", " y "].sort();
  using repository = new Repository({
    ...Object.fromEntries(names.map((name) => [`${name}/${name}`, ""])),
    ".gitignore": "ignored\n",
    "a\nb/ignored": "",
  });
  const expected = names.flatMap((name) => [name, `${name}/${name}`]);
  assert.deepEqual((await repository.paths()).sort(), expected.sort());
}, Deno.build.os === "windows");

test("repositories in the project decide about their own files", async () => {
  using library = new Repository({ ".gitignore": "*.tmp\n", "lib.py": "" });
  library.git("add", ".");
  library.git("commit", "--quiet", "--message=x");
  using repository = new Repository({ ...server, ".gitignore": "*.bak\nignored/\n" });
  const url = ["-c", "protocol.file.allow=always"];
  repository.git(...url, "submodule", "--quiet", "add", library.path, "sub");
  repository.git("clone", "--quiet", library.path, "nested");
  repository.git("clone", "--quiet", library.path, "ignored");
  for (const folder of ["sub", "nested"]) {
    for (const name of ["a.tmp", "a.bak", "a.own"]) repository.write(`${folder}/${name}`, "");
  }
  repository.write("nested/.git/info/exclude", "*.own\n");
  assert.deepEqual(await repository.paths(), [
    ...["nested", "nested/a.bak", "nested/lib.py", ...SERVER],
    ...["sub", "sub/a.bak", "sub/a.own", "sub/lib.py"],
  ]);
  assert.deepEqual(await repository.paths("sub"), ["a.bak", "a.own", "lib.py"]);
});

test("a sparse checkout", async () => {
  using repository = new Repository({ "in/a": "", "out/b": "", "server.py": "" });
  repository.git("add", ".");
  repository.git("commit", "--quiet", "--message=x");
  repository.git("sparse-checkout", "set", "--cone", "--sparse-index", "in");
  repository.write("in/new", "");
  assert.deepEqual(await repository.paths(), ["in", "in/a", "in/new", "server.py"]);
});

test("a repository that ignores the project itself does not decide", async () => {
  using repository = new Repository({
    "a/b/.gitignore": "*.csv\n",
    "a/b/server.py": "",
    "a/b/x.csv": "",
  });
  repository.write(".git/info/exclude", "/a\n");
  const found = await repository.find("a/b");
  assert.deepEqual(found.entries.map(({ path }) => path), ["server.py"]);
  assert.deepEqual(found.withoutGit, { why: "git ignores this folder", isFailure: true });
  // Here, it ignores its whole content.
  repository.write(".git/info/exclude", "/a/b/*\n");
  assert.deepEqual(await repository.paths("a/b"), []);
  repository.write(".git/info/exclude", "*\n");
  assert.deepEqual(await repository.paths(), []);
});

test("without git, the rules decide as git does for untracked files", async () => {
  const paths = ["a", "b", "ab", "d/a", "d/b", "d/e/a", "d/e/f/b", "data/a", "data1/x/b", "x/d/a"];
  const piece = fc.constantFrom("a", "b", "d", "e", "x", "/", "*", "**", "**/", "/**", "?", "data");
  const line = fc.tuple(
    fc.constantFrom("", "", "!"),
    fc.array(piece, { minLength: 1, maxLength: 4 }).map((pieces) => pieces.join("")),
  ).map((parts) => parts.join(""));
  const text = fc.array(line, { maxLength: 3 }).map((lines) => lines.join("\n"));
  const files = Object.fromEntries(paths.map((path) => [path, ""]));
  using repository = new Repository({ ...server, ...files });
  const filesOf = ({ entries }: ProjectFiles) =>
    entries.flatMap(({ path, kind }) => kind === "file" ? [path] : []);
  await fc.assert(
    fc.asyncProperty(text, text, text, async (top, inside, deep) => {
      repository.write(".gitignore", top);
      repository.write("d/.gitignore", inside);
      repository.write("d/e/.gitignore", deep);
      for (const folder of ["", "d"]) {
        const byGit = await repository.find(folder);
        // A folder that git itself ignores has its own rules.
        if (byGit.withoutGit !== undefined) continue;
        assert.deepEqual(filesOf(await repository.find(folder, { path: "" })), filesOf(byGit));
      }
    }),
    { numRuns: 30 },
  );
});

/** Fails unless git itself starts the trap where `deploy` does not. */
async function requireNoTrap(repository: Repository): Promise<void> {
  await repository.find();
  assert(!repository.isTrapped);
  repository.git("ls-files");
  assert(repository.isTrapped);
}

test("the configuration of a repository starts nothing", async () => {
  using repository = new Repository({ ...server, ".gitattributes": "* filter=evil" });
  repository.git("add", ".");
  repository.git("commit", "--quiet", "--message=x");
  const trap = repository.trap();
  const settings = {
    "core.fsmonitor": trap,
    "core.pager": trap,
    "pager.ls-files": trap,
    "filter.evil.clean": trap,
    "filter.evil.process": trap,
    "diff.external": trap,
    "alias.ls-files": `!${trap}`,
  };
  for (const [name, value] of Object.entries(settings)) repository.git("config", name, value);
  for (const hook of ["post-index-change", "fsmonitor-watchman"]) {
    copyProgram(trap, `${repository.path}/.git/hooks/${hook}`);
  }
  await requireNoTrap(repository);
}, Deno.build.os === "windows");

test("a repository without all objects fetches none", async () => {
  using repository = new Repository({ "in/x": "", "out/x": "", "server.py": "" });
  repository.git("add", ".");
  repository.git("commit", "--quiet", "--message=x");
  repository.git("sparse-checkout", "set", "--cone", "--sparse-index", "none");
  Deno.removeSync(`${repository.path}/.git/objects`, { recursive: true });
  Deno.mkdirSync(`${repository.path}/.git/objects`);
  const settings = {
    "core.repositoryFormatVersion": "1",
    "extensions.partialClone": "origin",
    "protocol.ext.allow": "always",
    "remote.origin.fetch": "+refs/heads/*:refs/remotes/origin/*",
    "remote.origin.partialCloneFilter": "blob:none",
    "remote.origin.promisor": "true",
    "remote.origin.url": `ext::${repository.trap()} x`,
  };
  for (const [name, value] of Object.entries(settings)) repository.git("config", name, value);
  await requireNoTrap(repository);
}, Deno.build.os === "windows");

test("git's variables do not change the questions to git", async () => {
  using other = new Repository({ "server.py": "" });
  using repository = new Repository({ ...server });
  using seen = fakeGit(`env > "$(dirname "$0")/env"; exec '${await gitPath()}' "$@"`);
  await repository.find("", { path: `${seen.path}:${PATH}` });
  const names = Deno.readTextFileSync(`${seen.path}/env`).match(/^GIT_\w+=.*/gm)?.sort();
  assert.deepEqual(names, [
    "GIT_ALLOW_PROTOCOL=none",
    "GIT_NO_LAZY_FETCH=1",
    "GIT_OPTIONAL_LOCKS=0",
    "GIT_TERMINAL_PROMPT=0",
  ]);
  Deno.env.set("GIT_DIR", `${other.path}/.git`);
  try {
    assert.deepEqual(await repository.paths(), SERVER);
  } finally {
    Deno.env.delete("GIT_DIR");
  }
}, Deno.build.os === "windows");

test("a repository of another user does not decide", async () => {
  using repository = new Repository({ ...server, ".gitignore": "*.csv", "a.csv": "" });
  repository.write(".git/info/exclude", "server.py\n");
  Deno.chownSync(repository.path, 65534, 65534);
  Deno.chownSync(`${repository.path}/.git`, 65534, 65534);
  const found = await repository.find();
  assert.deepEqual(found.withoutGit, { why: "git failed with exit code 128", isFailure: true });
  assert.deepEqual(found.entries.map(({ path }) => path), SERVER);
}, !isRoot);

for (
  const [what, script, why] of [
    ["fails", "echo x; exit 3", "git failed with exit code 3"],
    ["prints garbage", "echo server.py", "git returned an invalid list of files"],
    ["cuts its list", "printf 'server.py\\0pyproj'", "git returned an invalid list of files"],
    ["prints without end", "yes", "git lists too many files"],
    ["ends by a signal", "kill -9 $$", "git failed with exit code 137"],
  ] as const
) {
  test(`if git ${what}, the rules decide`, async () => {
    using repository = new Repository({ ...server, ".gitignore": "*.csv", "a.csv": "" });
    using fake = fakeGit(script);
    const found = await repository.find("", { path: `${fake.path}:${PATH}` });
    assert.deepEqual(found.withoutGit, { why, isFailure: true });
    assert.deepEqual(found.entries.map(({ path }) => path), SERVER);
  }, Deno.build.os === "windows");
}

test("a hanging git is ended with everything that it started", async () => {
  using repository = new Repository({ ...server, "sub/x": "" });
  Deno.mkdirSync(`${repository.path}/sub/.git`);
  // The process that it starts keeps the pipe open.
  using fake = fakeGit(
    `trap "" TERM INT HUP; sleep 1000 & echo $! >> '${repository.home}/pids'; wait`,
  );
  const found = await repository.find("", { path: `${fake.path}:${PATH}`, timeoutMs: 1000 });
  assert.deepEqual(found.withoutGit, {
    why: "git did not answer within 1 s",
    isFailure: true,
  });
  const pids = Deno.readTextFileSync(`${repository.home}/pids`).trim().split("\n");
  assert.equal(pids.length, 1, "It was asked again");
  assert(!runs(pids[0] ?? ""));
}, Deno.build.os === "windows");

test("an interruption ends git", async () => {
  using repository = new Repository(server);
  using fake = fakeGit(`echo $$ > '${repository.home}/started'; exec sleep 1000`);
  const interruption = new AbortController();
  const watcher = Deno.watchFs(repository.home);
  const finding = findFiles(repository.path, {
    env: { PATH: `${fake.path}:${PATH}` },
    os,
    timeoutMs: () => 60_000,
    signal: interruption.signal,
  });
  for await (const _ of watcher) break; // git runs
  interruption.abort(new Error("interrupted"));
  await assert.rejects(finding, /interrupted/);
}, Deno.build.os === "windows");

test("if .git is not a repository, the rules decide", async () => {
  for (const git of ["", "gitdir: /nowhere\n", "gitdir: .\n", "x".repeat(10_000)]) {
    using project = new ProjectFolder({ ...server, ".git": git, "sub/.git": git, "sub/x": "" });
    const found = await findFiles(project.path, {
      env: { PATH },
      os,
      timeoutMs: () => 60_000,
    });
    assert.equal(found.withoutGit?.isFailure, true);
    assert.deepEqual(found.entries.map(({ path }) => path), [...SERVER, "sub", "sub/x"]);
  }
});

const UNVALIDATED = ["deploy", "--skip-validate", "-n", "x", "-v", "1", "--dry-run"];

async function deploy(cwd: string, args: readonly string[], env: World["env"] = {}) {
  using home = new InProcess();
  return await home.run([...UNVALIDATED, ...args], { cwd, env });
}

test("a dry run says when git did not decide", async () => {
  using repository = new Repository(server);
  using plain = new ProjectFolder(server);
  const sentence = (why: string) => new RegExp(`Used only \\.gitignore files, because ${why}["\n]`);
  const { stderr } = await deploy(repository.path, [], { PATH });
  assert.doesNotMatch(stderr, /Used/);
  assert.match(
    (await deploy(plain.path, [])).stderr,
    sentence("this folder is not in a git work tree"),
  );
  const missing = await deploy(repository.path, ["--json"], { PATH: "/nowhere" });
  assert.match(missing.stderr, sentence("git is not installed"));
  assert.equal(JSON.parse(missing.stdout).without_git, "git is not installed");
  const asked = await deploy(repository.path, ["--json"], { PATH });
  assert.equal(JSON.parse(asked.stdout).without_git, null);
});

/** Makes a file whose name is not UTF-8. */
function writeUndecodable(folder: string, name: string): void {
  const script = `cd "$1" && : > "$(printf "$2")"`;
  assert(succeeds("sh", "-c", script, "sh", folder, name));
}

for (const isRepository of [true, false]) {
  const where = isRepository ? "in a git work tree" : "without git";
  test(`a name that is not UTF-8 is an error ${where}`, async () => {
    using repository = new Repository({ ...server, ".gitignore": "*.bak\n", "sub/x": "" });
    const find = () => repository.find("", isRepository ? {} : { path: "" });
    writeUndecodable(repository.path, "a\\377.bak");
    writeUndecodable(repository.path, "\\377.pem");
    writeUndecodable(repository.path, ".\\201");
    repository.write("ünü\uFFFD", "");
    const paths = async () => (await find()).entries.map(({ path }) => path);
    assert.deepEqual(await paths(), [...SERVER, "sub", "sub/x", "ünü\uFFFD"]);
    writeUndecodable(`${repository.path}/sub`, "b\\374.py");
    const message = "The name of sub/b\uFFFD.py is not UTF-8";
    await assert.rejects(find(), { name: "Failure", message });
    if (isRepository) {
      repository.git("add", ".");
      await assert.rejects(find(), { name: "Failure", message });
    }
    repository.write("sub/.arcadeignore", "b*.py\n");
    assert.deepEqual(await paths(), [...SERVER, "sub", "sub/x", "ünü\uFFFD"]);
    repository.write(".arcadeignore", "!*.bak\n");
    await assert.rejects(find(), { message: "The name of a\uFFFD.bak is not UTF-8" });
  }, Deno.build.os !== "linux");
}

test("a link to a name that is not UTF-8 is an error", async () => {
  using repository = new Repository({ ...server, ".arcadeignore": "x*\n" });
  writeUndecodable(repository.path, "x\\377");
  const script = 'cd "$1" && ln -s "$(printf "x\\377")" link';
  assert(succeeds("sh", "-c", script, "sh", repository.path));
  const message = "The link link points to a name that is not UTF-8";
  await assert.rejects(repository.find(), { name: "Failure", message });
}, Deno.build.os !== "linux");

test("names that are not UTF-8 are found in many folders", async () => {
  using project = new ProjectFolder({});
  for (let i = 0; i < 1000; i++) Deno.mkdirSync(`${project.path}/${"long".repeat(60)}-${i}`);
  const context = { env: {}, os, timeoutMs: () => 60_000 };
  assert.equal((await findFiles(project.path, context)).entries.length, 1000);
  writeUndecodable(`${project.path}/${"long".repeat(60)}-999`, "\\377");
  await assert.rejects(findFiles(project.path, context), /is not UTF-8$/);
}, Deno.build.os !== "linux");

async function gitPath(): Promise<string> {
  const { stdout } = await new Deno.Command("sh", { args: ["-c", "command -v git"] }).output();
  return new TextDecoder().decode(stdout).trim();
}

test("a folder that looks like a bare repository does not decide about its own files", async () => {
  using repository = new Repository({ "bare/pyproject.toml": "", "bare/server.py": "" });
  repository.git("init", "--quiet", "--bare", "bare");
  repository.git("config", "--file", "bare/config", "core.bare", "false");
  repository.git("config", "--file", "bare/config", "core.worktree", `${repository.path}/bare`);
  repository.write("bare/info/exclude", "*.py\n");
  const { entries, withoutGit } = await repository.find("bare");
  assert.match(withoutGit?.why ?? "", /git failed/);
  assert(entries.some(({ path }) => path === "server.py"));
});
