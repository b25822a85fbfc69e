/**
 * `deno task bench [--rounds N]`: compares the run time of commands with bare programs, which do only the same input and
 * output and are compiled in the same way. Whole processes are timed from outside and interleaved in one run, so that
 * other load on the machine affects all of them equally. The target is the median of the ratios within each round, which
 * is robust against changes in the machine's speed. On Linux the tables also show the CPU time until everything that a
 * command started has exited, and the peak memory of its largest process.
 */

import { PERMISSION_FLAGS } from "../src/process/permission_flags.ts";
import { COMPLETE } from "../src/contract/entries.ts";
import { statusLine } from "../src/terminal/status_line.ts";
import type { Output } from "../src/terminal/streams.ts";
import { writeTable } from "../src/terminal/table.ts";
import { VERSION } from "../src/version.ts";
import { writeAll } from "../src/system/write_all.ts";
import { DevBench } from "./bench/dev.ts";
import { startEngine, writeLogin } from "./bench/engine.ts";
import { DEPLOYED, LISTED, LOG_LINES, TOOL } from "./bench/fixture.ts";
import { GatewayBench } from "./bench/gateway.ts";
import { measureGrowth } from "./bench/growth.ts";
import { HUB, IDENTITIES } from "./bench/identity_fixture.ts";
import { writeProject } from "./bench/project.ts";
import { contestant, firstLine, Stopwatch } from "./bench/program.ts";
import {
  type Contestant,
  median,
  quantile,
  type Race,
  type Rival,
  run,
  type Sample,
  type Samples,
} from "./bench/race.ts";
import {
  CALLS,
  CALLS_AT_ONCE,
  executing,
  invoking,
  REQUESTS,
  Served,
  startLocalArcade,
} from "./bench/local_serve.ts";
import { Hosts } from "./bench/telemetry.ts";
import { compile, compileArcade, type Compiled } from "./compile.ts";

const KEYS = 200;
/** The default number of secrets that arcade stores at the same time. */
const CONCURRENCY = 8;
const ANSWER_MS = 30;

/** The maximum ratio of a command with telemetry to one without. */
const TELEMETRY_RATIO = 1.15;

/** The maximum ratio of a call by the local Arcade to one at the server of the tool, which takes this long. */
const EXECUTE_RATIO = 1.5;
/** The maximum ratio of the memory of the local Arcade to that of a bare Hono server. */
const SERVE_RATIO = 1.5;

/** The maximum ratio of a completion to `--version`. */
const TAB_RATIO = 1.3;

/** The maximum ratio of a command with update notices to one without. */
const NOTICE_RATIO = 1.05;
/** The repository of the executable with update notices. It gets no requests. */
const REPOSITORY = "http://127.0.0.1:9/owner/arcade";

/** The sizes of the deployed projects in MB, and the maximum ratio of the last one's memory to that of the first one. */
const PROJECTS_MB = [20, 200] as const;
const MEMORY_RATIO = 1.5;
/** The maximum ratio of the last project's time to the pipeline. In smaller projects the start-up dominates. */
const ARCHIVE_RATIO = 1.2;

/** The output for the tables. */
const OUTPUT: Output = {
  ...statusLine(print, false),
  isTerminal: false,
  hasColor: false,
  canErase: false,
  writeBytes: () => {},
  isClosed: () => false,
  columns: () => undefined,
};

/** The columns for each measurement: times and CPU time in ms, and peak memory. */
const FIGURES = ["median", "min", "p90", "CPU", "memory"];

interface Command {
  readonly args: readonly string[];
  /** The home folder; by default the one with a login. */
  readonly home?: string;
  /** The bare program in scripts/bench. */
  readonly bare: string;
  /** The maximum ratio to the bare program. */
  readonly target?: number;
  /** The output of both. */
  readonly writes: RegExp;
  /** Other programs to compare with. */
  readonly rivals?: readonly Rival[];
}

const scripts = `${import.meta.dirname}/`;
const path = Deno.env.get("PATH") ?? "";
const rounds = readRounds(Deno.args);
const folder = await Deno.makeTempDir({ prefix: "arcade-bench-" });
const homeWithIdentities = `${folder}/identities`;
const server = startEngine();
const stopwatch = new Stopwatch();
/** The paths of the executables. */
const built = new Set<string>();
Deno.addSignalListener("SIGINT", () => {
  Deno.removeSync(folder, { recursive: true }); // the server got the signal too
  Deno.exit(130);
});
try {
  await bench(await firstLine(server.stdout));
} finally {
  await stopwatch[Symbol.asyncDispose]();
  server.kill("SIGTERM");
  await server.status;
  await Deno.remove(folder, { recursive: true });
}

async function bench(serverUrl: string): Promise<void> {
  print("Building…\n");
  await writeUserFiles();
  const arcade = await build("arcade", compileArcade);
  const prepare = (command: Command, delay = 0) =>
    prepareRace(command, { arcade: arcade.path, engine: `${serverUrl}/${delay}` });

  const gh = await findGh();
  const quick = [
    await prepare({
      args: ["--version"],
      bare: "version",
      target: 1.05,
      writes: new RegExp(`^${VERSION}\n$`),
      ...(gh && { rivals: [gh] }),
    }),
    await prepare({ args: ["whoami"], bare: "whoami", target: 1.25, writes: /^(.+\n){6}$/ }),
    await prepare({
      args: ["identity", "show", "--hub", HUB],
      home: homeWithIdentities,
      bare: "identity_show",
      target: 1.25,
      writes: /^Hub .+\n(.+\n){6}$/,
    }),
    await prepare({
      args: ["identity", "token", "--hub", HUB],
      home: homeWithIdentities,
      bare: "identity_token",
      target: 1.25,
      writes: /^(token)+\n$/,
    }),
    await prepare({
      args: ["secret", "list"],
      bare: "secret_list",
      target: 1.35,
      writes: new RegExp(`^Key.*\n(LISTED_.+\n){${LISTED}}$`),
    }),
    await prepare({
      args: ["server", "list"],
      bare: "server_list",
      target: 1.4,
      writes: new RegExp(`^Name.*\n(server-.+\n){${LISTED}}$`),
    }),
    await prepare({
      args: ["tool", "call", TOOL, "--a", "1", "--b", "2"],
      bare: "tool_call",
      target: 1.4,
      writes: /^3\n$/,
    }),
    await prepare({
      args: ["server", "logs", "short"],
      bare: "server_logs",
      target: 1.4,
      writes: new RegExp(`^(\\[2026-.+\n){${LOG_LINES.short}}$`),
    }),
  ];
  const running = [
    await prepare({
      args: ["local", "exec", "--", "true"],
      bare: "local_exec",
      target: 1.3,
      writes: /^$/,
    }),
  ];
  const completing = [
    await prepareTab(["secret", "set", "--"], arcade.path),
    await prepareTab(["secret", ""], arcade.path),
    await prepareTab([""], arcade.path),
  ];
  const logging = [
    await prepare({
      args: ["server", "logs", "long"],
      bare: "server_logs",
      writes: new RegExp(`^(?:\\[2026-.+\n){${LOG_LINES.long}}$`),
    }),
  ];
  const storing = [
    await prepare({
      args: ["secret", "set", "--from-env"],
      bare: "secret_set",
      writes: new RegExp(`^(Created KEY_.+\n){${KEYS}}(${KEYS} secrets: .+\n)?$`),
      rivals: [{
        name: "the ideal",
        run: () => ({ wallMs: KEYS / CONCURRENCY * ANSWER_MS }),
        target: 1.5,
      }],
    }, ANSWER_MS),
  ];

  const old = arcade.deno === Deno.version.deno ? "" : ", not that of a release";
  print(`arcade ${VERSION} with Deno ${arcade.deno}${old}; ${Deno.build.target}\n`);
  if (!gh) print("gh is not installed, so it is not in the table\n");

  await report(
    await run(quick, rounds, { warmUp: 2, renew }),
    quick,
    `Quick commands, ${rounds} rounds`,
  );
  await report(
    await run(running, rounds, { warmUp: 2, renew }),
    running,
    `Running a command with a local Arcade, ${rounds} rounds`,
  );
  await report(
    await run(completing, rounds, { warmUp: 2, renew }),
    completing,
    `One Tab, ${rounds} rounds`,
  );
  if (Deno.build.os === "linux") {
    const noticing = [await prepareNotice()];
    await report(
      await run(noticing, rounds, { warmUp: 2, renew }),
      noticing,
      `On a terminal (by \`script\`), with the notice of newer versions, ${rounds} rounds`,
    );
  }
  await benchGateway(arcade.path);
  if (Deno.build.os !== "windows") await benchDev(arcade.path, Math.ceil(rounds / 3));
  await benchTelemetry(arcade.path, Math.ceil(rounds / 3));
  await benchCalls(arcade.path, serverUrl, Math.ceil(rounds / 6));
  if (Deno.build.os !== "windows") {
    await benchMemory(arcade.path, serverUrl);
    await benchGrowth(arcade.path, Math.ceil(rounds / 6));
  }
  await benchArchive(arcade.path, `${serverUrl}/0`, Math.ceil(rounds / 12));
  // Fewer rounds, because storing and long logs are slow and their times vary little.
  const few = Math.ceil(rounds / 6);
  await report(
    await run(logging, few, { warmUp: 1, renew }),
    logging,
    `Printing ${LOG_LINES.long} lines of a log, ${few} rounds`,
  );
  await report(
    await run(storing, few, { warmUp: 1, renew }),
    storing,
    `Storing ${KEYS} secrets, ${ANSWER_MS} ms per answer, ${few} rounds`,
  );
  print(
    `\nThe ideal is ${KEYS} / ${CONCURRENCY} × ${ANSWER_MS} ms. The measured time has in it the start of the process and one GET\n` +
      `of the list (another ${ANSWER_MS} ms) as well.\n`,
  );
}

/** Compares calls of a tool through a gateway of a local Arcade with the same calls over REST. */
async function benchGateway(arcade: string): Promise<void> {
  await using gateway = await GatewayBench.start(arcade, { folder, path });
  const races = await gateway.races();
  await report(
    await run(races, rounds, { warmUp: 2, renew: () => Promise.resolve() }),
    races,
    `Calling a tool of a local Arcade, ${rounds} rounds`,
  );
}

/** Compares a save under `arcade dev`, until the tools can be called, with the start of the server itself. */
async function benchDev(arcade: string, rounds: number): Promise<void> {
  await using dev = await DevBench.start(arcade, { HOME: folder, PATH: path });
  const races = dev.races();
  await report(
    await run(races, rounds, { warmUp: 1, renew: () => Promise.resolve() }),
    races,
    `Saving a file under \`arcade dev\`, ${rounds} rounds`,
  );
}

/** Compares calls by a local Arcade with calls at the server of the tool. */
async function benchCalls(arcade: string, serverUrl: string, rounds: number): Promise<void> {
  for (const delay of [ANSWER_MS, 0]) {
    const worker = `${serverUrl}/${delay}`;
    await using local = await startLocalArcade(arcade, { worker, folder, path });
    const rival = { ...invoking(worker), ...(delay > 0 && { target: EXECUTE_RATIO }) };
    const races: Race[] = [{ command: executing(local), rivals: [rival] }];
    await report(
      await run(races, rounds, { warmUp: 1, renew }),
      races,
      `${CALLS} calls of a tool that takes ${delay} ms, ${CALLS_AT_ONCE} at once, ${rounds} rounds`,
    );
  }
}

/** Shows how a local Arcade grows with ten times the tools. */
async function benchGrowth(arcade: string, rounds: number): Promise<void> {
  const rows = await measureGrowth(arcade, { folder, path, rounds });
  print(`\nA local Arcade with ten times the tools, the least of ${rounds} rounds\n\n`);
  await writeTable(
    OUTPUT,
    ["", "100 tools", "1,000 tools", "ratio"].map((heading) => ({ heading })),
    rows,
  );
}

/** Compares the memory of a local Arcade with that of a bare server, before and after many requests. */
async function benchMemory(arcade: string, serverUrl: string): Promise<void> {
  const { path: barePath } = await build(
    "hono",
    (path) => compile(`${scripts}bench/hono.ts`, path, { permissions: PERMISSION_FLAGS }),
  );
  await using local = await startLocalArcade(arcade, { worker: `${serverUrl}/0`, folder, path });
  await using bare = await Served.start(barePath, { env: {} });
  await compareMemory("idle", local, bare);
  for (const server of [local, bare]) await server.request();
  await compareMemory(`after ${REQUESTS} requests`, local, bare);
}

async function compareMemory(when: string, local: Served, bare: Served): Promise<void> {
  const [own, other] = [await local.memory(), await bare.memory()];
  const [ours, theirs] = [own, other].map((bytes) => `${(bytes / 1_000_000).toFixed(1)} MB`);
  const ratio = own / other;
  print(
    `\nMemory of \`arcade local serve\`, ${when}: ${ours}, of a bare Hono server ${theirs}: ` +
      `${ratio.toFixed(2)}, ${verdict(ratio, SERVE_RATIO)}\n`,
  );
}

/** Compares the deployment of projects with a pipeline of standard programs, which sends nothing. */
async function benchArchive(arcade: string, engine: string, rounds: number): Promise<void> {
  const home = await homeWithLogin(engine);
  const flags = ["--skip-validate", "-n", DEPLOYED, "-v", "1"];
  const races: Race[] = [];
  for (const megabytes of PROJECTS_MB) {
    const cwd = `${folder}/project-${megabytes}`;
    await writeProject(cwd, megabytes);
    const deploy = {
      name: `arcade deploy, ${megabytes} MB`,
      path: arcade,
      args: ["deploy", ...flags],
      cwd,
      env: { ARCADE_ENGINE_URL: engine, HOME: home, PATH: path },
      writes: /Deployed weather 1/,
    };
    const pipeline = {
      name: "tar | gzip -6 | base64",
      path: "/bin/sh",
      args: ["-c", "tar c . | gzip -6 | base64 | wc -c"],
      cwd,
      env: { PATH: path },
      writes: /^\d+\n$/,
    };
    const command = await contestant(deploy, stopwatch);
    const rival = {
      ...await contestant(pipeline, stopwatch),
      ...(megabytes === PROJECTS_MB.at(-1) && { target: ARCHIVE_RATIO }),
    };
    races.push({ command, rivals: [rival] });
  }
  await report(
    await run(races, rounds, { warmUp: 1, renew }),
    races,
    `Deploying, ${rounds} rounds`,
  );
  const [small, large] = races.map(({ command }) => command.peakBytes);
  if (small === undefined || large === undefined) return;
  const ratio = large / small;
  print(
    `\nMemory of the last one beside the first: ${ratio.toFixed(2)}, ${
      verdict(ratio, MEMORY_RATIO)
    }\n`,
  );
}

async function benchTelemetry(arcade: string, rounds: number): Promise<void> {
  using hosts = new Hosts();
  const race = await hosts.race({
    path: arcade,
    args: ["whoami"],
    cwd: folder,
    env: { HOME: await homeWithLogin("https://api.arcade.dev"), PATH: path },
    writes: /^(.+\n){6}$/,
  }, stopwatch);
  const samples = await run([race], rounds, { warmUp: 2, renew });
  const without = samples.get(race.command) ?? [];
  const rows = race.rivals.map((rival) => {
    const own = samples.get(rival) ?? [];
    const difference = perRound(own, without, (a, b) => a - b);
    const ratio = perRound(own, without, (a, b) => a / b);
    return [
      rival.name,
      ...figures(rival, own),
      `${difference.toFixed(1)} ms`,
      ratio.toFixed(2),
      TELEMETRY_RATIO.toFixed(2),
      verdict(ratio, TELEMETRY_RATIO),
    ];
  });
  print(
    `\nTelemetry, ${rounds} rounds; the time that the command itself takes, beside the same without telemetry, and the\n` +
      `CPU time of the command and its child together\n\n`,
  );
  await writeTable(
    OUTPUT,
    ["", ...FIGURES, "median difference", "median of ratios", "target", ""].map((heading) => ({
      heading,
    })),
    [[race.command.name, ...figures(race.command, without)], ...rows],
  );
}

function readRounds([flag, value = "", ...others]: string[]): number {
  if (flag === undefined) return 60;
  const number = Number(value);
  if (flag === "--rounds" && Number.isInteger(number) && number > 0 && others.length === 0) {
    return number;
  }
  print("Error: Only --rounds N is understood\n");
  Deno.exit(2);
}

async function writeUserFiles(): Promise<void> {
  // Users without identities must not pay for them.
  await Deno.mkdir(`${homeWithIdentities}/.arcade`, { recursive: true, mode: 0o700 });
  await Deno.writeTextFile(`${homeWithIdentities}/.arcade/identity.toml`, IDENTITIES);
  const lines = Array.from({ length: KEYS }, (_, i) => `KEY_${i}=value-${i}\n`);
  await Deno.writeTextFile(`${folder}/.env`, lines.join(""));
}

/** Creates a home folder with a login at this engine. */
async function homeWithLogin(engine: string): Promise<string> {
  const home = await Deno.makeTempDir({ dir: folder });
  await writeLogin(home, engine);
  return home;
}

/** Compiles a program to the temporary folder. */
async function build(
  name: string,
  compileTo: (path: string) => Promise<Compiled>,
): Promise<{ path: string; deno: string }> {
  const path = `${folder}/${name}`;
  const { deno } = await compileTo(path);
  built.add(path);
  return { path, deno };
}

/**
 * Replaces all executables by copies of them, as installers do. The system caches a copy in larger parts than a file that the
 * compiler has written.
 */
async function renew(): Promise<void> {
  for (const path of built) {
    await Deno.copyFile(path, `${path}.copy`);
    await Deno.rename(`${path}.copy`, path);
  }
}

async function prepareRace(
  { args, home, bare, target, writes, rivals = [] }: Command,
  { arcade, engine }: { arcade: string; engine: string },
): Promise<Race> {
  const env = {
    ARCADE_ENGINE_URL: engine,
    HOME: home ?? await homeWithLogin(engine),
    PATH: path,
  };
  const surroundings = { cwd: folder, env, writes };
  const name = ["arcade", ...args].join(" ");
  const { path: barePath } = await build(
    bare,
    (path) => compile(`${scripts}bench/${bare}.ts`, path, { permissions: PERMISSION_FLAGS }),
  );
  const bareProgram = { name: "a bare program", path: barePath, args, ...surroundings };
  return {
    command: await contestant({ name, path: arcade, args, ...surroundings }, stopwatch),
    rivals: [
      { ...await contestant(bareProgram, stopwatch), ...(target && { target }) },
      ...rivals,
    ],
  };
}

/** Compares one completion after these words with `--version`. */
async function prepareTab(words: readonly string[], arcade: string): Promise<Race> {
  const surroundings = { path: arcade, cwd: folder, env: { HOME: folder, PATH: path } };
  const tab = {
    name: `Tab behind \`arcade ${words.join(" ")}\``,
    args: [COMPLETE, "zsh", ...words],
  };
  const version = { name: "arcade --version", args: ["--version"] };
  return {
    command: await contestant({ ...surroundings, ...tab, writes: /^words\n.+\n/ }, stopwatch),
    rivals: [{
      ...await contestant({ ...surroundings, ...version, writes: /^[\d.]+\n$/ }, stopwatch),
      target: TAB_RATIO,
    }],
  };
}

/** Compares a command, one hour after an update check, with the same command without update checks. */
async function prepareNotice(): Promise<Race> {
  const { path: arcade } = await build(
    "installed",
    (path) => compileArcade(path, { replacements: { "%ARCADE_REPOSITORY%": REPOSITORY } }),
  );
  const home = await homeWithLogin("https://api.arcade.dev");
  const state = { checked_at: new Date(Date.now() - 3_600_000), newest: VERSION };
  const file = `${home}/.arcade/update-check.json`;
  await Deno.writeTextFile(file, JSON.stringify(state), { mode: 0o600 });
  const on = {
    name: "arcade whoami",
    path: "script",
    args: ["-qefc", `'${arcade}' whoami`, "/dev/null"],
    cwd: folder,
    env: { HOME: home, PATH: path, SHELL: "/bin/sh" },
    writes: /^(.+\r\n){6}$/,
  };
  const off = { ...on, name: "the same without", env: { ...on.env, ARCADE_NO_UPDATE_CHECK: "1" } };
  return {
    command: await contestant(on, stopwatch),
    rivals: [{ ...await contestant(off, stopwatch), target: NOTICE_RATIO }],
  };
}

async function findGh(): Promise<Rival | undefined> {
  try {
    return await contestant({
      name: "gh --version",
      path: "gh",
      args: ["--version"],
      cwd: folder,
      env: { HOME: folder, PATH: path },
      writes: /^gh version/,
    }, stopwatch);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

async function report(samples: Samples, races: readonly Race[], title: string): Promise<void> {
  const rows = races.flatMap(({ command, rivals }) => {
    const own = samples.get(command) ?? [];
    return [
      [command.name, ...figures(command, own)],
      ...rivals.map((rival) => {
        const others = samples.get(rival) ?? [];
        const ratio = perRound(own, others, (a, b) => a / b);
        const cpuRatio = perRound(own, others, (a, b) => a / b, ({ cpuMs = NaN }) => cpuMs);
        return [
          `  beside ${rival.name}`,
          ...figures(rival, others),
          Number.isNaN(cpuRatio) ? "-" : cpuRatio.toFixed(2),
          ratio.toFixed(2),
          ...(rival.target ? [rival.target.toFixed(2), verdict(ratio, rival.target)] : []),
        ];
      }),
    ];
  });
  print(`\n${title}; times in ms, ratios of the command to what stands beside it\n\n`);
  await writeTable(
    OUTPUT,
    ["", ...FIGURES, "ratio of CPU", "ratio of times", "target", ""].map((heading) => ({
      heading,
    })),
    rows,
  );
}

function figures({ peakBytes }: Contestant, samples: readonly Sample[]): string[] {
  const times = samples.map(wallMs);
  const cpu = samples.flatMap(({ cpuMs }) => cpuMs === undefined ? [] : [cpuMs]);
  const milliseconds = [
    ...[median(times), Math.min(...times), quantile(times, 0.9)],
    ...cpu.length > 0 ? [median(cpu)] : [],
  ].map((ms) => ms.toFixed(1));
  const memory = peakBytes === undefined ? "-" : `${(peakBytes / 1_000_000).toFixed(1)} MB`;
  return [...milliseconds, ...cpu.length > 0 ? [] : ["-"], memory];
}

function wallMs({ wallMs }: Sample): number {
  return wallMs;
}

/** The median over all rounds of a comparison of two contestants, of their times unless another figure is named. */
function perRound(
  own: readonly Sample[],
  others: readonly Sample[],
  compare: (own: number, other: number) => number,
  figure: (sample: Sample) => number = wallMs,
): number {
  const ratios = own.flatMap((sample, round) => {
    const other = others[round];
    return other === undefined ? [] : compare(figure(sample), figure(other));
  });
  return median(ratios);
}

function verdict(ratio: number, target: number): string {
  return ratio <= target ? "reached" : `missed by ${(ratio - target).toFixed(2)}`;
}

function print(text: string): void {
  writeAll(Deno.stdout, text);
}
