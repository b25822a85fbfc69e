import assert from "node:assert/strict";
import { update } from "../../../src/commands/update/commands.ts";
import { type Build, updateBuild } from "../../../src/commands/update/update.ts";
import { Failure } from "../../../src/failure.ts";
import { withLockFile } from "../../../src/files/lock.ts";
import { sleep } from "../../../src/system/waiting.ts";
import { VERSION } from "../../../src/version.ts";
import { writeProgram } from "../../support/executable_files.ts";
import { fakeArcade, FakeRepository } from "../../support/fake_release.ts";
import { InProcess, type World } from "../../support/in_process.ts";
import { areInstalled } from "../../support/programs.ts";
import { SmallDisk, withoutMounts } from "../../support/small_disk.ts";

const ignore = Deno.build.os === "windows" ||
  !areInstalled("ssh-keygen");
const TARGET = "x86_64-unknown-linux-gnu";
const NEWER = "9.9.9";
const FILE = `arcade-${NEWER}-${TARGET}.tar.gz`;

function write(path: string, content: string): void {
  Deno.mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  Deno.writeTextFileSync(path, content);
}

/** A home with an installed arcade, and a repository with a newer version. */
class Installed implements AsyncDisposable {
  readonly home = new InProcess();
  readonly repository = new FakeRepository();
  readonly executable = `${this.home.path}/bin/arcade`;
  readonly receipt = `${this.home.path}/.config/arcade/install.json`;
  publicKeys: readonly string[] = [];

  static async start(options: { readonly program?: string } = {}): Promise<Installed> {
    const installed = new Installed();
    const { home, executable, receipt, repository } = installed;
    home.env = { HOME: home.path };
    writeProgram(executable, fakeArcade(VERSION));
    write(receipt, JSON.stringify({ path: executable, version: VERSION, other: 1 }));
    installed.publicKeys = [await repository.publish(NEWER, options)];
    return installed;
  }

  async run(args: readonly string[], build: Partial<Build> = {}, world: World = {}) {
    const { executable, publicKeys, repository } = this;
    const whole: Build = {
      executable: Deno.realPathSync(executable),
      isStandalone: true,
      target: TARGET,
      repository: repository.url,
      publicKeys,
      ...build,
    };
    const routes: World["routes"] = new Map([["update", () =>
      Promise.resolve({
        ...update,
        run: (context, flags, [version]) => updateBuild(context, whole, { flags, version }),
      })]]);
    return await this.home.run(["update", ...args], { sleep, ...world, routes });
  }

  /** The version that the executable reports. */
  get version(): string {
    // Through a shell: unlike execve, it can read a script that another process has open for writing.
    const { stdout } = new Deno.Command("sh", { args: [this.executable, "--version"] })
      .outputSync();
    return new TextDecoder().decode(stdout).trim();
  }

  /** The files next to the executable. */
  get files(): string[] {
    return [...Deno.readDirSync(`${this.home.path}/bin`)].map(({ name }) => name).sort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.repository[Symbol.asyncDispose]();
    this.home[Symbol.dispose]();
  }
}

Deno.test({ name: "`update` replaces this version with the newest", ignore }, async () => {
  await using installed = await Installed.start();
  const { code, stderr } = await installed.run([]);
  assert.equal(code, 0, stderr);
  assert.equal(stderr, `Updated arcade from ${VERSION} to ${NEWER}\n`);
  assert.deepEqual([installed.version, installed.files], [NEWER, ["arcade"]]);
  assert.equal((Deno.statSync(installed.executable).mode ?? 0) & 0o777, 0o755);
  const receipt = JSON.parse(Deno.readTextFileSync(installed.receipt));
  assert.deepEqual(receipt, { path: installed.executable, version: NEWER, other: 1 });
});

Deno.test(
  { name: "`update` renews the man pages and completions that the installer put down", ignore },
  async () => {
    await using installed = await Installed.start();
    const share = `${installed.home.path}/share`;
    const list = `${installed.home.path}/.config/arcade/extras`;
    const paths = [
      `${share}/man/man1/arcade.1`,
      `${share}/man/man1/arcade-gone.1`,
      `${share}/bash-completion/completions/arcade`,
    ];
    for (const path of paths) write(path, "old\n");
    assert.equal((await installed.run(["--dry-run"])).code, 0);
    write(list, paths.map((path) => `${path}\n`).join(""));
    assert.equal((await installed.run(["--dry-run"])).code, 0);
    assert.deepEqual(paths.map((path) => Deno.readTextFileSync(path)), paths.map(() => "old\n"));
    const { code, stderr } = await installed.run([]);
    assert.deepEqual([code, stderr], [0, `Updated arcade from ${VERSION} to ${NEWER}\n`]);
    const text = (path: string) => Deno.readTextFileSync(`${share}/${path}`);
    assert.equal(text("man/man1/arcade.1"), "man/arcade.1\n");
    assert.equal(text("man/man1/arcade-secret.1"), "man/arcade-secret.1\n");
    assert.equal(text("bash-completion/completions/arcade"), "completions/arcade.bash\n");
    assert.equal(text("fish/vendor_completions.d/arcade.fish"), "completions/arcade.fish\n");
    assert.equal(text("zsh/site-functions/_arcade"), "completions/_arcade\n");
    assert.throws(() => text("man/man1/arcade-gone.1"), Deno.errors.NotFound);
    const listed = Deno.readTextFileSync(list).trimEnd().split("\n").sort();
    assert.deepEqual(listed, [
      `${share}/bash-completion/completions/arcade`,
      `${share}/fish/vendor_completions.d/arcade.fish`,
      `${share}/man/man1/arcade-secret.1`,
      `${share}/man/man1/arcade.1`,
      `${share}/zsh/site-functions/_arcade`,
    ]);
  },
);

Deno.test(
  {
    name: "`update` installs no man pages where the installer put none, and goes on without them",
    ignore,
  },
  async () => {
    await using installed = await Installed.start();
    assert.equal((await installed.run([])).code, 0);
    assert.throws(() => Deno.statSync(`${installed.home.path}/share`), Deno.errors.NotFound);
    await using other = await Installed.start();
    write(`${other.home.path}/.config/arcade/extras`, `${other.executable}/man/man1/arcade.1\n`);
    const { code, stderr } = await other.run([]);
    assert.equal(code, 0);
    assert.match(stderr, /Warning: the man pages and completions are not renewed: Cannot create/);
    assert.equal(other.version, NEWER);
  },
);

Deno.test({ name: "`update --check` and `--dry-run` change nothing", ignore }, async () => {
  await using installed = await Installed.start();
  const check = await installed.run(["--check"]);
  assert.equal(
    check.stderr,
    `arcade ${NEWER} is available; you have ${VERSION}. Run \`arcade update\`\n`,
  );
  assert.deepEqual(installed.repository.downloaded, ["latest"]);
  const { stdout } = await installed.run(["--check", "--json"]);
  assert.deepEqual(JSON.parse(stdout), {
    current: VERSION,
    version: NEWER,
    newer: true,
    updated: false,
    installed_with: "installer",
  });
  const dry = await installed.run(["--dry-run"]);
  assert.equal(dry.stderr, `Dry run: arcade ${VERSION} would become ${NEWER}\n`);
  assert(installed.repository.downloaded.includes(FILE));
  assert.deepEqual([installed.version, installed.files], [VERSION, ["arcade"]]);
});

Deno.test(
  { name: "`update` installs the requested version, also an older one", ignore },
  async () => {
    await using installed = await Installed.start();
    const publicKeys = [await installed.repository.publish("0.0.1")];
    assert.equal((await installed.run(["v0.0.1"], { publicKeys })).code, 0);
    assert.equal(installed.version, "0.0.1");
    const missing = await installed.run(["1.1.1"]);
    assert.equal(missing.code, 1);
    assert.match(missing.stderr, /There is no SHA256SUMS of arcade 1\.1\.1/);
    const wrong = await installed.run(["../1"]);
    assert.deepEqual([wrong.code, wrong.stderr.split("\n")[0]], [
      2,
      'Error: "../1" is not a version',
    ]);
  },
);

Deno.test(
  { name: "`update --check VERSION` reports whether that version exists", ignore },
  async () => {
    await using installed = await Installed.start();
    const publicKeys = [await installed.repository.publish("0.0.1")];
    const older = await installed.run(["--check", "0.0.1"], { publicKeys });
    assert.equal(
      older.stderr,
      `arcade 0.0.1 is available; you have ${VERSION}. Run \`arcade update 0.0.1\`\n`,
    );
    assert.equal(older.code, 0);
    assert(!installed.repository.downloaded.some((file) => file.endsWith(".gz")));
    const brew = { publicKeys, executable: "/opt/homebrew/Cellar/arcade/1/bin/arcade" };
    const other = await installed.run(["--check", "0.0.1"], brew);
    assert.equal(other.stderr, `arcade 0.0.1 is available; you have ${VERSION}\n`);
    const missing = await installed.run(["--check", "1.1.1"], { publicKeys });
    assert.equal(missing.code, 1);
    assert.match(missing.stderr, /There is no SHA256SUMS of arcade 1\.1\.1/);
    const publicKeyOfOthers = `ssh-ed25519 ${"A".repeat(68)}`;
    const forged = await installed.run(["--check", NEWER], { publicKeys: [publicKeyOfOthers] });
    assert.match(forged.stderr, /no valid signature/);
    const noBuild = await installed.run(["--check", "0.0.1"], { publicKeys, target: "sparc-sun" });
    assert.match(noBuild.stderr, /arcade 0\.0\.1 has no arcade-0\.0\.1-sparc-sun\.tar\.gz/);
  },
);

Deno.test(
  { name: "`update VERSION` does nothing when that version is installed", ignore },
  async () => {
    await using installed = await Installed.start();
    for (const args of [[VERSION], [VERSION, "--check"], [VERSION, "--dry-run"]]) {
      const { code, stderr } = await installed.run(args);
      assert.deepEqual([code, stderr], [0, `arcade ${VERSION} is already installed\n`]);
    }
  },
);

for (const newest of [VERSION, "0.0.1"]) {
  Deno.test(
    { name: `\`update\` does nothing when ${newest} is the newest version`, ignore },
    async () => {
      await using installed = await Installed.start();
      installed.repository.newest = newest;
      const { code, stderr } = await installed.run([]);
      assert.deepEqual([code, stderr], [0, `arcade ${VERSION} is the newest version\n`]);
      assert.deepEqual(installed.repository.downloaded, ["latest"]);
    },
  );
}

const bad: Record<string, (installed: Installed) => RegExp> = {
  "another key signed the release": (installed) => {
    installed.publicKeys = [`ssh-ed25519 ${"A".repeat(68)}`];
    return /The checksums of arcade 9\.9\.9 have no valid signature/;
  },
  "the checksums were changed": ({ repository }) => {
    const path = repository.path(NEWER, "SHA256SUMS");
    Deno.writeTextFileSync(path, `${"0".repeat(64)}  ${FILE}\n`);
    return /have no valid signature/;
  },
  "the archive was changed": ({ repository }) => {
    Deno.writeTextFileSync(repository.path(NEWER, FILE), "x", { append: true });
    return /has the checksum [0-9a-f]{64}, not/;
  },
  "the download is truncated": ({ repository }) => {
    const half = Deno.readFileSync(repository.path(NEWER, FILE)).slice(0, 100);
    repository.instead.set(FILE, () => new Response(half));
    return /has the checksum/;
  },
  "a web page comes in place of the archive": ({ repository }) => {
    const headers = { "content-type": "text/html" };
    repository.instead.set(FILE, () => new Response("<p>Log in</p>", { headers }));
    return /127\.0\.0\.1:\d+ answered with a web page instead of a file of a release\n {2}Check the/;
  },
  "a network wants a login": ({ repository }) => {
    const page = { status: 403, headers: { "content-type": "text/html" } };
    repository.instead.set("SHA256SUMS", () => new Response("<p>Log in</p>", page));
    return /answered with a web page instead of a file of a release \(403\)/;
  },
  "the connection breaks": ({ repository }) => {
    let isFirst = true;
    const body = new ReadableStream({
      pull(controller) {
        if (isFirst) controller.enqueue(new Uint8Array(100));
        else controller.error(new Error("The connection breaks"));
        isFirst = false;
      },
    });
    const headers = { "content-length": "1000" };
    repository.instead.set(FILE, () => new Response(body, { headers }));
    return /Cannot reach http:\S+: the connection was lost\n {2}Try again/;
  },
  "the server fails": ({ repository }) => {
    repository.instead.set(FILE, () => new Response("no", { status: 500 }));
    return /was answered with 500/;
  },
  "the release has no archive for this platform": ({ repository }) => {
    repository.instead.set(FILE, () => new Response(null, { status: 404 }));
    return /There is no arcade-9\.9\.9-x86_64-unknown-linux-gnu\.tar\.gz/;
  },
  "the repository names no version": ({ repository }) => {
    repository.newest = "<script>";
    return /does not say which version is the newest \(302\)/;
  },
  "no release exists yet": ({ repository }) => {
    repository.newest = undefined;
    return /does not say which release is the newest/;
  },
  "the folder is not writable": ({ executable }) => {
    Deno.mkdirSync(`${executable}.new`);
    Deno.mkdirSync(`${executable}.new/x`);
    return /Cannot write .*arcade\.new/;
  },
};
const UNANSWERED = new Set([
  "a web page comes in place of the archive",
  "a network wants a login",
  "the connection breaks",
  "the server fails",
]);
for (const [what, spoil] of Object.entries(bad)) {
  Deno.test({ name: `\`update\` changes nothing when ${what}`, ignore }, async () => {
    await using installed = await Installed.start();
    const message = spoil(installed);
    const files = installed.files;
    const { code, stderr } = await installed.run([]);
    assert.equal(code, UNANSWERED.has(what) ? 7 : 1, stderr);
    assert.match(stderr, message);
    assert.deepEqual([installed.version, installed.files], [VERSION, files]);
    assert.equal(JSON.parse(Deno.readTextFileSync(installed.receipt)).version, VERSION);
  });
}

for (
  const [what, program] of [
    ["does not run", "no program"],
    ["fails", "#!/bin/sh\nexit 1\n"],
    ["reports another version", fakeArcade("1.0.0")],
  ] as const
) {
  Deno.test(
    { name: `\`update\` keeps the old arcade when the new one ${what}`, ignore },
    async () => {
      await using installed = await Installed.start({ program });
      const { code, stderr } = await installed.run([]);
      assert.equal(code, 1);
      assert.match(stderr, /The new arcade does not run on this machine/);
      assert.deepEqual([installed.version, installed.files], [VERSION, ["arcade"]]);
    },
  );
}

Deno.test(
  { name: "an update removes the leftovers of a killed one", ignore },
  async () => {
    await using installed = await Installed.start();
    Deno.writeTextFileSync(`${installed.executable}.new`, "truncated");
    assert.equal((await installed.run([])).code, 0);
    assert.deepEqual([installed.version, installed.files], [NEWER, ["arcade"]]);
  },
);

Deno.test({ name: "updates at the same time download once", ignore }, async () => {
  await using installed = await Installed.start();
  const elsewhere = { folder: `${installed.home.path}/elsewhere` };
  const all = await Promise.all([
    installed.run([]),
    installed.run([], {}, elsewhere),
    installed.run(["--json"]),
  ]);
  assert.deepEqual(all.map(({ code }) => code), [0, 0, 0], all.map(({ stderr }) => stderr).join());
  assert.equal(installed.repository.downloaded.filter((file) => file === FILE).length, 1);
  const told = all.map(({ stdout, stderr }) => stdout + stderr);
  assert.equal(told.filter((text) => /^Updated arcade|"updated": true/m.test(text)).length, 1);
  const meanwhile = `Another update installed arcade ${NEWER} in the meantime\n`;
  assert(told.slice(0, 2).includes(meanwhile), told.join());
  assert.deepEqual([installed.version, installed.files], [NEWER, ["arcade"]]);
});

Deno.test({ name: "Ctrl-C ends an update that waits for another one", ignore }, async () => {
  await using installed = await Installed.start();
  const { home, repository } = installed;
  const interrupted = new AbortController();
  const ended = Promise.withResolvers<void>();
  const held = Promise.withResolvers<void>();
  const other = withLockFile(`${home.path}/.config/arcade/.update.lock`, async () => {
    held.resolve();
    await ended.promise;
  });
  await held.promise;
  try {
    const { code } = await installed.run([], {}, {
      terminal: true,
      interruption: interrupted.signal,
      onStderr: (text) => {
        if (!text.includes("Waiting for another update")) return;
        interrupted.abort(new Failure("interrupted", "Cancelled"));
      },
    });
    assert.equal(code, 130);
  } finally {
    ended.resolve();
    await other;
  }
  assert.deepEqual([repository.downloaded, installed.version], [["latest"], VERSION]);
});

Deno.test({
  name: "`update` of an arcade that this user cannot replace asks the repository for nothing",
  ignore: ignore || withoutMounts,
}, async () => {
  await using installed = await Installed.start();
  const { home, executable, repository } = installed;
  const folder = `${home.path}/bin`;
  using disk = new SmallDisk(folder);
  write(executable, fakeArcade(VERSION));
  disk.remount("ro");
  for (const args of [[], ["--dry-run"], [NEWER]]) {
    const { code, stderr } = await installed.run(args);
    assert.equal(code, 2);
    assert.equal(
      stderr,
      `Error: You are not allowed to replace ${Deno.realPathSync(executable)}\n` +
        "  Ask the user who installed it to update it\n",
    );
  }
  assert.deepEqual(repository.downloaded, []);
  const check = await installed.run(["--check"]);
  assert.match(
    check.stderr,
    /is available; you have .*\. Ask the user who installed it to update it\n$/,
  );
  const { stdout } = await installed.run(["--check", "--json"]);
  assert.equal(JSON.parse(stdout).installed_with, "administrator");
});

Deno.test({
  name: "`update` downloads nothing if it cannot write the receipt",
  ignore: ignore || withoutMounts,
}, async () => {
  await using installed = await Installed.start();
  const { executable, receipt, repository } = installed;
  using disk = new SmallDisk(receipt.slice(0, receipt.lastIndexOf("/")));
  write(receipt, JSON.stringify({ path: executable }));
  disk.remount("ro");
  const { stderr } = await installed.run([]);
  assert.match(stderr, /^Error: Cannot write .*install\.json: permission denied/);
  assert(!repository.downloaded.includes(FILE));
});

Deno.test({
  name: "`update` uses the mirror in ARCADE_DOWNLOAD_URL, and verifies it with the built-in key",
  ignore,
}, async () => {
  await using installed = await Installed.start();
  await using mirror = new FakeRepository();
  await mirror.publish(NEWER, { program: fakeArcade("6.6.6") });
  const env = { ARCADE_DOWNLOAD_URL: `${mirror.url}/` };
  const forged = await installed.run([], {}, { env });
  assert.equal(forged.code, 1);
  assert.match(forged.stderr, /have no valid signature/);
  const before = mirror.downloaded.length;
  for (const file of Deno.readDirSync(`${installed.repository.folder}/${NEWER}`)) {
    Deno.copyFileSync(installed.repository.path(NEWER, file.name), mirror.path(NEWER, file.name));
  }
  // A file with the version, where the server of the mirror cannot redirect.
  mirror.latest = () => new Response(`v${NEWER}\n`);
  const { code, stderr } = await installed.run([], {}, { env });
  assert.equal(code, 0, stderr);
  assert.equal(installed.version, NEWER);
  assert.deepEqual(mirror.downloaded.slice(before), [
    "latest",
    "SHA256SUMS",
    "SHA256SUMS.sig",
    FILE,
  ]);
  assert.deepEqual(installed.repository.downloaded, []);
});

Deno.test({ name: "ARCADE_DOWNLOAD_URL must be an address", ignore }, async () => {
  await using installed = await Installed.start();
  for (
    const ARCADE_DOWNLOAD_URL of [
      "mirror.example",
      "ftp://mirror.example",
      "https://me:hidden77@mirror.example",
      "https://mirror.example/?key=hidden77",
    ]
  ) {
    const { code, stderr } = await installed.run(["--check"], {}, { env: { ARCADE_DOWNLOAD_URL } });
    assert.equal(code, 2);
    assert.match(
      stderr,
      /^Error: ARCADE_DOWNLOAD_URL is not the address of a mirror\n {2}Set it to/,
    );
    assert(!stderr.includes("hidden77"));
  }
});

const places: Record<
  string,
  { build: Partial<Build>; next: RegExp; kind: string; available: RegExp }
> = {
  "Homebrew": {
    build: { executable: "/opt/homebrew/Cellar/arcade/0.1.0/bin/arcade" },
    next: /installed with Homebrew\n {2}Run `brew upgrade arcade`/,
    kind: "homebrew",
    available: /\. Run `brew upgrade arcade`\n$/,
  },
  "a system package": {
    build: { executable: "/usr/bin/arcade" },
    next: /Update it with your package manager/,
    kind: "system",
    available: new RegExp(`you have ${VERSION}\\n$`),
  },
  "Nix": {
    build: { executable: "/nix/store/0123-arcade-0.1.0/bin/arcade" },
    next: /installed with Nix\n {2}Update it with your package manager/,
    kind: "system",
    available: new RegExp(`you have ${VERSION}\\n$`),
  },
  "a snap": {
    build: { executable: "/snap/arcade/12/bin/arcade" },
    next: /installed with snap\n/,
    kind: "system",
    available: new RegExp(`you have ${VERSION}\\n$`),
  },
  "a package with a folder of its own": {
    build: { executable: "/usr/lib/arcade/arcade" },
    next: /installed with a system package\n/,
    kind: "system",
    available: new RegExp(`you have ${VERSION}\\n$`),
  },
  "a download": {
    build: { executable: "/opt/arcade-by-hand/arcade" },
    next: /not installed by its installer\n {2}Download the new one from http:/,
    kind: "download",
    available: /\. Download it from http:.*\/releases\n$/,
  },
  "the source": {
    build: { isStandalone: false },
    next: /runs from source/,
    kind: "source",
    available: /\. Update the source\n$/,
  },
};
for (const [what, { build, next, kind, available }] of Object.entries(places)) {
  Deno.test(
    { name: `\`update\` of an arcade from ${what} explains how to update it`, ignore },
    async () => {
      await using installed = await Installed.start();
      for (const args of [[], ["--dry-run"], [NEWER]]) {
        const { code, stderr } = await installed.run(args, build);
        assert.equal(code, 2);
        assert.match(stderr, next);
      }
      assert.deepEqual(installed.repository.downloaded, []);
      const { code, stdout } = await installed.run(["--check", "--json"], build);
      assert.deepEqual([code, JSON.parse(stdout).installed_with], [0, kind]);
      const check = await installed.run(["--check"], build);
      assert.match(check.stderr, available);
    },
  );
}

Deno.test(
  { name: "`update` of a build without a repository fails with that reason", ignore },
  async () => {
    await using installed = await Installed.start();
    for (const build of [{ repository: undefined }, { publicKeys: [] }]) {
      const { code, stderr } = await installed.run(["--check"], build);
      assert.equal(code, 2);
      assert.match(stderr, /This build came from source/);
    }
  },
);
