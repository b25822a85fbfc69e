import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import { base64Of } from "../../src/text/base64.ts";

Deno.test("bytes are encoded as base64, whatever the chunks", async () => {
  await fc.assert(fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 10 })), async (chunks) => {
    const pieces = chunks.map((chunk) => new Uint8Array(chunk));
    const encoded = await Array.fromAsync(base64Of(ReadableStream.from(pieces)));
    const expected = Buffer.concat(pieces).toString("base64");
    assert.equal(encoded.map((one) => new TextDecoder().decode(one)).join(""), expected);
  }));
});
