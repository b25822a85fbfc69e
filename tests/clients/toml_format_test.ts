import assert from "node:assert/strict";
import fc from "fast-check";
import { BrokenText } from "../../src/clients/format.ts";
import { tomlFormat } from "../../src/clients/toml_format.ts";
import { parseToml } from "../../src/store/toml.ts";

const format = tomlFormat(["mcp_servers"]);
const ENTRY = { command: "/bin/x", args: ["a"] };
const TABLE = '[mcp_servers.n]\ncommand = "/bin/x"\nargs = [ "a" ]\n';

/** Texts, and what they become with a server `n`. Removing it again gives the text back, unless `removed` says otherwise. */
const cases: readonly {
  readonly what: string;
  readonly before: string;
  readonly after: string;
  readonly removed?: string;
}[] = [
  { what: "an empty file", before: "", after: TABLE },
  {
    what: "comments and other servers",
    before: "# mine\nmodel = \"x\" # model\n\n[mcp_servers.a] # a\ncommand = 'y'\n",
    after: `# mine\nmodel = "x" # model\n\n[mcp_servers.a] # a\ncommand = 'y'\n\n${TABLE}`,
  },
  {
    what: "CRLF, and no line end at the end",
    before: "a = 1\r\nb = 2",
    after: `a = 1\r\nb = 2\r\n\r\n${TABLE.replaceAll("\n", "\r\n")}`,
    removed: "a = 1\r\nb = 2\r\n",
  },
  {
    what: "an inline table for all servers",
    before: 'mcp_servers = { a = { command = "}," } } # all\nb = 1\n',
    after:
      'mcp_servers = { a = { command = "}," }, n = { command = "/bin/x", args = ["a"] } } # all\nb = 1\n',
    removed: 'mcp_servers = { a = { command = "}," }} # all\nb = 1\n',
  },
  {
    what: "an empty inline table for all servers",
    before: "mcp_servers = {}\n",
    after: 'mcp_servers = { n = { command = "/bin/x", args = ["a"] } }\n',
  },
];

for (const { what, before, after, removed = before } of cases) {
  Deno.test(`a server is added to TOML and removed again: ${what}`, () => {
    const added = format.set(before, "n", ENTRY);
    assert.equal(added, after);
    assert.deepEqual({ ...parseToml(added).mcp_servers as object }, {
      ...parseToml(before).mcp_servers as object,
      n: parseToml(added).mcp_servers && format.entries(added).get("n"),
    });
    assert.equal(format.set(added, "n", ENTRY), added);
    assert.equal(format.remove(added, "n"), removed);
    assert.equal(format.remove(before, "n"), before);
  });
}

/** The same server in every notation of TOML, which is replaced whole, with its own tables. */
const notations: readonly (readonly [what: string, before: string, after: string])[] = [
  [
    "tables, with one below and a comment above",
    '# n\n[mcp_servers.n]\nurl = "u"\n[mcp_servers.n.env]\nA = "1"\n\n# next\n[b]\nx = 1\n',
    `# n\n${TABLE}\n# next\n[b]\nx = 1\n`,
  ],
  ["a name in quotes", '[mcp_servers."n"]\nurl = "u"\n[b]\n', `${TABLE}[b]\n`],
  [
    "a table in the middle, and another later",
    '[mcp_servers.n]\nurl = "u"\n\n[b]\n\n[mcp_servers.n.tools.x]\ny = 1\n\n[c]\n',
    `${TABLE}\n[b]\n\n\n[c]\n`,
  ],
  [
    "a comment above a table of its own that comes later",
    '[mcp_servers.n]\nurl = "u"\n[b]\nx = 1\n# mine\n[mcp_servers.n.env]\nA = "1"\n',
    `${TABLE}[b]\nx = 1\n# mine\n`,
  ],
  ["keys with dots", 'a = 1\nmcp_servers.n.url = "u"\nb = 2\n', `a = 1\nb = 2\n\n${TABLE}`],
  [
    "keys in the table of all servers",
    '[mcp_servers]\nn.url = "u"\na = { url = "v" }\n\n[b]\n',
    `[mcp_servers]\na = { url = "v" }\n\n[b]\n\n${TABLE}`,
  ],
  [
    "an inline table",
    '[mcp_servers]\nn = { url = "u" } # n\na.url = "v"\n',
    `[mcp_servers]\na.url = "v"\n\n${TABLE}`,
  ],
];

for (const [what, before, after] of notations) {
  Deno.test(`a server is replaced in TOML, whatever its notation: ${what}`, () => {
    assert.equal(format.set(before, "n", ENTRY), after);
    assert.equal(format.entries(format.remove(before, "n")).has("n"), false);
  });
}

const broken: readonly (readonly [what: string, text: string, line: number])[] = [
  ["no TOML at all", "a = 1\nnot toml", 2],
  ["a table that is there twice", "[mcp_servers.n]\n[mcp_servers.n]\n", 2],
  ["servers that are no table", "a = 1\nmcp_servers = 1\n", 2],
];

for (const [what, text, line] of broken) {
  Deno.test(`a broken TOML file is refused with its line: ${what}`, () => {
    assert.throws(() => format.set(text, "n", ENTRY), (error) => {
      assert(error instanceof BrokenText, String(error));
      assert.equal(error.line, line);
      return true;
    });
  });
}

Deno.test("masked TOML has no values and comments except in the server's entry, without its variables", () => {
  const text = `# CANARY
a = "CANARY" # CANARY
"b=c" = """
CANARY
"""
[mcp_servers.b]
bearer_token = "CANARY"
[mcp_servers.n]
command = "shown"
[mcp_servers.n.env]
KEY = "CANARY"
`;
  const masked = format.masked(text, "n");
  assert.doesNotMatch(masked, /CANARY/);
  assert.match(masked, /command = "shown"/);
  assert.equal(masked.split("\n").length, text.split("\n").length);
});

const statement = fc.constantFrom(
  "# comment\n",
  "\n",
  'x = "[mcp_servers.n]"\n',
  "y = [\n  1, # one\n  2,\n]\n",
  "z.\"n\" = '''\n[a]\n'''\n",
);
const headers = [
  "[a]",
  "[[b]]",
  "[mcp_servers.c]",
  '[mcp_servers."d e".env]',
  "[mcp_servers.n]",
  "[mcp_servers.n.env]",
];

Deno.test("adding and removing a server leaves the rest of any TOML file unchanged", () => {
  const section = (header: string) =>
    fc.uniqueArray(statement, { maxLength: 5 }).map((lines) => `${header}\n${lines.join("")}`);
  const sections = fc.shuffledSubarray(headers).chain((some) => fc.tuple(...some.map(section)));
  fc.assert(
    fc.property(fc.uniqueArray(statement), sections, (top, others) => {
      const text = top.join("") + others.join("");
      const added = format.set(text, "n", ENTRY);
      assert.deepEqual({ ...format.entries(added).get("n") as object }, ENTRY);
      const removed = format.remove(added, "n");
      const lines = (source: string) => source.split("\n").filter((line) => line !== "");
      const foreign = top.join("") +
        others.filter((one) => !one.startsWith("[mcp_servers.n")).join("");
      const all = lines(removed).join("\n");
      // Comments of the removed tables may stay, so compare what was elsewhere.
      for (const line of lines(foreign)) assert(all.includes(line), line);
    }),
    { numRuns: 500 },
  );
});
