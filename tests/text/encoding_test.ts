import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import * as fc from "fast-check";
import { base64Url, hex } from "../../src/text/encoding.ts";

Deno.test("hex() and base64Url() write what Node writes", () => {
  fc.assert(fc.property(fc.uint8Array(), (bytes) => {
    assert.equal(hex(bytes), Buffer.from(bytes).toString("hex"));
    assert.equal(base64Url(bytes), Buffer.from(bytes).toString("base64url"));
  }));
});
