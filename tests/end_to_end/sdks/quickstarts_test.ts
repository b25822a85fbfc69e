import assert from "node:assert/strict";
import { TestMachine } from "../../support/test_machine.ts";
import { arcadejs, arcadepy, QUICKSTARTS } from "./installed.ts";

const js = arcadejs();
const python = arcadepy();

const TOOLS = [
  "Demo.Greet: Greet somebody.",
  "Demo.RevealLength: Tell how long the passphrase is.",
  "Demo.Star: Star a repository.",
];

/** The programs, with the flags that their `local exec` has, and what they print. */
const PROGRAMS: readonly [name: string, flags: readonly string[], lines: readonly string[]][] = [
  ["call_tool", [], [...TOOLS, "Hello, Ada!", "11"]],
  ["authorize", ["--auto-grant"], ["Starred ada/engine with a token of github", "Got a token"]],
  ["agent", [], ["Demo_Greet: Hello, Grace!", "Demo_Star needs a grant: pending"]],
  ["agent", ["--auto-grant"], [
    "Demo_Greet: Hello, Grace!",
    "Demo_Star: Starred grace/compiler with a token of github",
  ]],
];

for (const [extension, sdk] of [["mjs", js], ["py", python]] as const) {
  for (const [name, flags, lines] of PROGRAMS) {
    const command = ["local exec", ...flags, "--", `${name}.${extension}`].join(" ");
    Deno.test({ name: `\`${command}\` runs as it is`, ignore: !sdk || !python }, async () => {
      assert(sdk && python);
      await using machine = new TestMachine();
      const program = `${sdk.folder}/${name}.${extension}`;
      // Node.js finds the SDK from the folder of the program.
      Deno.copyFileSync(`${QUICKSTARTS}/${name}.${extension}`, program);
      const seed = ["--seed", `${QUICKSTARTS}/seed.yaml`];
      const PATH = `${python.folder}/bin:${Deno.env.get("PATH")}`;
      const { code, stdout, stderr } = await machine.run(
        ["local", "exec", ...seed, ...flags, "--", sdk.program, program],
        { env: { PATH } },
      );
      assert.deepEqual([code, stdout], [0, lines.map((line) => `${line}\n`).join("")], stderr);
    });
  }
}
