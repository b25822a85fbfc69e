/** A run of tests, and its report. */

/** The counts of test cases in a run, and the tests that failed. */
export interface TestRun {
  /** Whether the test runner ended without an error, which can also be outside of a test. */
  readonly isSuccess: boolean;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** The names of the tests that failed, once each. */
  readonly failures: readonly string[];
}

/**
 * The time after which a run is ended, because one of its tests hangs. A whole run on two cores takes six minutes, and three
 * times as long where other programs keep both busy.
 */
const RUN_MS = 25 * 60_000;

/**
 * Runs the tests of `deno task test:files` and shows their output.
 *
 * @param words files, folders and flags of the test runner.
 * @returns undefined if the run was ended, or no test ran.
 */
export async function runTests(
  words: readonly string[],
  { cwd, env = {} }: { readonly cwd: string; readonly env?: Readonly<Record<string, string>> },
): Promise<TestRun | undefined> {
  const report = await Deno.makeTempFile({ suffix: ".xml" });
  try {
    const { success } = await new Deno.Command(Deno.execPath(), {
      args: ["task", "--quiet", "test:files", `--junit-path=${report}`, ...words],
      cwd,
      env: { ...env },
      stdin: "null",
      signal: AbortSignal.timeout(RUN_MS),
    }).spawn().status;
    return readReport(await Deno.readTextFile(report), success);
  } finally {
    await Deno.remove(report);
  }
}

/** Reads a JUnit report. */
function readReport(xml: string, success: boolean): TestRun | undefined {
  const totals = /<testsuites[^>]*>/.exec(xml)?.[0] ?? "";
  const attribute = (name: string) =>
    Number(new RegExp(` ${name}="(\\d+)"`).exec(totals)?.[1] ?? 0);
  const tests = attribute("tests");
  if (tests === 0) return undefined;
  const skipped = xml.match(/<skipped/g)?.length ?? 0;
  const failed = attribute("failures") + attribute("errors");
  const failures = xml.matchAll(/<testcase name="([^"]*)"[^>]*>\s*<(?:failure|error)/g);
  return {
    isSuccess: success && failed === 0,
    passed: tests - failed - skipped,
    failed,
    skipped,
    // A step is reported with the names of its test and of itself.
    failures: [
      ...new Set([...failures].map(([, name = ""]) => unescaped(name).split(" > ")[0] ?? "")),
    ],
  };
}

function unescaped(text: string): string {
  const characters: Record<string, string> = {
    "&lt;": "<",
    "&gt;": ">",
    "&quot;": '"',
    "&apos;": "'",
    "&amp;": "&",
  };
  return text.replace(/&(?:lt|gt|quot|apos|amp);/g, (entity) => characters[entity] ?? "");
}
