/** `deno task test`: format, lint, types, build, and all tests. The last line has the counts of the test runner. */

import { ONLY_UNIX } from "./only_unix.ts";
import { writeAll } from "../src/system/write_all.ts";

const root = `${import.meta.dirname}/../`;
const deno = Deno.execPath();

await step("Format, lint, types", [deno, "task", "--quiet", "check"]);
await step("Build", [deno, "task", "--quiet", "build"]);

const report = await Deno.makeTempFile({ suffix: ".xml" });
const passed = await step("Tests", [
  deno,
  "task",
  "--quiet",
  "test:only",
  `--junit-path=${report}`,
  ...(Deno.build.os === "windows" ? [`--ignore=${ONLY_UNIX.join()}`] : []),
], { mayFail: true });
const counts = countTests(await Deno.readTextFile(report));
await Deno.remove(report);
const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : "";
print(`\n${counts.passed} passed, ${counts.failed} failed${skipped}\n`);
Deno.exit(passed && counts.failed === 0 && counts.passed > 0 ? 0 : 1);

/** Runs a step and shows its output. Exits if it fails, unless the step may fail. */
async function step(
  title: string,
  [program = "", ...args]: string[],
  options: { mayFail?: boolean } = {},
): Promise<boolean> {
  print(`\n== ${title}\n`);
  const { success } = await new Deno.Command(program, { args, cwd: root, stdin: "null" }).spawn()
    .status;
  if (!success && !options.mayFail) {
    print(`\n${title} failed\n\n0 passed, 1 failed\n`);
    Deno.exit(1);
  }
  return success;
}

/** Counts the test cases in a JUnit report. */
function countTests(xml: string): { passed: number; failed: number; skipped: number } {
  const totals = /<testsuites[^>]*>/.exec(xml)?.[0] ?? "";
  const attribute = (name: string) =>
    Number(new RegExp(` ${name}="(\\d+)"`).exec(totals)?.[1] ?? 0);
  const skipped = xml.match(/<skipped/g)?.length ?? 0;
  const failed = attribute("failures") + attribute("errors");
  return { passed: attribute("tests") - failed - skipped, failed, skipped };
}

function print(text: string): void {
  writeAll(Deno.stdout, text);
}
