/**
 * `deno task release VERSION [--dry-run] [--repository URL]`: makes all files of a release in dist/release. docs/releasing.md
 * describes the settings. A dry run gets runtimes from a package registry if Deno's download server is unreachable, and
 * signs with a temporary key without `ARCADE_RELEASE_SIGNING_KEY`. Its files are marked as not for publication.
 */

import { parseArgs } from "node:util";
import { NOTICES_FILE } from "../src/commands/notices.ts";
import { VERSION } from "../src/version.ts";
import { writeAll } from "../src/system/write_all.ts";
import { readSettings, replacementsOf } from "./build_settings.ts";
import { compileArcade, type Compiled } from "./compile.ts";
import { componentsOf, noticesOf } from "./components.ts";
import { output } from "./process.ts";
import { assemble } from "./release/assemble.ts";
import type { ArchivedFile } from "./release/archive.ts";
import { changesOf } from "./release/changelog.ts";
import { codesign } from "./release/codesign.ts";
import { manualFiles } from "./release/manual.ts";
import type { Release } from "./release/release.ts";
import { type Lock, sbom } from "./release/sbom.ts";
import { SigningKey } from "./release/signature.ts";
import { readRepository } from "./repository.ts";
import { executableName, forEachTarget, osOf, type Target } from "./targets.ts";

const root = `${import.meta.dirname}/../`;
const FOLDER = "dist/release";

try {
  await release();
} catch (error) {
  const reason = error instanceof Error ? error.message : String(error);
  writeAll(Deno.stderr, `Error: No release was made: ${reason}\n`);
  Deno.exit(1);
}

async function release(): Promise<void> {
  const { values, positionals: [version] } = parseArgs({
    args: Deno.args,
    allowPositionals: true,
    options: { "dry-run": { type: "boolean", default: false }, repository: { type: "string" } },
  });
  const isDryRun = values["dry-run"];
  if (version !== VERSION) {
    throw new Error(
      `${version ? `${version} is not` : "Name"} the version of src/version.ts, ${VERSION}`,
    );
  }
  const address = values.repository ?? Deno.env.get("ARCADE_REPOSITORY");
  if (!address) {
    throw new Error(
      "No repository. Give --repository https://github.com/OWNER/arcade, or set ARCADE_REPOSITORY",
    );
  }
  const repository = readRepository(address);
  await using key = await signingKey(isDryRun);
  if (!isDryRun && Deno.build.os !== "darwin") {
    throw new Error(
      "The executables for macOS can be signed on a Mac only. Make the release there, or try it with --dry-run",
    );
  }
  const changes = changesOf(
    await Deno.readTextFile(`${root}CHANGELOG.md`),
    isDryRun ? [version, "Unreleased"] : [version],
  );
  const about: Release = {
    version,
    repository,
    time: await timeOfRelease(),
    publicKey: key.publicKey,
    isForPublication: !isDryRun,
  };
  const work = await Deno.makeTempDir({ prefix: "arcade-release-" });
  try {
    const built = await forEachTarget((target) => build(about, target, work));
    const linux = built["x86_64-unknown-linux-gnu"];
    const components = componentsOf(linux.packages, linux);
    const runtimes = await forEachTarget((target) => Promise.resolve(built[target].runtime));
    const lock: Lock = JSON.parse(await Deno.readTextFile(`${root}deno.lock`));
    const folder = `${root}${FOLDER}`;
    await Deno.remove(folder, { recursive: true }).catch(() => {});
    await Deno.mkdir(folder, { recursive: true });
    await assemble(about, {
      executables: await forEachTarget((target) => Promise.resolve(built[target].path)),
      files: [
        await ownFile("LICENSE"),
        ownText(NOTICES_FILE, noticesOf(components)),
        ...await manualFiles(),
      ],
      changes,
      sbom: await sbom(about, { components, runtimes, lock }),
    }, { folder, key });
    await setOutputs({ tap: repository.tapUrl, bucket: repository.bucketUrl });
    const count = [...Deno.readDirSync(folder)].length;
    print(
      `${FOLDER}: ${count} files of arcade ${version}${isDryRun ? ", not for publication" : ""}`,
    );
  } finally {
    await Deno.remove(work, { recursive: true });
  }
}

/** An executable, with the versions of the runtime in it. */
interface Built extends Compiled {
  readonly path: string;
  /** The SHA-256 of the runtime. */
  readonly runtime: string;
}

async function build(
  { repository, publicKey, isForPublication }: Release,
  target: Target,
  folder: string,
): Promise<Built> {
  // The name of the file is part of its content.
  await Deno.mkdir(`${folder}/${target}`);
  const path = `${folder}/${target}/${executableName(target)}`;
  const settings = { ...await readSettings(), repository: repository.url };
  const options = { replacements: replacementsOf({ ...settings, releaseKey: publicKey }), target };
  // A dry run does the same where it can.
  const compiled = await compileArcade(path, { ...options, release: true }).catch((error) => {
    if (isForPublication) throw error;
    return compileArcade(path, options);
  });
  if (isForPublication && osOf(target) === "darwin") {
    await codesign(path, Deno.env.get("ARCADE_CODESIGN_IDENTITY") || "-");
  }
  const { deno, runtimeSha256: runtime } = compiled;
  if (runtime === undefined) throw new Error(`The runtime for ${target} was not verified`);
  print(`${target}: Deno ${deno}`);
  return { path, runtime, ...compiled };
}

async function signingKey(isDryRun: boolean): Promise<SigningKey> {
  const setting = Deno.env.get("ARCADE_RELEASE_SIGNING_KEY");
  if (setting) return await SigningKey.read(setting);
  if (isDryRun) return await SigningKey.generate();
  throw new Error(
    "No signing key. Set ARCADE_RELEASE_SIGNING_KEY to an ed25519 key of OpenSSH, or to its path",
  );
}

/** The time of all files in the release: `SOURCE_DATE_EPOCH`, or else the time of the commit. */
async function timeOfRelease(): Promise<number> {
  const given = Deno.env.get("SOURCE_DATE_EPOCH");
  const time = given ?? await output("git", ["log", "-1", "--format=%ct"], { cwd: root });
  if (!/^\d+\s*$/.test(time)) throw new Error("SOURCE_DATE_EPOCH is not a number of seconds");
  return Number(time);
}

/** Sets outputs of the step in a GitHub Actions workflow. */
async function setOutputs(outputs: Readonly<Record<string, string>>): Promise<void> {
  const path = Deno.env.get("GITHUB_OUTPUT");
  const lines = Object.entries(outputs).map(([name, value]) => `${name}=${value}\n`);
  if (path) await Deno.writeTextFile(path, lines.join(""), { append: true });
}

async function ownFile(path: string): Promise<ArchivedFile> {
  return { path, content: await Deno.readFile(root + path), isExecutable: false };
}

function ownText(path: string, text: string): ArchivedFile {
  return { path, content: new TextEncoder().encode(text), isExecutable: false };
}

function print(line: string): void {
  writeAll(Deno.stdout, `${line}\n`);
}
