import assert from "node:assert/strict";
import { inspect } from "node:util";
import { Sensitive } from "../../src/secrecy/sensitive.ts";

Deno.test("Sensitive never shows its text when printed", () => {
  const token = new Sensitive("CANARY");
  const printed = [
    `${token}`,
    String(token),
    token + "",
    JSON.stringify({ token }),
    Deno.inspect(token),
    Deno.inspect({ deep: [token] }, { showHidden: true, depth: 10 }),
    inspect(token, { showHidden: true }),
    Object.entries(token).join(),
    String(new Error("x", { cause: token }).cause),
  ];
  for (const text of printed) assert(!text.includes("CANARY"), text);
  assert.equal(token.reveal(), "CANARY");
});

Deno.test("Sensitive counts characters, not code units", () => {
  assert.equal(new Sensitive("a😀é").length, 3);
});
