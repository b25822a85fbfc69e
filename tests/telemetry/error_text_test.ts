import assert from "node:assert/strict";
import fc from "fast-check";
import { hidePrivate } from "../../src/telemetry/error_text.ts";

const cases: [what: string, message: string, texts: string[], hidden: string][] = [
  ["user input", "There is no secret API_KEY_7", ["API_KEY_7"], "There is no secret [hidden]"],
  [
    "a part of a text",
    "Bad value 'canary-on…'",
    ["canary-one-line-tail"],
    "Bad value '[hidden]…'",
  ],
  ["a text in another case", "Refused CANARY", ["canary"], "Refused [hidden]"],
  ["the whole word around a text", "Refused xxcanaryxx", ["canary"], "Refused [hidden]"],
  ["the whole word around a part", "It was rejected", ["object-7"], "It was [hidden]"],
  ["the word between two texts", "Is 1canaryor2canaryx", ["canary"], "Is [hidden]"],
  ["no word beside a text", "re-canary_ed", ["canary"], "re-[hidden]_ed"],
  ["a text in an address", "Not found: a%20b%2Fcd", ["a b/cd"], "Not found: [hidden]"],
  ["a text in JSON", 'Refused {"v":"a\\"b\\nc"}', ['a"b\nc'], 'Refused {"v":"[hidden]"}'],
  ["a text in base64", `Refused ${btoa("canary")}`, ["canary"], "Refused [hidden]"],
  ["a short text as a whole word", "1 of 3 is x", ["x"], "1 of 3 is [hidden]"],
  ["no short text within words", "A box of x", ["x"], "A box of [hidden]"],
  ["special characters of regular expressions", "Not a.*", ["a.*"], "Not [hidden]"],
  ["the home folder", "Cannot read /home/jane/.env", ["/home/jane"], "Cannot read [hidden]/.env"],
  ["an unknown e-mail address", "Ask jane@example.com", [], "Ask [hidden]"],
  ["an unknown token", "Bearer arc_9aXk2mPq81LzTt04Vw", [], "Bearer [hidden]"],
  [
    "an unknown address",
    "https://hub.example:8443/a/b?code=c failed",
    [],
    "https://[hidden] failed",
  ],
  [
    "the path of an address",
    "https://api.arcade.dev/v1 failed",
    [],
    "https://api.arcade.dev/[hidden] failed",
  ],
  [
    "no Arcade host",
    "Cannot reach https://cloud.arcade.dev: no",
    [],
    "Cannot reach https://cloud.arcade.dev: no",
  ],
  ["a host that contains an Arcade host", "Ask cloud.arcade.dev.example", [], "Ask [hidden]"],
  ["a host that ends like an Arcade host", "Ask xarcade.dev", [], "Ask [hidden]"],
  ["a host without an address", "No identity for hub.example:8443", [], "No identity for [hidden]"],
  ["an international host", "Ask bücher.example", [], "Ask [hidden]"],
  ["an IPv4 address", "Port 80 on 127.0.0.1 is taken", [], "Port 80 on [hidden] is taken"],
  ["an IPv6 address", "No identity for [::1]:8443", [], "No identity for [hidden]"],
  ["no name of an arcade file", "credentials.yaml is a folder", [], "credentials.yaml is a folder"],
  ["adjacent texts once", "From alpha-1 beta-2", ["alpha-1 beta-2"], "From [hidden]"],
  ["nothing without private texts", "Not logged in", ["", "  "], "Not logged in"],
];
for (const [what, message, texts, hidden] of cases) {
  Deno.test(`hidePrivate() hides ${what}`, () => {
    assert.equal(hidePrivate(message, texts), hidden);
  });
}

Deno.test("hidePrivate() returns at most 300 characters, without splitting one", () => {
  assert.equal([...hidePrivate("🙂".repeat(500), [])].length, 300);
  assert.equal(hidePrivate("🙂".repeat(500), []).isWellFormed(), true);
});

Deno.test("hidePrivate() truncates after hiding, so that no partial text is left at the end", () => {
  const message = `${"-".repeat(297)}canary`;
  assert.doesNotMatch(hidePrivate(message, ["canary"]), /can/);
});

Deno.test("hidePrivate() leaves at most three characters of a text after an apparent token", () => {
  const token = `1${"a".repeat(30)}`;
  assert.equal(hidePrivate(`"${token}#é!"`, [`${token}#é!`]), '"[hidden]#é!"');
  assert.equal(hidePrivate(`"${token}#é!?"`, [`${token}#é!?`]), '"[hidden]"');
});

Deno.test("hidePrivate() returns nothing if there are too many texts to search for", () => {
  assert.equal(hidePrivate("Refused", ["x".repeat(300_000)]), "[hidden]");
});

Deno.test("no four characters of a private text are left, in any form", () => {
  const text = fc.string({ unit: "grapheme", minLength: 4, maxLength: 60 });
  const inJson = (text: string) => JSON.stringify(text);
  const form = fc.constantFrom<(text: string) => string>(
    (text) => text,
    (text) => text.toUpperCase(),
    encodeURIComponent,
    inJson,
    (text) => text.slice(0, Math.ceil(text.length / 2)),
    (text) => btoa(String.fromCharCode(...new TextEncoder().encode(text))),
  );
  fc.assert(fc.property(text, form, fc.string(), fc.string(), (text, repeat, before, after) => {
    const plain = text.trim();
    // A text that is shorter without spaces is hidden only as a whole word.
    if (!plain.isWellFormed() || plain.length < 4) return;
    const hidden = hidePrivate(`${before}${repeat(plain)}${after}`, [plain]);
    const rest = hidden.replaceAll("[hidden]", "\n");
    // The quotes of JSON are not private: `"[hidden]abc"` reveals three characters.
    const hiddenForms = [plain, repeat === inJson ? inJson(plain).slice(1, -1) : repeat(plain)];
    for (const one of hiddenForms) {
      for (let i = 0; i + 4 <= one.length; i++) {
        assert(!rest.includes(one.slice(i, i + 4)), `${one.slice(i, i + 4)} in ${hidden}`);
      }
    }
  }));
});
