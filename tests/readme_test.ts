import assert from "node:assert/strict";
import { readCommandLine } from "../src/cli/command_line.ts";
import { allCommands } from "../src/cli/declaration.ts";
import { ROUTES } from "../src/commands/routes.ts";
import { EXIT_CODES } from "../src/cli/exit_code.ts";
import { Home } from "./support/arcade.ts";

const readme = await Deno.readTextFile(new URL("../README.md", import.meta.url));

/** The command lines in the README's shell blocks, without `arcade` in front. */
const commandLines = [...readme.matchAll(/^arcade ([^#\n]*)/gm)].map(([, line = ""]) =>
  line.trim()
);

for (const line of new Set(commandLines)) {
  Deno.test(`the README's \`arcade ${line}\` is understood`, async () => {
    const args = line.replace(/ (?:[<|]|&&) .*/, "").match(/"[^"]*"|\S+/g)?.map((arg) =>
      arg.replaceAll('"', "")
    ) ?? [];
    const read = await readCommandLine(args, ROUTES);
    assert.notEqual(read.kind, "mistake", JSON.stringify(read));
  });
}

for (const { words } of await allCommands(ROUTES)) {
  const command = words.join(" ");
  Deno.test(`the README shows \`arcade ${command}\` and names each of its flags`, async () => {
    assert(
      commandLines.some((line) => line === command || line.startsWith(`${command} `)),
      "no example",
    );
    using home = new Home();
    const { stdout } = await home.run([...words, "--help"]);
    for (const [flag] of stdout.matchAll(/--[a-z][a-z-]+/g)) {
      // A boolean and its negation are one flag.
      const known = [flag, flag.replace(/^--no-/, "--"), flag.replace(/^--/, "--no-")];
      assert(known.some((one) => readme.includes(one)), `${flag} is not in the README`);
    }
  });
}

Deno.test("the README has the exit codes of the program", () => {
  const table = [...readme.matchAll(/^\| (\d+) +\| (.*?) +\|$/gm)].map((
    [, code, meaning],
  ) => [Number(code), meaning]);
  assert.deepEqual(table, EXIT_CODES.map((entry) => [...entry]));
});

Deno.test("the README's picture and files are there", async () => {
  for (const [, path = ""] of readme.matchAll(/\]\((?!https?:)([^)]+)\)/g)) {
    await Deno.stat(new URL(`../${path}`, import.meta.url));
  }
});
