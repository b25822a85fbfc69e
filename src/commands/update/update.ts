import { RELEASE_KEYS, REPOSITORY } from "../../build.ts";
import { Failure } from "../../failure.ts";
import { withLockFile } from "../../files/lock.ts";
import { pathIn, splitPath } from "../../system/paths.ts";
import { fileFailure } from "../../system/system_failure.ts";
import { ProgressBar } from "../../terminal/progress.ts";
import { printable } from "../../terminal/safe_text.ts";
import {
  installationOf,
  type Installed,
  type InstallMethod,
  mayReplace,
  noticeOf,
  ownExecutable,
  updateReceipt,
} from "../../update/install_method.ts";
import {
  download,
  findArchive,
  findNewest,
  releasesOf,
  type Repository,
} from "../../update/releases.ts";
import { replaceExecutable, versionOf } from "../../update/replace.ts";
import { renewExtras } from "../../update/extras.ts";
import { fileInZip, filesInTarGz } from "../../update/unpack.ts";
import { isNewer, isVersion } from "../../update/versions.ts";
import type { Environment } from "../../contract/variables.ts";
import { VERSION } from "../../version.ts";
import type { Context } from "../context.ts";
import type { JsonFlag } from "../shared/flags.ts";
import { writeJson } from "../shared/json.ts";
import { type Interruptible, interruptible } from "../shared/interruptible.ts";

export interface UpdateFlags extends JsonFlag {
  readonly check?: boolean;
  readonly dryRun?: boolean;
}

/** This arcade, and where its releases are. */
export interface Build extends Pick<Installed, "executable" | "isStandalone"> {
  /** Such as `x86_64-unknown-linux-gnu`. */
  readonly target: string;
  /** Undefined in a build without one. */
  readonly repository: string | undefined;
  readonly publicKeys: readonly string[];
}

/** Updates this arcade. */
export async function update(
  context: Context,
  flags: UpdateFlags,
  version?: string,
): Promise<void> {
  const executable = ownExecutable();
  const { standalone: isStandalone, target } = Deno.build;
  const build = {
    executable,
    isStandalone,
    target,
    repository: REPOSITORY,
    publicKeys: RELEASE_KEYS,
  };
  await updateBuild(context, build, { flags, version });
}

/** Updates this executable. */
export async function updateBuild(
  command: Context,
  build: Build,
  { flags, version }: { readonly flags: UpdateFlags; readonly version: string | undefined },
): Promise<void> {
  const context = interruptible(command);
  const repository = requireRepository(build, context.env);
  const installation = installationOf({ ...build, os: context.machine.os, env: context.env });
  const wanted = version === undefined ? undefined : requireVersion(version);
  const receipt = flags.check ? undefined : requireReceipt(installation, build, repository);
  const found = wanted ?? await findNewest(context.http, repository.url);
  const isWanted = wanted === undefined ? isNewer(found, VERSION) : found !== VERSION;
  if (flags.check && wanted !== undefined && isWanted) {
    const { file } = archiveOf(build, wanted);
    await findArchive(context.http, repository, { version: wanted, file });
  }
  const outcome = receipt !== undefined && isWanted
    ? await replaceBuild(context, { build, repository, version: found, receipt }, flags)
    : undefined;
  const isNamed = wanted !== undefined;
  tell(context, flags, { version: found, repository, installation, isNamed, isWanted, outcome });
}

/** The result of an update: `updated`, `updated-meanwhile` by another process, or `verified` without a change. */
type Outcome = "updated" | "updated-meanwhile" | "verified";

/** Downloads a version and replaces this executable, one process at a time. */
async function replaceBuild(
  context: Interruptible,
  { build, repository, version, receipt }: Wanted & { readonly receipt: string },
  { dryRun }: UpdateFlags,
): Promise<Outcome> {
  const { io: { stderr }, machine: { os }, clock: { sleep } } = context;
  if (!mayReplace(receipt)) throw fileFailure("write", receipt, new Deno.errors.PermissionDenied());
  stderr.setProgress("Waiting for another update…");
  try {
    // Not in the Arcade folder: ARCADE_WORK_DIR can differ where the executable is the same.
    const lock = pathIn(splitPath(receipt).folder, ".update.lock");
    return await withLockFile(lock, async () => {
      if (await versionOf(build.executable, sleep) === version) return "updated-meanwhile";
      const { executable, files } = await fetchFiles(context, { build, repository, version });
      if (dryRun) return "verified";
      const options = { version, isWindows: os === "windows", sleep };
      await context.signals.deferInterrupts(async () => {
        await replaceExecutable(build.executable, executable, options);
        updateReceipt(receipt, version);
        renewOrWarn(context, receipt, files);
      });
      return "updated";
    }, { timeoutMs: LOCK_MS, signal: context.http.signal });
  } finally {
    stderr.setProgress(undefined);
  }
}

/** Renews the man pages and completions. The executable is new already, so a failure is only a warning. */
function renewOrWarn(
  { io }: Context,
  receipt: string,
  files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>,
): void {
  try {
    renewExtras(receipt, files);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    io.warn(`the man pages and completions are not renewed: ${error.message}`);
  }
}

/** The version that replaces a build, and where it is. */
interface Wanted {
  readonly build: Build;
  readonly repository: Repository;
  readonly version: string;
}

/** The archive of a version, and the folder in it. */
function archiveOf({ target }: Build, version: string): { folder: string; file: string } {
  const folder = `arcade-${version}-${target}`;
  return { folder, file: `${folder}${target.endsWith("-windows-msvc") ? ".zip" : ".tar.gz"}` };
}

/** How long another update may take. */
const LOCK_MS = 60_000;

function requireRepository({ repository, publicKeys }: Build, env: Environment): Repository {
  if (repository !== undefined && publicKeys.length > 0) {
    return { url: releasesOf(env, repository), publicKeys };
  }
  throw new Failure("usage", "This build came from source", {
    next: "Pull and rebuild to update",
  });
}

function requireVersion(text: string): string {
  const version = text.replace(/^v/, "");
  if (isVersion(version)) return version;
  throw new Failure("usage", `"${text}" is not a version`, { next: "Write it like 1.2.3" });
}

/**
 * The receipt of the installer, which allows the executable to update itself.
 *
 * @throws {Failure} when another program must update it.
 */
function requireReceipt(
  installation: InstallMethod,
  { executable }: Build,
  { url }: Repository,
): string {
  switch (installation.kind) {
    case "installer":
      return installation.receipt;
    case "download":
      throw new Failure("usage", "This arcade was not installed by its installer", {
        next: `Download the new one from ${url}/releases, or run the installer there`,
      });
    case "administrator":
      throw new Failure("usage", `You are not allowed to replace ${executable}`, {
        next: "Ask the user who installed it to update it",
      });
    case "source":
      throw new Failure("usage", "This arcade runs from source", {
        next: "Update the source, for example with `git pull`",
      });
    default:
      throw new Failure("usage", `arcade was installed with ${installation.name}`, {
        next: installation.command === undefined
          ? `Update it with your package manager; ${url}/releases lists the versions`
          : `Run \`${installation.command}\``,
      });
  }
}

/** The executable of a version, and the other files of its archive, which those for Windows have only for the user. */
async function fetchFiles(
  context: Interruptible,
  { build, repository, version }: Wanted,
): Promise<{
  readonly executable: Uint8Array<ArrayBuffer>;
  readonly files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
}> {
  const { folder, file } = archiveOf(build, version);
  const { stderr } = context.io;
  stderr.setProgress(`Downloading arcade ${version}…`);
  const archive = await download(context.http, repository, {
    version,
    file,
    onBytes: progressIn(context, version),
  });
  stderr.setProgress("Unpacking…");
  const files = file.endsWith(".zip")
    ? new Map<string, Uint8Array<ArrayBuffer>>()
    : await filesInTarGz(archive, folder).catch(() => undefined);
  const executable = file.endsWith(".zip") ? exeIn(archive) : files?.get("arcade");
  if (executable !== undefined && files !== undefined) return { executable, files };
  throw new Failure("server", `${file} does not contain arcade`, {
    next: "Nothing was changed. Report this",
  });
}

/** The executable of an archive for Windows; undefined if it has none, or is no archive. */
function exeIn(archive: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> | undefined {
  try {
    return fileInZip(archive, "arcade.exe");
  } catch {
    return undefined;
  }
}

/** Shows the progress of a download. */
function progressIn({ io: { stderr } }: Context, version: string) {
  let bar: ProgressBar | undefined;
  let shown = 0;
  return (received: number, total: number | undefined) => {
    if (total === undefined) return;
    bar ??= new ProgressBar(stderr, `arcade ${version}, MB`, Math.ceil(total / 1_000_000));
    for (; shown < Math.floor(received / 1_000_000); shown++) bar.advance();
  };
}

function tell(
  context: Context,
  flags: UpdateFlags,
  { version, repository, installation, isNamed, isWanted, outcome }: {
    readonly version: string;
    readonly repository: Repository;
    readonly installation: InstallMethod;
    /** Whether the user has named the version. */
    readonly isNamed: boolean;
    readonly isWanted: boolean;
    readonly outcome: Outcome | undefined;
  },
): void {
  if (flags.json) {
    return writeJson(context, {
      current: VERSION,
      version,
      newer: isNewer(version, VERSION),
      updated: outcome === "updated",
      installed_with: installation.kind,
    });
  }
  const shown = printable(version);
  if (outcome === "updated") return context.io.info(`Updated arcade from ${VERSION} to ${shown}`);
  if (outcome === "updated-meanwhile") {
    return context.io.info(`Another update installed arcade ${shown} in the meantime`);
  }
  if (!isWanted) {
    return context.io.info(
      `arcade ${VERSION} is ${isNamed ? "already installed" : "the newest version"}`,
    );
  }
  if (outcome === "verified") {
    return context.io.info(`Dry run: arcade ${VERSION} would become ${shown}`);
  }
  if (!isNamed) return context.io.info(noticeOf(shown, installation, repository.url));
  const how = installation.kind === "installer" ? `. Run \`arcade update ${shown}\`` : "";
  context.io.info(`arcade ${shown} is available; you have ${VERSION}${how}`);
}
