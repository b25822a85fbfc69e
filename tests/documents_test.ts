import assert from "node:assert/strict";
import { readCommandLine } from "../src/cli/command_line.ts";
import { allCommands } from "../src/cli/declaration.ts";
import { PERMISSION_FLAGS } from "../src/process/permission_flags.ts";
import { PROGRAM } from "../src/commands/program.ts";
import { ROUTES } from "../src/commands/routes.ts";
import { ENVIRONMENT_VARIABLES } from "../src/contract/variables.ts";

const root = new URL("..", import.meta.url);

/** The texts of all documents, by path from the root. */
const documents = new Map<string, string>();
const EXAMPLES = [...Deno.readDirSync(new URL("examples/", root))]
  .flatMap(({ name, isDirectory }) => isDirectory ? [`examples/${name}/`] : []);
for (const folder of ["", "docs/", "docs/decisions/", ".ci/runtime/", "examples/", ...EXAMPLES]) {
  for await (const { name } of Deno.readDir(new URL(folder || "./", root))) {
    if (name.endsWith(".md")) {
      documents.set(`${folder}${name}`, await Deno.readTextFile(new URL(`${folder}${name}`, root)));
    }
  }
}
/** Generated from the declarations, and tested with them. */
const GENERATED = "docs/commands.md";

function textOf(path: string): string {
  const text = documents.get(path);
  assert(text !== undefined, `${path} does not exist`);
  return text;
}

/** The contents of the fenced blocks in these languages. */
function blocksOf(text: string, languages: readonly string[]): string[] {
  return [...text.matchAll(/^```(\w*)\n([^]*?)^```$/gm)].flatMap(([, language = "", block = ""]) =>
    languages.includes(language) ? [block] : []
  );
}

/** The arcade command lines in the shell blocks, without `arcade`. */
function commandLinesOf(text: string): string[] {
  const typed = [
    ...blocksOf(text, ["sh", "shell", "bash"]),
    // In a session, commands follow a `$`.
    ...blocksOf(text, ["console"]).flatMap((block) =>
      block.match(/^\$ .*$/gm)?.map((line) => line.slice(2)) ?? []
    ),
  ];
  return typed.flatMap((block) => block.split("\n")).flatMap((line) =>
    line.replace(/(?:^|\s)#.*$/, "").split(/\$\(|\)|&&|\||;/)
  ).flatMap((command) => /^arcade(?: (.*))?$/.exec(command.trim())?.slice(1) ?? []);
}

/** The arcade command lines in the prose. */
function namedIn(text: string): string[] {
  return [...withoutBlocks(text).matchAll(/`arcade ([^`]+)`/g)].map(([, line = ""]) => line);
}

/** The words of a command line, without redirections and pipes. */
function wordsOf(line: string): string[] {
  const [own = ""] = line.split(/ [<>]/);
  return own.match(/"[^"]*"|'[^']*'|\S+/g)?.map((word) => word.replace(/["']/g, "")) ?? [];
}

/** The kind of the usage error in a command line, if any. */
async function usageErrorIn(line: string): Promise<string | undefined> {
  const read = await readCommandLine(wordsOf(line), PROGRAM);
  return read.kind === "mistake" ? read.mistake.kind : undefined;
}

/** The anchors of the headings, as GitHub makes them. */
function anchorsOf(text: string): Set<string> {
  const anchors = new Set<string>();
  const counts = new Map<string, number>();
  for (const [, heading = ""] of withoutBlocks(text).matchAll(/^#{1,6} +(.+)$/gm)) {
    const plain = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase();
    const anchor = plain.replace(/[^\p{L}\p{N} _-]/gu, "").trim().replaceAll(" ", "-");
    const count = counts.get(anchor) ?? 0;
    counts.set(anchor, count + 1);
    anchors.add(count === 0 ? anchor : `${anchor}-${count}`);
  }
  return anchors;
}

function withoutBlocks(text: string): string {
  return text.replace(/^```[^]*?^```$/gm, "");
}

function exists(path: string): Promise<boolean> {
  return Deno.stat(new URL(path, root)).then(() => true, () => false);
}

/** The relative links of a document that are broken. */
async function brokenLinksOf(path: string, text: string): Promise<string[]> {
  const dead: string[] = [];
  for (const [, link = ""] of withoutBlocks(text).matchAll(/\]\((?!https?:)([^)\s]+)\)/g)) {
    const [file = "", anchor] = link.split("#");
    const target = file === "" ? path : new URL(file, new URL(path, root)).href.slice(
      root.href.length,
    );
    const isThere = target === path || await exists(target);
    const page = target === path ? text : documents.get(target);
    if (!isThere || (anchor !== undefined && !anchorsOf(page ?? "").has(anchor))) dead.push(link);
  }
  return dead;
}

for (const [path, text] of documents) {
  const isForUsers = path === "README.md" || /^(?:docs|examples)\//.test(path);
  if (isForUsers && path !== GENERATED) {
    for (const line of new Set(commandLinesOf(text))) {
      Deno.test(`${path}: \`arcade ${line}\` is valid`, async () => {
        assert.equal(await usageErrorIn(line), undefined);
      });
    }
    for (const line of new Set(namedIn(text))) {
      Deno.test(`${path}: \`arcade ${line}\` in the prose is valid`, async () => {
        const mistake = await usageErrorIn(line);
        // Prose may omit required flags and arguments.
        assert(mistake === undefined || mistake.startsWith("missing-"), mistake);
      });
    }
  }

  Deno.test(`${path}: no relative link is broken`, async () => {
    assert.deepEqual(await brokenLinksOf(path, text), []);
  });
}

Deno.test("every picture is described where it is shown, and all of them are small", async () => {
  const shown = [...documents].flatMap(([path, text]) =>
    [...text.matchAll(/!\[([^\]]*)\]\((?!https?:)([^)\s]+)\)/g)].map(
      ([, words = "", link = ""]) => {
        assert(words.length > 20, `${link} in ${path} needs a text for those who do not see it`);
        return new URL(link, new URL(path, root)).href;
      },
    )
  );
  let bytes = 0;
  const folder = new URL("docs/pictures/", root);
  for await (const { name } of Deno.readDir(folder)) {
    const picture = new URL(name, folder);
    assert(shown.includes(picture.href), `No document shows ${name}`);
    bytes += (await Deno.stat(picture)).size;
  }
  assert(bytes < 400_000, `The pictures have ${bytes} bytes`);
});

Deno.test("the checks find command lines in shell blocks only, and errors in them", async () => {
  const text = [
    "arcade prose",
    "```sh",
    "arcade whoami   # a comment",
    "arcade secret set A < a.txt",
    'x=$(arcade identity token --hub "b c") && arcade identity can read:* --hub b',
    "npx task arcade --help",
    "```",
    "```console",
    "$ arcade secret lst",
    "arcade output",
    "```",
    "```json",
    "arcade json",
    "```",
  ].join("\n");
  assert.deepEqual(commandLinesOf(text).map(wordsOf), [
    ["whoami"],
    ["secret", "set", "A"],
    ["identity", "token", "--hub", "b c"],
    ["identity", "can", "read:*", "--hub", "b"],
    ["secret", "lst"],
  ]);
  assert.deepEqual(namedIn("Run `arcade org lst` now, not arcade.\n```sh\n`arcade x`\n```"), [
    "org lst",
  ]);
  assert.equal(await usageErrorIn("secret list < a.txt"), undefined);
  assert.equal(await usageErrorIn("secret lst"), "unknown-command");
  assert.equal(await usageErrorIn("whoami --jsn"), "unknown-flag");
  assert.equal(await usageErrorIn("tool search"), "missing-argument");
});

Deno.test("the checks find broken links", async () => {
  const text = [
    "# A `b`: c",
    "## Twice",
    "## Twice",
    "[1](#a-b-c) [2](#twice-1) [3](../README.md) [4](https://example.com/none)",
    "[5](#twice-2) [6](none.md) [7](../README.md#none) ![8](none.svg)",
  ].join("\n");
  assert.deepEqual(await brokenLinksOf("docs/test.md", text), [
    "#twice-2",
    "none.md",
    "../README.md#none",
    "none.svg",
  ]);
});

Deno.test("README.md has at most 150 lines, the picture, and the help about exit codes", () => {
  const readme = textOf("README.md");
  const { length } = readme.trimEnd().split("\n");
  assert(length <= 150, `${length} lines`);
  assert.match(readme, /!\[[^\]]+\]\(docs\/session\.svg\)/);
  assert.match(readme, /`arcade help exit-codes`/);
});

Deno.test("README.md has the commands of the demo and of all tests", () => {
  const [session = ""] = blocksOf(textOf("README.md"), ["sh"]).filter((block) =>
    block.includes(" task demo")
  );
  assert.match(session, /^npx -y deno@[\d.]+ task demo$/m);
  const [test = ""] = /^npx -y deno@[\d.]+ task test(?= |$)/m.exec(session) ?? [];
  assert(test !== "" && blocksOf(textOf("CONTRIBUTING.md"), ["sh"]).includes(`${test}\n`), test);
});

for (
  const [path, folder] of [
    ["docs/README.md", "docs/"],
    ["docs/decisions/README.md", "docs/decisions/"],
  ] as const
) {
  Deno.test(`${path} links to every page of ${folder}`, () => {
    const isPage = (page: string) =>
      page.startsWith(folder) && !page.slice(folder.length).includes("/") && page !== path;
    const links = textOf(path).matchAll(/\]\(([\w./-]+\.md)[#)]/g);
    const linked = [...links].map(([, link = ""]) =>
      new URL(link, new URL(path, root)).href.slice(root.href.length)
    ).filter(isPage);
    assert.deepEqual([...new Set(linked)].sort(), [...documents.keys()].filter(isPage).sort());
  });
}

/** The first cells of the rows of all tables. */
function firstCellsOf(text: string): string[] {
  return [...text.matchAll(/^\| (.*?) +\|/gm)].map(([, cell = ""]) => cell);
}

Deno.test("docs/security.md explains every permission flag and every environment variable", () => {
  const text = textOf("docs/security.md");
  const rows = new Set(firstCellsOf(text).flatMap((cell) => cell.match(/`[^`]+`/g) ?? []));
  for (const flag of PERMISSION_FLAGS) assert(rows.has(`\`${flag.split("=")[0]}\``), flag);
  for (const variable of ENVIRONMENT_VARIABLES) assert(rows.has(`\`${variable}\``), variable);
  const [, kinds = ""] = PERMISSION_FLAGS.find((flag) => flag.startsWith("--allow-sys"))
    ?.split("=") ?? [];
  for (const kind of kinds.split(",")) assert(text.includes(`\`${kind}\``), kind);
});

Deno.test("docs/architecture.md and CONTRIBUTING.md name only files that exist", async () => {
  const named = ["docs/architecture.md", "CONTRIBUTING.md"].flatMap((path) =>
    textOf(path).match(/(?<=`)\w+\/[\w/]+\.ts(?=`)/g) ?? []
  );
  assert(named.length > 20);
  const missing: string[] = [];
  for (const path of new Set(named)) {
    const isThere = await Promise.all(["", "src/"].map((folder) => exists(`${folder}${path}`)));
    if (!isThere.includes(true)) missing.push(path);
  }
  // The files of the command that CONTRIBUTING.md adds as an example.
  const wrong = missing.filter((path) => !/\/rename(?:_test)?\.ts$/.test(path));
  assert.deepEqual(wrong, []);
});

for (const { words, command } of await allCommands(ROUTES)) {
  if (!Object.hasOwn(command.flags, "json")) continue;
  Deno.test(`docs/scripts.md has the keys of \`arcade ${words.join(" ")} --json\``, () => {
    const named = firstCellsOf(textOf("docs/scripts.md")).flatMap((cell) =>
      (cell.match(/`[^`]+`/g) ?? []).map((name) => name.slice(1, -1))
    );
    assert(named.includes(words.join(" ")), named.join(", "));
  });
}

Deno.test("docs/troubleshooting.md quotes messages that arcade prints", async () => {
  const code: string[] = [];
  const read = async (folder: URL) => {
    for await (const { name, isDirectory } of Deno.readDir(folder)) {
      if (isDirectory) await read(new URL(`${name}/`, folder));
      else code.push(await Deno.readTextFile(new URL(name, folder)));
    }
  };
  await read(new URL("src/", root));
  const source = code.join("\n").replaceAll("\\`", "`");
  const page = textOf("docs/troubleshooting.md");
  const one = "(?:`` .+? ``|`[^`]+`)";
  const quoted = [...page.matchAll(new RegExp(`^- ((?:${one},\\s+)*${one}):\\s`, "gm"))].flatMap((
    [, list = ""],
  ) =>
    list.match(new RegExp(one, "g"))?.map((message) => message.replaceAll(/^`+ ?| ?`+$/g, "")) ?? []
  );
  assert(quoted.length > 50, quoted.join("\n"));
  const wrong = quoted.flatMap((message) =>
    message.split("…").map((part) => part.replaceAll(/\s+/g, " ").replace(/^: /, "").trim())
      .filter((part) => part !== "" && !source.includes(part)).map((part) => `${message}: ${part}`)
  );
  assert.deepEqual(wrong, []);
});
