import { type Engine, openEngine } from "../../api/engine.ts";
import type { LogsClient } from "../../api/logs.ts";
import type { ServersClient } from "../../api/servers.ts";
import { accessEngine } from "../../target/access.ts";
import { Failure } from "../../failure.ts";
import { ProgressBar } from "../../terminal/progress.ts";
import { sleep } from "../../system/waiting.ts";
import { printable } from "../../terminal/safe_text.ts";
import type { Context } from "../context.ts";
import { openTarget, type Target } from "../../target/target.ts";
import { describeNotice, type EnvFile, requireAllLines } from "../shared/env_file.ts";
import type { ServiceFlags } from "../shared/flags.ts";
import { writeJson } from "../shared/json.ts";
import { sameProject } from "../shared/same_project.ts";
import { shellWord } from "../../text/shell_word.ts";
import type { ProjectFlags } from "../../target/project.ts";
import { archiveOf, unpackTo } from "../shared/project/archive.ts";
import { findProject, type Project, readEnvFile } from "../shared/project/project.ts";
import {
  findFiles,
  type ProjectEntry,
  type ProjectFiles,
} from "../shared/project/project_files.ts";
import {
  findSecrets,
  type NeededSecret,
  needsWholeFile,
  requireEnvFile,
  type SecretsChoice,
  uploadSecrets,
} from "./secrets.ts";
import { counted } from "../../text/prose.ts";
import { formatBytes, Steps } from "../shared/project/steps.ts";
import { validate } from "../shared/project/validate.ts";
import { watch } from "./watch.ts";
import { type Interruptible, interruptible } from "../shared/interruptible.ts";

export interface DeployFlags extends ServiceFlags, ProjectFlags {
  readonly entrypoint: string;
  readonly provider?: string;
  readonly skipValidate?: boolean;
  readonly serverName?: string;
  readonly serverVersion?: string;
  readonly secrets?: SecretsChoice;
  readonly dryRun?: boolean;
}

/** A larger project is rarely intended. */
const LARGE_BYTES = 50_000_000;
/** How many of the largest files a warning names. */
const NAMED_FILES = 5;
/** How long sending an archive may take, in response timeouts: 360 s by default. */
const UPLOAD_ANSWERS = 12;

/** What is deployed. */
interface NewRelease {
  readonly name: string;
  readonly version: string;
  readonly project: Project;
  readonly files: ProjectFiles;
  readonly secrets: readonly NeededSecret[];
  /** The `.env` file if the deployment depends on every line of it. */
  readonly wholeFile: EnvFile | undefined;
}

/** Deploys the project in the working directory. */
export async function deploy(command: Context, flags: DeployFlags): Promise<void> {
  requireNames(flags);
  const envFile = await readEnvFile(command);
  // The user can end it with Ctrl-C, so it has no time limit.
  const context = interruptible(command, { commandMs: Infinity });
  // A dry run sends nothing, and so needs no login.
  const target = flags.dryRun ? undefined : await openTarget(context, flags);
  const release = await prepare(context, flags, envFile);
  const { wholeFile } = release;
  if (!target) {
    await showPlan(context, flags, release);
    context.http.signal.throwIfAborted();
    if (wholeFile) requireAllLines(wholeFile, ".env");
    return;
  }

  const { engine } = target;
  const uploaded = await uploadSecrets(context, engine.secrets, {
    secrets: release.secrets,
    sameFlags: sameProject(flags),
  });
  const logs = await engine.logs(release.name, context.http);
  const since = await logs.time(context.clock);
  const isUpdate = await upload(context, flags, { engine, release });
  const { name, version } = release;
  const status = await watchRelease(context, flags, { target, logs, name, isUpdate, since });
  if (flags.json) {
    writeJson(context, {
      name,
      version,
      action: isUpdate ? "updated" : "created",
      status,
      secrets: uploaded,
    });
  }
  requireRunning(name, status, flags);
  context.io.info(`Deployed ${name} ${version}. Follow its log with ${followLine(name, flags)}`);
  if (uploaded.failed.length > 0) {
    const count = counted(uploaded.failed.length, "secret");
    throw new Failure("partial", `The server runs, but ${count} failed`, {
      next: `Set them with \`arcade secret set${sameProject(flags)}\``,
    });
  }
  if (wholeFile) requireAllLines(wholeFile, ".env");
}

function requireNames({ skipValidate, serverName, serverVersion }: DeployFlags): void {
  if (!skipValidate || (serverName && serverVersion)) return;
  throw new Failure("usage", "`--skip-validate` needs `--server-name` and `--server-version`", {
    next: "Without validation, arcade cannot read them from the server",
  });
}

/** Everything that happens on this machine. Nothing has been sent when it fails. */
async function prepare(
  context: Interruptible,
  flags: DeployFlags,
  envFile: EnvFile | undefined,
): Promise<NewRelease> {
  const steps = new Steps(context);
  const project = await findProject(context, { entrypoint: flags.entrypoint, envFile });
  const choice = flags.secrets ?? "auto";
  if (choice === "all") requireEnvFile(project);
  const files = await steps.run(
    "Reading files",
    () =>
      findFiles(project.folder, {
        env: context.env,
        os: context.machine.os,
        timeoutMs: context.http.timeoutMs,
        signal: context.http.signal,
      }),
    (found) => {
      const { count, bytes } = sizeOf(found);
      return `Found ${counted(count, "file")}, ${formatBytes(bytes)}`;
    },
  );
  requireFiles(files, project.entrypoint);
  warnAbout(context, files, flags);
  const candidate = {
    project,
    unpackTo: (folder: string) => unpackTo(files, folder, context.http),
    flags,
  };
  const validated = flags.skipValidate ? undefined : await validate(context, candidate, steps);
  const { serverName: name = validated?.name, serverVersion: version = validated?.version } = flags;
  if (name === undefined || version === undefined) throw new TypeError("No name, no version");
  const required = validated?.secrets ?? [];
  const secrets = await findSecrets(context, { choice, project, required });
  const wholeFile = needsWholeFile(choice, secrets) ? envFile : undefined;
  for (const notice of wholeFile?.notices ?? []) context.io.warn(describeNotice(notice, ".env"));
  await sleep(0, context.http.signal); // work that never waited kept signals out
  return { name, version, project, files, secrets, wholeFile };
}

function sizeOf({ entries }: ProjectFiles): { readonly count: number; readonly bytes: number } {
  const files = entries.filter(({ kind }) => kind !== "folder");
  return { count: files.length, bytes: files.reduce((sum, { size }) => sum + size, 0) };
}

function requireFiles(files: ProjectFiles, entrypoint: string): void {
  if (sizeOf(files).count === 0) {
    throw new Failure("usage", "There are no files to deploy", {
      next: "Check what git and .arcadeignore ignore",
    });
  }
  for (const needed of [entrypoint, "pyproject.toml"]) {
    if (files.entries.some(({ path }) => path === needed)) continue;
    throw new Failure("usage", `${needed} would not be deployed`, {
      next: `Add the line !${needed} to .arcadeignore, or move the file to another folder`,
    });
  }
}

function warnAbout(context: Context, files: ProjectFiles, { dryRun }: DeployFlags): void {
  const { withoutGit } = files;
  if (withoutGit) {
    const sentence = `Used only .gitignore files, because ${withoutGit.why}`;
    if (withoutGit.isFailure) context.io.warn(sentence);
    else if (dryRun) context.io.info(sentence);
  }
  if (files.secrets.length > 0) {
    context.io.info(`Skipped, may contain keys: ${shortList(files.secrets)}`);
  }
  const { bytes } = sizeOf(files);
  if (bytes <= LARGE_BYTES) return;
  const largest = bySize(files).map(({ path, size }) => `${path} (${formatBytes(size)})`);
  context.io.warn(
    `The project has ${formatBytes(bytes)}; the largest files: ${shortList(largest)}. ` +
      "Exclude files with .arcadeignore",
  );
}

function shortList(items: readonly string[]): string {
  const more = items.length > NAMED_FILES ? ` and ${items.length - NAMED_FILES} more` : "";
  return items.slice(0, NAMED_FILES).join(", ") + more;
}

/** Files and links, the largest first. */
function bySize({ entries }: ProjectFiles): ProjectEntry[] {
  return entries.filter(({ kind }) => kind !== "folder").sort((a, b) => b.size - a.size);
}

async function showPlan(context: Context, flags: DeployFlags, release: NewRelease): Promise<void> {
  const { name, version, project, files, secrets } = release;
  const rows = bySize(files);
  const { bytes } = sizeOf(files);
  if (flags.json) {
    return writeJson(context, {
      dry_run: true,
      name,
      version,
      entrypoint: project.entrypoint,
      bytes,
      files: rows.map(({ path, size }) => ({ path, bytes: size })),
      left_out: files.secrets,
      without_git: files.withoutGit?.why ?? null,
      secrets: secrets.map(({ key, source }) => ({ key, source: source ?? null })),
    });
  }
  const { writeTable } = await import("../../terminal/table.ts");
  await writeTable(
    context.io.stdout,
    [{ heading: "File", isWhole: true }, { heading: "Size" }],
    rows.map(({ path, size }) => [path, formatBytes(size)]),
  );
  for (const { key, source } of secrets) {
    context.io.info(`Secret ${key}: ${source ? `from ${source}` : "no value here"}`);
  }
  context.io.info(`Dry run: ${name} ${version} was not deployed`);
}

/** Sends the release, and returns whether it replaces another one. */
async function upload(
  context: Interruptible,
  flags: DeployFlags,
  { engine, release }: { readonly engine: Engine; readonly release: NewRelease },
): Promise<boolean> {
  const { name, version, files, project: { entrypoint } } = release;
  const existing = await serverCalled(engine.servers, name);
  const isUpdate = existing?.isManaged === true;
  const deployments = await engine.deployments({
    answerMs: UPLOAD_ANSWERS * context.http.timeoutMs(),
  });
  const archive = () => withProgress(context, files);
  const bundle = { name, version, entrypoint, archive };
  try {
    await new Steps(context).run(
      "Uploading",
      () => isUpdate ? deployments.update(bundle) : deployments.create(bundle, flags),
      () => `Uploaded ${name} ${version}`,
    );
  } catch (error) {
    if (existing && !isUpdate && error instanceof Failure && error.status === 409) {
      const remove = `arcade server delete ${shellWord(name)}${sameProject(flags)}`;
      throw new Failure(
        "server",
        `"${name}" is a registered server, which a deployment cannot replace`,
        {
          next: `Remove it with \`${remove}\`, or choose another name with \`--server-name\``,
          cause: error,
        },
      );
    }
    const isUnanswered = error instanceof Failure && error.kind === "network" &&
      error.status === undefined;
    if (!isUnanswered) throw error;
    throw new Failure("network", error.message, {
      next: `\`arcade server list${sameProject(flags)}\` shows whether the upload arrived; ` +
        "`--dry-run` lists the largest files",
      cause: error.cause,
    });
  }
  return isUpdate;
}

/** The server with this name; undefined if it does not exist. */
async function serverCalled(servers: ServersClient, name: string) {
  try {
    return await servers.get(name);
  } catch (error) {
    if (error instanceof Failure && error.kind === "not-found") return undefined;
    throw error;
  }
}

/** The archive, with a progress bar for reading the files. It is sent afterwards. */
function withProgress({ io: { stderr }, http: { signal } }: Interruptible, files: ProjectFiles) {
  const { bytes: total } = sizeOf(files);
  if (total < 2_000_000) return archiveOf(files, { signal });
  const bar = new ProgressBar(stderr, "Packing MB", Math.ceil(total / 1_000_000));
  let read = 0;
  const onRead = (bytes: number) => {
    const before = Math.floor(read / 1_000_000);
    read += bytes;
    if (read === total) stderr.setProgress("Uploading…");
    else if (Math.floor(read / 1_000_000) > before) bar.advance();
  };
  return archiveOf(files, { onRead, signal });
}

async function watchRelease(
  context: Interruptible,
  flags: DeployFlags,
  { target: { engine, ...place }, logs, name, isUpdate, since }: {
    readonly target: Target;
    readonly logs: LogsClient;
    readonly name: string;
    readonly isUpdate: boolean;
    readonly since: Date;
  },
): Promise<string> {
  const over = new AbortController();
  const streaming = {
    ...context,
    http: { ...context.http, signal: AbortSignal.any([context.http.signal, over.signal]) },
    io: { ...context.io, notice: () => {} }, // was shown
  };
  const { client } = await accessEngine(streaming, flags);
  const watching = watch(context, {
    name,
    isUpdate,
    deployments: await engine.deployments({ answerMs: context.http.timeoutMs() }),
    logs,
    since,
    stream: { logs: await openEngine(client, place).logs(name, streaming.http), over },
  });
  try {
    return await new Steps(context).run(
      "Starting",
      () => watching,
      (status) => `Status: ${status}`,
      isRunning,
    );
  } catch (error) {
    if (!context.http.signal.aborted) throw error;
    throw new Failure("interrupted", `The deployment of ${name} continues`, {
      next: `Follow its log with ${followLine(name, flags)}`,
      cause: error,
    });
  }
}

function isRunning(status: string): boolean {
  return status === "running";
}

/** @throws {Failure} unless a deployment succeeded. */
function requireRunning(name: string, status: string, flags: DeployFlags): void {
  if (isRunning(status)) return;
  const shown = printable(status.slice(0, 50));
  const what = status === "failed" ? "failed" : `did not start (status ${shown})`;
  const isOld = status === "degraded" ? "; the previous release keeps serving" : "";
  throw new Failure("server", `The deployment of ${name} ${what}${isOld}`, {
    next: `See its log with \`${logsLine(name, flags)}\`, then deploy again`,
  });
}

function logsLine(name: string, flags: DeployFlags): string {
  return `arcade server logs ${shellWord(name)}${sameProject(flags)}`;
}

function followLine(name: string, flags: DeployFlags): string {
  return `\`${logsLine(name, flags)} --follow\``;
}
