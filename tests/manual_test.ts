import assert from "node:assert/strict";
import { manualPages, releaseDate } from "../scripts/manual_pages.ts";
import { allCommands } from "../src/cli/declaration.ts";
import { formOf } from "../src/cli/help.ts";
import { TOPIC_TEXTS } from "../src/commands/topics.ts";
import { SHELLS } from "../src/commands/completion/shells/shell.ts";
import { loadShell } from "../src/commands/completion/load_shell.ts";
import { ROUTES } from "../src/commands/routes.ts";
import { VERSION } from "../src/version.ts";
import { isAvailable, succeeds } from "./support/test_machine.ts";
import { ROOT } from "./support/root.ts";

const pages = await manualPages();

/** The plain text of a page, without macros, fonts and escapes. */
function plain(name: string): string {
  const page = pages.get(name);
  assert(page !== undefined, `${name} does not exist`);
  return page.replaceAll(/^\.\w+ ?/gm, "").replaceAll(/\\f[BR]/g, "").replaceAll("\\&", "")
    .replaceAll("\\-", "-").replaceAll("\\e", "\\").replaceAll("\\(aq", "'").replaceAll(
      /\s+/g,
      " ",
    );
}

Deno.test("the manual has a page for arcade with all topics, and one for each first word", () => {
  const words = [...ROUTES.keys()];
  assert.deepEqual([...pages.keys()], ["arcade.1", ...words.map((word) => `arcade-${word}.1`)]);
  const main = plain("arcade.1");
  for (const word of words) assert(main.includes(`arcade-${word}(1)`), word);
  for (const { text, rows } of Object.values(TOPIC_TEXTS)) {
    for (const part of [text, ...rows.flat()]) {
      assert(main.includes(part.replaceAll("`", "")), part);
    }
  }
});

for (const { words, command } of await allCommands(ROUTES)) {
  Deno.test(`the manual has the whole declaration of \`arcade ${words.join(" ")}\``, () => {
    const page = plain(`arcade-${words[0]}.1`);
    const { brief, description = brief, argument, flags, examples } = command;
    const texts = [description, argument?.brief ?? [], ...examples.flat()].flat();
    for (const text of texts) {
      assert(page.includes(text.replaceAll("`", "").replaceAll("…", "...")), text);
    }
    for (const [name, flag] of Object.entries(flags)) {
      assert(page.includes(formOf(name, flag).trim()), name);
      assert(page.includes(flag.brief.replaceAll("`", "")), flag.brief);
    }
  });
}

Deno.test("the date of a page is the release date in the changelog", () => {
  assert.equal(releaseDate(`## Unreleased\n\n## [${VERSION}] - 2026-12-01\n`), "2026-12-01");
  assert.equal(releaseDate(`## ${VERSION} - 2026-12-01\n\n## 0.0.1 - 2026-11-01\n`), "2026-12-01");
  assert.equal(releaseDate("## Unreleased\n\n## 0.0.1 - 2026-11-01\n"), "");
});

const ignore = !isAvailable("mandoc", () => succeeds("mandoc", "/dev/null"));

Deno.test(
  { name: "scripts/manual.ts writes valid pages and all completion scripts", ignore },
  async () => {
    const folder = await Deno.makeTempDir();
    try {
      const args = [
        "--quiet",
        "--no-check",
        "--allow-read",
        "--allow-write",
        "scripts/manual.ts",
        folder,
      ];
      const made = await new Deno.Command(Deno.execPath(), { args: ["run", ...args], cwd: ROOT })
        .output();
      assert(made.success, new TextDecoder().decode(made.stderr));
      for (const shell of SHELLS) {
        const { file, script } = await loadShell(shell);
        assert.equal(await Deno.readTextFile(`${folder}/completions/${file}`), script);
      }
      const files = [...Deno.readDirSync(`${folder}/man`)].map(({ name }) =>
        `${folder}/man/${name}`
      );
      assert.equal(files.length, pages.size);
      const { stdout } = await new Deno.Command("mandoc", { args: ["-T", "lint", ...files] })
        .output();
      // An unreleased version has no date.
      const mistakes = new TextDecoder().decode(stdout).split("\n").filter((line) =>
        line !== "" && !line.endsWith('missing date, using "": TH')
      );
      assert.deepEqual(mistakes, []);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);
