import assert from "node:assert/strict";
import { ONLY_UNIX } from "../../scripts/only_unix.ts";
import { ROOT } from "../support/root.ts";

Deno.test("the tests that Windows skips exist, so that a moved one is not run by mistake", () => {
  for (const path of ONLY_UNIX) assert(Deno.statSync(`${ROOT}/${path}`), path);
});
