import assert from "node:assert/strict";
import { copyProgram, writeProgram } from "../support/executable_files.ts";
import { FakeRepository } from "../support/fake_release.ts";
import { areInstalled, pathOf } from "../support/programs.ts";
import { SmallDisk, withoutMounts } from "../support/small_disk.ts";
import { isAvailable, Running, succeeds } from "../support/test_machine.ts";
import { ORDINARY, withoutOtherOwners } from "../support/users.ts";

/** The programs that the script may use, except those for downloads and checksums. */
const TOOLS = [
  ...["sh", "uname", "mktemp", "chmod", "mkdir", "rmdir", "rm", "mv", "cp", "ls"],
  ...["tar", "gzip", "grep", "sed", "head", "tail", "cut", "cat"],
];

const isUnix = Deno.build.os !== "windows";
/** The supported shells, with the words before the script. */
const SHELLS = new Map(
  Object.entries({ dash: ["dash"], bash: ["bash"], zsh: ["zsh"], busybox: ["busybox", "sh"] })
    .filter(([shell]) => isUnix && areInstalled(shell)),
);
/** The shell of tests that need only one. */
const [SHELL = "sh"] = SHELLS.keys();
const ignore = SHELLS.size === 0 || !areInstalled("ssh-keygen", "curl", "sha256sum");

const isThorough = Deno.env.get("ARCADE_TEST_PLATFORMS") === "1";

interface RunOptions {
  readonly shell?: string;
  readonly env?: Readonly<Record<string, string>>;
}

interface Installed {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A home folder, and the programs of a machine. */
class Home implements Disposable {
  readonly path = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "arcade-home-" }));
  readonly home = `${this.path}/home`;
  readonly tools = `${this.path}/tools`;
  readonly temporary = `${this.path}/tmp`;
  readonly arcade = `${this.home}/.local/bin/arcade`;
  readonly receipt = `${this.home}/.config/arcade/install.json`;

  constructor(tools: readonly string[] = ["curl", "sha256sum"]) {
    for (const folder of [this.home, this.tools, this.temporary]) Deno.mkdirSync(folder);
    for (const tool of [...TOOLS, ...tools]) this.link(tool);
  }

  /** Makes a program of this machine available to the user. */
  link(tool: string): void {
    const path = pathOf(tool);
    assert(path !== undefined, `${tool} is not installed`);
    Deno.symlinkSync(path, `${this.tools}/${tool}`);
  }

  /** Replaces a program by a script, or puts a script before it in PATH. */
  fake(tool: string, script: string, folder = this.tools): string {
    const path = `${folder}/${tool}`;
    Deno.mkdirSync(folder, { recursive: true });
    if (folder === this.tools) this.remove(tool);
    writeProgram(path, script);
    return path;
  }

  remove(tool: string): void {
    try {
      Deno.removeSync(`${this.tools}/${tool}`);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }

  /** The environment of the user. */
  env(more: Readonly<Record<string, string>> = {}): Record<string, string> {
    return {
      HOME: this.home,
      PATH: this.tools,
      TMPDIR: this.temporary,
      SHELL: "/bin/bash",
      ...more,
    };
  }

  /** Runs the installer of a release. */
  install(
    script: string,
    args: readonly string[] = [],
    options: RunOptions = {},
  ): Promise<Installed> {
    return this.run([...SHELLS.get(options.shell ?? SHELL) ?? [], script, ...args], options.env);
  }

  /** Runs a line of a shell. */
  runLine(line: string): Promise<Installed> {
    return this.run([...SHELLS.get(SHELL) ?? [], "-c", line]);
  }

  async run(
    [program = "", ...args]: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): Promise<Installed> {
    const { code, stdout, stderr } = await new Deno.Command(pathOf(program) ?? program, {
      args,
      cwd: this.home,
      clearEnv: true,
      env: this.env(env),
      stdin: "null",
    }).output();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    return { code, stdout: text(stdout), stderr: text(stderr) };
  }

  /** All files in the home folder, with their contents. */
  files(): Map<string, string> {
    return new Map(filesBelow(this.home).map((path) => [path, Deno.readTextFileSync(path)]));
  }

  /** Asserts that an installer failed with this reason and left nothing behind. */
  assertUnchanged(before: Map<string, string>, ran: Installed, reason: RegExp): void {
    assert.equal(ran.code, 1, ran.stdout + ran.stderr);
    assert.match(ran.stderr, reason);
    assert.deepEqual(this.files(), before);
    this.assertNoTemporaryFiles();
  }

  assertNoTemporaryFiles(): void {
    assert.deepEqual(filesBelow(this.temporary), []);
    assert.deepEqual([...Deno.readDirSync(this.temporary)], []);
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}

function filesBelow(folder: string): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) =>
    isDirectory ? filesBelow(`${folder}/${name}`) : [`${folder}/${name}`]
  ).sort();
}

/** The repository shared by all tests, which do not change its releases. */
const repository = new FakeRepository();
if (!ignore) { for (const version of ["1.2.3", "2.0.0"]) await repository.publish(version); }
globalThis.addEventListener(
  "unload",
  () => Deno.removeSync(repository.folder, { recursive: true }),
);

const SCRIPT = repository.path("1.2.3", "install.sh");
const NEWER = repository.path("2.0.0", "install.sh");
const LINUX = "arcade-1.2.3-x86_64-unknown-linux-gnu.tar.gz";

/** Replaces the response for a file during a test. */
async function withAnswer(
  file: string,
  answer: () => Response,
  test: () => Promise<void>,
): Promise<void> {
  repository.instead.set(file, answer);
  try {
    await test();
  } finally {
    repository.instead.delete(file);
  }
}

/** A truncated response. */
function cutOff(): Response {
  let isFirst = true;
  const body = new ReadableStream({
    pull(controller) {
      if (isFirst) controller.enqueue(new Uint8Array(100));
      else controller.error(new Error("The connection breaks"));
      isFirst = false;
    },
  });
  return new Response(body, { headers: { "content-length": "1000" } });
}

/** Runs a test in each shell. */
function inEachShell(name: string, test: (shell: string) => Promise<void>): void {
  for (const shell of SHELLS.keys()) inShell(shell, name, test);
}

/** Runs a test in one shell, and in each shell with `deno task test:platforms`. */
function inShells(name: string, test: (shell: string) => Promise<void>): void {
  for (const shell of isThorough ? SHELLS.keys() : [SHELL]) inShell(shell, name, test);
}

function inShell(shell: string, name: string, test: (shell: string) => Promise<void>): void {
  Deno.test({
    name: `install.sh in ${shell}: ${name}`,
    ignore: ignore || !SHELLS.has(shell),
    fn: () => test(shell),
  });
}

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name: `install.sh ${name}`, ignore, fn });
}

inEachShell("installs into a fresh home folder", async (shell) => {
  using home = new Home();
  const { code, stdout, stderr } = await home.install(SCRIPT, [], { shell });
  assert.equal(code, 0, stderr);
  assert.equal(stderr, "");
  assert.match(stdout, /^arcade 1\.2\.3 is installed: .*\/\.local\/bin\/arcade$/m);
  assert.match(stdout, /New shells find it\. In this one, run:\n {2}export PATH=/);
  assert.deepEqual(JSON.parse(Deno.readTextFileSync(home.receipt)), {
    path: home.arcade,
    version: "1.2.3",
    repository: repository.url,
    modifiesPath: true,
  });
  assert.deepEqual([...home.files().keys()], [
    home.receipt,
    home.arcade,
    `${home.home}/.profile`,
  ]);
  assert.equal((Deno.statSync(home.arcade).mode ?? 0) & 0o777, 0o755);
  home.assertNoTemporaryFiles();
  const login = await home.runLine(". ~/.profile; . ~/.profile; arcade --version; echo $PATH");
  assert.equal(login.stdout, `1.2.3\n${home.home}/.local/bin:${home.tools}\n`);
});

inEachShell("changes nothing when the checksum is wrong", async (shell) => {
  using home = new Home();
  await home.install(SCRIPT, [], { shell });
  const before = home.files();
  const file = LINUX.replace("1.2.3", "2.0.0");
  await withAnswer(file, () => new Response("something else"), async () => {
    const ran = await home.install(NEWER, [], { shell });
    home.assertUnchanged(before, ran, /has the checksum [0-9a-f]{64}, not [0-9a-f]{64}\n {2}Noth/);
  });
});

for (const downloader of ["curl", "wget"]) {
  if (!areInstalled(downloader)) continue;
  inShells(`changes nothing when the download by ${downloader} is truncated`, async (shell) => {
    using home = new Home([downloader, "sha256sum"]);
    const before = home.files();
    await withAnswer(LINUX, cutOff, async () => {
      const ran = await home.install(SCRIPT, ["--quiet"], { shell });
      home.assertUnchanged(before, ran, /could not be downloaded|has the checksum/);
    });
  });
}

inEachShell("does nothing when the script itself is truncated", async (shell) => {
  using home = new Home();
  const script = Deno.readTextFileSync(SCRIPT);
  const before = home.files();
  const lines = script.split("\n").map((line) => line.length + 1);
  const ends = [
    ...[0.1, 0.3, 0.5, 0.7, 0.9].map((part) =>
      lines.slice(0, Math.floor(lines.length * part)).reduce((sum, length) => sum + length, 0)
    ),
    ...Array.from(
      { length: script.length - script.lastIndexOf("{") - 2 },
      (_, missing) => script.length - 2 - missing,
    ),
  ];
  for (const end of ends) {
    const cut = home.fake("cut-install.sh", script.slice(0, end), `${home.path}/cut`);
    await home.install(cut, [], { shell });
    assert.deepEqual(home.files(), before, JSON.stringify(script.slice(end - 30, end)));
  }
  home.assertNoTemporaryFiles();
});

if (areInstalled("wget")) {
  inShells("downloads with wget without curl", async (shell) => {
    using home = new Home(["wget", "sha256sum"]);
    const { code, stderr } = await home.install(SCRIPT, [], { shell });
    assert.equal(code, 0, stderr);
  });
}

for (const downloader of ["curl", "wget"]) {
  if (!areInstalled(downloader)) continue;
  inShells(`ignores what the user has set for ${downloader} and tar`, async (shell) => {
    using home = new Home([downloader, "sha256sum"]);
    const settings = new Map([
      [`${home.home}/.curlrc`, "proxy = http://127.0.0.1:1\noutput = mine\n"],
      [`${home.home}/.wgetrc`, "use_proxy = on\nhttp_proxy = http://127.0.0.1:1/\n"],
    ]);
    for (const [path, text] of settings) Deno.writeTextFileSync(path, text);
    const env = { TAR_OPTIONS: "--exclude=*", GZIP: "--nonsense", GREP_OPTIONS: "-v" };
    const { code, stderr } = await home.install(SCRIPT, [], { shell, env });
    assert.deepEqual([code, stderr], [0, ""]);
    assert.equal((await home.run([home.arcade, "--version"])).stdout, "1.2.3\n");
  });

  Deno.test({
    name:
      `install.sh with ${downloader} distinguishes a full disk from a folder that is not writable`,
    ignore: ignore || withoutMounts,
    fn: async () => {
      using home = new Home([downloader, "sha256sum"]);
      for (const isTemporary of [true, false]) {
        const folder = isTemporary ? home.temporary : `${home.home}/.local/bin`;
        Deno.mkdirSync(folder, { recursive: true });
        using disk = new SmallDisk(folder);
        disk.fill();
        const full = await home.install(SCRIPT);
        assert.equal(full.code, 1);
        assert.match(
          full.stderr,
          /^Error: The disk with \S+ is full, or .*\n {2}.*Free some space/m,
        );
        assert(full.stderr.includes(folder), full.stderr);
        disk.free();
        assert.deepEqual([...Deno.readDirSync(folder)], []);
        disk.remount("ro");
        const readOnly = await home.install(SCRIPT);
        assert.match(
          readOnly.stderr,
          isTemporary
            ? /^Error: No temporary folder could be made: Read-only file system\n/
            : /^Error: \S+bin is not writable: Read-only file system\n/,
        );
      }
      assert.deepEqual([...home.files().keys()], []);
    },
  });
}

Deno.test({
  name: "install.sh under sudo leaves no files of root in a user's HOME",
  ignore: ignore || withoutOtherOwners,
  fn: async () => {
    using home = new Home();
    Deno.chownSync(home.home, ORDINARY, ORDINARY);
    const sudo = { SUDO_UID: `${ORDINARY}` };
    const bin = `${home.path}/opt/bin`;
    const places: Record<string, string>[] = [
      {},
      { ARCADE_INSTALL_DIR: bin },
      { ARCADE_UNMANAGED_INSTALL: `${home.home}/bin` },
      { ARCADE_UNMANAGED_INSTALL: "bin" },
    ];
    for (const place of places) {
      const ran = await home.install(SCRIPT, ["--extras"], { env: { ...sudo, ...place } });
      home.assertUnchanged(
        new Map(),
        ran,
        /belongs to another user, to whom this would leave files\n {2}Run it without sudo\. For all/,
      );
    }
    const env = { ...sudo, ARCADE_UNMANAGED_INSTALL: bin };
    const { code, stderr } = await home.install(SCRIPT, ["--extras"], { env });
    assert.deepEqual([code, stderr], [0, ""]);
    assert.deepEqual([...home.files().keys()], []);
    assert(Deno.statSync(`${home.path}/opt/share/man/man1/arcade.1`).isFile);
    Deno.chownSync(home.home, 0, 0);
    assert.equal((await home.install(SCRIPT, [], { env: sudo })).code, 0);
  },
});

test("reports that it needs curl or wget", async () => {
  using home = new Home(["sha256sum"]);
  home.assertUnchanged(home.files(), await home.install(SCRIPT), /needs curl or wget/);
});

inShells("rejects musl", async (shell) => {
  using home = new Home();
  home.fake("ldd", "#!/bin/sh\necho 'musl libc (x86_64)\nVersion 1.2.4' >&2\nexit 1\n");
  const ran = await home.install(SCRIPT, [], { shell });
  home.assertUnchanged(new Map(), ran, /not built for musl.*\n {2}It needs glibc 2\.27 or newer/);
});

for (const [version, isEnough] of [["2.26", false], ["2.27", true], ["3.0", true]] as const) {
  inShells(`${isEnough ? "takes" : "refuses"} glibc ${version}`, async (shell) => {
    using home = new Home();
    home.fake("ldd", `#!/bin/sh\necho 'ldd (Debian GLIBC ${version}-9) ${version}\nmore'\n`);
    const ran = await home.install(SCRIPT, [], { shell });
    if (isEnough) assert.equal(ran.code, 0, ran.stderr);
    else {home.assertUnchanged(
        new Map(),
        ran,
        /needs glibc 2\.27 or newer, and this Linux has 2\.26/,
      );}
  });
}

inShells("refuses to install without a checksum program", async (shell) => {
  using home = new Home(["curl"]);
  const ran = await home.install(SCRIPT, [], { shell });
  home.assertUnchanged(new Map(), ran, /without sha256sum, shasum or openssl/);
  assert(!repository.downloaded.includes("none"));
});

for (const program of ["shasum", "openssl"]) {
  if (!areInstalled(program)) continue;
  test(`verifies with ${program}`, async () => {
    using home = new Home(["curl", program]);
    assert.equal((await home.install(SCRIPT)).code, 0);
    using other = new Home(["curl", program]);
    await withAnswer(LINUX, () => new Response("something else"), async () => {
      other.assertUnchanged(new Map(), await other.install(SCRIPT), /has the checksum/);
    });
  });
}

inShells("leaves PATH unchanged on request", async (shell) => {
  using home = new Home();
  const { stdout } = await home.install(SCRIPT, ["--no-modify-path"], { shell });
  const bin = `${home.home}/.local/bin`;
  assert(stdout.endsWith(`${bin} is not in PATH. Add it there:\n  export PATH='${bin}':"$PATH"\n`));
  assert.deepEqual([...home.files().keys()], [home.receipt, home.arcade]);
  assert.equal(JSON.parse(Deno.readTextFileSync(home.receipt)).modifiesPath, false);
});

inShells("prints nothing about a folder that is in PATH", async (shell) => {
  using home = new Home();
  const env = { PATH: `${home.home}/.local/bin:${home.tools}` };
  const { stdout } = await home.install(SCRIPT, [], { shell, env });
  assert.match(stdout, /is installed: [^\n]*\n$/);
  assert.deepEqual([...home.files().keys()], [home.receipt, home.arcade]);
});

inEachShell("recognizes its folder in PATH behind a slash or a link", async (shell) => {
  using home = new Home();
  const bin = `${home.home}/.local/bin`;
  Deno.symlinkSync(".local/bin", `${home.home}/link`);
  for (const entry of [`${bin}/`, `${bin}//`, `${home.home}/link`, `${home.home}/./.local/bin`]) {
    const env = { PATH: `${entry}:${home.tools}` };
    for (let time = 0; time < 2; time++) {
      const { code, stdout, stderr } = await home.install(SCRIPT, [], { shell, env });
      assert.deepEqual([code, stderr], [0, ""], entry);
      assert.match(stdout, /is installed: [^\n]*\n$/);
    }
  }
  assert.equal(JSON.parse(Deno.readTextFileSync(home.receipt)).modifiesPath, false);
});

inEachShell(
  "installs the man pages and completions on request, and removes them",
  async (shell) => {
    using home = new Home();
    const { code, stdout, stderr } = await home.install(SCRIPT, ["--extras"], { shell });
    assert.deepEqual([code, stderr], [0, ""]);
    const share = `${home.home}/.local/share`;
    assert(stdout.includes(`The man pages and completions are in ${share}\n`), stdout);
    const pages = ["arcade.1", "arcade-secret.1"].map((name) => `man/man1/${name}`);
    const extras = [
      ...pages,
      "bash-completion/completions/arcade",
      "fish/vendor_completions.d/arcade.fish",
      "zsh/site-functions/_arcade",
    ].map((path) => `${share}/${path}`);
    for (const path of extras) assert.equal((Deno.statSync(path).mode ?? 0) & 0o777, 0o644);
    assert.match(Deno.readTextFileSync(extras[2] ?? ""), /^completions\/arcade\.bash$/m);
    // A newer version keeps them up to date.
    const [first = "", ...others] = extras;
    Deno.writeTextFileSync(first, "old");
    assert.equal((await home.install(NEWER, [], { shell })).code, 0);
    assert.notEqual(Deno.readTextFileSync(first), "old");
    const mine = `${share}/man/man1/arcade-mine.1`;
    Deno.writeTextFileSync(mine, "mine");
    assert.equal((await home.install(NEWER, ["--uninstall"], { shell })).code, 0);
    for (const path of [first, ...others]) assert.throws(() => Deno.statSync(path));
    assert.deepEqual([...home.files().keys()], [mine, `${home.home}/.profile`]);
  },
);

test("needs a folder called bin for the man pages", async () => {
  using home = new Home();
  const env = { ARCADE_INSTALL_DIR: `${home.home}/tools`, ARCADE_INSTALL_EXTRAS: "1" };
  const ran = await home.install(SCRIPT, [], { env });
  home.assertUnchanged(new Map(), ran, /need a folder for programs that is called bin\n {2}Choose/);
});

inShells(
  "installs from the mirror in ARCADE_DOWNLOAD_URL, with the checksums of its own",
  async (shell) => {
    using home = new Home();
    await using mirror = new FakeRepository();
    await mirror.publish("1.2.3", { program: "#!/bin/sh\necho 1.2.3\n" });
    const env = { ARCADE_DOWNLOAD_URL: `${mirror.url}/` };
    const forged = await home.install(SCRIPT, [], { shell, env });
    home.assertUnchanged(new Map(), forged, /has the checksum/);
    Deno.copyFileSync(repository.path("1.2.3", LINUX), mirror.path("1.2.3", LINUX));
    const before = repository.downloaded.length;
    const { code, stderr } = await home.install(SCRIPT, [], { shell, env });
    assert.deepEqual([code, stderr], [0, ""]);
    assert.deepEqual(mirror.downloaded, [LINUX, LINUX]);
    assert.equal(repository.downloaded.length, before);
    assert.equal(JSON.parse(Deno.readTextFileSync(home.receipt)).repository, repository.url);
    const files = home.files();
    const other = await home.install(SCRIPT, ["--version", "2.0.0"], { shell, env });
    home.assertUnchanged(files, other, /A mirror cannot vouch for the installer of arcade 2\.0\.0/);
    const wrong = await home.install(SCRIPT, [], { env: { ARCADE_DOWNLOAD_URL: "mirror" } });
    home.assertUnchanged(files, wrong, /ARCADE_DOWNLOAD_URL is not an http or https address/);
  },
);

inEachShell("verifies the installer of another version by its signed checksums", async (shell) => {
  using home = new Home();
  home.link("ssh-keygen");
  await using mirror = new FakeRepository();
  await mirror.publish("2.0.0");
  const env = { ARCADE_DOWNLOAD_URL: mirror.url };
  const install = () => home.install(SCRIPT, ["--version", "2.0.0"], { shell, env });
  const invalid = /The checksums of arcade 2\.0\.0 have no valid signature/;
  home.assertUnchanged(new Map(), await install(), invalid);
  for (const { name } of Deno.readDirSync(`${repository.folder}/2.0.0`)) {
    Deno.copyFileSync(repository.path("2.0.0", name), mirror.path("2.0.0", name));
  }
  Deno.writeTextFileSync(mirror.path("2.0.0", "install.sh"), "echo evil\n", { append: true });
  const changed = /install\.sh of arcade 2\.0\.0 does not match its checksum/;
  home.assertUnchanged(new Map(), await install(), changed);
  Deno.copyFileSync(NEWER, mirror.path("2.0.0", "install.sh"));
  const { code, stderr } = await install();
  assert.equal(code, 0, stderr);
  assert.equal((await home.run([home.arcade, "--version"])).stdout, "2.0.0\n");
  home.assertNoTemporaryFiles();
});

inShells("an old ssh-keygen, which verifies nothing, counts as none", async (shell) => {
  using home = new Home();
  home.fake("ssh-keygen", "#!/bin/sh\necho 'unknown option -- Y' >&2\nexit 1\n");
  const direct = await home.install(SCRIPT, ["--version", "2.0.0"], { shell });
  assert.equal(direct.code, 0, direct.stderr);
});

inShells("names libgcc_s where it is missing", async (shell) => {
  using home = new Home();
  await using broken = new FakeRepository();
  const error = "error while loading shared libraries: libgcc_s.so.1: cannot open shared object";
  await broken.publish("2.0.0", { program: `#!/bin/sh\necho "$0: ${error}" >&2\nexit 127\n` });
  const ran = await home.install(broken.path("2.0.0", "install.sh"), [], { shell });
  home.assertUnchanged(
    new Map(),
    ran,
    /needs the library libgcc_s\.so\.1, which this .*\n {2}.*Install libgcc-s1 \(Debian/,
  );
});

test("adds the folder to the startup files of zsh and fish", async () => {
  using home = new Home();
  Deno.mkdirSync(`${home.home}/.config/fish`, { recursive: true });
  assert.equal((await home.install(SCRIPT, [], { env: { SHELL: "/usr/bin/zsh" } })).code, 0);
  assert.match(Deno.readTextFileSync(`${home.home}/.zshrc`), /local\/bin.* # added by/);
  const fish = Deno.readTextFileSync(`${home.home}/.config/fish/conf.d/arcade.fish`);
  assert.match(fish, /^fish_add_path '.*\/\.local\/bin' #/);
  assert.equal((await home.install(SCRIPT, ["--uninstall"])).code, 0);
  assert.deepEqual(home.files(), new Map([[`${home.home}/.zshrc`, ""]]));
});

inEachShell("warns about the Python CLI in PATH and shows its path", async (shell) => {
  using home = new Home();
  const bin = `${home.path}/python`;
  const python = home.fake("arcade", "#!/opt/venv/bin/python3\nimport sys\n", bin);
  const first = await home.install(SCRIPT, [], { shell, env: { PATH: `${bin}:${home.tools}` } });
  const kind = "Warning: The arcade of Arcade's Python CLI";
  assert.equal(first.stderr, `${kind} is the one in PATH: ${python}\n`);
  const ours = `${home.home}/.local/bin`;
  const before = { PATH: `${bin}:${ours}:${home.tools}` };
  const shadowed = await home.install(SCRIPT, [], { shell, env: before });
  assert.equal(shadowed.stderr, `${kind} is found first: ${python}\n`);
  const after = { PATH: `${ours}:${bin}:${home.tools}` };
  const hidden = await home.install(SCRIPT, [], { shell, env: after });
  assert.equal(hidden.stderr, `${kind} comes later in PATH: ${python}\n`);
  assert.equal(first.code + shadowed.code + hidden.code, 0);
});

inShells("does not replace the Python CLI", async (shell) => {
  using home = new Home();
  home.fake("arcade", "#!/opt/venv/bin/python3\nimport sys\n", `${home.home}/.local/bin`);
  const before = home.files();
  const ran = await home.install(SCRIPT, [], { shell });
  home.assertUnchanged(before, ran, /belongs to Arcade's Python CLI\n {2}Uninstall that one, or/);
});

inShells("does not remove a Python CLI in its place", async (shell) => {
  using home = new Home();
  await home.install(SCRIPT, [], { shell });
  home.fake("arcade", "#!/opt/venv/bin/python3\nimport sys\n", `${home.home}/.local/bin`);
  const before = home.files();
  const ran = await home.install(SCRIPT, ["--uninstall"], { shell });
  home.assertUnchanged(
    before,
    ran,
    /belongs to Arcade's Python CLI now\n {2}Remove .*install\.json/,
  );
});

inShells("does not move the executable into a folder with its name", async (shell) => {
  using home = new Home();
  Deno.mkdirSync(home.arcade, { recursive: true });
  const ran = await home.install(SCRIPT, [], { shell });
  home.assertUnchanged(new Map(), ran, /local\/bin\/arcade is a folder\n {2}Move it away/);
});

inEachShell("does not follow planted links when it unpacks", async (shell) => {
  using home = new Home();
  const victim = `${home.home}/victim`;
  Deno.writeTextFileSync(victim, "precious");
  // `exec` keeps the process id.
  const planted = 'for one in "$0/.arcade-1.2.3-$$" "$0/.arcade-$$" "$0/arcade.new"; do ' +
    'ln -s "$1" "$one"; done; shift; exec "$@"';
  const bin = `${home.home}/.local/bin`;
  Deno.mkdirSync(bin, { recursive: true });
  home.link("ln");
  const words = [...SHELLS.get(shell) ?? [], SCRIPT];
  await home.run(["sh", "-c", planted, bin, victim, ...words], {
    PATH: `${home.tools}:/usr/bin:/bin`,
  });
  assert.equal(Deno.readTextFileSync(victim), "precious");
  assert.equal((await home.run([home.arcade, "--version"])).stdout, "1.2.3\n");
});

test("runs no installer from an unverified server", async () => {
  using home = new Home(["sha256sum"]);
  const script = Deno.readTextFileSync(SCRIPT).replaceAll(
    repository.url,
    "https://example.com/o/r",
  );
  const installer = `#!/bin/sh\nversion='9.9.9'\necho hacked >"$HOME/hacked"\n`;
  home.fake("installer", installer, home.path);
  for (const isGnu of [false, true]) {
    home.fake(
      "wget",
      `#!/bin/sh
case $* in
  --version) ${isGnu ? "echo 'GNU Wget 1.21.3 built on linux-gnu.'" : "exit 1"} ;;
  *) while [ "$1" != -O ]; do shift; done; cp "${home.path}/installer" "$2" ;;
esac
`,
    );
    const path = home.fake("install.sh", script, home.path);
    const ran = await home.install(path, ["--version", "9.9.9"]);
    if (isGnu) assert.equal(ran.code, 0, ran.stderr);
    else {home.assertUnchanged(
        new Map(),
        ran,
        /does not verify who it downloads from\n {2}Install c/,
      );}
  }
});

inShells("replaces a running arcade", async (shell) => {
  using home = new Home();
  Deno.mkdirSync(`${home.home}/.local/bin`, { recursive: true });
  copyProgram("/bin/cat", home.arcade);
  const running = new Running(home.arcade, { args: [], env: home.env() }, { isTyped: true });
  try {
    await running.type("one\n");
    await running.printed(/one/);
    assert.equal((await home.install(SCRIPT, [], { shell })).code, 0);
    await running.type("two\n");
    await running.printed(/two/);
  } finally {
    running.kill("SIGKILL");
    await running.ended;
  }
  assert.equal((await home.run([home.arcade, "--version"])).stdout, "1.2.3\n");
  home.assertNoTemporaryFiles();
});

inEachShell("installs the requested version", async (shell) => {
  for (
    const [args, env] of [
      [["--version", "1.2.3"], {}],
      [["--version=v1.2.3"], {}],
      [[], { ARCADE_VERSION: "1.2.3" }],
    ] as const
  ) {
    using home = new Home();
    const { code, stderr } = await home.install(NEWER, args, { shell, env });
    assert.equal(code, 0, stderr);
    assert.equal((await home.run([home.arcade, "--version"])).stdout, "1.2.3\n");
    assert.equal(JSON.parse(Deno.readTextFileSync(home.receipt)).version, "1.2.3");
    home.assertNoTemporaryFiles();
  }
});

inShells("changes nothing when the version does not exist", async (shell) => {
  using home = new Home();
  for (
    const [version, reason] of [
      ["3.0.0", /v3\.0\.0\/install\.sh could not be downloaded/],
      ["../../x", /is not a version/],
      ["", /is not a version/],
    ] as const
  ) {
    const ran = await home.install(SCRIPT, ["--version", version], { shell });
    home.assertUnchanged(new Map(), ran, reason);
  }
  const ran = await home.install(SCRIPT, ["--version"], { shell });
  home.assertUnchanged(new Map(), ran, /--version needs a value/);
});

inEachShell("uninstalls only what it has installed", async (shell) => {
  using home = new Home();
  const kept = new Map([
    [`${home.home}/.arcade/credentials.yaml`, "cloud: {}\n"],
    [`${home.home}/.bashrc`, "alias ll='ls -l'"],
    [`${home.home}/.profile`, "umask 022\n\n"],
  ]);
  Deno.mkdirSync(`${home.home}/.arcade`);
  for (const [path, text] of kept) Deno.writeTextFileSync(path, text);
  await home.install(SCRIPT, [], { shell });
  assert.match(Deno.readTextFileSync(`${home.home}/.bashrc`), /added by the installer of arcade/);
  const { code, stdout, stderr } = await home.install(NEWER, ["--uninstall"], { shell });
  assert.equal(code, 0, stderr);
  assert.match(stdout, /local\/bin\/arcade is removed\. Your logins .* stay in .*\/\.arcade\n$/);
  kept.set(`${home.home}/.bashrc`, "alias ll='ls -l'\n");
  assert.deepEqual(home.files(), new Map([...kept].sort()));
  const again = await home.install(NEWER, ["--uninstall"], { shell });
  assert.equal(again.code, 1);
  assert.match(again.stderr, /There is no receipt of an installation at .*install\.json\n {2}Unin/);
});

inShells("records nothing of an unmanaged installation", async (shell) => {
  using home = new Home();
  const bin = `${home.home}/ci bin`;
  const env = { ARCADE_UNMANAGED_INSTALL: bin, GITHUB_PATH: `${home.path}/github` };
  const { code, stderr } = await home.install(SCRIPT, [], { shell, env });
  assert.equal(code, 0, stderr);
  assert.deepEqual([...home.files().keys()], [`${bin}/arcade`]);
  assert.deepEqual([...Deno.readDirSync(home.path)].length, 3);
});

inEachShell("installs into a folder with any name", async (shell) => {
  using home = new Home();
  const bin = `${home.home}/it's "my" $HOME \\folder`;
  const { code, stderr } = await home.install(SCRIPT, [], {
    shell,
    env: { ARCADE_INSTALL_DIR: bin },
  });
  assert.equal(code, 0, stderr);
  assert.equal(JSON.parse(Deno.readTextFileSync(home.receipt)).path, `${bin}/arcade`);
  const login = await home.runLine(". ~/.profile; arcade --version");
  assert.equal(login.stdout, "1.2.3\n");
  assert.equal((await home.install(SCRIPT, ["--uninstall"], { shell })).code, 0);
  assert.deepEqual(home.files(), new Map([[`${home.home}/.profile`, ""]]));
});

test("chooses the folder by ARCADE_INSTALL_DIR, XDG_BIN_HOME and XDG_DATA_HOME", async () => {
  using home = new Home();
  const env: Record<string, string> = { XDG_DATA_HOME: `${home.home}/data/share` };
  for (
    const [name, folder] of [
      ["", "data/bin"],
      ["XDG_BIN_HOME", "xdg"],
      ["ARCADE_INSTALL_DIR", "mine"],
    ] as const
  ) {
    if (name) env[name] = `${home.home}/${folder}`;
    const { stdout } = await home.install(SCRIPT, [], { env });
    assert(stdout.includes(`is installed: ${home.home}/${folder}/arcade\n`), stdout);
  }
});

inShells("keeps the old arcade when the new one does not run", async (shell) => {
  using home = new Home();
  await using broken = new FakeRepository();
  await broken.publish("2.0.0", { program: "#!/bin/sh\nexit 1\n" });
  await home.install(SCRIPT, [], { shell });
  const before = home.files();
  const ran = await home.install(broken.path("2.0.0", "install.sh"), [], { shell });
  home.assertUnchanged(
    before,
    ran,
    /The new arcade does not run on this machine\n {2}Nothing was ch/,
  );
});

test("reports a folder that cannot be created", async () => {
  using home = new Home();
  Deno.writeTextFileSync(`${home.home}/file`, "");
  const env = { ARCADE_INSTALL_DIR: `${home.home}/file/bin` };
  const ran = await home.install(SCRIPT, [], { env });
  home.assertUnchanged(new Map([[`${home.home}/file`, ""]]), ran, /file\/bin could not be made/);
});

test("adds the folder to the PATH of GitHub Actions", async () => {
  using home = new Home();
  await home.install(SCRIPT, [], { env: { GITHUB_PATH: `${home.path}/github` } });
  assert.equal(Deno.readTextFileSync(`${home.path}/github`), `${home.home}/.local/bin\n`);
});

for (
  const [system, machine, more, file] of [
    ["Linux", "aarch64", undefined, "aarch64-unknown-linux-gnu"],
    ["Darwin", "arm64", undefined, "aarch64-apple-darwin"],
    ["Darwin", "x86_64", "echo 1", "aarch64-apple-darwin"],
    ["Darwin", "x86_64", "exit 1", "x86_64-apple-darwin"],
  ] as const
) {
  test(`takes the archive for ${file} on ${system} ${machine} (${more ?? "-"})`, async () => {
    using home = new Home();
    home.fake("uname", `#!/bin/sh\n[ "$1" = -s ] && echo ${system} || echo ${machine}\n`);
    home.fake("sysctl", `#!/bin/sh\n${more ?? "exit 1"}\n`);
    const { code, stdout, stderr } = await home.install(SCRIPT);
    assert.equal(code, 0, stderr);
    assert(stdout.includes(`Downloading arcade-1.2.3-${file}.tar.gz`));
  });
}

for (
  const [system, machine, reason] of [
    [
      "MINGW64_NT-10.0",
      "x86_64",
      /On Windows, run in PowerShell: irm .*\/v1\.2\.3\/install\.ps1 \| iex/,
    ],
    ["FreeBSD", "amd64", /not built for FreeBSD/],
    ["Linux", "armv7l", /not built for armv7l processors/],
  ] as const
) {
  test(`reports that arcade is not built for ${system} ${machine}`, async () => {
    using home = new Home();
    home.fake("uname", `#!/bin/sh\n[ "$1" = -s ] && echo ${system} || echo ${machine}\n`);
    home.assertUnchanged(new Map(), await home.install(SCRIPT), reason);
  });
}

test("works in a pipe from curl, without a terminal", async () => {
  using home = new Home();
  const url = `${repository.url}/releases/download/v1.2.3/install.sh`;
  const { code, stderr } = await home.runLine(`curl -fsSL '${url}' | sh -s -- --quiet`);
  assert.deepEqual([code, stderr], [0, ""]);
  assert.equal((await home.run([home.arcade, "--version"])).stdout, "1.2.3\n");
});

inShells("shows help, and rejects unknown arguments", async (shell) => {
  using home = new Home();
  const { code, stdout } = await home.install(SCRIPT, ["--help"], { shell });
  assert.equal(code, 0);
  assert.match(stdout, /^Installs arcade 1\.2\.3 [^]*--uninstall/);
  const ran = await home.install(SCRIPT, ["--unknown"], { shell });
  home.assertUnchanged(new Map(), ran, /Unknown argument --unknown/);
});

Deno.test({
  name: "shellcheck finds no problems in install.sh",
  ignore: ignore || !isAvailable("shellcheck", () => succeeds("shellcheck", "--version")),
  fn: async () => {
    using home = new Home();
    const { code, stdout } = await home.run(["shellcheck", SCRIPT]);
    assert.equal(code, 0, stdout);
  },
});
