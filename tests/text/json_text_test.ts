import assert from "node:assert/strict";
import fc from "fast-check";
import {
  elementsAsWritten,
  fieldsAsWritten,
  indented,
  replaceTexts,
} from "../../src/text/json_text.ts";

const ODD =
  `{"n":12345678901234567890,"e":1E+400,"d":-0.10,"2":"\\u00e9\\/","1":[ ], "n" :{},"":"a\\\\"}`;

/** JSON with whitespace between its tokens. */
const written = fc.tuple(fc.jsonValue(), fc.constantFrom(undefined, 1, "\t", " \r\n")).map((
  [value, indent],
) => JSON.stringify(value, null, indent));

Deno.test("indented() writes JSON as JSON.stringify() does", () => {
  fc.assert(fc.property(written, (json) => {
    assert.equal(indented(json), JSON.stringify(JSON.parse(json), null, 2));
  }));
});

Deno.test("indented() keeps numbers, escapes and the order of keys", () => {
  assert.equal(
    indented(ODD),
    `{
  "n": 12345678901234567890,
  "e": 1E+400,
  "d": -0.10,
  "2": "\\u00e9\\/",
  "1": [],
  "n": {},
  "": "a\\\\"
}`,
  );
});

Deno.test("replaceTexts() changes nothing unless a text is replaced", () => {
  assert.equal(replaceTexts(ODD, (text) => text), ODD);
  fc.assert(fc.property(written, (json) => {
    assert.equal(replaceTexts(json, (text) => text), json);
  }));
});

Deno.test("replaceTexts() passes the field of each text, also after lists and objects", () => {
  const seen: [string, string | undefined][] = [];
  const json = `{"a": ["b", {"c": "d"}, ["e"], "f"], "g": {"h": "i"}, "j": "\\"k"}`;
  const changed = replaceTexts(json, (text, field) => {
    seen.push([text, field]);
    return field === "a" ? '"' : text;
  });
  assert.deepEqual(seen.filter(([, field]) => field !== undefined), [
    ...[["b", "a"], ["d", "c"], ["e", "a"], ["f", "a"], ["i", "h"], ['"k', "j"]],
  ]);
  assert.deepEqual(seen.filter(([, field]) => field === undefined).map(([key]) => key), [
    ...["a", "c", "g", "h", "j"],
  ]);
  assert.equal(changed, `{"a": ["\\"", {"c": "d"}, ["\\""], "\\""], "g": {"h": "i"}, "j": "\\"k"}`);
});

Deno.test("replaceTexts() replaces every text", () => {
  fc.assert(fc.property(written, (json) => {
    const upper = replaceTexts(json, (text, field) => field === undefined ? text : `${text}é"`);
    const expected = JSON.stringify(
      JSON.parse(json, (_key, value) => typeof value === "string" ? `${value}é"` : value),
    );
    assert.equal(JSON.stringify(JSON.parse(upper)), expected);
  }));
});

Deno.test("elementsAsWritten() slices the elements of a list", () => {
  const json =
    `{"x": {"items": [0]}, "items" : [1e2, {"items": [ 2 ]},"]" ,\n[3]], "y": ["items"]}`;
  assert.deepEqual(elementsAsWritten(json, "items"), ["1e2", '{"items": [ 2 ]}', '"]"', "[3]"]);
  assert.deepEqual(elementsAsWritten(`{"items": [1], "items": [2]}`, "items"), ["2"]);
  assert.deepEqual(elementsAsWritten(`{"items": []}`, "items"), []);
  assert.deepEqual(elementsAsWritten(`{"items": null, "x": [1]}`, "items"), []);
  fc.assert(fc.property(fc.array(written), (elements) => {
    const list = `{"a":1,"items":[ ${elements.join(" ,")}]}`;
    assert.deepEqual(elementsAsWritten(list, "items"), elements.map((one) => one.trim()));
  }));
});

Deno.test("fieldsAsWritten() slices the fields of an object", () => {
  const json = `{"a" : 1e2 ,"b":{"a": [1 , {}]}, "c":[ "}" ], "d": "x,:", "a":-0.10}`;
  assert.deepEqual([...fieldsAsWritten(json)], [
    ["a", "-0.10"],
    ["b", '{"a": [1 , {}]}'],
    ["c", '[ "}" ]'],
    ["d", '"x,:"'],
  ]);
  for (const other of ["{}", " [ {} ]", '"a"', "1", "[]", ""]) {
    assert.equal(fieldsAsWritten(other).size, 0);
  }
  fc.assert(fc.property(fc.dictionary(fc.string(), written), (fields) => {
    const members = Object.entries(fields).map(([key, value]) =>
      `${JSON.stringify(key)}: ${value}`
    );
    const expected = Object.entries(fields).map(([key, value]) => [key, value.trim()]);
    assert.deepEqual([...fieldsAsWritten(`{${members.join(",")} }`)], expected);
  }));
});
