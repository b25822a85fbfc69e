import assert from "node:assert/strict";
import fc from "fast-check";
import { SHELLS } from "../../../../src/commands/completion/shells/shell.ts";
import { loadShell } from "../../../../src/commands/completion/load_shell.ts";
import type { CommandLineAtCursor } from "../../../../src/commands/completion/shells/shell.ts";
import { POSIX, splitLine } from "../../../../src/commands/completion/words.ts";
import { InProcess } from "../../../support/in_process.ts";
import { isAvailable, succeeds } from "../../../support/test_machine.ts";

const bash = await loadShell("bash");
const powershell = await loadShell("powershell");
const nushell = await loadShell("nushell");

const lines: [line: string, replaced: string, expected: CommandLineAtCursor][] = [
  ["arcade ", "", { words: [], current: "", quote: "", kept: "" }],
  ["arcade sec", "sec", { words: [], current: "sec", quote: "", kept: "" }],
  ["arcade a  b ", "", { words: ["a", "b"], current: "", quote: "", kept: "" }],
  ["arcade My\\ Te", "My\\ Te", { words: [], current: "My Te", quote: "", kept: "" }],
  ['arcade "My Te', "My Te", { words: [], current: "My Te", quote: '"', kept: "" }],
  ["arcade 'My Te", "My Te", { words: [], current: "My Te", quote: "'", kept: "" }],
  ["arcade --c=na", "na", { words: [], current: "--c=na", quote: "", kept: "--c=" }],
  ["arcade --c=", "", { words: [], current: "--c=", quote: "", kept: "--c=" }],
  ['arcade --c="a b', "a b", { words: [], current: "--c=a b", quote: '"', kept: "--c=" }],
  ['arcade "a b":c', "c", { words: [], current: "a b:c", quote: "", kept: "a b:" }],
  ['arcade "a\\"b\\c" x', "x", { words: ['a"b\\c'], current: "x", quote: "", kept: "" }],
  ["arcade $(touch x) `id` y", "y", {
    words: ["$(touch", "x)", "`id`"],
    current: "y",
    quote: "",
    kept: "",
  }],
];
for (
  const [line, replaced] of [
    ["arcade completion bash > ", ""],
    ["arcade completion bash >", ""],
    ["arcade completion bash >>ou", "ou"],
    ["arcade whoami 2> er", "er"],
    ["arcade whoami &> ", ""],
    ["arcade secret set -f - < .e", ".e"],
  ] as const
) {
  Deno.test(`bash: a file completes ${line}`, async () => {
    using home = new InProcess();
    assert.equal((await home.complete(["bash", line, replaced])).stdout, "files\n");
  });
}

Deno.test("bash: redirections do not count as words of the command", async () => {
  using home = new InProcess();
  const { stdout } = await home.complete(["bash", "arcade >out 2> err secret <in un", "un"]);
  assert.equal(stdout, "words\nunset\n");
});

for (const [line, replaced, expected] of lines) {
  Deno.test(`bash: ${line} is read without executing anything`, () => {
    assert.deepEqual(bash.read([line, replaced]), expected);
  });
}

Deno.test("bash: the candidate has only the part that readline replaces", () => {
  const write = (word: string, line: string, replaced: string) =>
    bash.write({ word, brief: "" }, bash.read([line, replaced]));
  assert.equal(write("--c=my team", "arcade --c=m", "m"), "my\\ team");
  assert.equal(write("--c=my team", 'arcade --c="m', "m"), "my team");
  assert.equal(write("a:b", "arcade a:", ""), "b");
  assert.equal(write("Team", "arcade te", "te"), undefined);
});

/** Names, including hostile ones. */
const names = fc.oneof(
  fc.stringMatching(/^[ -~]+$/),
  fc.constantFrom("$(touch x)", "`touch x`", "a;b", "!!", "~", "*", "a'b", 'a"b', "\\", "é ü"),
);

/** The command line after a name was completed. */
function insertedByBash(name: string, quote: string): string {
  const written = bash.write({ word: name, brief: "" }, {
    words: [],
    current: "",
    quote,
    kept: "",
  });
  return quote + written + quote;
}

const ignore = !isAvailable("bash", () => succeeds("bash", "--version"));

Deno.test({ name: "bash: an inserted name is one word and executes nothing", ignore }, () => {
  const inserted = fc.sample(names, { numRuns: 300, seed: 1 }).flatMap((name) =>
    ["", '"', "'"].map((quote) => ({ name, text: insertedByBash(name, quote) }))
  );
  for (const { name, text } of inserted) {
    assert.deepEqual(splitLine(`arcade ${text}`, POSIX).words, ["arcade", name], text);
  }
  const script = inserted.map(({ text }) => `printf '%s\\0' ${text}\n`).join("");
  const { stdout, stderr } = new Deno.Command("bash", { args: ["-c", script], clearEnv: true })
    .outputSync();
  assert.equal(new TextDecoder().decode(stderr), "");
  assert.equal(
    new TextDecoder().decode(stdout),
    inserted.map(({ name }) => `${name}\0`).join(""),
  );
});

Deno.test("PowerShell: the line is read from base64, with its quotes", () => {
  const read = (line: string) => powershell.read([btoa(line)]);
  assert.deepEqual(read("arcade secret "), {
    words: ["secret"],
    current: "",
    quote: "",
    kept: "",
  });
  assert.deepEqual(read("arcade 'it''s' \"a`\"b\" My` Te").words, ["it's", 'a"b']);
  assert.deepEqual(read("arcade 'it''s' \"a`\"b\" My` Te").current, "My Te");
});

Deno.test("PowerShell: a name that is not a plain word is in single quotes", () => {
  const write = (word: string) => powershell.write({ word, brief: "" }, powershell.read([""]));
  assert.equal(write("a-b_c.d"), "a-b_c.d\ta-b_c.d\ta-b_c.d");
  for (const name of ["$(x)", "`x`", "a;b", "@x", "a,b", "#x", "a b", "~", "{x}"]) {
    assert.equal(write(name)?.split("\t")[0], `'${name}'`);
  }
  // Typographic quotes end a string, too.
  assert.equal(write("a'b\u2019c")?.split("\t")[0], "'a''b\u2019\u2019c'");
});

Deno.test("Nushell: a name that is not a plain word is a string", () => {
  const write = (word: string) => nushell.write({ word, brief: "b" }, nushell.read([""]));
  assert.equal(write("a-b_c.d"), "a-b_c.d\tb");
  assert.equal(write("$(x)"), "'$(x)'\tb");
  assert.equal(write("a'b\"\\"), '"a\'b\\"\\\\"\tb');
  assert.deepEqual(nushell.read(["'a b'", '"c\\"d"', "e\\f", "g"]).words, [
    "a b",
    'c"d',
    "e\\f",
  ]);
});

for (const name of SHELLS) {
  Deno.test(`\`arcade completion ${name}\` prints its script without any files or requests`, async () => {
    using home = new InProcess();
    const { code, stdout, stderr, givenUp } = await home.run(["completion", name]);
    assert.deepEqual([code, stderr], [0, ""]);
    assert.equal(stdout, (await loadShell(name)).script);
    assert.match(stdout, new RegExp(`arcade(?:\\.Source)? __complete ${name} `));
    assert.deepEqual(givenUp, ["read", "write", "net", "run", "sys"]);
  });
}

Deno.test("an unsupported shell is a usage error", async () => {
  using home = new InProcess();
  const { code, stdout, stderr } = await home.run(["completion", "powershel"]);
  assert.deepEqual([code, stdout], [2, ""]);
  assert.match(
    stderr,
    /There is no completion script for "powershel"\n {2}Did you mean "powershell"\? Choose/,
  );
});
