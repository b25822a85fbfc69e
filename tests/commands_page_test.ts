import assert from "node:assert/strict";
import { commandReference } from "../scripts/command_reference.ts";

Deno.test("docs/commands.md is what `deno task docs` makes", async () => {
  const page = await Deno.readTextFile(new URL("../docs/commands.md", import.meta.url));
  assert.equal(page, await commandReference());
});
