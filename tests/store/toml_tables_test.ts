import assert from "node:assert/strict";
import fc from "fast-check";
import { parse as parseIndependently } from "toml";
import { NotToml, parseToml } from "../../src/store/toml.ts";
import { editTable, removeTables } from "../../src/store/toml_tables.ts";

const FILE = `# Identities of this machine
version = 3

# work
["musehub.ai"] # the hub
type = "agent"   # not a human
odd = 1979-05-27T07:32:00.123456789Z # precise
big = 9_223_372_036_854_775_807
float = 1.0
matrix = [
  ["a", "b"],
  [ "c" ],
]
text = """
["not.a.header"]
# not a comment
"""
token = "old" # secret
# the end of it

# private
["b.example"]
token = 'x' # keep
["b.example".nested]
x = { y = 1, z = [1, 2.0, "3"] }
[["b.example".list]]
a = 1
[["b.example".list]]
a = 2
# unquoted
[musehub.extra]
k = 1
`;

Deno.test("editTable() changes the given keys and no other byte", () => {
  const edited = editTable(FILE, "musehub.ai", {
    token: "new",
    capabilities: ["*"],
    odd: undefined,
  });
  assert.equal(
    edited,
    FILE
      .replace("odd = 1979-05-27T07:32:00.123456789Z # precise\n", "")
      .replace('token = "old" # secret\n', 'token = "new"\ncapabilities = [ "*" ]\n'),
  );
});

Deno.test("editTable() keeps the notation of an unchanged value", () => {
  const same = { type: "agent", token: "old", float: 1, matrix: [["a", "b"], ["c"]] };
  assert.equal(editTable(FILE, "musehub.ai", same), FILE);
});

Deno.test("editTable() adds a missing table at the end", () => {
  assert.equal(editTable("", "a.b", { x: "1" }), '["a.b"]\nx = "1"\n');
  assert.equal(editTable("[c]", "a.b", { x: "1" }), '[c]\n\n["a.b"]\nx = "1"\n');
  assert.equal(editTable("# all\n\n\n", "a", { x: "1" }), '# all\n\n[a]\nx = "1"\n');
  assert.equal(editTable("[a.b]\nc = 1\n", "a", { x: "1" }), '[a]\nx = "1"\n\n[a.b]\nc = 1\n');
});

Deno.test("editTable() converts an inline table to one with a header", () => {
  assert.equal(
    editTable('"a.b" = { token = "x", n = 1.0 } # c\nother = 1 # d\n[c]\n', "a.b", { token: "y" }),
    'other = 1 # d\n[c]\n\n["a.b"]\ntoken = "y"\nn = 1.0\n',
  );
  assert.equal(
    editTable('"a.b".token = "x"\n"a.b".n = 1\n["a.b".sub]\nq = 1\n', "a.b", { token: "y" }),
    '["a.b"]\ntoken = "y"\nn = 1\n\n["a.b".sub]\nq = 1\n',
  );
});

Deno.test("editTable() adds keys at the end of the table, with and without a final line end", () => {
  assert.equal(editTable("[a]", "a", { x: "1" }), '[a]\nx = "1"\n');
  assert.equal(editTable("[a]\ny = 2", "a", { x: "1" }), '[a]\ny = 2\nx = "1"\n');
  assert.equal(
    editTable("[a]\ny = 2\n\n# b\n[b]\n", "a", { x: "1" }),
    '[a]\ny = 2\nx = "1"\n\n# b\n[b]\n',
  );
});

Deno.test("removeTables() removes tables with their subtables and the comments directly above them", () => {
  const removed = removeTables(FILE, new Set(["b.example"]));
  const [before = "", after = ""] = FILE.split(/# private\n[^]*(?=# unquoted)/);
  assert.equal(removed, before + after);
  assert.equal(
    removeTables(FILE, new Set(["b.example", "musehub.ai", "nothing"])),
    "# Identities of this machine\nversion = 3\n\n# work\n# unquoted\n[musehub.extra]\nk = 1\n",
  );
  assert.equal(removeTables('"a.b".c = 1\nd = 2 # e\n', new Set(["a.b"])), "d = 2 # e\n");
});

Deno.test("a table or key called __proto__ is an ordinary one", () => {
  const edited = editTable('["__proto__"]\ntoken = "x"\n__proto__ = 1\n', "__proto__", {
    token: "y",
  });
  assert.equal(edited, '["__proto__"]\ntoken = "y"\n__proto__ = 1\n');
  assert.equal(removeTables(edited, new Set(["__proto__"])), "");
  assert.equal(editTable("", "__proto__", { token: "y" }), '[__proto__]\ntoken = "y"\n');
  assert.equal(editTable("__proto__ = 1\n", "a", { b: "c" }), '__proto__ = 1\n\n[a]\nb = "c"\n');
  assert.equal(Reflect.get({}, "token"), undefined);
});

for (
  const [source, line] of [
    ["[a\n", 1],
    ["a = 1\nb = \n", 2],
    ["a = 1\n\n[b]\nx = 'CANARY\n", 4],
    ["a = 1\na = 2\n", 2],
    ["[a]\n[b]\n[a]\n", 3],
    ['x = """\nCANARY\n', 1],
    ["a = 1\x00", 1],
  ] as const
) {
  Deno.test(`invalid TOML is reported by its line and not quoted: ${JSON.stringify(source)}`, () => {
    const works = [
      () => parseToml(source),
      () => editTable(source, "a", {}),
      () => removeTables(source, new Set()),
    ];
    for (const work of works) {
      assert.throws(work, (error) => {
        assert(error instanceof NotToml);
        assert.equal(error.line, line);
        assert(!/CANARY/.test(Deno.inspect(error)), Deno.inspect(error));
        return true;
      });
    }
  });
}

// Documents with several tables, in all notations of TOML.

const STATEMENTS: ((key: string) => string)[] = [
  (key) => `${key} = "text" # comment\n`,
  (key) => `${key} = 'li"teral'\n`,
  (key) => `${key}   =   1.0\n`,
  (key) => `${key} = 0x1f\n`,
  (key) => `${key} = 9223372036854775807\n`,
  (key) => `${key} = 1979-05-27T07:32:00.123456-07:00\n`,
  (key) => `${key} = 1979-05-27 07:32:00\n`,
  (key) => `${key} = 07:32:00.5\n`,
  (key) => `${key} = [ # c\n["a"],\n# d\n  [1, 2.0],\n]\n`,
  (key) => `${key} = """\n["no.header"]\n# no comment\ntoken = "x"\n"""\n`,
  (key) => `${key} = '''\n[[no]]\n# no comment''' # c\n`,
  (key) => `${key} = { a = 1, b.c = [ { d = 'e' } ] }\n`,
  (key) => `${key}.x.y = true\n`,
  (key) => `"${key} ü".'x' = inf\n`,
  (key) => `${key} = 1\r\n`,
  () => "\n",
  () => "  \n",
  () => "# a comment\n",
  () => '# ["no.header"]\n',
];
const SUBTABLES: ((name: string, key: string) => string)[] = [
  (name, key) => `[${name}.${key}]\nv = 1\n`,
  (name, key) => `# about it\n [ ${name} . ${key} ] # c\ntoken = "not of ${key}"\n\n`,
  (name, key) => `[[${name}.${key}]]\nv = 1\n[[${name}.${key}]]\nv = 2.0\n`,
  (name, key) => `[${name}.${key}.deep.er]\n`,
];
const statements = (from: readonly ((key: string) => string)[], prefix: string) =>
  fc.array(fc.constantFrom(...from), { maxLength: 5 }).map((makers) =>
    makers.map((make, i) => make(`${prefix}${i}`)).join("")
  );
const known = fc.subarray([
  'token = "old" # c\n',
  "type='human'\n",
  'capabilities = [\n  "a",\n  # c\n  "b",\n]\n',
  "expires_at = 1979-05-27T07:32:00Z\n",
]).map((lines) => lines.join(""));
const block = (name: string) =>
  fc.tuple(
    statements(STATEMENTS, "k"),
    known,
    statements(STATEMENTS, "l"),
    statements(SUBTABLES.map((make) => (key) => make(name, key)), "s"),
  ).map(([before, known, after, subtables]) => `[${name}]\n${before}${known}${after}${subtables}`);
const document = fc.tuple(
  statements(STATEMENTS, "root"),
  fc.shuffledSubarray(["a", '"b.example"', "'c.example:80'", '"__proto__"', "d"]).chain((names) =>
    fc.tuple(
      ...names.map((written) =>
        block(written).map((text) => ({ name: written.replaceAll(/["']/g, ""), text }))
      ),
    )
  ),
).map(([root, blocks]) => ({
  root,
  blocks,
  source: root + blocks.map(({ text }) => text).join(""),
}));
const value = fc.oneof(fc.string({ unit: "grapheme" }), fc.string({ unit: "binary-ascii" }));
const changes = fc.record({
  token: fc.option(value, { nil: undefined }),
  type: value,
  capabilities: fc.array(value, { maxLength: 3 }),
  expires_at: fc.option(value, { nil: undefined }),
}, { requiredKeys: [] });

const read = (source: string): Record<string, unknown> =>
  parseIndependently(source, { bigint: true });
/** A table with these changes, without undefined values. */
function withChanges(table: unknown, changes: Record<string, unknown>): Record<string, unknown> {
  const changed = { ...(typeof table === "object" ? table : {}), ...changes };
  return Object.fromEntries(Object.entries(changed).filter(([, value]) => value !== undefined));
}
/** Compares without regard to prototypes and the order of keys. */
function assertSame(actual: unknown, expected: unknown, source: string): void {
  const plain = (value: unknown): unknown =>
    Array.isArray(value)
      ? value.map(plain)
      : typeof value === "object" && value !== null && !(value instanceof Date)
      ? new Map(
        Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1).map(([k, v]) => [k, plain(v)]),
      )
      : value;
  assert.deepEqual(plain(actual), plain(expected), source);
}

Deno.test("editTable() changes nothing else, neither for an independent parser nor in bytes", () => {
  const names = fc.constantFrom("a", "b.example", "c.example:80", "__proto__", "new.example");
  fc.assert(
    fc.property(document, names, changes, ({ root, blocks, source }, name, changes) => {
      const before = read(source);
      const edited = editTable(source, name, changes);
      const table = Object.hasOwn(before, name) ? before[name] : {};
      assertSame(read(edited), { ...before, [name]: withChanges(table, changes) }, edited);
      const others = blocks.filter((one) => one.name !== name);
      for (const { text } of [...others, { text: root }]) {
        assert(edited.includes(text.trimEnd()), `${text}\nis not in\n${edited}`);
      }
    }),
    { numRuns: 500 },
  );
});

Deno.test("removeTables() removes nothing else, neither for an independent parser nor in bytes", () => {
  const names = fc.uniqueArray(
    fc.constantFrom<string>("a", "b.example", "c.example:80", "__proto__"),
  );
  fc.assert(
    fc.property(document, names, ({ root, blocks, source }, names) => {
      const removed = removeTables(source, new Set(names));
      const kept = Object.entries(read(source)).filter(([name]) => !names.includes(name));
      assertSame(read(removed), Object.fromEntries(kept), removed);
      const others = blocks.filter(({ name }) => !names.includes(name));
      for (const { text } of [...others, { text: root }]) {
        // Trailing comments belong to the next table.
        const own = text.replace(/(?:\s*#.*\s*)*$/, "");
        assert(removed.includes(own), `${own}\nis not in\n${removed}`);
      }
    }),
    { numRuns: 500 },
  );
});

Deno.test("editTable() accepts a file with many empty lines", () => {
  const lines = "\n".repeat(400_000);
  const source = `[a]\nx = 1${lines}[b]\ny = 2\n\n\n`;
  const edited = editTable(source, "c", { z: "3" });
  assert.equal(edited, `[a]\nx = 1${lines}[b]\ny = 2\n\n[c]\nz = "3"\n`);
});
