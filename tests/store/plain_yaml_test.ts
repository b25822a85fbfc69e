import assert from "node:assert/strict";
import fc from "fast-check";
import { dump, load } from "js-yaml";
import { readPlainYaml } from "../../src/store/plain_yaml.ts";

/** Whether readPlainYaml() reads a document; fails unless the result equals that of the YAML library. */
function agrees(source: string): boolean {
  const read = readPlainYaml(source);
  if (read === undefined) return false;
  assert.deepEqual(read, load(source), JSON.stringify(source));
  return true;
}

Deno.test("readPlainYaml() reads the credentials of arcade and of the Python CLI", () => {
  const auth = {
    access_token: "eyJhbGciOi.J9-_x.y==",
    refresh_token: "arcl_rt_MjH6P_xM",
    expires_at: "2026-11-21T01:52:57.706000+00:00",
    lifetime_seconds: 3600,
    authorization_server: "https://sso.example.com:8443",
  };
  const login = {
    coordinator_url: "http://localhost:34697",
    auth,
    user: { email: "some.one+tag@example.com" },
    context: {
      org_id: "f668fbf1-e0b8-48cb-af05-59a8cae2f6a8",
      org_name: "Default organization",
      project_id: "1e5",
      project_name: "It's ours: all of it",
    },
  };
  const document = {
    cloud: {
      active_context: "cloud.arcade.dev",
      contexts: { "cloud.arcade.dev": login },
      ...login,
    },
  };
  for (const indent of [2, 4]) {
    assert(agrees(dump(document, { lineWidth: -1, noRefs: true, indent })));
  }
  assert(agrees(dump({ cloud: { auth: { ...auth, refresh_token: "" } } })));
  assert(agrees(dump({ cloud: { ...login, context: null } }, { lineWidth: -1 })));
});

const unsupported = [
  "a: 1",
  "a: 0",
  "a: 007",
  "a: -1",
  "a: 1_000",
  "a: 999999999999999",
  "a: 12345678901234567890",
  "a: 1.5",
  "a: true",
  "a: Yes",
  "a: ~",
  "a:",
  "a:\n  b:\n",
  "a: [b]",
  "a: {b: c}",
  "a: &x b",
  "a: *x",
  "a: !!str b",
  'a: "b"',
  "a: b # comment",
  "# comment\na: b",
  "a: |\n  b",
  "a: b\n  c",
  "- a",
  "a: b\na: c",
  "a:\n  b: c\n d: e",
  "a: b\n\nc: d",
  "a: b\r\n",
  "a: 'b",
  "a: b:",
  "a: 2026-01-01",
  "true: b",
  "---\na: b",
  "a\t: b",
  "a:  b\t",
  "a: b: c",
  "  a: b",
  "a: 0x1f",
  "<<: b",
];
for (const source of unsupported) {
  Deno.test(`readPlainYaml() leaves ${JSON.stringify(source)} to the YAML library, or agrees with it`, () => {
    agrees(source);
  });
}

Deno.test("readPlainYaml() agrees with the YAML library on every document that it reads", () => {
  const word = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom("a", "b", "key", "auth", "x.y", "a-b") },
    fc.constantFrom("null", "yes", "y", "1e5", "", "-"),
  );
  const value = fc.oneof(
    { weight: 6, arbitrary: fc.stringMatching(/^[A-Za-z'][A-Za-z0-9 :'#.-]{0,12}$/) },
    { weight: 3, arbitrary: fc.constantFrom("http://x:1", "two words", "'it''s'", "a:b", "") },
    fc.string(),
    fc.constantFrom(
      "null",
      "'a",
      "a: b",
      "b #c",
      "1",
      "2026-01-01",
      "on",
      "~",
      "[a]",
      "-",
      "a:",
      "''",
      "b ",
    ),
  );
  const line = fc.tuple(
    fc.constantFrom(0, 0, 0, 0, 1, 2),
    word,
    fc.constantFrom(": ", ": ", ": ", ": ", ":", ":  "),
    value,
  )
    .map(([depth, key, colon, text]) => `${"  ".repeat(depth)}${key}${colon}${text}`);
  const shallow = fc.array(line, { minLength: 1, maxLength: 4 });
  let read = 0;
  fc.assert(
    fc.property(shallow, (lines) => {
      if (agrees(`${lines.join("\n")}\n`)) read++;
    }),
    { numRuns: 3000 },
  );
  assert(read > 30, `Only ${read} documents were read`);
});

Deno.test("readPlainYaml() reads back every mapping of strings written by the YAML library, or leaves it to the library", () => {
  const key = fc.stringMatching(/^[a-z][a-z_.-]{0,8}$/);
  const text = fc.oneof(
    fc.string(),
    fc.string({ unit: "binary" }),
    fc.stringMatching(/^[A-Za-z][ -~]{0,20}$/),
    fc.uuid(),
  );
  const mapping = fc.letrec((tie) => ({
    mapping: fc.dictionary(
      key,
      fc.oneof({ maxDepth: 3 }, text, fc.constant(null), tie("mapping")),
      { minKeys: 1, maxKeys: 4 },
    ),
  })).mapping;
  let read = 0;
  fc.assert(
    fc.property(mapping, (document) => {
      if (agrees(dump(document, { lineWidth: -1 }))) read++;
    }),
    { numRuns: 1000 },
  );
  assert(read > 100, `Only ${read} documents were read`);
});
