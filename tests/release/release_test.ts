import assert from "node:assert/strict";
import { VERSION } from "../../src/version.ts";
import { ROOT } from "../support/root.ts";

const REPOSITORY = ["--repository", "https://github.com/example/arcade"];

/** The permissions of the task. */
const { tasks } = JSON.parse(Deno.readTextFileSync(`${ROOT}/deno.json`));
const [, ...WORDS] = tasks.release.command.split(" ");

for (
  const [what, args, sentence] of [
    ["a version", [], `Name the version of src/version.ts, ${VERSION}`],
    ["the version of the source", ["99.0.0"], "99.0.0 is not the version of src/version.ts"],
    ["a repository", [VERSION, "--dry-run"], "No repository. Give --repository https://"],
    ["a step", [VERSION, ...REPOSITORY], "A release is made in steps. Give --step compile"],
    ["a known step", [VERSION, "--step", "sign", ...REPOSITORY], "A release is made in steps."],
  ] as const
) {
  Deno.test(`a release without ${what} fails with one sentence`, async () => {
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [...WORDS, ...args],
      cwd: ROOT,
      env: { ARCADE_REPOSITORY: "" },
      stdin: "null",
    }).output();
    const message = new TextDecoder().decode(stderr);
    assert(message.startsWith(`Error: No release was made: ${sentence}`), message);
    assert.match(message, /^[^\n]+\n$/);
    assert.deepEqual([code, stdout.length], [1, 0]);
  });
}
