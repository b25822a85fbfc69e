import assert from "node:assert/strict";
import { createHash, createHmac } from "node:crypto";
import { hmacSha256, sha256 } from "../../src/secrecy/hash.ts";
import { hex } from "../../src/text/encoding.ts";

Deno.test("sha256() and hmacSha256() compute what Node computes", async () => {
  const bytes = new TextEncoder().encode("a text with ü");
  assert.equal(await sha256(bytes), createHash("sha256").update(bytes).digest("hex"));
  const expected = createHmac("sha256", "kéy").update(bytes).digest("hex");
  assert.equal(hex(await hmacSha256("kéy", "a text with ü")), expected);
});
