import assert from "node:assert/strict";
import {
  metaOf,
  ownVersion,
  parameterHeaders,
  statelessHeaders,
} from "../../src/api/mcp_headers.ts";
import type { Mapping } from "../../src/contract/fields.ts";

const headersOf = (params: Mapping, schema?: unknown) =>
  statelessHeaders(
    "2026-07-28",
    { kind: "notification", method: "tools/call", params },
    parameterHeaders(schema),
  );

Deno.test("a message names its protocol version, or belongs to a session", () => {
  assert.equal(ownVersion({ _meta: metaOf({}, {}) }), "2026-07-28");
  for (const params of [{}, { _meta: null }, { _meta: { progressToken: 1 } }]) {
    assert.equal(ownVersion(params), undefined);
  }
});

Deno.test("a name is sent in a header as it is, or in base64 if it is invalid there", () => {
  assert.equal(headersOf({ name: "Math_Add" })["mcp-name"], "Math_Add");
  for (const name of ["Zürich", " x", "x ", "a\nb", "", "=?base64?YQ==?="]) {
    const header = headersOf({ name })["mcp-name"] ?? "";
    const [, encoded = ""] = /^=\?base64\?(.*)\?=$/.exec(header) ?? [];
    const bytes = Uint8Array.from(atob(encoded), (one) => one.charCodeAt(0));
    assert.equal(new TextDecoder().decode(bytes), name);
  }
  assert(!("mcp-name" in headersOf({ name: "x".repeat(5000) })));
  assert(!("mcp-name" in headersOf({ name: 5 })));
});

Deno.test("parameters with a header are repeated in it, at any depth", () => {
  const schema = {
    properties: {
      place: { type: "string", "x-mcp-header": "Place" },
      options: {
        type: "object",
        properties: {
          days: { type: "integer", "x-mcp-header": "Days" },
          wide: { type: "boolean", "x-mcp-header": "Wide" },
        },
      },
      bad: { type: "string", "x-mcp-header": "a b\r\nx: y" },
    },
  };
  const args = { place: "Rome", options: { days: 3, wide: false }, bad: "z" };
  const { "mcp-param-place": place, "mcp-param-days": days, "mcp-param-wide": wide, ...others } =
    headersOf({ name: "x", arguments: args }, schema);
  assert.deepEqual([place, days, wide], ["Rome", "3", "false"]);
  assert.deepEqual(Object.keys(others), ["mcp-protocol-version", "mcp-method", "mcp-name"]);
  const none = headersOf({ name: "x", arguments: { place: null, options: [] } }, schema);
  assert.deepEqual(Object.keys(none).filter((name) => name.startsWith("mcp-param")), []);
});

Deno.test("a very deep schema is searched only up to a limit", () => {
  let schema: unknown = { "x-mcp-header": "Deep" };
  for (let i = 0; i < 5000; i++) schema = { properties: { a: schema } };
  assert.deepEqual(parameterHeaders(schema), []);
});
