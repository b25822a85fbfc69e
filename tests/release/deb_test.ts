import assert from "node:assert/strict";
import { SigningKey } from "../support/signing_key.ts";
import { output } from "../../scripts/process.ts";
import { fakeArcade, writeFakeRelease } from "../support/fake_release.ts";
import { areInstalled } from "../support/programs.ts";

const ignore = !areInstalled("ssh-keygen", "dpkg-deb");

/** A folder with a release, and its package for Debian. */
class Fixture implements Disposable {
  readonly folder = Deno.makeTempDirSync({ prefix: "arcade-deb-" });

  static async make(version = "1.2.3"): Promise<Fixture> {
    await using key = await SigningKey.generate();
    const fixture = new Fixture();
    await writeFakeRelease(fixture.folder, { key, version });
    return fixture;
  }

  path(file: string): string {
    return `${this.folder}/${file}`;
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.folder, { recursive: true });
  }
}

for (const architecture of ["amd64", "arm64"]) {
  Deno.test({
    name: `dpkg-deb reads the package for ${architecture}`,
    ignore,
    fn: async () => {
      using fixture = await Fixture.make();
      const deb = fixture.path(`arcade_1.2.3_${architecture}.deb`);
      const field = async (name: string) => (await output("dpkg-deb", ["-f", deb, name])).trim();
      assert.equal(await field("Package"), "arcade");
      assert.equal(await field("Version"), "1.2.3");
      assert.equal(await field("Architecture"), architecture);
      assert.equal(await field("Homepage"), "https://github.com/example/arcade");
      assert.equal(await field("Depends"), "libc6 (>= 2.27), libgcc-s1 | libgcc1");

      const contents = (await output("dpkg-deb", ["--contents", deb])).trimEnd().split("\n").map(
        (line) => line.split(/ +/),
      );
      const files = contents.filter(([mode]) => mode?.startsWith("-"));
      assert.deepEqual(files.map((fields) => fields.at(-1)), [
        "./usr/bin/arcade",
        "./usr/share/bash-completion/completions/arcade",
        "./usr/share/doc/arcade/changelog.gz",
        "./usr/share/doc/arcade/copyright",
        "./usr/share/fish/vendor_completions.d/arcade.fish",
        "./usr/share/lintian/overrides/arcade",
        "./usr/share/man/man1/arcade-secret.1.gz",
        "./usr/share/man/man1/arcade.1.gz",
        "./usr/share/zsh/vendor-completions/_arcade",
      ]);
      for (const [mode, owner, ...rest] of contents) {
        const path = rest.at(-1) ?? "";
        assert.equal(owner, "0/0", path);
        const isPublic = path.endsWith("/") || path === "./usr/bin/arcade";
        assert.equal(mode?.slice(1), isPublic ? "rwxr-xr-x" : "rw-r--r--", path);
      }
      // dpkg makes no folders that are not in the package.
      const folders = new Set(contents.map((fields) => fields.at(-1)));
      for (const path of folders) {
        const parent = path?.replace(/[^/]+\/?$/, "");
        assert(path === "./" || folders.has(parent), path);
      }
    },
  });
}

Deno.test({
  name: "the package for Debian has the executable, the notices, and correct checksums",
  ignore: ignore || !areInstalled("md5sum", "gzip"),
  fn: async () => {
    using fixture = await Fixture.make();
    const deb = fixture.path("arcade_1.2.3_amd64.deb");
    const root = fixture.path("root");
    await output("dpkg-deb", ["--raw-extract", deb, root]);
    assert.equal(Deno.readTextFileSync(`${root}/usr/bin/arcade`), fakeArcade("1.2.3"));
    assert.equal(
      Deno.readTextFileSync(`${root}/usr/share/doc/arcade/copyright`),
      "THIRD_PARTY_NOTICES\n",
    );
    await output("md5sum", ["--check", "--strict", "DEBIAN/md5sums"], { cwd: root });
    assert.equal(
      await output("gzip", ["-dc", `${root}/usr/share/doc/arcade/changelog.gz`]),
      `arcade (1.2.3) unstable; urgency=medium

  * New version: https://github.com/example/arcade/releases/tag/v1.2.3

 -- Arcade <arcade@users.noreply.github.com>  Tue, 14 Nov 2023 22:13:20 +0000
`,
    );
    const page = `${root}/usr/share/man/man1/arcade.1.gz`;
    assert.equal(await output("gzip", ["-dc", page]), "man/arcade.1\n");
  },
});

Deno.test({
  name: "for dpkg a pre-release is older than its release",
  ignore: ignore || !areInstalled("dpkg"),
  fn: async () => {
    using fixture = await Fixture.make("1.2.3-rc.1");
    const deb = fixture.path("arcade_1.2.3-rc.1_amd64.deb");
    const version = (await output("dpkg-deb", ["-f", deb, "Version"])).trim();
    await output("dpkg", ["--compare-versions", version, "lt", "1.2.3"]);
    await output("dpkg", ["--compare-versions", version, "gt", "1.2.2"]);
  },
});

Deno.test({
  name: "the Dockerfile downloads the packages for Debian with their checksums",
  ignore,
  fn: async () => {
    using fixture = await Fixture.make();
    const text = Deno.readTextFileSync(fixture.path("Dockerfile"));
    const sums = Deno.readTextFileSync(fixture.path("SHA256SUMS"));
    const stages = [
      ...text.matchAll(
        /^FROM scratch AS (\w+)\nADD --checksum=sha256:(\w+) (\S+) \/arcade\.deb$/gm,
      ),
    ];
    assert.deepEqual(stages.map(([, architecture]) => architecture), ["amd64", "arm64"]);
    for (const [, architecture, sum, url] of stages) {
      const file = `arcade_1.2.3_${architecture}.deb`;
      assert(sums.includes(`${sum}  ${file}\n`), file);
      assert.equal(url, `https://github.com/example/arcade/releases/download/v1.2.3/${file}`);
    }
  },
});

Deno.test({
  name: "hadolint finds no problems in the Dockerfile, but finds one in an invalid one",
  ignore: ignore || !areInstalled("hadolint"),
  fn: async () => {
    using fixture = await Fixture.make();
    assert.equal(await output("hadolint", [fixture.path("Dockerfile")]), "");
    const text = Deno.readTextFileSync(fixture.path("Dockerfile"));
    const wrong = fixture.path("Dockerfile.wrong");
    Deno.writeTextFileSync(wrong, text.replace("debian:13-slim", "debian"));
    await assert.rejects(output("hadolint", [wrong]));
  },
});
