import assert from "node:assert/strict";
import { readCommandLine } from "../../src/cli/command_line.ts";
import { withOutput } from "../../src/cli/output_variable.ts";
import { PROGRAM } from "../../src/commands/program.ts";
import { errorIn } from "../support/error_object.ts";
import { InProcess } from "../support/in_process.ts";

/** Command lines, and whether they behave as with `--json` when the variable is `json`. */
const LINES: readonly (readonly [line: string, isJson: boolean])[] = [
  ["whoami", true],
  ["whoami --json", true],
  ["whoami --json=no", false],
  ["whoami --json=no --debug", false],
  ["tool call X.Y", true],
  ["tool call X.Y --output raw", false],
  ["tool call X.Y --output json", false],
  ["local env", true],
  ["local env --shell fish", false],
  ["local exec -- npm test", false],
  ["api GET /v1/health", false],
  ["mcp", false],
  ["completion bash", false],
  ["help", true],
  ["secret set --help", true],
  ["", true],
  ["frobnicate", true],
  ["whoami --frobnicate", true],
  ["mcp --frobnicate", false],
];

for (const [line, isJson] of LINES) {
  Deno.test(`with ARCADE_OUTPUT=json, \`arcade ${line}\` is ${isJson ? "" : "not "}as with --json`, async () => {
    const words = line.split(" ").filter((word) => word !== "");
    const read = await readCommandLine(words, PROGRAM);
    for (const value of ["json", " JSON "]) {
      const { global, ...found } = withOutput(read, { name: "ARCADE_OUTPUT", value });
      assert.equal(global.json, isJson);
      if (found.kind === "command") assert.equal(found.values.json ?? false, isJson);
    }
    for (const value of [undefined, "text"]) {
      assert.deepEqual(withOutput(read, { name: "ARCADE_OUTPUT", value }), read);
    }
  });
}

Deno.test("an invalid ARCADE_OUTPUT is an error if the command has --json", async () => {
  using home = new InProcess();
  home.writeCredentials();
  const env = { ARCADE_OUTPUT: "yaml" };
  const { code, stdout, stderr } = await home.run(["whoami"], { env });
  assert.deepEqual([code, stdout], [2, ""]);
  assert.match(
    stderr,
    /^Error: ARCADE_OUTPUT: expected json or text\n {2}Correct or unset it\./,
  );
  assert.doesNotMatch(stderr, /yaml/);
});

Deno.test("with ARCADE_OUTPUT=json, errors of command lines are JSON", async () => {
  using home = new InProcess();
  const env = { ARCADE_OUTPUT: "json" };
  for (const line of [["frobnicate"], ["whoami", "--frobnicate"], ["secret", "list"]]) {
    const { code, stdout, stderr } = await home.run(line, { env });
    assert.equal(stdout, "");
    assert.equal(errorIn(stderr).exit, code);
  }
});
