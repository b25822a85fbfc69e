/**
 * `deno task bench [--rounds N]`: how long commands take, beside bare programs that do the same input and output and
 * nothing else and are compiled in the same way. Whole processes are timed from outside, in turn in one run, so that
 * whatever else the machine does falls on all of them. The verdict is about the median of the ratios within each round,
 * which a machine that becomes slower or faster on the way hardly moves.
 */

import { PERMISSION_FLAGS } from "../src/cli/permissions.ts";
import { statusLine } from "../src/terminal/status_line.ts";
import { writeTable } from "../src/terminal/table.ts";
import { VERSION } from "../src/version.ts";
import { CREDENTIALS, LISTED } from "./bench/fixture.ts";
import { HUB, IDENTITIES } from "./bench/identity_fixture.ts";
import { contestant } from "./bench/program.ts";
import { median, quantile, type Race, type Rival, run, type Times } from "./bench/race.ts";
import { Hosts } from "./bench/telemetry.ts";
import { compile } from "./compile.ts";

const KEYS = 200;
/** How many secrets arcade stores at the same time unless told otherwise. */
const CONCURRENCY = 8;
const ANSWER_MS = 30;

/** Telemetry may take this of the time of a command, whichever is more. */
const TELEMETRY_MS = 3;
const TELEMETRY_RATIO = 1.1;

interface Command {
  readonly args: readonly string[];
  /** The home folder, if not the one with a login. */
  readonly home?: string;
  /** Its bare program in scripts/bench. */
  readonly bare: string;
  /** How many times as long as the bare program it may take. */
  readonly target?: number;
  /** What both write. */
  readonly writes: RegExp;
  /** What else it is compared with. */
  readonly rivals?: readonly Rival[];
}

const scripts = `${import.meta.dirname}/`;
const path = Deno.env.get("PATH") ?? "";
const rounds = readRounds(Deno.args);
const folder = await Deno.makeTempDir({ prefix: "arcade-bench-" });
const homeWithIdentities = `${folder}/identities`;
const server = startServer();
Deno.addSignalListener("SIGINT", () => {
  Deno.removeSync(folder, { recursive: true }); // the server got the signal too
  Deno.exit(130);
});
try {
  await bench(await firstLine(server.stdout));
} finally {
  server.kill("SIGTERM");
  await server.status;
  await Deno.remove(folder, { recursive: true });
}

async function bench(serverUrl: string): Promise<void> {
  print("Building…\n");
  await writeUserFiles();
  const arcade = await build("arcade", "../main.ts");
  const prepare = (command: Command, delay = 0) =>
    prepareRace(command, { arcade: arcade.path, engine: `${serverUrl}/${delay}` });

  const gh = await findGh();
  const quick = [
    await prepare({
      args: ["--version"],
      bare: "version",
      target: 1.1,
      writes: new RegExp(`^${VERSION}\n$`),
      ...(gh && { rivals: [gh] }),
    }),
    await prepare({ args: ["whoami"], bare: "whoami", target: 1.25, writes: /^(.+\n){4}$/ }),
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
      target: 1.4,
      writes: new RegExp(`^Key.*\n(LISTED_.+\n){${LISTED}}$`),
    }),
  ];
  const storing = [
    await prepare({
      args: ["secret", "set", "--from-env"],
      bare: "secret_set",
      writes: new RegExp(`^(Created KEY_.+\n){${KEYS}}$`),
      rivals: [{ name: "the ideal", time: () => KEYS / CONCURRENCY * ANSWER_MS, target: 1.5 }],
    }, ANSWER_MS),
  ];

  const old = arcade.deno === Deno.version.deno ? "" : ", not that of a release";
  print(`arcade ${VERSION} with Deno ${arcade.deno}${old}; ${Deno.build.target}\n`);
  if (!gh) print("gh is not installed, so it is not in the table\n");

  await report(await run(quick, rounds, { warmUp: 4 }), quick, `Quick commands, ${rounds} rounds`);
  await benchTelemetry(arcade.path, Math.ceil(rounds / 3));
  // Storing takes long and its times differ little.
  const few = Math.ceil(rounds / 6);
  const times = await run(storing, few, { warmUp: 1 });
  await report(
    times,
    storing,
    `Storing ${KEYS} secrets, ${ANSWER_MS} ms per answer, ${few} rounds`,
  );
  print(
    `\nThe ideal is ${KEYS} / ${CONCURRENCY} × ${ANSWER_MS} ms. The measured time has in it the start of the process and one GET\n` +
      `of the list (another ${ANSWER_MS} ms) as well.\n`,
  );
}

async function benchTelemetry(arcade: string, rounds: number): Promise<void> {
  using hosts = new Hosts();
  const { command: off, rivals } = await hosts.race({
    path: arcade,
    args: ["whoami"],
    cwd: folder,
    env: { HOME: folder, PATH: path },
    writes: /^(.+\n){4}$/,
  });
  const times = await run([{ command: off, rivals }], rounds, { warmUp: 2 });
  const without = times.get(off) ?? [];
  const perRound = (own: readonly number[], compare: (a: number, b: number) => number) =>
    median(own.map((time, round) => compare(time, without[round] ?? NaN)));
  const rows = rivals.map((rival) => {
    const own = times.get(rival) ?? [];
    const difference = perRound(own, (a, b) => a - b);
    const ratio = perRound(own, (a, b) => a / b);
    const reached = difference <= TELEMETRY_MS || ratio <= TELEMETRY_RATIO;
    return [
      rival.name,
      ...milliseconds(own),
      `${difference.toFixed(1)} ms`,
      ratio.toFixed(2),
      `${TELEMETRY_MS} ms or ${TELEMETRY_RATIO.toFixed(2)}`,
      reached ? "reached" : "missed",
    ];
  });
  print(
    `\nTelemetry, ${rounds} rounds; times of the command in ms, beside the same without telemetry\n\n`,
  );
  await writeTable(
    { ...statusLine(print, false), isTerminal: false, hasColor: false, columns: () => undefined },
    ["", "median", "min", "p90", "median difference", "median of ratios", "target", ""].map(
      (heading) => ({ heading }),
    ),
    [["arcade whoami, telemetry off", ...milliseconds(without)], ...rows],
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

/** A process of its own, for the work of answering must not delay the clock in this one. */
function startServer(): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--allow-net=127.0.0.1", `${scripts}bench/server.ts`],
    stdin: "null",
    stdout: "piped",
  }).spawn();
}

async function firstLine(stream: ReadableStream<Uint8Array>): Promise<string> {
  for await (const text of stream.pipeThrough(new TextDecoderStream())) return text.trim();
  throw new Error("The server did not start");
}

async function writeUserFiles(): Promise<void> {
  await Deno.mkdir(`${folder}/.arcade`, { mode: 0o700 });
  await Deno.writeTextFile(`${folder}/.arcade/credentials.yaml`, CREDENTIALS, { mode: 0o600 });
  // Whoever has no identities does not pay for them.
  await Deno.mkdir(`${homeWithIdentities}/.arcade`, { recursive: true, mode: 0o700 });
  await Deno.writeTextFile(`${homeWithIdentities}/.arcade/identity.toml`, IDENTITIES);
  const lines = Array.from({ length: KEYS }, (_, i) => `KEY_${i}=value-${i}\n`);
  await Deno.writeTextFile(`${folder}/.env`, lines.join(""));
}

/** Compiles a program to the temporary folder. */
async function build(name: string, source: string): Promise<{ path: string; deno: string }> {
  const path = `${folder}/${name}`;
  const deno = await compile(`${scripts}${source}`, path, { permissions: PERMISSION_FLAGS });
  return { path, deno };
}

async function prepareRace(
  { args, home = folder, bare, target, writes, rivals = [] }: Command,
  { arcade, engine }: { arcade: string; engine: string },
): Promise<Race> {
  const env = {
    ARCADE_ENGINE_URL: engine,
    ARCADE_COORDINATOR_URL: engine,
    HOME: home,
    PATH: path,
  };
  const surroundings = { cwd: folder, env, writes };
  const name = ["arcade", ...args].join(" ");
  const { path: barePath } = await build(bare, `bench/${bare}.ts`);
  return {
    command: await contestant({ name, path: arcade, args, ...surroundings }),
    rivals: [
      {
        ...await contestant({ name: "a bare program", path: barePath, ...surroundings }),
        ...(target && { target }),
      },
      ...rivals,
    ],
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
    });
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

async function report(times: Times, races: readonly Race[], title: string): Promise<void> {
  const rows = races.flatMap(({ command, rivals }) => {
    const own = times.get(command) ?? [];
    return [
      [command.name, ...milliseconds(own)],
      ...rivals.map((rival) => {
        const others = times.get(rival) ?? [];
        const perRound = median(own.map((time, round) => time / (others[round] ?? NaN)));
        return [
          `  beside ${rival.name}`,
          ...milliseconds(others),
          (median(own) / median(others)).toFixed(2),
          perRound.toFixed(2),
          ...(rival.target ? [rival.target.toFixed(2), verdict(perRound, rival.target)] : []),
        ];
      }),
    ];
  });
  print(`\n${title}; times in ms, ratios of the command to what stands beside it\n\n`);
  await writeTable(
    { ...statusLine(print, false), isTerminal: false, hasColor: false, columns: () => undefined },
    ["", "median", "min", "p90", "ratio of medians", "median of ratios", "target", ""].map(
      (heading) => ({ heading }),
    ),
    rows,
  );
}

function milliseconds(times: readonly number[]): string[] {
  return [median(times), Math.min(...times), quantile(times, 0.9)].map((ms) => ms.toFixed(1));
}

function verdict(ratio: number, target: number): string {
  return ratio <= target ? "reached" : `missed by ${(ratio - target).toFixed(2)}`;
}

function print(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(text));
}
