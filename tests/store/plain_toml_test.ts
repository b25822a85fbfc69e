import assert from "node:assert/strict";
import fc from "fast-check";
import { stringify } from "smol-toml";
import { readPlainToml } from "../../src/store/plain_toml.ts";
import { NotToml, parseToml } from "../../src/store/toml_tables.ts";

/** What is read is exactly what the TOML library reads; otherwise it is left to that. */
function agrees(source: string): boolean {
  const read = readPlainToml(source);
  if (read === undefined) return false;
  assert.deepEqual(read, parseToml(source), JSON.stringify(source));
  return true;
}

Deno.test("readPlainToml() reads the identities that we and Muse write", () => {
  const entry = {
    type: "agent",
    name: "Bücher & Söhne 🎵",
    id: "agt_def456",
    token: "eyJhbGciOi.J9-_x.y==",
    capabilities: ["read:*", "write:midi", "commit"],
    expires_at: "2027-01-01T00:00:00.000Z",
  };
  const document = {
    "musehub.ai": entry,
    "[::1]:8000": { ...entry, capabilities: [] },
    "a-b_c": {},
  };
  assert(agrees(stringify(document)));
  const ofMuse = `["musehub.ai"]
type = "human"
token = "eyJ..."

["localhost:8000"]
type = "agent"
capabilities = ["read:*", "write:midi", "commit"]
`;
  assert(agrees(ofMuse));
  assert(agrees(`# Identities\n\n${ofMuse}# the end`));
  assert(agrees(""));
});

const beyond = [
  "a = 1",
  'a = "1"',
  '["a"]\nb = 1',
  '["a"]\nb = 1.0',
  '["a"]\nb = true',
  '["a"]\nb = 1979-05-27',
  '["a"]\nb = "c" # d',
  '["a"] # b',
  '["a"]\nb = "\\n"',
  '["a"]\nb = "\\u00e9"',
  "['a']\nb = 'c'",
  '["a"]\nb = """c"""',
  '["a"]\nb = """\n["c"]\n"""',
  '["a"]\nb = [\n  "c",\n]',
  '["a"]\nb = ["c",]',
  '["a"]\nb = ["c" "d"]',
  '["a"]\nb = ["c", 1]',
  '["a"]\nb = [["c"]]',
  '["a"]\nb = { c = "d" }',
  '["a"]\nb.c = "d"',
  '["a"]\nb = "c"\nb = "d"',
  '["a"]\n["a"]',
  '["a"."b"]\nc = "d"',
  '[["a"]]\nb = "c"',
  '["a"]\n"b" = "c"',
  '["a"]\nb="c"',
  '["a"]\nb = "c',
  '["a"]\nb = "c"d"',
  '["a"]\r\nb = "c"\r\n',
  '["a"]\n\tb = "c"',
  '\uFEFF["a"]\nb = "c"',
  '["a"]\nb = "c\x00"',
  '["a"]\n# \x07',
  '[a.b]\nc = "d"',
  '["a"]\nb',
];
for (const source of beyond) {
  Deno.test(`readPlainToml() leaves ${JSON.stringify(source)} to a TOML parser`, () => {
    assert(!agrees(source));
  });
}

Deno.test("readPlainToml() takes __proto__ for a name like others", () => {
  assert(agrees('["__proto__"]\n__proto__ = "x"\nconstructor = ["y"]\n'));
});

Deno.test("readPlainToml() agrees with the TOML library on every document that it reads", () => {
  const text = fc.oneof(
    { weight: 6, arbitrary: fc.stringMatching(/^[ -~]{0,8}$/) },
    fc.string({ unit: "binary" }),
    fc.constantFrom('"', '", "', "\\", '\\"', "]", "[", " ]", "#"),
  );
  const key = fc.constantFrom("a", "b", "token", "__proto__", "x.y", "", "ü");
  const list = fc.array(text, { maxLength: 3 });
  const line = fc.oneof(
    { weight: 6, arbitrary: key.map((key) => `["${key}"]`) },
    key.map((key) => `[${key}]`),
    { weight: 6, arbitrary: fc.tuple(key, text).map(([key, text]) => `${key} = "${text}"`) },
    fc.tuple(key, list, fc.constantFrom("", " "), fc.constantFrom(", ", ",", '"', "")).map((
      [key, texts, space, comma],
    ) => `${key} = [${space}${texts.map((text) => `"${text}"`).join(comma)}${space}]`),
    text.map((text) => `#${text}`),
    fc.constant(""),
    text,
  );
  let read = 0;
  fc.assert(
    fc.property(fc.array(line, { maxLength: 6 }), (lines) => {
      try {
        if (agrees(lines.join("\n"))) read++;
      } catch (error) {
        assert(!(error instanceof NotToml), `Read, but it is not TOML: ${JSON.stringify(lines)}`);
        throw error;
      }
    }),
    { numRuns: 8000 },
  );
  assert(read > 500, `Only ${read} documents were read, so this shows little`);
});

Deno.test("readPlainToml() reads back everything that the TOML library writes, or leaves it", () => {
  const text = fc.oneof(fc.stringMatching(/^[ -~]{0,12}$/), fc.string({ unit: "grapheme" }));
  const name = fc.oneof(fc.domain(), fc.stringMatching(/^[a-z:\d[\]-]{1,8}$/), text);
  const tables = fc.dictionary(
    name,
    fc.dictionary(fc.stringMatching(/^[a-z_]{1,8}$/), fc.oneof(text, fc.array(text))),
  );
  let read = 0;
  fc.assert(
    fc.property(tables, (document) => {
      if (agrees(stringify(document))) read++;
    }),
    { numRuns: 1000 },
  );
  assert(read > 50, `Only ${read} documents were read, so this shows little`);
});
