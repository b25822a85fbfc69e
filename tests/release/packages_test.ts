import assert from "node:assert/strict";
import { Ajv } from "ajv";
import { load } from "js-yaml";
import { fieldsOf } from "../support/fields_of.ts";
import { schemaFile, type SchemaName } from "../../scripts/schemas.ts";
import { SigningKey } from "../support/signing_key.ts";
import { writeFakeRelease } from "../support/fake_release.ts";
import { areInstalled } from "../support/programs.ts";
import { isAvailable, succeeds } from "../support/test_machine.ts";
import { ROOT } from "../support/root.ts";

const DOWNLOADS = "https://github.com/example/arcade/releases/download/v1.2.3";
const isUnix = Deno.build.os !== "windows";
const hasKeygen = areInstalled("ssh-keygen");
const hasRuby = isUnix && isAvailable("ruby", () => succeeds("ruby", "--version"));

/** The winget manifests: the suffixes of their names, and their types. */
const WINGET = [["", "version"], [".installer", "installer"], [
  ".locale.en-US",
  "defaultLocale",
]] as const;

/** The archives for Windows: the architecture in Scoop and in winget, and the file. */
const WINDOWS = [
  ["64bit", "x64", "arcade-1.2.3-x86_64-pc-windows-msvc.zip"],
  ["arm64", "arm64", "arcade-1.2.3-aarch64-pc-windows-msvc.zip"],
] as const;

function hasSchema(name: SchemaName): boolean {
  return isAvailable(
    `the schema ${name} (\`deno task test:platforms\` downloads it)`,
    () => Deno.statSync(schemaFile(name)).isFile,
  );
}

/** A folder with a release. */
class Fixture implements Disposable {
  readonly folder = Deno.makeTempDirSync({ prefix: "arcade-packages-" });

  static async make(): Promise<Fixture> {
    await using key = await SigningKey.generate();
    const fixture = new Fixture();
    await writeFakeRelease(fixture.folder, { key });
    return fixture;
  }

  read(file: string): string {
    return Deno.readTextFileSync(`${this.folder}/${file}`);
  }

  sumOf(file: string): string {
    return new RegExp(`^(\\w+)  ${file}$`, "m").exec(this.read("SHA256SUMS"))?.[1] ?? "";
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.folder, { recursive: true });
  }
}

for (
  const [system, arch, target] of [
    ["macos", "arm", "aarch64-apple-darwin"],
    ["macos", "intel", "x86_64-apple-darwin"],
    ["linux", "arm", "aarch64-unknown-linux-gnu"],
    ["linux", "intel", "x86_64-unknown-linux-gnu"],
  ] as const
) {
  Deno.test({
    name: `the formula installs and passes its test on ${system} with ${arch}`,
    ignore: !hasRuby || !hasKeygen,
    fn: async () => {
      using fixture = await Fixture.make();
      const name = `arcade-1.2.3-${target}`;
      assert(succeeds("tar", "-xzf", `${fixture.folder}/${name}.tar.gz`, "-C", fixture.folder));
      const { success, stdout, stderr } = await new Deno.Command("ruby", {
        args: [
          "-w",
          `${ROOT}/tests/data/formula_stub.rb`,
          `${fixture.folder}/arcade.rb`,
          system,
          arch,
          `${fixture.folder}/${name}`,
        ],
      }).output();
      assert(success, new TextDecoder().decode(stderr));
      assert.deepEqual(JSON.parse(new TextDecoder().decode(stdout)), {
        desc: "Command-line interface for Arcade: log in, keep secrets, deploy servers",
        homepage: "https://github.com/example/arcade",
        license: "MIT",
        url: `${DOWNLOADS}/${name}.tar.gz`,
        sha256: fixture.sumOf(`${name}.tar.gz`),
        files: [
          "bin/arcade",
          "etc/bash_completion.d/arcade",
          "share/fish/vendor_completions.d/arcade.fish",
          "share/man/man1/arcade-secret.1",
          "share/man/man1/arcade.1",
          "share/zsh/site-functions/_arcade",
        ],
      });
    },
  });
}

Deno.test({
  name: "the formula follows Homebrew's rules for descriptions",
  ignore: !hasKeygen,
  fn: async () => {
    using fixture = await Fixture.make();
    const [, description = ""] = /^ {2}desc "(.*)"$/m.exec(fixture.read("arcade.rb")) ?? [];
    assert.match(description, /^(?!An? |The |arcade)[A-Z].{0,78}[^.]$/i);
    assert(/^[A-Z]/.test(description) && description.length <= 80);
    assert.doesNotMatch(description, /command line|cmdline/i);
  },
});

/** The validation errors of a manifest. */
function errorsOf(name: SchemaName, manifest: unknown): string[] {
  const schema = JSON.parse(Deno.readTextFileSync(schemaFile(name)));
  const check = new Ajv({
    allErrors: true,
    strict: false,
    validateFormats: false,
    unicodeRegExp: false,
  }).compile(schema);
  check(manifest);
  return (check.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

Deno.test({
  name: "the Scoop manifest is valid in Scoop's schema, which rejects invalid ones",
  ignore: !hasKeygen || !hasSchema("scoop"),
  fn: async () => {
    using fixture = await Fixture.make();
    const manifest = JSON.parse(fixture.read("arcade.json"));
    assert.deepEqual(errorsOf("scoop", manifest), []);
    const { homepage: _homepage, ...incomplete } = manifest;
    for (
      const wrong of [
        incomplete,
        { ...manifest, checkver: { gihtub: "" } },
        { ...manifest, architecture: { "64bit": { hash: "123" } } },
        { ...manifest, arch: {} },
      ]
    ) {
      assert.notDeepEqual(errorsOf("scoop", wrong), []);
    }
  },
});

/** The keys that Scoop's schema allows, for the parts that the manifest uses, on machines without the schema. */
const SCOOP_KEYS: Readonly<Record<string, readonly string[]>> = {
  "": [
    ...["##", "architecture", "autoupdate", "bin", "checkver", "depends", "description"],
    ...["env_add_path", "env_set", "extract_dir", "extract_to", "hash", "homepage", "innosetup"],
    ...["installer", "license", "notes", "persist", "post_install", "post_uninstall"],
    ...["pre_install", "pre_uninstall", "psmodule", "shortcuts", "suggest", "uninstaller"],
    ...["url", "version"],
  ],
  "architecture": ["32bit", "64bit", "arm64"],
  "architecture.*": [
    ...["bin", "checkver", "env_add_path", "env_set", "extract_dir", "hash", "installer"],
    ...["post_install", "post_uninstall", "pre_install", "pre_uninstall", "shortcuts"],
    ...["uninstaller", "url"],
  ],
  "autoupdate": [
    ...["architecture", "bin", "env_add_path", "env_set", "extract_dir", "hash", "installer"],
    ...["license", "notes", "persist", "psmodule", "shortcuts", "url"],
  ],
  "autoupdate.architecture": ["32bit", "64bit", "arm64"],
  "autoupdate.architecture.*": [
    ...["bin", "env_add_path", "env_set", "extract_dir", "hash", "installer", "shortcuts", "url"],
  ],
  "autoupdate.hash": ["find", "jp", "jsonpath", "mode", "regex", "type", "url", "xpath"],
  "checkver": [
    ...["github", "jp", "jsonpath", "re", "regex", "replace", "reverse", "script"],
    ...["sourceforge", "url", "useragent", "xpath"],
  ],
};

/** The paths of the keys that Scoop does not allow. */
function unknownKeys(value: object, path = ""): string[] {
  return Object.entries(value).flatMap(([key, inner]) => {
    const here = path === "" ? key : `${path}.${key}`;
    if (!SCOOP_KEYS[path.replace(/(?<=architecture\.)\w+$/, "*")]?.includes(key)) return [here];
    return typeof inner === "object" ? unknownKeys(inner, here) : [];
  });
}

Deno.test({
  name: "the Scoop manifest contains the archive, and how to find a newer one",
  ignore: !hasKeygen,
  fn: async () => {
    using fixture = await Fixture.make();
    const manifest = JSON.parse(fixture.read("arcade.json"));
    assert.deepEqual(unknownKeys(manifest), []);
    const { version, homepage, license, bin, architecture, autoupdate } = manifest;
    assert.deepEqual([version, license, bin], ["1.2.3", "MIT", "arcade.exe"]);
    assert.equal(homepage, "https://github.com/example/arcade");
    assert.deepEqual(Object.keys(architecture), ["64bit", "arm64"]);
    for (const [name, , file] of WINDOWS) {
      const { url, hash } = architecture[name];
      assert.deepEqual([url, hash], [`${DOWNLOADS}/${file}`, fixture.sumOf(file)]);
      // Scoop replaces $version when it checks for updates.
      assert.equal(autoupdate.architecture[name].url.replaceAll("$version", "1.2.3"), url);
    }
    assert.equal(autoupdate.hash.url.replace("$baseurl", DOWNLOADS), `${DOWNLOADS}/SHA256SUMS`);
  },
});

for (const [part, type] of WINGET) {
  Deno.test({
    name:
      `the winget manifest of type ${type} is valid in winget's schema, which rejects invalid ones`,
    ignore: !hasKeygen || !hasSchema(type),
    fn: async () => {
      using fixture = await Fixture.make();
      const manifest = fieldsOf(load(fixture.read(`ArcadeAI.Arcade${part}.yaml`)));
      assert.deepEqual(errorsOf(type, manifest), []);
      const { PackageIdentifier: _id, ...incomplete } = manifest;
      for (const wrong of [incomplete, { ...manifest, ManifestVersion: "1.12" }]) {
        assert.notDeepEqual(errorsOf(type, wrong), []);
      }
    },
  });
}

Deno.test({
  name: "the winget manifests are consistent and contain the executable in the zip",
  ignore: !hasKeygen,
  fn: async () => {
    using fixture = await Fixture.make();
    const manifests = WINGET.map(([part]) =>
      fieldsOf(load(fixture.read(`ArcadeAI.Arcade${part}.yaml`)))
    );
    for (const { PackageIdentifier, PackageVersion, ManifestVersion } of manifests) {
      assert.deepEqual([PackageIdentifier, PackageVersion, ManifestVersion], [
        "ArcadeAI.Arcade",
        "1.2.3",
        "1.12.0",
      ]);
    }
    const types = manifests.map(({ ManifestType }) => ManifestType);
    assert.deepEqual(types, WINGET.map(([, type]) => type));
    assert.deepEqual(
      manifests[1]?.Installers,
      WINDOWS.map(([, architecture, file]) => ({
        Architecture: architecture,
        InstallerUrl: `${DOWNLOADS}/${file}`,
        InstallerSha256: fixture.sumOf(file).toUpperCase(),
      })),
    );
    assert.deepEqual(manifests[1]?.NestedInstallerFiles, [{
      RelativeFilePath: "arcade.exe",
      PortableCommandAlias: "arcade",
    }]);
  },
});
