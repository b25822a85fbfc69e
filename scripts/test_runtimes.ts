/**
 * `deno task test:runtimes [FILE…]`: runs the end-to-end tests with other runtimes than that of `deno task build`: on an
 * executable with the newest runtime that this machine can get (Deno 2.7.14 where Deno's download server is out of reach), and
 * on the source with the Deno of this task, under the permissions of the executable. Both must pass.
 */

import { PERMISSION_FLAGS } from "../src/process/permission_flags.ts";
import { writeAll } from "../src/system/write_all.ts";
import { shellWord } from "../src/text/shell_word.ts";
import { output } from "./process.ts";
import { runTests } from "./test_run.ts";

const root = `${import.meta.dirname}/..`;
const folder = `${root}/dist/runtimes`;
const deno = Deno.execPath();
const files = Deno.args.length > 0 ? Deno.args : ["tests/end_to_end"];

/**
 * The tests that cannot pass on the source, because `deno run` itself does what the runtime of an executable does not. It reads
 * `.npmrc` and certificates, and warns; it needs its cache, a home and more descriptors; it reads and starts more; it writes to
 * a terminal; and there is no build.
 */
const ABOUT_EXECUTABLES = [
  "the executable knows its commit, its runtime and its platform",
  "`arcade help licenses` prints the notices of exactly what the executable contains",
  "an unusable certificate file is named, without its content",
  "colors appear on a terminal, and nowhere else",
  "a token is printed to a pipe, and to a terminal only with --force",
  "a missing home is created, and an unknown or invalid one is reported",
  "ELOOP is reported wherever it comes from",
  "no variable that is not UTF-8 text ends a command with a trace",
  "another user who reads the browser's command line cannot finish the login of a user when the attacker is first",
  "another user who reads the browser's command line cannot finish the login of a user when the victim is first",
  "an ordinary user can use credentials owned by root, but not by another user",
  "more connections than file descriptors end neither `local serve` nor `login`",
  "the child process gets only the variables that it needs",
  "without bash, sh closes the descriptors that it can",
  "without any shell the child process starts directly",
  "a shell that hangs does not hold up the command",
  "with telemetry on, a trace shows one shell and one child process",
  "ARCADE_USAGE_TRACKING=OFF: nothing is started, read, written or sent",
  "DO_NOT_TRACK=1: nothing is started, read, written or sent",
  "a build without a key: nothing is started, read, written or sent",
  "`telemetry disable`: nothing is started, read, written or sent",
];

await Deno.mkdir(folder, { recursive: true });
const executable = `${folder}/arcade`;
const target = "x86_64-unknown-linux-gnu";
await output(deno, ["task", "--quiet", "build", "--target", target, executable], { cwd: root });
const source = await programFromSource(`${folder}/source`);
const unexpected = [
  ...await failuresOf(executable),
  ...(await failuresOf(source)).filter((name) => !ABOUT_EXECUTABLES.includes(name)),
];
const told = unexpected.length === 0
  ? "All passed that can pass there"
  : `Failed: ${unexpected.join("; ")}`;
writeAll(Deno.stdout, `\n${told}\n`);
Deno.exit(unexpected.length === 0 ? 0 : 1);

/** Creates a program at `path` that runs the source like the executable: under its permissions, from any folder. */
async function programFromSource(path: string): Promise<string> {
  const { denoDir } = JSON.parse(await output(deno, ["info", "--json"]));
  const words = ["run", "--cached-only", `--config=${root}/deno.json`, ...PERMISSION_FLAGS];
  const command = [deno, ...words, `${root}/main.ts`].map(shellWord).join(" ");
  const settings = `DENO_DIR=${shellWord(denoDir)} DENO_NO_UPDATE_CHECK=1`;
  const script = `#!/bin/bash -p\n${settings} exec ${command} "$@"\n`; // sh drops variables such as a.b
  await Deno.writeTextFile(path, script, { mode: 0o755 });
  return path;
}

/** Runs the tests on a program. Returns the names of those that failed. */
async function failuresOf(program: string): Promise<readonly string[]> {
  const run = await runTests(files, { cwd: root, env: { ARCADE_TEST_BINARY: program } });
  if (!run) throw new Error("The tests did not end");
  return run.failures;
}
