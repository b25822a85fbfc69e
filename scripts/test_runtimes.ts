/**
 * `deno task test:runtimes [FILE…]`: runs the end-to-end tests with other runtimes than that of `deno task build`: on an
 * executable with the newest runtime that this machine can get (Deno 2.7.14 where Deno's download server is out of reach), and
 * on the source with the Deno of this task, under the permissions of the executable. Both must pass.
 */

import { PERMISSION_FLAGS } from "../src/process/permission_flags.ts";
import { shellWord } from "../src/text/shell_word.ts";
import { output } from "./process.ts";

const root = `${import.meta.dirname}/..`;
const folder = `${root}/dist/runtimes`;
const deno = Deno.execPath();
const files = Deno.args.length > 0 ? Deno.args : ["tests/end_to_end"];

await Deno.mkdir(folder, { recursive: true });
const executable = `${folder}/arcade`;
const target = "x86_64-unknown-linux-gnu";
await output(deno, ["task", "--quiet", "build", "--target", target, executable], { cwd: root });
const source = await programFromSource(`${folder}/source`);
const results = [await test(executable), await test(source)];
Deno.exit(results.every((isGreen) => isGreen) ? 0 : 1);

/** Makes a program at `path` that runs the source as the executable would run: under its permissions, from any folder. */
async function programFromSource(path: string): Promise<string> {
  const { denoDir } = JSON.parse(await output(deno, ["info", "--json"]));
  const words = ["run", "--cached-only", `--config=${root}/deno.json`, ...PERMISSION_FLAGS];
  const command = [deno, ...words, `${root}/main.ts`].map(shellWord).join(" ");
  const script = `#!/bin/sh\nDENO_DIR=${shellWord(denoDir)} exec ${command} "$@"\n`;
  await Deno.writeTextFile(path, script, { mode: 0o755 });
  return path;
}

async function test(program: string): Promise<boolean> {
  const { success } = await new Deno.Command(deno, {
    args: ["task", "--quiet", "test:only", ...files],
    cwd: root,
    env: { ARCADE_TEST_BINARY: program },
    stdin: "null",
  }).spawn().status;
  return success;
}
