import assert from "node:assert/strict";
import { sha256 } from "../../src/secrecy/hash.ts";
import { osOf, type Target, TARGETS } from "../../scripts/targets.ts";
import { SigningKey } from "../support/signing_key.ts";
import { fakeArcade, writeFakeRelease } from "../support/fake_release.ts";
import { areInstalled } from "../support/programs.ts";
import { ROOT } from "../support/root.ts";
import { isAvailable, succeeds } from "../support/test_machine.ts";

const hasKeygen = areInstalled("ssh-keygen");
const hasUnzip = isAvailable("unzip", () => succeeds("unzip", "-v"));

/** A folder with a release, and the key that signed it. */
class Fixture implements AsyncDisposable {
  readonly folder = Deno.makeTempDirSync({ prefix: "arcade-release-" });
  readonly key: SigningKey;

  private constructor(key: SigningKey) {
    this.key = key;
  }

  static async make(): Promise<Fixture> {
    const fixture = new Fixture(await SigningKey.generate());
    await writeFakeRelease(`${fixture.folder}/first`, { key: fixture.key });
    return fixture;
  }

  read(file: string): string {
    return Deno.readTextFileSync(`${this.folder}/first/${file}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.key[Symbol.asyncDispose]();
    Deno.removeSync(this.folder, { recursive: true });
  }
}

async function run(program: string, args: string[], stdin = ""): Promise<string> {
  const child = new Deno.Command(program, {
    args,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(stdin));
  await writer.close();
  const { success, stdout, stderr } = await child.output();
  const text = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  assert(success, text);
  return text;
}

function filesIn(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
}

Deno.test({
  name: "two releases of the same executables have the same bytes",
  ignore: !hasKeygen,
  fn: async () => {
    await using fixture = await Fixture.make();
    await writeFakeRelease(`${fixture.folder}/second`, { key: fixture.key });
    for (const file of filesIn(`${fixture.folder}/first`)) {
      const [first, second] = ["first", "second"].map((one) =>
        Deno.readFileSync(`${fixture.folder}/${one}/${file}`)
      );
      assert.deepEqual(first, second, file);
    }
  },
});

Deno.test({
  name: "an archive has the executable, the manual and the completions in a folder with its name",
  ignore: !hasKeygen,
  fn: async () => {
    await using fixture = await Fixture.make();
    const name = "arcade-1.2.3-aarch64-apple-darwin";
    const archive = `${fixture.folder}/first/${name}.tar.gz`;
    const listed = await run("tar", ["-tzvf", archive, "--numeric-owner"]);
    const lines = listed.trimEnd().split("\n").map((line) => line.split(/ +/));
    assert.deepEqual(lines.map((fields) => fields.at(-1)), [
      `${name}/`,
      `${name}/LICENSE`,
      `${name}/README.md`,
      `${name}/THIRD_PARTY_NOTICES`,
      `${name}/arcade`,
      `${name}/completions/_arcade`,
      `${name}/completions/arcade.bash`,
      `${name}/completions/arcade.fish`,
      `${name}/completions/arcade.nu`,
      `${name}/completions/arcade.ps1`,
      `${name}/man/arcade-secret.1`,
      `${name}/man/arcade.1`,
    ]);
    for (const [mode, owner, , , , path = ""] of lines) {
      assert.equal(owner, "0/0");
      const isPublic = path.endsWith("/") || path.endsWith("/arcade");
      assert.equal(mode?.slice(1), isPublic ? "rwxr-xr-x" : "rw-r--r--", path);
    }
    await run("tar", ["-xzf", archive, "-C", fixture.folder]);
    const content = Deno.readTextFileSync(`${fixture.folder}/${name}/arcade`);
    assert.equal(content, fakeArcade("1.2.3"));
  },
});

Deno.test({
  name: "the archive for Windows is a zip without a folder, and unzip can unpack it",
  ignore: !hasKeygen || !hasUnzip,
  fn: async () => {
    await using fixture = await Fixture.make();
    const archive = `${fixture.folder}/first/arcade-1.2.3-x86_64-pc-windows-msvc.zip`;
    await run("unzip", ["-q", archive, "-d", `${fixture.folder}/unpacked`]);
    assert.deepEqual(filesIn(`${fixture.folder}/unpacked`), [
      "LICENSE",
      "README.md",
      "THIRD_PARTY_NOTICES",
      "arcade.exe",
      "completions",
      "man",
    ]);
    const executable = `${fixture.folder}/unpacked/arcade.exe`;
    assert.equal(Deno.readTextFileSync(executable), fakeArcade("1.2.3"));
    const { mode, mtime } = Deno.statSync(executable);
    assert.equal((mode ?? 0) & 0o777, 0o755);
    assert.equal(mtime?.getFullYear(), 2023);
  },
});

/** Unpacks the archive for a platform. Returns the folder of its files. */
async function unpack(folder: string, target: Target): Promise<string> {
  const name = `arcade-1.2.3-${target}`;
  const to = `${folder}/unpacked/${target}`;
  Deno.mkdirSync(to, { recursive: true });
  if (osOf(target) === "windows") {
    await run("unzip", ["-q", `${folder}/first/${name}.zip`, "-d", to]);
    return to;
  }
  await run("tar", ["-xzf", `${folder}/first/${name}.tar.gz`, "-C", to]);
  return `${to}/${name}`;
}

for (const target of TARGETS) {
  Deno.test({
    name: `the README in the archive for ${target} is true for a reader who has only the archive`,
    ignore: !hasKeygen || osOf(target) === "windows" && !hasUnzip,
    fn: async () => {
      await using fixture = await Fixture.make();
      const folder = await unpack(fixture.folder, target);
      const text = Deno.readTextFileSync(`${folder}/README.md`);
      assert.match(text, /^# arcade 1\.2\.3\n/);
      const links = [...text.matchAll(/\]\(([^)]*)\)/g)].map(([, link = ""]) => link);
      const [absolute, relative] = [true, false].map((isAbsolute) =>
        links.filter((link) => link.startsWith("https://") === isAbsolute)
      );
      assert.deepEqual(relative, ["LICENSE", "THIRD_PARTY_NOTICES"]);
      for (const link of absolute ?? []) {
        const [, page] =
          /^https:\/\/github\.com\/example\/arcade\/blob\/v1\.2\.3\/([^#]+)/.exec(link) ??
            [];
        if (page === undefined) assert.equal(link, "https://cloud.arcade.dev");
        else assert(Deno.statSync(`${ROOT}/${page}`).isFile, page);
      }
      const named = [...text.matchAll(/`((?:completions|man|arcade)[\w./]*)`/g)].map(([, path]) =>
        path
      );
      for (const path of [...relative ?? [], ...named.filter((path) => /[./]/.test(path ?? ""))]) {
        assert(Deno.statSync(`${folder}/${path}`), path);
      }
      assert.doesNotMatch(text, /published|publication|OWNER/i);
    },
  });
}

Deno.test({
  name: "the commands of the README in an archive install arcade and its man pages",
  ignore: !hasKeygen || Deno.build.os === "windows",
  fn: async () => {
    await using fixture = await Fixture.make();
    const folder = await unpack(fixture.folder, "x86_64-unknown-linux-gnu");
    const text = Deno.readTextFileSync(`${folder}/README.md`);
    const [, commands = ""] = /```sh\n(.*?)```/s.exec(text) ?? [];
    const home = `${fixture.folder}/home`;
    Deno.mkdirSync(home);
    await run("sh", ["-ec", `cd "$1"; export HOME="$2"\n${commands}`, "sh", folder, home]);
    assert.equal(await run(`${home}/.local/bin/arcade`, ["--version"]), "1.2.3\n");
    assert.deepEqual(filesIn(`${home}/.local/share/man/man1`), ["arcade-secret.1", "arcade.1"]);
  },
});

Deno.test({
  name: "SHA256SUMS has every file, and ssh-keygen verifies its signature",
  ignore: !hasKeygen,
  fn: async () => {
    await using fixture = await Fixture.make();
    const sums = fixture.read("SHA256SUMS");
    const summed = sums.trimEnd().split("\n").map((line) => line.split("  "));
    const all = filesIn(`${fixture.folder}/first`).filter((name) => !name.startsWith("SHA256SUMS"));
    assert.deepEqual(summed.map(([, name]) => name), all);
    for (const [sum, name] of summed) {
      assert.equal(sum, await sha256(Deno.readFileSync(`${fixture.folder}/first/${name}`)));
    }
    const signers = `${fixture.folder}/allowed_signers`;
    Deno.writeTextFileSync(signers, `arcade-release ${fixture.key.publicKey}\n`);
    const verify = ["-Y", "verify", "-f", signers, "-I", "arcade-release", "-n", "arcade-release"];
    const signature = ["-s", `${fixture.folder}/first/SHA256SUMS.sig`];
    assert.match(await run("ssh-keygen", [...verify, ...signature], sums), /^Good/);
    await assert.rejects(run("ssh-keygen", [...verify, ...signature], `${sums}\n`));
  },
});

Deno.test({
  name: "the notes have the changes, how to install, and how to verify with this key",
  ignore: !hasKeygen,
  fn: async () => {
    await using fixture = await Fixture.make();
    const notes = fixture.read("release-notes.md");
    assert.match(notes, /^# arcade 1\.2\.3\n\n- A change\n/);
    assert(notes.includes("github.com/example/arcade/releases/download/v1.2.3/install.sh | sh"));
    assert(notes.includes("brew install example/tap/arcade\n"));
    assert(notes.includes(`\narcade-release ${fixture.key.publicKey}\nEOF\n`));
    assert.doesNotMatch(notes, /publication/);
  },
});

Deno.test({
  name: "a dry run is marked as not for publication, in a file, in the notes and in each archive",
  ignore: !hasKeygen,
  fn: async () => {
    await using fixture = await Fixture.make();
    assert(!filesIn(`${fixture.folder}/first`).includes("NOT-FOR-PUBLICATION"));
    const folder = `${fixture.folder}/dry`;
    await writeFakeRelease(folder, { key: fixture.key, isForPublication: false });
    for (const file of ["NOT-FOR-PUBLICATION", "release-notes.md"]) {
      assert.match(Deno.readTextFileSync(`${folder}/${file}`), /^\W*Not for publication: /);
    }
    const name = "arcade-1.2.3-x86_64-unknown-linux-gnu";
    const archive = `${folder}/${name}.tar.gz`;
    const readme = await run("tar", ["-xzOf", archive, `${name}/README.md`]);
    assert.match(readme, /^# arcade 1\.2\.3\n\n\*\*Not for publication: /);
  },
});

Deno.test({
  name: "the installers, the formula and the manifests have the checksums of the archives",
  ignore: !hasKeygen,
  fn: async () => {
    await using fixture = await Fixture.make();
    const sums = new Map(
      fixture.read("SHA256SUMS").split("\n").map((line) => line.split("  ")).map((
        [sum = "", name = ""],
      ) => [name, sum]),
    );
    const where = (target: string) =>
      target.includes("windows")
        ? ["install.ps1", "arcade.json", "ArcadeAI.Arcade.installer.yaml"]
        : ["install.sh", "arcade.rb"];
    for (const target of TARGETS) {
      const [name, sum = ""] = [...sums].find(([name]) => name.includes(target)) ?? [];
      for (const file of where(target)) {
        const text = fixture.read(file);
        assert(text.toLowerCase().includes(sum), `${file} lacks the checksum of ${name}`);
        assert.doesNotMatch(text, /@[A-Z][\w-]*@/);
      }
    }
  },
});
