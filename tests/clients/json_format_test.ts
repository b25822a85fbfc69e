import assert from "node:assert/strict";
import fc from "fast-check";
import { BrokenText } from "../../src/clients/format.ts";
import { jsonFormat } from "../../src/clients/json_format.ts";

const format = jsonFormat({ syntax: "jsonc", key: ["mcpServers"] });
const ENTRY = { command: "/bin/x", args: ["a"] };

/** Texts, and what they become with an entry `n`. Removing it again gives the text back, unless `removed` says otherwise. */
const cases: readonly {
  readonly what: string;
  readonly before: string;
  readonly after: string;
  readonly removed?: string;
}[] = [
  {
    what: "an empty file",
    before: "",
    after: `{
  "mcpServers": {
    "n": {
      "command": "/bin/x",
      "args": [
        "a"
      ]
    }
  }
}
`,
    removed: '{\n  "mcpServers": {}\n}\n',
  },
  {
    what: "nothing but a comment",
    before: "// mine",
    after:
      '// mine\n{\n  "mcpServers": {\n    "n": {\n      "command": "/bin/x",\n      "args": [\n        "a"\n      ]\n    }\n  }\n}\n',
    removed: '// mine\n{\n  "mcpServers": {}\n}\n',
  },
  {
    what: "another server, comments and tabs",
    before: `// top
{
	"theme": "dark", // dark
	"mcpServers": {
		// the first
		"a": { "command": "y" } // one line stays one line
		/* end */
	},
	"z": [1,2 , 3]
}
`,
    after: `// top
{
	"theme": "dark", // dark
	"mcpServers": {
		// the first
		"a": { "command": "y" }, // one line stays one line
		/* end */
		"n": {
			"command": "/bin/x",
			"args": [
				"a"
			]
		}
	},
	"z": [1,2 , 3]
}
`,
  },
  {
    what: "a trailing comma",
    before: '{\n    "mcpServers": {\n        "a": {},\n    },\n}\n',
    after:
      '{\n    "mcpServers": {\n        "a": {},\n        "n": {\n            "command": "/bin/x",\n            "args": [\n                "a"\n            ]\n        },\n    },\n}\n',
  },
  {
    what: "CRLF, and no line end at the end",
    before: '{\r\n  "a": 1\r\n}',
    after:
      '{\r\n  "a": 1,\r\n  "mcpServers": {\r\n    "n": {\r\n      "command": "/bin/x",\r\n      "args": [\r\n        "a"\r\n      ]\r\n    }\r\n  }\r\n}',
    removed: '{\r\n  "a": 1,\r\n  "mcpServers": {}\r\n}',
  },
  {
    what: "a file on one line",
    before: '{"a":1,"mcpServers":{"b":{"url":"u"}}}',
    after: '{"a":1,"mcpServers":{"b":{"url":"u"},"n":{"command":"/bin/x","args":["a"]}}}',
  },
  {
    what: "an empty object on one line of several",
    before: '{\n  "mcpServers": {},\n  "a": 1\n}\n',
    after:
      '{\n  "mcpServers": {\n    "n": {\n      "command": "/bin/x",\n      "args": [\n        "a"\n      ]\n    }\n  },\n  "a": 1\n}\n',
  },
  {
    what: "keys that are there twice elsewhere, and numbers that JavaScript changes",
    before:
      '{\n  "a": 1.0,\n  "a": 1e400,\n  "mcpServers": {\n    "b": {},\n    "b": {"x":12345678901234567890}\n  }\n}\n',
    after:
      '{\n  "a": 1.0,\n  "a": 1e400,\n  "mcpServers": {\n    "b": {},\n    "b": {"x":12345678901234567890},\n    "n": {\n      "command": "/bin/x",\n      "args": [\n        "a"\n      ]\n    }\n  }\n}\n',
  },
];

for (const { what, before, after, removed = before } of cases) {
  Deno.test(`a server is added to JSON and removed again: ${what}`, () => {
    const added = format.set(before, "n", ENTRY);
    assert.equal(added, after);
    assert.equal(format.set(added, "n", ENTRY), added);
    assert.deepEqual(format.entries(added).get("n"), ENTRY);
    assert.equal(format.remove(added, "n"), removed);
    assert.equal(format.remove(before, "n"), before);
  });
}

const removals: readonly (readonly [what: string, before: string, after: string])[] = [
  [
    "the first on its lines",
    '{"mcpServers": {\n  "n": {},\n  "b": 1 // b\n}}',
    '{"mcpServers": {\n  "b": 1 // b\n}}',
  ],
  ["the last on one line", '{"mcpServers": { "b": 1, "n": {} }}', '{"mcpServers": { "b": 1 }}'],
  [
    "the middle on one line",
    '{"mcpServers": {"a":1, "n":{}, "b":2}}',
    '{"mcpServers": {"a":1, "b":2}}',
  ],
  [
    "one between comments",
    '{"mcpServers": {\n  "a": 1, // a\n  // above\n  "n": {} /* behind */,\n  // below\n  "b": 2\n}}',
    '{"mcpServers": {\n  "a": 1, // a\n  // above\n   /* behind */\n  // below\n  "b": 2\n}}',
  ],
  [
    "the last, before which is a comment",
    '{"mcpServers": {\n  "a": 1, // a\n  "n": {}\n  // end\n}}',
    '{"mcpServers": {\n  "a": 1 // a\n  // end\n}}',
  ],
];

for (const [what, before, after] of removals) {
  Deno.test(`a server is removed from JSON: ${what}`, () => {
    assert.equal(format.remove(before, "n"), after);
  });
}

Deno.test("a replaced server has the indentation of the old one", () => {
  const before = '{\n "mcpServers": {\n  "n": {"url": "u"}, // mine\n  "b": {}\n }\n}';
  assert.equal(
    format.set(before, "n", { url: "v" }),
    '{\n "mcpServers": {\n  "n": {\n   "url": "v"\n  }, // mine\n  "b": {}\n }\n}',
  );
});

Deno.test("servers are read from the place that the file uses, if a client supports two", () => {
  const two = jsonFormat({ syntax: "jsonc", key: ["mcp"], otherKey: ["mcp", "servers"] });
  assert.equal(two.set('{"mcp":{}}', "n", {}), '{"mcp":{"n":{}}}');
  assert.equal(two.set('{"mcp":{"servers":{}}}', "n", {}), '{"mcp":{"servers":{"n":{}}}}');
});

const broken: readonly (readonly [
  what: string,
  syntax: "json" | "commented" | "jsonc",
  text: string,
  line: number,
])[] = [
  ["no JSON at all", "jsonc", "not json", 1],
  ["cut off", "jsonc", '{\n  "mcpServers": {\n    "a": 1', 3],
  ["more after the end", "jsonc", "{}\n{}", 2],
  ["a list", "jsonc", "\n[]", 2],
  ["servers that are null", "jsonc", '{\n"mcpServers": null}', 2],
  ["servers that are a list", "jsonc", '{\n"mcpServers": []}', 2],
  ["servers that are there twice", "jsonc", '{\n"mcpServers": {},\n"mcpServers": {}}', 3],
  ["the server that is there twice", "jsonc", '{"mcpServers": {"n": 1,\n"n": 2}}', 2],
  ["a comment that its client cannot read", "json", "{\n// c\n}", 2],
  ["a trailing comma that its client cannot read", "commented", '{\n"a": 1,\n}', 3],
  ["nested too deeply", "jsonc", "[".repeat(100_000), 1],
];

for (const [what, syntax, text, line] of broken) {
  Deno.test(`a broken JSON file is refused with its line: ${what}`, () => {
    const { set, remove } = jsonFormat({ syntax, key: ["mcpServers"] });
    for (const edit of [() => set(text, "n", ENTRY), () => remove(text, "n")]) {
      assert.throws(edit, (error) => {
        assert(error instanceof BrokenText, String(error));
        assert.equal(error.line, line);
        return true;
      });
    }
  });
}

Deno.test("masked JSON has no texts and comments except in the entry, without its variables", () => {
  const text = `{
  // CANARY
  "a": ["CANARY", 1], /* CANARY
  CANARY */
  "mcpServers": {
    "b": { "env": { "KEY": "CANARY" }, "args": ["--key", "CANARY"] },
    "n": { "command": "shown", "env": { "KEY": "CANARY" }, "headers": { "A": "CANARY" } }
  }
}
`;
  const masked = format.masked(text, "n");
  assert.doesNotMatch(masked, /CANARY/);
  assert.match(masked, /"shown"/);
  assert.equal(masked.split("\n").length, text.split("\n").length);
});

/** White space and comments between two tokens. */
const gap = fc.array(
  fc.constantFrom(" ", "\n", "\t", "// c }\n", '/* " */', "\r\n"),
  { maxLength: 3 },
).map((parts) => parts.join(""));

const value: fc.Arbitrary<string> = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom("1", "1.0", "-0", "1e5", "true", "null", '""', '"\\u00e9//"', '"{"'),
    tie("list"),
    tie("object"),
  ),
  list: fc.tuple(fc.array(tie("value"), { maxLength: 3 }), gap)
    .map(([items, space]) => `[${space}${items.join(`,${space}`)}]`),
  object: objectOf(tie("value") as fc.Arbitrary<string>, fc.string()),
})).value as fc.Arbitrary<string>;

function objectOf(values: fc.Arbitrary<string>, names: fc.Arbitrary<string>) {
  const property = fc.tuple(gap, names, gap, values, gap)
    .map(([a, name, b, value, c]) => `${a}${JSON.stringify(name)}${b}:${value}${c}`);
  return fc.tuple(fc.array(property, { maxLength: 4 }), gap, fc.boolean()).map(
    ([properties, space, hasComma]) =>
      `{${space}${properties.join(",")}${hasComma && properties.length > 0 ? "," : ""}${space}}`,
  );
}

const otherName = fc.string().filter((name) => name !== "n" && name !== "mcpServers");
const file = fc.tuple(
  fc.option(objectOf(value, otherName), { nil: undefined }),
  fc.array(fc.tuple(gap, otherName, value), { maxLength: 3 }),
  gap,
).map(([servers, others, space]) => {
  const properties = others.map(([gap, name, value]) => `${gap}${JSON.stringify(name)}: ${value}`);
  if (servers !== undefined) {
    properties.splice(1, 0, `${space}"mcpServers"${space}:${space}${servers}`);
  }
  return `${space}{${properties.join(",")}${space}}${space}`;
});

/** The tokens of a file without whitespace and commas. */
function tokens(text: string): string[] {
  return text.match(/"(?:\\.|[^"\\])*"|\/\/[^\r\n]*|\/\*[^]*?\*\/|[^\s,]/g) ?? [];
}

Deno.test("adding and removing a server keeps all other tokens of any file in order", () => {
  fc.assert(
    fc.property(file, (text) => {
      const added = format.set(text, "n", ENTRY);
      assert.deepEqual(format.entries(added).get("n"), ENTRY);
      assert.equal(format.set(added, "n", ENTRY), added);
      const removed = format.remove(added, "n");
      const before = tokens(text);
      const after = tokens(removed);
      // An object for the servers stays if there was none before.
      assert.deepEqual(
        format.entries(text).size === 0 ? withoutServers(after) : after,
        format.entries(text).size === 0 ? withoutServers(before) : before,
      );
    }),
    { numRuns: 1000 },
  );
});

function withoutServers(all: readonly string[]): string[] {
  return all.join("\0").replace(/"mcpServers"\0:\0\{\0\}\0?/, "").split("\0");
}
