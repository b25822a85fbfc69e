import assert from "node:assert/strict";
import { areInstalled } from "../support/programs.ts";
import { type Ended, Rehearsal } from "../support/workflow.ts";

const ignore = Deno.build.os === "windows" ||
  !areInstalled("bash", "git", "ssh-keygen", "sha256sum", "sort", "cmp");
const LINUX = "x86_64-unknown-linux-gnu";

/** The values that GitHub gives to the jobs of a tag. */
function valuesOf({ key, tap, bucket }: Rehearsal, tag: string): Record<string, string> {
  return {
    "github.ref_name": tag,
    "matrix.target": LINUX,
    "secrets.RELEASE_SIGNING_KEY": Deno.readTextFileSync(key.path),
    "secrets.PACKAGES_TOKEN": "a-token",
    "needs.pack.outputs.tap": tap,
    "needs.pack.outputs.bucket": bucket,
  };
}

/** Runs the jobs from the start of the executables to the packages. */
async function release(rehearsal: Rehearsal, version: string): Promise<readonly Ended[]> {
  await rehearsal.download(version);
  const values = valuesOf(rehearsal, `v${version}`);
  const all: Ended[] = [];
  for (const job of ["start", "sign", "publish", "packages"]) {
    const isLast = job === "packages";
    if (isLast && all.at(-1)?.outputs.latest !== "true") break;
    const ended = await rehearsal.run(job, { values });
    assert.equal(ended.code, 0, `${job}: ${ended.output}`);
    all.push(ended);
  }
  return all;
}

/** What the world sees of a release. */
async function visible(rehearsal: Rehearsal, tag: string) {
  return {
    release: rehearsal.published(tag),
    tap: await rehearsal.committed(rehearsal.tap, "Formula/arcade.rb"),
    bucket: await rehearsal.committed(rehearsal.bucket, "bucket/arcade.json"),
  };
}

function expected(rehearsal: Rehearsal) {
  const files = [...Deno.readDirSync(`${rehearsal.work}/release`)].map(({ name }) => name).sort();
  assert(files.includes("SHA256SUMS.sig"));
  return {
    release: { draft: "false", prerelease: "false", latest: "true", files },
    tap: { content: rehearsal.read("arcade.rb"), commits: 1 },
    bucket: { content: rehearsal.read("arcade.json"), commits: 1 },
  };
}

Deno.test({
  name: "the jobs of a tag publish its release, the formula and the manifest, and can run again",
  ignore,
  fn: async () => {
    await using rehearsal = await Rehearsal.start("1.2.3");
    const values = valuesOf(rehearsal, "v1.2.3");
    await release(rehearsal, "1.2.3");
    assert.deepEqual(await visible(rehearsal, "v1.2.3"), expected(rehearsal));
    for (const job of ["start", "sign", "publish", "packages"]) {
      const { code, output } = await rehearsal.run(job, { values });
      assert.equal(code, 0, `${job}: ${output}`);
      assert(!output.includes("a-token"));
    }
    assert.deepEqual(await visible(rehearsal, "v1.2.3"), expected(rehearsal));
  },
});

for (const when of ["before", "after"] as const) {
  Deno.test({
    name: `the jobs can run again after any program in them has failed ${when} its work`,
    ignore,
    fn: async () => {
      let failures = 0;
      // In each release, the same call of every job fails.
      for (let at = 1, left = true; left; at++) {
        await using rehearsal = await Rehearsal.start("1.2.3");
        const values = valuesOf(rehearsal, "v1.2.3");
        left = false;
        for (const job of ["sign", "publish", "packages"]) {
          const first = await rehearsal.run(job, { values, fault: { at, when } });
          if (first.calls < at) {
            assert.equal(first.code, 0, `${job}: ${first.output}`);
            continue;
          }
          left = true;
          assert.notEqual(first.code, 0, `${job}, call ${at}: ${first.output}`);
          failures++;
          const again = await rehearsal.run(job, { values });
          assert.equal(again.code, 0, `${job} again after call ${at}: ${again.output}`);
        }
        assert.deepEqual(await visible(rehearsal, "v1.2.3"), expected(rehearsal), `call ${at}`);
      }
      assert(failures > 10, `${failures}`);
    },
  });
}

Deno.test({
  name: "a pre-release and a fix of an older line are published, and never become the latest",
  ignore,
  fn: async () => {
    await using rehearsal = await Rehearsal.start("1.9.0");
    await release(rehearsal, "1.9.0");
    await release(rehearsal, "1.10.0");
    const before = await visible(rehearsal, "v1.10.0");
    assert.equal(before.release?.latest, "true");
    for (
      const [version, prerelease] of [["1.9.1", "false"], ["2.0.0-rc.1", "true"]] as const
    ) {
      const ended = await release(rehearsal, version);
      assert.equal(ended.at(-1)?.outputs.latest, "false");
      const { files: _, ...published } = rehearsal.published(`v${version}`) ?? {};
      assert.deepEqual(published, { draft: "false", prerelease, latest: "false" });
      // The job is skipped; should somebody start it, it changes nothing.
      const values = valuesOf(rehearsal, `v${version}`);
      const { code, output } = await rehearsal.run("packages", { values });
      assert.equal(code, 0, output);
      assert.match(output, /::notice::.*not updated/);
    }
    assert.deepEqual(await visible(rehearsal, "v1.10.0"), before);
    // A pre-release does not keep the version that it precedes from becoming the latest.
    assert.equal((await release(rehearsal, "2.0.0")).at(-1)?.code, 0);
    assert.equal(rehearsal.published("v2.0.0")?.latest, "true");
  },
});

Deno.test({
  name: "a published release is not replaced by other files",
  ignore,
  fn: async () => {
    await using rehearsal = await Rehearsal.start("1.2.3");
    await release(rehearsal, "1.2.3");
    const before = await visible(rehearsal, "v1.2.3");
    const folder = `${rehearsal.work}/release`;
    Deno.writeTextFileSync(`${folder}/SHA256SUMS`, "");
    for (const { name } of Deno.readDirSync(folder)) {
      if (name !== "SHA256SUMS") Deno.removeSync(`${folder}/${name}`);
    }
    Deno.writeTextFileSync(`${folder}/other`, "");
    const sum = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    Deno.writeTextFileSync(`${folder}/SHA256SUMS`, `${sum}  other\n`);
    const values = valuesOf(rehearsal, "v1.2.3");
    assert.equal((await rehearsal.run("sign", { values })).code, 0);
    const { code, output } = await rehearsal.run("publish", { values });
    assert.deepEqual([code, /v1\.2\.3 is published with other files/.test(output)], [1, true]);
    assert.deepEqual(await visible(rehearsal, "v1.2.3"), before);
  },
});

const refused: Record<string, (rehearsal: Rehearsal) => RegExp> = {
  "a changed file": ({ work }) => {
    Deno.writeTextFileSync(`${work}/release/install.sh`, "x", { append: true });
    return /install\.sh: FAILED/;
  },
  "a file without a checksum": ({ work }) => {
    Deno.writeTextFileSync(`${work}/release/other`, "x");
    return /SHA256SUMS lacks other/;
  },
  "a dry run": ({ work }) => {
    Deno.writeTextFileSync(`${work}/release/NOT-FOR-PUBLICATION`, "x");
    return /The files of a dry run are not signed/;
  },
  "another key": ({ work }) => {
    const key = `ssh-ed25519 ${"A".repeat(68)}`;
    Deno.writeTextFileSync(`${work}/scripts/release/allowed_signers`, `arcade-release ${key}\n`);
    return /The public key of ARCADE_RELEASE_SIGNING_KEY is not in allowed_signers/;
  },
};
for (const [what, prepare] of Object.entries(refused)) {
  Deno.test({
    name: `the checksums are not signed with ${what}`,
    ignore,
    fn: async () => {
      await using rehearsal = await Rehearsal.start("1.2.3");
      const reason = prepare(rehearsal);
      const values = valuesOf(rehearsal, "v1.2.3");
      const { code, output } = await rehearsal.run("sign", { values });
      assert.match(output, reason);
      assert.notEqual(code, 0);
      assert.throws(() => rehearsal.read("SHA256SUMS.sig"));
      // Nothing is published without a signature.
      assert.notEqual((await rehearsal.run("publish", { values })).code, 0);
      assert.equal(rehearsal.published("v1.2.3"), undefined);
    },
  });
}

Deno.test({
  name: "two keys are accepted, of which either can sign",
  ignore,
  fn: async () => {
    await using rehearsal = await Rehearsal.start("1.2.3");
    const signers = `${rehearsal.work}/scripts/release/allowed_signers`;
    const line = `arcade-release ssh-ed25519 ${"A".repeat(68)}\n`;
    for (const text of [line + Deno.readTextFileSync(signers), Deno.readTextFileSync(signers)]) {
      Deno.writeTextFileSync(signers, text);
      const { code, output } = await rehearsal.run("sign", {
        values: valuesOf(rehearsal, "v1.2.3"),
      });
      assert.equal(code, 0, output);
    }
  },
});

Deno.test({
  name: "the key can be a path, and a passphrase or another type is refused",
  ignore,
  fn: async () => {
    await using rehearsal = await Rehearsal.start("1.2.3");
    const sign = async (key: string) => {
      const values = { "secrets.RELEASE_SIGNING_KEY": key };
      return (await rehearsal.run("sign", { values })).code;
    };
    assert.equal(await sign(rehearsal.key.path), 0);
    assert.notEqual(await sign(""), 0);
    assert.notEqual(await sign("-----BEGIN OPENSSH PRIVATE KEY-----\nx"), 0);
  },
});

const broken: Record<string, readonly [program: string, reason: RegExp]> = {
  "does not start": ["#!/bin/sh\nexit 126\n", /^$/m],
  "reports another version": [
    "#!/bin/sh\necho 9.9.9\n",
    /reports the version 9\.9\.9, not 1\.2\.3/,
  ],
  "works without a login": [
    '#!/bin/sh\n[ "$1" != --version ] || echo 1.2.3\n',
    /`whoami` without a login exits with 0/,
  ],
  "does not accept the key": [
    '#!/bin/sh\n[ "$1" != --version ] || { echo 1.2.3; exit; }\nexit 4\n',
    /does not accept a key of allowed_signers/,
  ],
};
for (const [what, [program, reason]] of Object.entries(broken)) {
  Deno.test({
    name: `an executable that ${what} stops the release`,
    ignore,
    fn: async () => {
      await using rehearsal = await Rehearsal.start("1.2.3");
      await rehearsal.download("1.2.3", program);
      const { code, output } = await rehearsal.run("start", {
        values: valuesOf(rehearsal, "v1.2.3"),
      });
      assert.notEqual(code, 0);
      assert.match(output, reason);
    },
  });
}

/** codesign, xcrun and the other programs of macOS, which note how they are called. */
const MAC = {
  codesign: 'echo "codesign $*" >>"$NOTES"',
  security: 'echo "security $1" >>"$NOTES"',
  ditto: 'touch "$4"',
  uuidgen: "echo a-password",
  xcrun: 'echo "notarytool $2" >>"$NOTES"; [ "$2" = log ] || printf %s "$ANSWER"',
} as const;

for (
  const [what, values, answer, expectedCode, notes] of [
    ["without a certificate", {}, "", 0, [
      "codesign --force --sign - --identifier dev.arcade.cli",
      "codesign --verify --strict",
    ]],
    ["with a certificate", { certificate: "eA==", identity: "Arcade" }, "", 0, [
      "security import",
      "codesign --force --sign Arcade --identifier dev.arcade.cli --options runtime --timestamp",
      "codesign --verify --strict",
    ]],
    [
      "that Apple accepts",
      { certificate: "eA==", identity: "Arcade", apple: "a@b" },
      "Accepted",
      0,
      [
        "notarytool submit",
      ],
    ],
    [
      "that Apple refuses",
      { certificate: "eA==", identity: "Arcade", apple: "a@b" },
      "Invalid",
      1,
      [
        "notarytool submit",
        "notarytool log",
      ],
    ],
    ["without an answer", { certificate: "eA==", identity: "Arcade", apple: "a@b" }, "", 1, [
      "notarytool submit",
    ]],
    ["for Apple without a certificate", { apple: "a@b" }, "", 1, []],
    ["without the name of the certificate", { certificate: "eA==" }, "", 1, []],
  ] as const
) {
  Deno.test({
    name: `executables for macOS ${what} ${
      expectedCode === 0 ? "are released" : "stop the release"
    }`,
    ignore,
    fn: async () => {
      await using rehearsal = await Rehearsal.start("1.2.3");
      const noted = `${rehearsal.work}/notes`;
      Deno.writeTextFileSync(noted, "");
      for (const [name, script] of Object.entries(MAC)) {
        const text = script.replaceAll("$NOTES", noted)
          .replace("$ANSWER", answer && `{"id":"a-b","status":"${answer}","message":"Done"}`);
        rehearsal.install(name, `#!/bin/sh\n${text.replace('"{', "'{").replace('}"', "}'")}\n`);
      }
      for (const target of ["x86_64-apple-darwin", "aarch64-apple-darwin"]) {
        Deno.mkdirSync(`${rehearsal.work}/executables/${target}`, { recursive: true });
        Deno.writeTextFileSync(`${rehearsal.work}/executables/${target}/arcade`, "");
      }
      const { certificate = "", identity = "", apple = "" }: Record<string, string> = values;
      const { code, output } = await rehearsal.run("sign-executables", {
        step: "Sign and notarize the executables for macOS",
        values: {
          "secrets.MACOS_CERTIFICATE": certificate,
          "secrets.MACOS_CODESIGN_IDENTITY": identity,
          "secrets.APPLE_ID": apple,
        },
      });
      assert.equal(code, expectedCode, output);
      const done = Deno.readTextFileSync(noted);
      for (const note of notes) assert(done.includes(note), `${note} in ${done}`);
      const notices = output.split("\n").filter((line) => line.startsWith("::notice::")).length;
      if (code === 0) assert.equal(notices, certificate === "" ? 2 : apple === "" ? 1 : 0, output);
    },
  });
}

Deno.test({
  name: "the executables for Windows are signed with a certificate, and otherwise a notice says so",
  ignore,
  fn: async () => {
    await using rehearsal = await Rehearsal.start("1.2.3");
    const folder = `${rehearsal.work}/executables/x86_64-pc-windows-msvc`;
    Deno.mkdirSync(folder, { recursive: true });
    Deno.writeTextFileSync(`${folder}/arcade.exe`, "program");
    rehearsal.install("brew", "#!/bin/sh\n");
    rehearsal.install(
      "osslsigncode",
      '#!/bin/sh\nwhile [ "$1" != -in ]; do shift; done\n{ cat "$2"; echo " signed"; } >"$4"\n',
    );
    const sign = (certificate: string) =>
      rehearsal.run("sign-executables", { values: { "secrets.WINDOWS_CERTIFICATE": certificate } });
    assert.match((await sign("")).output, /^::notice::The executables for Windows are not signed/);
    assert.equal(Deno.readTextFileSync(`${folder}/arcade.exe`), "program");
    assert.equal((await sign("eA==")).code, 0);
    assert.equal(Deno.readTextFileSync(`${folder}/arcade.exe`), "program signed\n");
    rehearsal.install("osslsigncode", "#!/bin/sh\nexit 1\n");
    assert.equal((await sign("eA==")).code, 1);
  },
});

Deno.test({
  name: "without a token the tap and the bucket are not changed, and a notice says so",
  ignore,
  fn: async () => {
    await using rehearsal = await Rehearsal.start("1.2.3");
    const values = { ...valuesOf(rehearsal, "v1.2.3"), "secrets.PACKAGES_TOKEN": "" };
    const { code, output } = await rehearsal.run("packages", { values });
    assert.equal(code, 0);
    assert.match(output, /^::notice::The tap and the bucket were not updated/);
    assert.equal((await visible(rehearsal, "v1.2.3")).tap, undefined);
  },
});
