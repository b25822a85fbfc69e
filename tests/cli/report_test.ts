import assert from "node:assert/strict";
import { toFailure } from "../../src/cli/report.ts";

Deno.test("a build without a repository says that it has no address for bug reports", () => {
  const { kind, next } = toFailure(new TypeError("x"));
  assert.equal(kind, "internal");
  assert.match(next ?? "", /--debug.*This build has no address for reports$/);
});
