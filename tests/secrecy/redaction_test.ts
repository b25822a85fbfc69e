import assert from "node:assert/strict";
import fc from "fast-check";
import { Finder, redact } from "../../src/secrecy/redaction.ts";
import { maskJson } from "../../src/api/mask.ts";
import { keepNames, MASK, redactData, redactName, Sensitive } from "../../src/secrecy/sensitive.ts";

/** The message as shown while these texts are secret. */
function shown(message: string, ...texts: string[]): string | undefined {
  const finder = new Finder({ long: 8, part: 6 });
  for (const text of texts) finder.add(text);
  return finder.hideIn(message, undefined);
}

const VALUE = `pa"ss'word & 100% of\nthe \\ größe`;

function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}

/** Like Python's `quote()`, which keeps only the unreserved characters of RFC 3986. */
function quoted(text: string): string {
  const bytes = [...new TextEncoder().encode(text)];
  return bytes.map((byte) => {
    const character = String.fromCharCode(byte);
    const hex = byte.toString(16).toUpperCase().padStart(2, "0");
    return /[\w.~-]/.test(character) ? character : `%${hex}`;
  }).join("");
}

/** The forms in which servers repeat a value. */
const FORMS: Record<string, (value: string) => string> = {
  "unchanged": (value) => value,
  "in Python's repr": (value) =>
    value.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll("'", "\\'"),
  "in JSON": (value) => JSON.stringify(value),
  "in JSON within JSON": (value) => JSON.stringify(JSON.stringify(value)),
  "in a URL": encodeURIComponent,
  "in a form": (value) => new URLSearchParams({ value }).toString().slice("value=".length),
  "in a URL according to RFC 3986": quoted,
  "in a URL by Python": (value) => quoted(value).replaceAll("%2F", "/"),
  "in a form by Python": (value) => quoted(value).replaceAll("%20", "+"),
  "in HTML": (value) =>
    value.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("'", "&#39;"),
  "in base64": (value) => base64(value),
  "in base64 after one byte": (value) => base64(`{${value}`).slice(2),
  "in base64 after two bytes": (value) => base64(`{"${value}`).slice(3),
  "in base64 for URLs": (value) => base64(value).replaceAll("+", "-").replaceAll("/", "_"),
  "in hexadecimal": (value) => new TextEncoder().encode(value).toHex(),
  "in JSON of Python": (value) =>
    JSON.stringify(value).replace(
      /[^\0-\x7f]/g,
      (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
    ),
  "in capital letters": (value) => value.toUpperCase(),
  "truncated at the end": (value) => `${value.slice(0, 9)}…`,
  "truncated at the start": (value) => `…${value.slice(-9)}`,
  "in pieces": (value) => (value.match(/[^]{1,7}/gu) ?? []).join(" | "),
};
for (const [how, form] of Object.entries(FORMS)) {
  for (const value of [VALUE, "sk_live_51H8aXkPq", "correct horse battery staple", "aöbücöd漢e"]) {
    Deno.test(`a long value is not shown ${how}: ${JSON.stringify(value)}`, () => {
      const message = `The value ${form(value)} is refused`;
      const rest = shown(message, value)?.replaceAll(MASK, "\n") ?? "";
      const repeated = form(value).toLowerCase();
      for (let i = 0; i + 6 <= repeated.length; i++) {
        const piece = repeated.slice(i, i + 6);
        assert(!rest.toLowerCase().includes(piece), `${piece} in ${rest}`);
      }
    });
  }
}

for (const [how, form] of Object.entries(FORMS)) {
  if (/truncated|pieces|after/.test(how)) continue;
  for (const value of [VALUE, `a 'b"&c`, "?>?>", "a/b(~*!)"]) {
    Deno.test(`the rest of a message is shown around a value ${how}: ${JSON.stringify(value)}`, () => {
      const message = shown(`The value ${form(value)} is refused`, value);
      assert.match(message ?? "", /^The value [\\"]*\[hidden\][\\"=]* is refused$/i);
    });
  }
}

Deno.test("a message with a complete value is shown without the value", () => {
  const value = "sk_live_51H8aXkPq";
  assert.equal(shown(`Bad value "${value}"`, value), 'Bad value "[hidden]"');
  assert.equal(shown(`Bad ${value.toUpperCase()}!`, value), "Bad [hidden]!");
  assert.equal(shown(`${value} ${value}`, value), "[hidden] [hidden]");
  assert.equal(shown(`${value} is not abcdefgh`, value, "abcdefgh"), "[hidden] is not [hidden]");
});

Deno.test("a message with a part of a long value is omitted", () => {
  assert.equal(shown("The value sk_liv… is refused", "sk_live_51H8aXkPq"), undefined);
  assert.equal(shown("Ends in 8aXkPq", "sk_live_51H8aXkPq"), undefined);
  assert.equal(shown("A harmless sentence", "sk_live_51H8aXkPq"), "A harmless sentence");
});

Deno.test("a short value is hidden only as a whole word, so that the mask does not reveal it", () => {
  const feature = "This feature is a beta";
  assert.equal(shown(feature, "a"), "This feature is [hidden] beta");
  assert.equal(shown("An unproductive prod", "prod"), "An unproductive [hidden]");
  assert.equal(shown('Refused {"v":"eu"} in Europe', "eu"), 'Refused {"v":"[hidden]"} in Europe');
  assert.equal(shown("Refused a.b, not axb", "a.b"), "Refused [hidden], not axb");
  assert.equal(shown(`Refused ${btoa("hunter2")}`, "hunter2"), "Refused [hidden]");
});

Deno.test("redact() hides all tokens and values of the process, in any order", () => {
  assert.equal(redact("No value-of-a-test-1 here"), "No value-of-a-test-1 here");
  const first = new Sensitive("value-of-a-test-1");
  assert.equal(redact("No value-of-a-test-1 here"), "No [hidden] here");
  assert.equal(redact("No value-of-a-test-2 here"), undefined); // resembles the first value
  const second = new Sensitive("another-canary-2");
  assert.equal(redact(`${first.reveal()} ${second.reveal()}`), "[hidden] [hidden]");
});

Deno.test("redact() omits a message with six characters of a value, not with five", () => {
  new Sensitive("Zq7-part-Xw9");
  assert.equal(redact("Begins with zq7-pa"), undefined);
  assert.equal(redact("Ends in rt-xw9"), undefined);
  assert.equal(redact("Begins with zq7-p"), "Begins with zq7-p");
  assert.equal(redact("Ends in t-xw9"), "Ends in t-xw9");
});

/** The message as the terminal shows it while these texts are secret and these names are in use. */
function shownWith(message: string, texts: readonly string[], names: readonly string[]) {
  const finder = new Finder({ long: 8, part: 6, names: () => new Set(names) });
  for (const text of texts) finder.add(text);
  return finder.hideIn(message, undefined);
}

const kept: [message: string, text: string, expected: string, ...names: string[]][] = [
  ["Key PROD_DB_URL is invalid", "prod", "Key PROD_DB_URL is invalid"],
  ["No server prod-eu, Prod.Forecast", "prod", "No server prod-eu, Prod.Forecast"],
  ["Key PRODUCTION_DB_URL is invalid", "production", "Key PRODUCTION_DB_URL is invalid"],
  ["The unproductive PRODUCTION.", "production", "The unproductive [hidden]."],
  ['Refused {"v":"prod"} for prod.', "prod", 'Refused {"v":"[hidden]"} for [hidden].'],
  ["https://x.example/?v=prod&w=1", "prod", "https://x.example/?v=[hidden]&w=1"],
  ["The value prod of PROD is short", "prod", "The value [hidden] of PROD is short", "PROD"],
  ["The value a of KEY/a", "a", "The value [hidden] of KEY/a", "KEY/a"],
  ["Key us-east-1_URL, us-east-1", "us-east-1", "Key us-east-1_URL, [hidden]", "us-east-1_URL"],
  ["Key MY_US-EAST-9", "us-east-1", "Key MY_US-EAST-9", "MY_US-EAST-9"],
];
for (const [message, text, expected, ...names] of kept) {
  Deno.test(`a value leaves names: "${text}" in "${message}"`, () => {
    assert.equal(shownWith(message, [text], names), expected);
  });
}

Deno.test("a word is hidden in base64 with other text", () => {
  const text = btoa('{"value":"production"}');
  assert.match(
    shownWith(`Refused ${text}`, ["production"], []) ?? "",
    /^Refused \S{1,16}\[hidden\]\S{1,6}$/,
  );
});

Deno.test("a name within a long value does not reveal the value", () => {
  const value = "postgres://DB_HOST:5432/x";
  assert.equal(shownWith(`Bad ${value}!`, [value], ["DB_HOST"]), "Bad [hidden]!");
  assert.equal(shownWith("Bad postgres://DB_HOST…", [value], ["DB_HOST"]), undefined);
});

Deno.test("maskJson() keeps keys, names and ids, and hides values in other texts", () => {
  new Sensitive("staging", "value");
  new Sensitive("mask-test-value-1", "value");
  new Sensitive("mask-test-token-1");
  const names = {
    key: "STAGING_DB_URL",
    name: "staging",
    id: "mask-test-value-1",
    org_id: "staging",
  };
  const shown = maskJson({
    items: [names, { name: "mask-test-token-1", description: "is staging" }],
  });
  assert.deepEqual(JSON.parse(shown), {
    items: [names, { name: "[hidden]", description: "is [hidden]" }],
  });
  assert.deepEqual(JSON.parse(maskJson({ message: "no mask-test-value-1", status: "staging" })), {
    message: "no [hidden]",
    status: "[hidden]",
  });
});

Deno.test("redact() keeps the names in use", () => {
  new Sensitive("kept-name-value-1", "value");
  keepNames("KEPT-NAME-VALUE-1");
  assert.equal(redact("KEPT-NAME-VALUE-1 = kept-name-value-1"), "KEPT-NAME-VALUE-1 = [hidden]");
});

Deno.test("the message is omitted if there are too many texts to search for", () => {
  assert.equal(shown("A harmless sentence", "x".repeat(300_000)), undefined);
});

Deno.test("no message reveals six characters of a long value", () => {
  const value = fc.string({ unit: "grapheme", minLength: 8, maxLength: 60 });
  fc.assert(fc.property(value, fc.string(), fc.string(), fc.nat(), (text, before, after, at) => {
    const plain = text.trim();
    if (plain.length < 8 || !plain.isWellFormed()) return;
    const start = at % (plain.length - 5);
    const masked = shown(`${before}${plain.slice(start)}${after}`, plain) ?? "";
    const rest = masked.replaceAll(MASK, "\n");
    for (let i = 0; i + 6 <= plain.length; i++) {
      const part = plain.slice(i, i + 6);
      // Half a surrogate pair is not a character.
      if (part.isWellFormed()) assert(!rest.includes(part), `${part} in ${masked}`);
    }
  }));
});

Deno.test("redactData() hides complete tokens and values and keeps all other data", () => {
  new Sensitive("token-of-the-data-test");
  new Sensitive("value-of-the-data-test", "value");
  new Sensitive("eu", "value");
  new Sensitive("DEVELOPMENT", "value");
  const names = "DEVELOPMENT_URL x-DEVELOPMENT.y";
  assert.equal(redactData(`${names} is DEVELOPMENT.`), `${names} is [hidden].`);
  const text = "eu token-of-the-data-test value-of-the-data-test token-of-the";
  assert.equal(redactData(text), "eu [hidden] [hidden] token-of-the");
  assert.equal(redactName(text), "eu [hidden] value-of-the-data-test token-of-the");
});

Deno.test("redactData() hides each line of a value of several lines, but no short one", () => {
  new Sensitive("-----BEGIN KEY-----\r\n  bWFueS1saW5lcw==\r\nshort\n", "value");
  assert.equal(redactData("| -----BEGIN KEY-----"), `| ${MASK}`);
  assert.equal(redactData("| bWFueS1saW5lcw== | short"), `| ${MASK} | short`);
  assert.equal(redactName("bWFueS1saW5lcw=="), "bWFueS1saW5lcw==");
});
