import assert from "node:assert/strict";
import { isCloudAddress, isSameServer } from "../../src/hosts/cloud.ts";

Deno.test("only arcade.dev and its subdomains are Arcade Cloud", () => {
  for (const host of ["arcade.dev", "api.arcade.dev", "eu.api.arcade.dev", "API.ARCADE.DEV."]) {
    assert.equal(isCloudAddress(`https://${host}`), true, host);
  }
  for (const host of ["notarcade.dev", "arcade.dev.evil.example", "arcade.example", "127.0.0.1"]) {
    assert.equal(isCloudAddress(`https://${host}/arcade.dev`), false, host);
    assert.equal(isSameServer(`https://${host}`, "https://api.arcade.dev"), false, host);
  }
});
