/**
 * `deno task release VERSION --step compile|pack`, or `--dry-run` for both: creates the executables of a release in
 * dist/executables, and all files of it in dist/release. The executables are signed between the steps, and the checksums at
 * the end, by programs without npm packages: docs/releasing.md. A dry run gets runtimes from a package registry if Deno's
 * download server is unreachable, and fails at the end if the release would. Its files are marked as not for publication.
 */

import { parseArgs } from "node:util";
import { NOTICES_FILE } from "../src/commands/notices.ts";
import { writeAll } from "../src/system/write_all.ts";
import { VERSION } from "../src/version.ts";
import { readSettings, replacementsOf } from "./build_settings.ts";
import type { Package } from "./bundle.ts";
import { compileArcade, type Compiled } from "./compile.ts";
import { componentsOf, noticesOf, type Runtime } from "./components.ts";
import { LC_CODE_SIGNATURE, loadCommands } from "./mach_o.ts";
import { output } from "./process.ts";
import { assemble } from "./release/assemble.ts";
import type { ArchivedFile } from "./release/archive.ts";
import { changesOf } from "./release/changelog.ts";
import { readKeys } from "./release/keys.ts";
import { manualFiles } from "./release/manual.ts";
import { obstaclesOf } from "./release/obstacles.ts";
import type { Release } from "./release/release.ts";
import { type Lock, sbom } from "./release/sbom.ts";
import { readRepository } from "./repository.ts";
import { executableName, forEachTarget, type Target } from "./targets.ts";
import { reachesDenoServers } from "./verified_denort.ts";

const root = `${import.meta.dirname}/../`;
const EXECUTABLES = "dist/executables";
const FOLDER = "dist/release";
/** The contents of the executables, for the step that packs them. */
interface Contained {
  readonly packages: readonly Package[];
  readonly runtime: Runtime;
  /** The SHA-256 of the runtimes. */
  readonly runtimes: Readonly<Record<Target, string>>;
}
const CONTENT = `${root}${EXECUTABLES}/content.json`;

try {
  await release();
} catch (error) {
  fail(`No release was made: ${error instanceof Error ? error.message : String(error)}`);
}

async function release(): Promise<void> {
  const { values, positionals: [version] } = parseArgs({
    args: Deno.args,
    allowPositionals: true,
    options: {
      "dry-run": { type: "boolean", default: false },
      repository: { type: "string" },
      step: { type: "string" },
    },
  });
  const { "dry-run": isDryRun, step } = values;
  if (version !== VERSION) {
    throw new Error(
      `${version ? `${version} is not` : "Name"} the version of src/version.ts, ${VERSION}`,
    );
  }
  if (step === undefined ? !isDryRun : step !== "compile" && step !== "pack") {
    throw new Error(
      "A release is made in steps. Give --step compile, sign the executables, and give --step pack. " +
        "--dry-run without --step does both",
    );
  }
  const address = values.repository ?? Deno.env.get("ARCADE_REPOSITORY");
  if (!address) {
    throw new Error(
      "No repository. Give --repository https://github.com/OWNER/arcade, or set ARCADE_REPOSITORY",
    );
  }
  const publicKeys = readKeys(await Deno.readTextFile(`${root}scripts/release/allowed_signers`));
  const changelog = await Deno.readTextFile(`${root}CHANGELOG.md`);
  const obstacles = await obstaclesOf({ version, root, changelog, publicKeys, isDryRun });
  if (!isDryRun && obstacles.length > 0) throw new Error(obstacles.join(". "));
  const about: Release = {
    version,
    repository: readRepository(address),
    time: await timeOfRelease(),
    publicKeys,
    isForPublication: !isDryRun,
  };
  if (step !== "pack") {
    await compileAll(about, { isVerified: !isDryRun || await reachesDenoServers() });
  }
  if (step !== "compile") {
    await packAll(about, changesOf(changelog, isDryRun ? [version, "Unreleased"] : [version]));
  }
  if (obstacles.length > 0) fail(`A release would fail: ${obstacles.join(". ")}`);
}

async function compileAll(
  about: Release,
  { isVerified }: { readonly isVerified: boolean },
): Promise<void> {
  await emptyFolder(`${root}${EXECUTABLES}`);
  const built = await forEachTarget((target) => build(about, { target, isVerified }));
  const { packages, deno, v8 } = built["x86_64-unknown-linux-gnu"];
  const runtimes = await forEachTarget((target) => Promise.resolve(built[target].runtime));
  const contained: Contained = { packages, runtime: { deno, v8 }, runtimes };
  await Deno.writeTextFile(CONTENT, JSON.stringify(contained));
}

async function packAll(about: Release, changes: string): Promise<void> {
  const executables = await forEachTarget((target) => Promise.resolve(pathOf(target)));
  if (about.isForPublication) {
    for (const path of Object.values(executables)) await requireSignature(path);
  }
  const { packages, runtime, runtimes }: Contained = JSON.parse(await Deno.readTextFile(CONTENT));
  const components = componentsOf(packages, runtime);
  const lock: Lock = JSON.parse(await Deno.readTextFile(`${root}deno.lock`));
  const folder = `${root}${FOLDER}`;
  await emptyFolder(folder);
  await assemble(about, {
    executables,
    files: [
      await ownFile("LICENSE"),
      ownText(NOTICES_FILE, noticesOf(components)),
      ...await manualFiles(),
    ],
    changes,
    sbom: await sbom(about, { components, runtimes, lock }),
  }, folder);
  const { tapUrl, bucketUrl } = about.repository;
  await setOutputs({ tap: tapUrl, bucket: bucketUrl });
  const count = [...Deno.readDirSync(folder)].length;
  const note = about.isForPublication ? ", to be signed" : ", not for publication";
  print(`${FOLDER}: ${count} files of arcade ${about.version}${note}`);
}

/** The path of an executable between the steps. The name of the file is part of its content. */
function pathOf(target: Target): string {
  return `${root}${EXECUTABLES}/${target}/${executableName(target)}`;
}

async function build(
  { repository, publicKeys }: Release,
  { target, isVerified }: { readonly target: Target; readonly isVerified: boolean },
): Promise<Compiled & { readonly runtime: string }> {
  await Deno.mkdir(`${root}${EXECUTABLES}/${target}`);
  const settings = { ...await readSettings(), repository: repository.url };
  const compiled = await compileArcade(pathOf(target), {
    replacements: replacementsOf({ ...settings, releaseKeys: publicKeys }),
    release: isVerified,
    target,
  });
  const { deno, runtimeSha256: runtime } = compiled;
  if (runtime === undefined) throw new Error(`The runtime for ${target} was not verified`);
  print(`${target}: Deno ${deno}`);
  return { ...compiled, runtime };
}

/** Throws an error if an executable is for macOS and has no signature, without which Apple silicon does not run it. */
async function requireSignature(path: string): Promise<void> {
  if (!path.includes("-apple-darwin/")) return;
  const commands = loadCommands(await Deno.readFile(path));
  if (commands.some(({ type }) => type === LC_CODE_SIGNATURE)) return;
  throw new Error(`${path} is not signed. Run scripts/release/sign_macos.sh on a Mac`);
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

async function emptyFolder(path: string): Promise<void> {
  await Deno.remove(path, { recursive: true }).catch(() => {});
  await Deno.mkdir(path, { recursive: true });
}

async function ownFile(path: string): Promise<ArchivedFile> {
  return { path, content: await Deno.readFile(root + path), isExecutable: false };
}

function ownText(path: string, text: string): ArchivedFile {
  return { path, content: new TextEncoder().encode(text), isExecutable: false };
}

function fail(message: string): never {
  writeAll(Deno.stderr, `Error: ${message}\n`);
  Deno.exit(1);
}

function print(line: string): void {
  writeAll(Deno.stdout, `${line}\n`);
}
