/** `deno task test`: format, lint, types, build, and all tests. The last line has the counts of the test runner. */

import { ONLY_UNIX } from "./only_unix.ts";
import { runTests } from "./test_run.ts";
import { writeAll } from "../src/system/write_all.ts";

const root = `${import.meta.dirname}/../`;

await step("Format, lint, types", "check");
await step("Build", "build");

title("Tests");
const ignored = Deno.build.os === "windows" ? [`--ignore=${ONLY_UNIX.join()}`] : [];
const run = await runTests([...ignored, "tests"], { cwd: root });
if (!run) fail("The tests did not end");
const skipped = run.skipped > 0 ? `, ${run.skipped} skipped` : "";
print(`\n${run.passed} passed, ${run.failed} failed${skipped}\n`);
Deno.exit(run.isSuccess ? 0 : 1);

/** Runs a task and shows its output. Exits if it fails. */
async function step(name: string, task: string): Promise<void> {
  title(name);
  const args = ["task", "--quiet", task];
  const { success } = await new Deno.Command(Deno.execPath(), { args, cwd: root, stdin: "null" })
    .spawn().status;
  if (!success) fail(`${name} failed`);
}

function title(name: string): void {
  print(`\n== ${name}\n`);
}

function fail(sentence: string): never {
  print(`\n${sentence}\n\n0 passed, 1 failed\n`);
  Deno.exit(1);
}

function print(text: string): void {
  writeAll(Deno.stdout, text);
}
