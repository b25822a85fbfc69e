import assert from "node:assert/strict";
import fc from "fast-check";
import { IgnoreRules } from "../../../../src/commands/shared/project/ignore_rules.ts";
import { isAvailable, succeeds } from "../../../support/test_machine.ts";

/** Lines, with paths that they ignore and paths that they do not. A final slash marks a folder. */
const lines: [line: string, ignored: string[], others: string[]][] = [
  ["a", ["a", "a/", "x/a", "x/y/a/"], ["b", "ab", "a/b"]],
  ["/a", ["a", "a/"], ["x/a"]],
  ["a/", ["a/", "x/a/"], ["a", "x/a"]],
  ["/a/", ["a/"], ["a", "x/a/"]],
  ["a/b", ["a/b", "a/b/"], ["x/a/b", "b"]],
  ["*.py[co]", ["m.pyc", "x/m.pyo"], ["m.py", "m.pyx"]],
  ["a?c", ["abc", "a-c"], ["ac", "a/c", "abbc"]],
  ["a/*", ["a/b", "a/.b"], ["a", "a/b/c"]],
  ["**/a", ["a", "x/a", "x/y/a"], ["xa"]],
  ["a/**", ["a/b", "a/b/c"], ["a", "b/a"]],
  ["a/**/b", ["a/b", "a/x/b", "a/x/y/b"], ["ab", "a/xb", "x/a/b"]],
  ["a/x**y/b", ["a/xy/b", "a/x1y/b"], ["a/x/y/b"]],
  ["data**/*.csv", ["data/a.csv", "data1/a.csv", "data/x/a.csv", "dataa.csv"], ["x/data/a.csv"]],
  ["/a**/b", ["ab", "a/b", "ax/b", "a/x/y/b"], ["a", "a/bc", "xa/b"]],
  ["a/x**", ["a/x", "a/xy", "a/x/y/z"], ["a", "x/y"]],
  ["a/?**/b", ["a/x/b", "a/xy/b"], ["a/x/y/b"]],
  ["\\a**/b", ["a/b", "axb/b"], ["ab", "a/x/b"]],
  ["a**", ["a", "ab", "x/ab"], ["b"]],
  ["a*b*c*b", ["abcb", "axbbxccbb"], ["abc", "acbb", "abcbx"]],
  ["*1*2", ["12", "112", "1122"], ["1", "21"]],
  ["**/a/**/b/*", ["a/b/c", "x/a/a/y/b/b/c"], ["a/b", "b/a/c", "a/b/c/d"]],
  ["a\\/b", ["a/b"], ["b", "x/a/b"]],
  ["/**\\/a", ["x/a", "x/y/a"], ["a", "x/b"]],
  ["a[/]b", [], ["a/b"]],
  ["[!a]", ["b", "x/c"], ["a", "bb"]],
  ["[^a-c]", ["d"], ["b"]],
  ["[]-]", ["]", "-"], ["a"]],
  ["[a\\]b]", ["]", "a", "b"], ["\\"]],
  ["[[:digit:][:upper:]]x", ["1x", "Ax"], ["ax", ":x"]],
  ["[z-a]", ["z"], ["a", "m"]],
  ["[a", [], ["a", "[a"]],
  ["[[:no:]]", [], ["n", "o"]],
  ["\\#a", ["#a"], ["a", "\\#a"]],
  ["\\!a", ["!a"], ["a"]],
  ["a\\*", ["a*"], ["ab", "a\\*"]],
  ["a\\", [], ["a", "a\\"]],
  ["a  ", ["a"], ["a  ", "a "]],
  ["a\\ ", ["a "], ["a"]],
  ["a b ", ["a b"], ["a b "]],
  ["# a", [], ["# a", "a"]],
  ["", [], ["a"]],
  ["/", [], ["a"]],
  ["a\r", ["a"], ["a\r"]],
  ["a.b+(c)", ["a.b+(c)"], ["axb+(c)", "a.bb(c)"]],
  ["a?", ["ab"], ["aé", "a"]],
  ["a??", ["aé", "abc"], ["ab"]],
  ["a[!b]", ["ac"], ["aé", "ab"]],
  ["[é-漢]*", ["é", "漢"], ["a"]],
  ["[😀-😂]", [], ["😁", "a"]],
  ["näme-漢", ["näme-漢", "x/näme-漢"], ["name"]],
];

function ignores(text: string, path: string): boolean | undefined {
  return new IgnoreRules(text).ignores(path.replace(/\/$/, ""), { isFolder: path.endsWith("/") });
}

for (const [line, ignored, others] of lines) {
  Deno.test(`the line ${JSON.stringify(line)} ignores ${ignored.join(" ") || "nothing"}`, () => {
    for (const path of ignored) assert.equal(ignores(line, path), true, path);
    for (const path of others) assert.equal(ignores(line, path), undefined, path);
  });
}

Deno.test("the last matching line decides, and ! negates", () => {
  assert.equal(ignores("*.log\n!keep.log\n", "keep.log"), false);
  assert.equal(ignores("!keep.log\n*.log\n", "keep.log"), true);
  assert.equal(ignores("\uFEFF*.log\n", "a.log"), true);
});

Deno.test("a line of any size is read", () => {
  const size = 1024 * 1024;
  const times = (text: string) => text.repeat(size / text.length);
  for (
    const line of [times("a"), times("*a"), times("?"), times("[a]"), times("[[:"), times(" ")]
  ) {
    assert.equal(ignores(`${line}\nb`, "a".repeat(255)), undefined, line.slice(0, 10));
    assert.equal(ignores(`${line}\nb`, "b"), true, line.slice(0, 10));
  }
  assert.equal(ignores(`[${times("ab")}]`, "b"), true);
  assert.equal(ignores(`[${times("[:")}x]`, "["), true);
  assert.equal(ignores(times("*"), "b"), true);
  assert.equal(ignores(`a${times("**/")}a`, `a/${"b/".repeat(2000)}a`), true);
});

Deno.test("a line with many stars is matched quickly, without trying every combination", () => {
  const name = "a".repeat(255);
  const path = `${"a/".repeat(1000)}a`;
  assert.equal(ignores(`${"*a".repeat(100)}*b`, name), undefined);
  assert.equal(ignores(`${"*a".repeat(100)}*`, name), true);
  assert.equal(ignores(`${"**/a/".repeat(100)}b`, path), undefined);
  assert.equal(ignores(`${"**/*a*/".repeat(100)}a`, path), true);
});

Deno.test({
  name: "files are ignored as in git",
  ignore: !isAvailable("git", () => succeeds("git", "--version")),
  async fn() {
    const folder = await Deno.makeTempDir({ prefix: "arcade-test-" });
    const git = (args: string[], stdin = "") => run(folder, args, stdin);
    try {
      await git(["init", "--quiet"]);
      const paths = [
        "a",
        "b",
        "ab",
        "a.b",
        "a b",
        "-",
        "]",
        "x/a",
        "x/b",
        "x/a/b",
        "x/y/a",
        "a/b/x",
        "é",
        "x/aé",
        "data/x/a",
        "datab",
        "data-b/x/ab",
        "a-/x/b",
        "x/ab/y/b",
        "a/y/a/y/b",
      ];
      const piece = fc.constantFrom(
        ...["a", "b", "x", "y", ".", "/", "*", "**", "?", "[", "]", "!", "^", "-", "\\", " ", "#"],
        ...["é", "[ab]", "[!a]", "**/", "/**", "[[:alpha:]]", "[a-x]", "[[:", ":]", "\r", "\0"],
        // Git compares the text before the first star separately.
        ...["data**/", "a**/", "x/a**", "**\\/", "/a**/b"],
      );
      const line = fc.array(piece, { minLength: 1, maxLength: 6 }).map((pieces) => pieces.join(""));
      const content = fc.array(line, { minLength: 1, maxLength: 3 }).map((all) => all.join("\n"));
      await fc.assert(
        fc.asyncProperty(content, async (text) => {
          await Deno.writeTextFile(`${folder}/rules`, `${text}\n`);
          const answer = await git(
            [
              "-c",
              `core.excludesFile=${folder}/rules`,
              "check-ignore",
              "-v",
              "-n",
              "--no-index",
              "-z",
              "--stdin",
            ],
            paths.map((path) => `${path}\0`).join(""),
          );
          const fields = answer.split("\0");
          const expected = paths.map((_, i) => {
            const pattern = fields[i * 4 + 2] ?? "";
            return pattern === "" ? undefined : !pattern.startsWith("!");
          });
          assert.deepEqual(
            paths.map((path) => decision(text, path)),
            expected,
            JSON.stringify(text),
          );
        }),
        { numRuns: 300 },
      );
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

/** The decision as in git: by the first ignored parent folder, or else by the path itself. */
function decision(text: string, path: string): boolean | undefined {
  const rules = new IgnoreRules(text);
  const parts = path.split("/");
  for (let i = 1; i < parts.length; i++) {
    if (rules.ignores(parts.slice(0, i).join("/"), { isFolder: true })) return true;
  }
  return rules.ignores(path, { isFolder: false });
}

async function run(cwd: string, args: string[], stdin: string): Promise<string> {
  const child = new Deno.Command("git", { args, cwd, stdin: "piped", stdout: "piped" }).spawn();
  const output = child.output();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(stdin));
  await writer.close();
  return new TextDecoder().decode((await output).stdout);
}
